"""佣金变更单: what somebody submitted, what it would change, and the second person's decision."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RelatedDropdownFilter

from plugins.org_hierarchy.interfaces import may_at
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.filters import choice, titled
from saleor_o2o.backoffice.columns import badge, column, link, link_to, moment
from saleor_o2o.kernel.errors import DomainError

from ..access import CONFIRM
from ..calculating import effects, limited_below
from ..choices import ChangeKind, ChangeState, Rank
from ..loading import rule_of
from ..models import RateChange
from ..services.changes import confirm, refuse, withdraw
from .forms import DecisionForm
from .pages import (
    RATES,
    OwnPagesAdmin,
    address,
    button,
    dimension_text,
    effect_rows,
    kind_text,
    page,
    refused,
    row_or_404,
    summary_of,
    with_buttons,
)

STATES: dict[str, Any] = dict(ChangeState.choices)
#: What is said of a whole plan; a rule waits for its day.
_CONFIRMED: dict[str, Any] = {
    ChangeKind.RETIRE: _("已确认，方案已停用：此后下的订单不再按它计佣"),
    ChangeKind.REVIVE: _("已确认，方案已恢复"),
}


def _person(user: Any) -> str:
    return "—" if user is None else user.get_full_name() or user.email.split("@")[0]


def decide(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm, refuse or take back; the page shows what the change would do."""
    change: RateChange = row_or_404(request, RateChange.objects.select_related("plan__owner"), pk)
    form = DecisionForm(request.POST or None)
    back = address("ratechange_change", change.pk)
    if request.method == "POST" and form.is_valid():
        note = form.cleaned_data["note"]
        try:
            if "confirm" in request.POST:
                confirm(request.user, change, note)
                messages.success(request, _CONFIRMED.get(change.kind) or _("已确认，规则将从生效日期起执行"))
            elif "withdraw" in request.POST:
                withdraw(request.user, change)
                messages.success(request, _("已撤回"))
            else:
                refuse(request.user, change, note)
                messages.success(request, _("已驳回"))
        except DomainError as error:
            if error.field in form.fields:
                form.refuse(error)
            else:
                refused(request, error)
                return HttpResponseRedirect(back)
        else:
            return HttpResponseRedirect(back)
    rules = [rule_of(row) for row in change.rules.select_related("plan__owner")]
    shown, limited, problem = [], [], ""
    if rules and change.state == ChangeState.PENDING:
        try:
            shown, limited = effects(change.plan, rules), limited_below(change.plan, rules)
        except DomainError as error:
            problem = error.message
    return page(
        model_admin, request, "decide.html", f"{_('变更单')} #{change.pk}", change=change, form=form, back=back,
        rules=[(dimension_text(rule), kind_text(rule), summary_of(rule), rule) for rule in rules],
        effects=effect_rows(shown), problem=problem, limited=limited,
        ranks=[rank.label for rank in Rank], who=_person(change.made_by),
        own=change.made_by_id == request.user.pk,
        may_confirm=may_at(request.user, CONFIRM, change.plan.owner), media=model_admin.media + form.media,
    )  # fmt: skip


@admin.register(RateChange)
class RateChangeAdmin(OwnPagesAdmin):
    """Changes of the plans in reach."""

    pages = (("<int:pk>/decide/", "change_decide", decide),)
    list_display = (
        "number",
        "c_plan",
        "c_kind",
        "c_reason",
        "state_",
        "maker",
        "c_made",
        "decider",
        "c_decided",
    )
    list_display_links = ("number",)
    list_select_related = ("plan", "made_by", "decided_by")
    list_filter = (choice("state", "状态", STATES), ("plan", titled(RelatedDropdownFilter, "方案")))
    list_filter_submit = True
    search_fields = ("=pk", "reason", "plan__code")
    search_help_text = _("变更单号、原因、方案代码")
    details = (
        (None, ("number", "c_plan", "c_kind", "state_", "c_reason", "c_note", "maker", "c_made", "decider",
                "c_decided")),
    )  # fmt: skip

    c_plan = link_to("plan", "方案", "o2o_commissions_commissionplan")
    c_kind = column("kind", "内容", lambda kind: dict(ChangeKind.choices).get(kind, kind))
    c_reason = column("reason", "变更原因")
    c_note = column("note", "复核意见")
    c_made = moment("made_at", "提交时间")
    c_decided = moment("decided_at", "复核时间")

    @admin.display(description=_("变更单"), ordering="pk")
    def number(self, change: RateChange) -> str:
        return f"#{change.pk}"

    @admin.display(description=_("状态"), ordering="state")
    def state_(self, change: RateChange) -> Any:
        return badge(change.state, STATES)

    @admin.display(description=_("提交人"))
    def maker(self, change: RateChange) -> str:
        return _person(change.made_by)

    @admin.display(description=_("复核人"))
    def decider(self, change: RateChange) -> str:
        return _person(change.decided_by)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("plan__owner")

    def tables(self, request: HttpRequest, obj: Any) -> list[Table]:
        rows = list(obj.rules.select_related("plan__owner"))
        if obj.ends_id is not None:
            rows.append(obj.ends)
        shown = [
            (link("o2o_commissions_commissionrule", one.pk, dimension_text(one)), kind_text(one),
             summary_of(rule_of(one)), str(one.valid_from), str(obj.ends_on or one.valid_to or "—"))
            for one in rows
        ]  # fmt: skip
        headers = (
            "业务线 · 分类 · 渠道",
            "计佣方式",
            RATES,
            "生效",
            "失效",
        )
        return [Table("规则", headers, shown)]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:  # fmt: skip
        response = super().change_view(request, object_id, form_url, extra_context)
        change = (getattr(response, "context_data", None) or {}).get("original")
        if change is None or change.state != ChangeState.PENDING:
            return response
        title = _("撤回或查看影响") if change.made_by_id == request.user.pk else _("复核")
        buttons = [button(title, "fact_check", address("change_decide", change.pk), strong=True)]
        return with_buttons(response, "actions_detail", buttons)
