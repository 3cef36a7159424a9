"""客票网回调: what the networks told, what became of it, and working on it once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.access import may_for_city
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.filters import choice
from saleor_o2o.backoffice.columns import badge, column, moment
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.request import actor_label

from ..access import STATION_EDIT
from .models import NetworkNotice
from .told import NoticeKind, NoticeState
from .working import again, work

KINDS: dict[str, Any] = dict(NoticeKind.choices)
STATES: dict[str, Any] = dict(NoticeState.choices)
NETWORKS: dict[str, Any] = {"coach_province": _("省网"), "coach_fangbian": _("方便出行")}
AGAIN = audit.action("coach.notice_again", _("重新处理客票网回调"))


class NothingForm(forms.Form):
    """Nothing to type."""


@admin.register(NetworkNotice)
class NetworkNoticeAdmin(ActingAdmin):
    """Every call-back, also what was refused; its text is not shown, for it has what tickets are fetched with."""

    list_display = (
        "c_number", "c_network", "c_kind", "subject", "c_state", "copies", "tries", "c_received", "c_done", "why",
    )  # fmt: skip
    list_display_links = ("c_number",)
    list_filter = (
        choice("adapter", "客票网", NETWORKS), choice("kind", "内容", KINDS), choice("state", "状态", STATES),
    )  # fmt: skip
    list_filter_submit = True
    search_fields = ("number", "subject")
    search_help_text = _("回调号、我方流水号、班次")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "c_number", "c_network", "c_kind", "subject", "c_state", "why", "copies", "tries", "c_received",
                "c_next", "c_done",
            ),
        ),
    )  # fmt: skip

    c_number = column("number", "回调号", lambda number: number or "—")
    c_network = column("adapter", "客票网", lambda name: NETWORKS.get(name, name))
    c_kind = column("get_kind_display", "内容", lambda show: show() or "—", order="kind")
    c_received = moment("received_at", "收到时间")
    c_done = moment("done_at", "处理时间")
    c_next = moment("next_at", "下次处理")

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: NetworkNotice) -> Any:
        return badge(row.state, STATES)

    def doors(self, request: HttpRequest, obj: NetworkNotice) -> Sequence[Mapping[str, Any]]:
        """Working on it now, while it waits or is stuck."""
        waits = obj.state in (NoticeState.WAITING, NoticeState.STUCK)
        if waits and may_for_city(request.user, STATION_EDIT):
            return [door(_("现在处理"), "play_arrow", self.address("again", obj.pk))]
        return []

    def get_urls(self) -> list[Any]:
        """Our own page before the usual ones."""
        return [self.own("<int:pk>/again/", self.again_view, "again"), *super().get_urls()]

    def again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Work on it now: for whoever keeps the whole city's stations."""
        row = self.row(request, pk, STATION_EDIT)
        if not may_for_city(request.user, STATION_EDIT):
            raise PermissionDenied

        def do(_told: dict[str, Any]) -> str:
            again(row.pk)
            state = work(row.pk)
            audit.record(AGAIN, row, after={"state": state}, actor=actor_label(request.user))
            fresh = NetworkNotice.objects.get(pk=row.pk)
            return f"{STATES[fresh.state]}{'：' + fresh.why if fresh.why else ''}"

        form = NothingForm(request.POST if request.method == "POST" else None)
        facts = ((_("内容"), KINDS.get(row.kind, "—")), (_("关于"), row.subject), (_("说明"), row.why))
        return self.act(request, _("现在处理"), form, do, self.page_of(row.pk), facts=facts)
