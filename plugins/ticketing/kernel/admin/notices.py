"""供应商通知: what suppliers told, what became of it, and working on it once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from plugins.org_hierarchy.interfaces import may_for_city
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.columns import badge, column, moment
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.request import actor_label

from ..access import SUPPLIER_EDIT
from ..choices import NoticeState
from ..models import SupplierNotice
from ..services.notices import again, kind_words, sources, work

STATES: dict[str, Any] = dict(NoticeState.choices)
AGAIN = audit.action("ticketing.notice_again", _("重新处理供应商通知"))


class NothingForm(forms.Form):
    """Nothing to type."""


class SourceFilter(admin.SimpleListFilter):
    """Whose notices; the suppliers that tell something."""

    title = _("供应商")
    parameter_name = "adapter"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(adapter, source.name) for adapter, source in sources().items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(adapter=self.value()) if self.value() in sources() else queryset


@admin.register(SupplierNotice)
class SupplierNoticeAdmin(ActingAdmin):
    """Every notice, also what was refused; its text is not shown, for it has what tickets are fetched or used with."""

    list_display = (
        "c_number", "c_source", "c_kind", "subject", "c_state", "copies", "tries", "c_received", "c_done", "why",
    )  # fmt: skip
    list_display_links = ("c_number",)
    list_filter = (SourceFilter, ("state", ChoicesDropdownFilter))
    list_filter_submit = True
    search_fields = ("number", "subject")
    search_help_text = _("通知号、我方流水号、班次、订单号、产品代码")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "c_number", "c_source", "c_kind", "subject", "c_state", "why", "copies", "tries", "c_received",
                "c_next", "c_done",
            ),
        ),
    )  # fmt: skip

    c_number = column("number", "通知号", lambda number: number or "—")
    c_received = moment("received_at", "收到时间")
    c_done = moment("done_at", "处理时间")
    c_next = moment("next_at", "下次处理")

    @admin.display(description=_("供应商"), ordering="adapter")
    def c_source(self, row: SupplierNotice) -> Any:
        source = sources().get(row.adapter)
        return source.name if source is not None else row.adapter

    @admin.display(description=_("内容"), ordering="kind")
    def c_kind(self, row: SupplierNotice) -> str:
        return kind_words(row) or "—"

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: SupplierNotice) -> Any:
        return badge(row.state, STATES)

    def doors(self, request: HttpRequest, obj: SupplierNotice) -> Sequence[Mapping[str, Any]]:
        """Working on it now, while it waits or is stuck."""
        waits = obj.state in (NoticeState.WAITING, NoticeState.STUCK)
        if waits and may_for_city(request.user, SUPPLIER_EDIT):
            return [door(_("现在处理"), "play_arrow", self.address("again", obj.pk))]
        return []

    def get_urls(self) -> list[Any]:
        return [self.own("<int:pk>/again/", self.again_view, "again"), *super().get_urls()]

    def again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Work on it now: for whoever keeps the whole city's suppliers."""
        row = self.row(request, pk, SUPPLIER_EDIT)
        if not may_for_city(request.user, SUPPLIER_EDIT):
            raise PermissionDenied

        def do(_told: dict[str, Any]) -> str:
            again(row.pk)
            state = work(row.pk)
            audit.record(AGAIN, row, after={"state": state}, actor=actor_label(request.user))
            fresh = SupplierNotice.objects.get(pk=row.pk)
            return f"{STATES[fresh.state]}{'：' + fresh.why if fresh.why else ''}"

        form = NothingForm(request.POST if request.method == "POST" else None)
        facts = ((_("内容"), kind_words(row) or "—"), (_("关于"), row.subject), (_("说明"), row.why))
        return self.act(request, _("现在处理"), form, do, self.page_of(row.pk), facts=facts)
