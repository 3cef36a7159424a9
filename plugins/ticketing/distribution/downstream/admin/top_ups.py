"""分销商充值: what was written down, and booking it by somebody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin
from saleor_o2o.backoffice.admin.filters import choice
from saleor_o2o.backoffice.columns import badge, column, link_to, moment, money
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.labels import yuan

from ..access import CONFIRM
from ..choices import EntryKind, TopUpState
from ..models import ResellerEntry, TopUp
from ..services.topping_up import decide_top_up
from .forms import NoteForm

STATES: dict[str, Any] = dict(TopUpState.choices)
KINDS: dict[str, Any] = dict(EntryKind.choices)


@admin.register(TopUp)
class TopUpAdmin(ActingAdmin):
    """Transfers of resellers in reach."""

    list_display = (
        "number", "c_reseller", "c_state", "c_amount", "bank_number", "c_paid", "c_by", "c_made", "c_checker",
    )  # fmt: skip
    list_display_links = ("number",)
    list_select_related = ("reseller", "made_by", "done_by")
    list_filter = (choice("state", "状态", STATES),)
    search_fields = ("number", "bank_number", "reseller__name")
    search_help_text = _("充值单号、银行流水号、分销商")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "number", "c_reseller", "c_state", "c_amount", "bank_number", "c_paid", "c_by", "c_made", "c_checker",
                "c_done", "note",
            ),
        ),
    )  # fmt: skip

    c_reseller = link_to("reseller", "分销商", "o2o_resale_reseller")
    c_amount = money("amount", "金额")
    c_paid = column("paid_on", "到账日期")
    c_by = column("made_by__first_name", "登记人", order=None)
    c_checker = column("done_by__first_name", "复核人", order=None)
    c_made = moment("made_at", "登记时间")
    c_done = moment("done_at", "复核时间")

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: TopUp) -> Any:
        return badge(row.state, STATES)

    def doors(self, request: HttpRequest, obj: TopUp) -> Sequence[Mapping[str, Any]]:
        user: Any = request.user
        if (
            obj.state != TopUpState.WAITING
            or obj.made_by_id == user.pk
            or not self.may(request, CONFIRM, obj)
        ):
            return []
        return [door(_("复核"), "fact_check", self.address("decide", obj.pk))]

    def get_urls(self) -> list[Any]:
        return [self.own("<int:pk>/decide/", self.decide_view, "decide"), *super().get_urls()]

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Found in our account, or not."""
        row: TopUp = self.row(request, pk, CONFIRM)
        form = NoteForm(request.POST if request.method == "POST" else None)
        found = request.POST.get("do") != "refuse"

        def do(told: dict[str, Any]) -> str:
            fresh = decide_top_up(request.user, pk, found=found, note=told["note"])
            return f"{fresh.number} {STATES[fresh.state]}"

        facts = (
            (_("分销商"), row.reseller.name), (_("金额"), yuan(row.amount)), (_("银行流水号"), row.bank_number),
            (_("到账日期"), row.paid_on), (_("登记人"), row.made_by.first_name or row.made_by.email),
        )  # fmt: skip
        return self.act(
            request, _("复核充值"), form, do, self.page_of(pk), facts=facts,
            note=_("请在银行账户里找到这笔流水，金额、日期一致才入账"),
            buttons=(("do", "1", _("已到账，入账"), ""), ("do", "refuse", _("驳回"), "")),
        )  # fmt: skip


@admin.register(ResellerEntry)
class ResellerEntryAdmin(ReadOnlyAdmin):
    """Every change of a deposit."""

    list_display = ("c_at", "c_reseller", "c_kind", "c_amount", "c_after", "reference", "words")
    list_display_links = ("c_at",)
    list_select_related = ("reseller",)
    list_filter = (choice("kind", "类别", KINDS),)
    search_fields = ("reference", "reseller__name")
    search_help_text = _("业务单号、分销商")
    date_hierarchy = "day"
    ordering = ("-pk",)
    details = ((None, ("c_at", "c_reseller", "c_kind", "c_amount", "c_after", "reference", "words", "day")),)

    c_at = moment("at", "时间")
    c_reseller = link_to("reseller", "分销商", "o2o_resale_reseller")
    c_amount = money("amount", "金额")
    c_after = money("after", "余额")

    @admin.display(description=_("类别"), ordering="kind")
    def c_kind(self, row: ResellerEntry) -> Any:
        return badge(row.kind, KINDS)
