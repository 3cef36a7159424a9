"""渠道通知: what resellers were told, what nobody took, and sending it again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.filters import choice
from saleor_o2o.backoffice.columns import badge, link_to, moment
from saleor_o2o.backoffice.doors import door

from ..access import SEND
from ..choices import NoticeKind, NoticeState
from ..models import ResellerNotice
from ..services.sending import send_again
from .forms import NothingForm

KINDS: dict[str, Any] = dict(NoticeKind.choices)
STATES: dict[str, Any] = dict(NoticeState.choices)


@admin.register(ResellerNotice)
class ResellerNoticeAdmin(ActingAdmin):
    """Notices have no codes and nobody's names in them."""

    list_display = (
        "number", "c_reseller", "c_kind", "subject", "c_state", "tries", "answer", "c_made", "c_done",
    )  # fmt: skip
    list_display_links = ("number",)
    list_select_related = ("reseller",)
    list_filter = (choice("kind", "通知", KINDS), choice("state", "状态", STATES))
    list_filter_submit = True
    search_fields = ("number", "subject", "reseller__name")
    search_help_text = _("通知号、订单或产品、分销商")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "number", "c_reseller", "c_kind", "subject", "c_state", "tries", "answer", "c_made", "c_next",
                "c_done", "c_body",
            ),
        ),
    )  # fmt: skip

    c_reseller = link_to("reseller", "分销商", "o2o_resale_reseller")
    c_made = moment("made_at", "生成时间")
    c_next = moment("next_at", "下次发送")
    c_done = moment("done_at", "送达时间")

    @admin.display(description=_("通知"), ordering="kind")
    def c_kind(self, row: ResellerNotice) -> str:
        return str(row.get_kind_display())

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: ResellerNotice) -> Any:
        return badge(row.state, STATES)

    @admin.display(description=_("内容"))
    def c_body(self, row: ResellerNotice) -> str:
        return json.dumps(row.body, ensure_ascii=False)

    def doors(self, request: HttpRequest, obj: ResellerNotice) -> Sequence[Mapping[str, Any]]:
        if self.may(request, SEND, obj):
            return [door(_("补发"), "send", self.address("again", obj.pk))]
        return []

    def get_urls(self) -> list[Any]:
        return [self.own("<int:pk>/again/", self.again_view, "again"), *super().get_urls()]

    def again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send it once more under its number."""
        row: ResellerNotice = self.row(request, pk, SEND)
        form = NothingForm(request.POST if request.method == "POST" else None)

        def do(_told: dict[str, Any]) -> str:
            send_again(request.user, pk)
            return str(_("已排队补发"))

        facts = (
            (_("通知"), KINDS.get(row.kind, "—")),
            (_("关于"), row.subject),
            (_("对方应答"), row.answer or "—"),
        )
        return self.act(
            request, _("补发通知"), form, do, self.page_of(pk), facts=facts,
            note=_("通知号不变，对方按通知号识别重复"),
        )  # fmt: skip
