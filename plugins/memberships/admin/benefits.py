"""会员权益 and their uses: what a plan is good for, dated; each use, taken back within a day; 核销 at the counter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import ScopedAdmin, Table
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.admin.moves import moves_of
from saleor_o2o.backoffice.admin.reasons import ReasonForm
from saleor_o2o.backoffice.columns import badge, column, link_to, moment, money
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.privacy import masked_person
from saleor_o2o.kernel import audit

from ..choices import BenefitKind, UseState
from ..models import BenefitUse, PlanBenefit
from ..permissions import BENEFIT_EXPORT, REDEEM, TAKE_BACK
from ..services.redeeming import look, redeem, take_back
from .desks import desk
from .forms import RedeemForm
from .reporting import report

CHANGED = audit.action("memberships.benefit_changed", _("修改会员权益"))
STATE = dict(UseState.choices)


class BenefitForm(forms.ModelForm):  # type: ignore[type-arg]  # not a generic class when it runs
    """What each kind needs."""

    def clean(self) -> dict[str, Any]:
        given = {**(super().clean() or {})}
        kind = given.get("kind", self.instance.kind)
        if kind == BenefitKind.COUPON and given.get("template", self.instance.template) is None:
            self.add_error("template" if "template" in self.fields else None, _("请选择要发的优惠券"))
        if (
            kind == BenefitKind.DISCOUNT
            and not 1 <= (given.get("percent") or self.instance.percent or 0) <= 100
        ):
            self.add_error("percent" if "percent" in self.fields else None, _("会员折扣须为 1 至 100"))
        return given


@admin.register(PlanBenefit)
class BenefitAdmin(ScopedAdmin):
    """Benefits of the plans; what was in force is ended, not rewritten."""

    form = BenefitForm
    list_display = ("name", "c_plan", "c_kind", "c_terms", "c_quota", "c_price", "c_from", "c_to")
    list_display_links = ("name",)
    list_select_related = ("plan", "category", "template", "seller")
    list_filter = ("plan", ("kind", ChoicesDropdownFilter))
    fields = (
        "plan", "kind", "code", "name", "percent", "category", "template", "pieces", "most", "quota", "period",
        "settlement", "seller", "valid_from", "note", "valid_to",
    )  # fmt: skip

    c_plan = column("plan__name", "方案")
    c_kind = column("get_kind_display", "种类", lambda show: show(), order="kind")
    c_price = money("settlement", "结算价")
    c_from = moment("valid_from", "生效")
    c_to = moment("valid_to", "失效")

    @admin.display(description=_("内容"))
    def c_terms(self, row: PlanBenefit) -> str:
        goods = row.category.name if row.category is not None else "全部商品"
        told = {
            BenefitKind.DISCOUNT: f"{goods} {row.percent}%",
            BenefitKind.POINTS: f"积分 {row.percent}%",
            BenefitKind.COUPON: f"{row.template.name if row.template is not None else ''} {row.pieces} 张",
            BenefitKind.FREIGHT: f"最多免 ¥{row.most}" if row.most is not None else "运费全免",
        }
        return told.get(BenefitKind(row.kind), row.note or "—")

    @admin.display(description=_("次数"))
    def c_quota(self, row: PlanBenefit) -> str:
        return "不限" if row.quota is None else f"{row.get_period_display()} {row.quota} 次"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields[:-2] if obj is not None else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = audit.snapshot(type(obj)._default_manager.get(pk=obj.pk)) if change else {}
        super().save_model(request, obj, form, change)
        audit.record(CHANGED, obj, before=before, after=audit.snapshot(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(BenefitUse)
class UseAdmin(ActingAdmin):
    """Uses of the members and at the units in reach."""

    begins = ((_("核销权益"), "redeem", "redeem", REDEEM),)
    list_display = (
        "c_at",
        "c_member",
        "c_name",
        "c_benefit",
        "c_unit",
        "c_seller",
        "c_settlement",
        "c_state",
    )
    list_display_links = ("c_at",)
    list_select_related = ("membership__member__user", "benefit", "unit", "seller", "operator")
    list_filter = (("state", ChoicesDropdownFilter), "code", ("at", titled(RangeDateFilter, "时间")))
    list_filter_submit = True
    search_fields = ("membership__number", "membership__member__number")
    search_help_text = _("会员资格号、会员号")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "c_at", "c_state", "c_membership", "c_member", "c_name", "c_benefit", "period_key", "c_unit",
                "c_seller", "c_operator", "c_cost", "c_settlement", "c_returned", "note",
            ),
        ),
    )  # fmt: skip
    export = Export(
        "权益使用", BENEFIT_EXPORT,
        (
            Cell("时间", "at"), Cell("会员号", "membership__member__number"), Cell("权益", "benefit__name"),
            Cell("机构", "unit__name"), Cell("服务商户", "seller__name"), Cell("成本（元）", "cost"),
            Cell("结算（元）", "settlement"), Cell("状态", lambda row: row.get_state_display()),
        ),
        related=("membership__member", "benefit", "unit", "seller"),
    )  # fmt: skip

    c_at = moment("at", "时间")
    c_returned = moment("returned_at", "撤销时间")
    c_member = column("membership__member__number", "会员号")
    c_membership = link_to("membership", "会员资格", "o2o_memberships_membership")
    c_benefit = column("benefit__name", "权益")
    c_unit = column("unit__name", "机构", order="unit__path")
    c_seller = column("seller__name", "服务商户", order=None)
    c_operator = column("operator__first_name", "经办人", order=None)
    c_cost = money("cost", "成本")
    c_settlement = money("settlement", "结算")

    @admin.display(description=_("姓名"))
    def c_name(self, row: BenefitUse) -> str:
        return masked_person(row.membership.member.user)

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: BenefitUse) -> Any:
        return badge(row.state, STATE)

    def tables(self, request: HttpRequest, obj: BenefitUse) -> Sequence[Table]:
        return [moves_of(obj, STATE)]

    def doors(self, request: HttpRequest, obj: BenefitUse) -> Sequence[Mapping[str, Any]]:
        if obj.state != UseState.USED or obj.operator_id is None or not self.may(request, TAKE_BACK, obj):
            return []
        return [door(_("撤销"), "undo", self.address("take_back", obj.pk))]

    def get_urls(self) -> list[Any]:
        return [
            self.own("redeem/", self.redeem_view, "redeem"),
            self.own("report/", self.report_view, "report"),
            self.own("<int:pk>/take-back/", self.take_back_view, "take_back"),
            *super().get_urls(),
        ]

    def report_view(self, request: HttpRequest) -> HttpResponseBase:
        """收入、成本与结算 of a month."""
        return report(self, request)

    def redeem_view(self, request: HttpRequest) -> HttpResponse:
        """The digits, who it is and for what, then once more to confirm."""
        unit = desk(request, REDEEM)
        only_look = request.method == "POST" and "look" in request.POST
        form = RedeemForm(request.POST if request.method == "POST" else None)
        facts: list[tuple[Any, Any]] = [(_("核销机构"), unit.name)]
        if only_look and form.is_valid():
            self._seen(request, form, facts)

        def do(told: dict[str, Any]) -> str:
            made = redeem(request.user, told["digits"], told["note"])
            return str(_("已核销：%(name)s") % {"name": made.benefit.name})

        return self.act(
            request, _("核销会员权益"), form, do, reverse(f"admin:{self._page('redeem')}"), facts=facts,
            only_look=only_look, note=_("请会员在“我的会员”里出示权益码；先核对，再核销。"),
            buttons=(("look", "1", _("核对"), "secondary"), ("do", "1", _("核销"), "")),
        )  # fmt: skip

    def _seen(self, request: HttpRequest, form: forms.Form, facts: list[tuple[Any, Any]]) -> None:
        from saleor_o2o.kernel.errors import DomainError

        try:
            seen = look(request.user, form.cleaned_data["digits"])
        except DomainError as error:
            form.add_error("digits", error.in_words)
            return
        left = seen.standing.left
        facts += [
            (_("会员"), f"{seen.membership.member.number} {masked_person(seen.membership.member.user)}"),
            (_("方案"), seen.membership.plan.name), (_("权益"), seen.standing.benefit.name),
            (_("本期还剩"), _("不限") if left is None else _("%(left)d 次") % {"left": left}),
        ]  # fmt: skip
        if seen.membership.vehicle is not None:
            facts.append((_("车辆"), seen.membership.vehicle.masked))

    def take_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A mistake."""
        row: BenefitUse = self.row(request, pk, TAKE_BACK)
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            take_back(request.user, pk, told["reason"])
            return str(_("已撤销，次数退回会员"))

        note = _("办错了才撤销：次数退回会员，结算同时冲回。24 小时内有效。")
        return self.act(request, f"{_('撤销核销')} {row.benefit.name}", form, do, self.page_of(pk), note=note)
