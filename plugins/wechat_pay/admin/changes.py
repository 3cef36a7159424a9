"""双人复核: what waits for a second person, with what is to be read before deciding."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.columns import column, moment, state
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel.scope import policy_for

from ..models import Change, ChangeState
from ..permissions import DECIDE
from ..services import changes
from . import redirects
from .acting import ActingAdmin, choice, text, who

STATE = dict(ChangeState.choices)


class DecideForm(forms.Form):
    """Yes or no."""

    decision = choice("复核结论", (("", "请选择"), ("yes", "同意并执行"), ("no", "驳回")))
    note = text("复核意见", 200, required=False)


def about(told: list[tuple[str, str]]) -> str:
    """What is to change, in a line."""
    return "；".join(f"{name}：{value}" for name, value in told[:2]) or "—"


@admin.register(Change)
class ChangeAdmin(ActingAdmin):
    """Proposals."""

    list_display = (
        "c_kind",
        "c_account",
        "c_about",
        "c_state",
        "c_proposer",
        "c_proposed",
        "c_decider",
        "reason",
    )
    list_display_links = ("c_kind",)
    list_filter = (("state", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter))
    list_filter_submit = True
    list_select_related = ("account", "proposer", "decider")
    search_fields = ("subject", "account__mchid")
    search_help_text = "对象、商户号"
    details = (
        (None, ("c_kind", "c_account", "c_about", "c_state", "reason", "note")),
        ("经办", ("c_proposer", "c_proposed", "c_decider", "c_decided")),
    )

    c_kind = column("get_kind_display", "事项", lambda name: name(), order="kind")
    c_account = column("account", "微信商户号", lambda account: str(account) if account else "—", order=None)
    c_state = state("state", "状态", STATE)
    c_about = column("told", "内容", about, order=None)
    c_proposer = column("proposer", "申请人", who, order=None)
    c_decider = column("decider", "复核人", who, order=None)
    c_proposed = moment("proposed_at", "申请时间")
    c_decided = moment("decided_at", "复核时间")

    def get_urls(self) -> list[Any]:
        return [
            self.own("<int:pk>/decide/", self.decide_view, "decide"),
            self.own("refund/<int:pk>/", self.redirect_view, "redirect"),
            self.own("<int:pk>/withdraw/", self.withdraw_view, "withdraw"),
            *super().get_urls(),
        ]

    def tables(self, request: HttpRequest, obj: Change) -> list[Table]:
        return [Table("变更内容（密钥不显示）", ("项目", "内容"), [tuple(pair) for pair in obj.told])]

    def doors(self, request: HttpRequest, obj: Change) -> Any:
        if obj.state != ChangeState.WAITING:
            return ()
        if obj.proposer_id == request.user.pk:
            return [door("撤回", "undo", reverse(f"admin:{self._page('withdraw')}", args=[obj.pk]))]
        if not policy_for(Change).may(request.user, DECIDE, obj):
            return ()
        return [door("复核", "how_to_reg", reverse(f"admin:{self._page('decide')}", args=[obj.pk]))]

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The second person."""
        change: Change = self.row(request, pk)

        def do(values: dict[str, Any]) -> str:
            agreed = values["decision"] == "yes"
            changes.decide(request.user, pk, agree=agreed, note=values["note"])
            return "已同意并执行" if agreed else "已驳回"

        back = reverse(f"admin:{self._page('change')}", args=[pk])
        told = "；".join(f"{name}：{value}" for name, value in change.told)
        intro = f"{who(change.proposer)} 申请：{change.reason}。{told}"
        return self.act(request, f"复核：{change}", DecideForm(request.POST or None), do, back, intro)

    def redirect_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """An abnormal refund to a bank card (`admin.redirects`)."""
        return redirects.show(self, request, pk)

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The proposer takes it back."""
        change: Change = self.row(request, pk)

        def do(values: dict[str, Any]) -> str:
            changes.withdraw(request.user, pk)
            return "已撤回"

        back = reverse(f"admin:{self._page('change')}", args=[pk])
        return self.act(request, f"撤回：{change}", forms.Form(request.POST or None), do, back)
