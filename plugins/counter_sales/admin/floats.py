"""备付金: accounts with their statement, movements, adjustments that wait for a second person."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter, RangeDateFilter
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from plugins.org_hierarchy.interfaces import Level, OrgUnit
from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin, Table
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.columns import at, badge, column, link, link_to, moment
from saleor_o2o.kernel.money import format_yuan as yuan
from saleor_o2o.kernel.scope import policy_for, rows_for

from ..models import AdjustmentState, FloatAccount, FloatAdjustment, FloatMovement, MovementKind
from ..permissions import ADJUST, CONFIGURE, REMIT, TOP_UP
from ..services import floats
from .acting import CounterAdmin

KIND = dict(MovementKind.choices)
ADJUSTMENT = dict(AdjustmentState.choices)
#: Movements shown below an account; the rest is on the page of movements.
SHOWN = 100


class MoneyForm(forms.Form):
    """An amount, a note, and the request's key: sending it twice moves money once."""

    amount = forms.DecimalField(
        label=_("金额（元）"), max_digits=12, decimal_places=2, widget=UnfoldAdminDecimalFieldWidget
    )
    note = forms.CharField(label=_("说明"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget)
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)


class AdjustForm(forms.Form):
    """A signed amount and why."""

    amount = forms.DecimalField(
        label=_("调整金额（元，减少填负数）"),
        max_digits=12,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
    )
    reason = forms.CharField(label=_("调整原因"), max_length=200, widget=UnfoldAdminTextInputWidget)


class ConfigureForm(forms.Form):
    """Credit line, alarm line, frozen or not."""

    credit_limit = forms.DecimalField(
        label=_("授信额度（元）"), max_digits=12, decimal_places=2, widget=UnfoldAdminDecimalFieldWidget
    )
    alarm_below = forms.DecimalField(
        label=_("预警线（元，0 为不提醒）"),
        max_digits=12,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
    )
    is_frozen = forms.BooleanField(label=_("冻结"), required=False, widget=UnfoldBooleanSwitchWidget)
    frozen_reason = forms.CharField(
        label=_("冻结原因"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget
    )


class OpenForm(forms.Form):
    """The place that gets a float."""

    unit = forms.ModelChoiceField(
        label=_("机构"), queryset=OrgUnit.objects.none(), widget=UnfoldAdminSelectWidget
    )
    channel_code = forms.CharField(
        label=_("渠道代码（微店等；机构自己的柜台留空）"),
        max_length=40,
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )
    credit_limit = forms.DecimalField(
        label=_("授信额度（元）"),
        max_digits=12,
        decimal_places=2,
        initial=Decimal(0),
        widget=UnfoldAdminDecimalFieldWidget,
    )
    alarm_below = forms.DecimalField(
        label=_("预警线（元）"),
        max_digits=12,
        decimal_places=2,
        initial=Decimal(0),
        widget=UnfoldAdminDecimalFieldWidget,
    )

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = rows_for(user, OrgUnit, CONFIGURE).filter(level__gte=Level.BRANCH)
        self.fields["unit"].queryset = units.order_by("path")  # type: ignore[attr-defined]


class LowFilter(DropdownFilter):
    """Accounts that need somebody."""

    title = _("提醒")
    parameter_name = "need"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("low", _("低于预警线")), ("frozen", _("已冻结")), ("off", _("账实不符"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        from django.db.models import F

        if self.value() == "low":
            return queryset.filter(alarm_below__gt=0, balance__lt=F("alarm_below") - F("credit_limit"))
        if self.value() == "frozen":
            return queryset.filter(is_frozen=True)
        return queryset.exclude(attention="") if self.value() == "off" else queryset


@admin.register(FloatAccount)
class FloatAccountAdmin(CounterAdmin):
    """Floats: opened, topped up, settled and frozen by the county's finance."""

    list_display = (
        "c_unit", "channel_code", "c_balance", "c_credit", "c_available", "c_alarm", "c_low", "c_frozen",
    )  # fmt: skip
    list_display_links = ("c_unit",)
    list_filter = (LowFilter,)
    list_filter_submit = True
    list_select_related = ("unit",)
    search_fields = ("unit__name", "unit__code", "channel_code")
    search_help_text = _("机构名称、代码、渠道代码")
    ordering = ("unit__path", "channel_code")
    list_before_template = "o2o_counter_sales/float_open.html"
    change_form_outer_before_template = "o2o_counter_sales/float_tools.html"
    details = (
        (
            None,
            (
                "c_unit", "channel_code", "c_balance", "c_credit", "c_available", "c_alarm", "c_frozen",
                "frozen_reason", "attention", "c_opened",
            ),
        ),
    )  # fmt: skip
    export = Export(
        _("备付金账户"),
        "float.export",
        (
            Cell(_("机构代码"), "unit__code"),
            Cell(_("机构"), "unit__name"),
            Cell(_("渠道代码"), "channel_code"),
            Cell(_("余额"), "balance"),
            Cell(_("授信额度"), "credit_limit"),
            Cell(_("可用额度"), "available"),
            Cell(_("冻结"), "is_frozen"),
        ),
        related=("unit",),
    )

    c_unit = column("unit__name", "机构", order="unit__path")
    c_balance = column("balance", "余额", yuan)
    c_credit = column("credit_limit", "授信额度", yuan)
    c_alarm = column("alarm_below", "预警线", yuan)
    c_available = column("available", "可用额度", yuan, order=None)
    c_opened = moment("created_at", "开户时间")
    c_frozen = column("is_frozen", "冻结", lambda frozen: "已冻结" if frozen else "否")
    c_low = column("is_low", "预警", lambda low: "低于预警线" if low else "—", order=None)

    def get_urls(self) -> list[Any]:
        return [
            self.own("open/", self.open_view, "open"),
            self.own("<int:pk>/top-up/", self.top_up_view, "top_up"),
            self.own("<int:pk>/remit/", self.remit_view, "remit"),
            self.own("<int:pk>/adjust/", self.adjust_view, "adjust"),
            self.own("<int:pk>/configure/", self.configure_view, "configure"),
            *super().get_urls(),
        ]

    def tables(self, request: HttpRequest, obj: FloatAccount) -> list[Table]:
        rows = [
            (link("o2o_counter_sales_floatmovement", one.pk, one.number), at(one.at), one.get_kind_display(),
             yuan(one.amount), yuan(one.balance_after), one.operator.first_name or "系统", one.note or "—")
            for one in obj.movements.select_related("operator").order_by("-pk")[:SHOWN]
        ]  # fmt: skip
        return [
            Table(
                f"对账单（最近 {SHOWN} 笔）",
                ("流水号", "时间", "类型", "金额", "变动后余额", "经办人", "说明"),
                rows,
            )
        ]

    def tools(self, request: HttpRequest, row: FloatAccount) -> list[tuple[str, Any]]:
        may = policy_for(FloatAccount).may
        return [
            (self.address(name, row.pk), words)
            for name, permission, words in (
                ("top_up", TOP_UP, _("充值")),
                ("remit", REMIT, _("登记缴款")),
                ("adjust", ADJUST, _("申请调整")),
                ("configure", CONFIGURE, _("额度与冻结")),
            )
            if may(request.user, permission, row)
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        user: Any = request.user
        extra = {**(extra_context or {}), "o2o_may_open": user.has_perm(CONFIGURE)}
        return super().changelist_view(request, extra)

    def open_view(self, request: HttpRequest) -> HttpResponse:
        """Open a float."""
        user: Any = request.user
        if not user.has_perm(CONFIGURE):
            raise PermissionDenied

        def do(values: dict[str, Any]) -> str:
            account = floats.open_account(
                user,
                values["unit"],
                values["channel_code"],
                credit_limit=values["credit_limit"],
                alarm_below=values["alarm_below"],
            )
            return str(_("已为 %(place)s 开户") % {"place": account})

        back = reverse(f"admin:{self._page('changelist')}")
        return self.act(request, _("开立备付金账户"), OpenForm(user, request.POST or None), do, back)

    def top_up_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """充值."""
        return self._put_in(request, pk, TOP_UP, _("充值"), floats.top_up)

    def remit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """登记缴款."""
        return self._put_in(request, pk, REMIT, _("登记缴款"), floats.remit)

    def _put_in(
        self,
        request: HttpRequest,
        pk: int,
        permission: str,
        title: Any,
        service: Callable[..., FloatMovement],
    ) -> HttpResponse:
        account = self.row(request, pk, permission)

        def do(values: dict[str, Any]) -> str:
            done = service(request.user, pk, values["amount"], key=values["key"], note=values["note"])
            return str(_("已登记 %(amount)s，余额 %(balance)s") % {
                "amount": yuan(done.amount), "balance": yuan(done.balance_after),
            })  # fmt: skip

        form = MoneyForm(request.POST or None, initial={"key": str(uuid4())})
        return self.act(request, f"{title}：{account.unit.name}", form, do, self.page_of(pk))

    def adjust_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for an adjustment."""
        account = self.row(request, pk, ADJUST)

        def do(values: dict[str, Any]) -> str:
            asked = floats.ask_adjustment(request.user, pk, values["amount"], values["reason"])
            return str(_("已提交 %(number)s，等待另一人复核") % {"number": asked.number})

        return self.act(
            request,
            f"{_('申请调整')}：{account.unit.name}",
            AdjustForm(request.POST or None),
            do,
            self.page_of(pk),
        )

    def configure_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Change limits, freeze, unfreeze."""
        account = self.row(request, pk, CONFIGURE)

        def do(values: dict[str, Any]) -> str:
            floats.configure(request.user, pk, **values)
            return str(_("已保存"))

        initial = {name: getattr(account, name) for name in ConfigureForm.base_fields}
        form = ConfigureForm(request.POST or None, initial=initial)
        return self.act(request, f"{_('额度与冻结')}：{account.unit.name}", form, do, self.page_of(pk))


@admin.register(FloatMovement)
class FloatMovementAdmin(ReadOnlyAdmin):
    """The statement: every movement of every float in reach."""

    list_display = (
        "number", "c_at", "c_account", "c_kind", "c_amount", "c_after", "c_order", "c_operator", "note",
    )  # fmt: skip
    list_display_links = ("number",)
    list_filter = (("kind", ChoicesDropdownFilter), ("at", titled(RangeDateFilter, "时间")))
    list_filter_submit = True
    list_select_related = ("account__unit", "operator", "order", "confirmed_by")
    search_fields = ("number", "account__unit__name", "=order__pk", "note")
    search_help_text = _("流水号、机构、订单号、说明")
    date_hierarchy = "at"
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "number", "c_at", "c_account", "c_kind", "c_amount", "c_after", "biz_type", "biz_id", "c_order",
                "c_operator", "c_confirmed", "note",
            ),
        ),
    )  # fmt: skip
    export = Export(
        _("备付金流水"),
        "float.export",
        (
            Cell(_("流水号"), "number"),
            Cell(_("时间"), "at"),
            Cell(_("机构代码"), "account__unit__code"),
            Cell(_("机构"), "account__unit__name"),
            Cell(_("渠道代码"), "account__channel_code"),
            Cell(_("类型"), "get_kind_display"),
            Cell(_("金额"), "amount"),
            Cell(_("变动后余额"), "balance_after"),
            Cell(_("业务编号"), "biz_id"),
            Cell(_("订单号"), "order_id"),
            Cell(_("经办人"), "operator__first_name"),
            Cell(_("复核人"), "confirmed_by__first_name"),
            Cell(_("说明"), "note"),
        ),
        related=("account__unit", "operator", "confirmed_by"),
    )

    c_at = moment("at", "时间")
    c_account = link_to(
        "account", "账户", "o2o_counter_sales_floataccount", lambda account: account.unit.name
    )
    c_amount = column("amount", "金额", yuan)
    c_after = column("balance_after", "变动后余额", yuan)
    c_order = link_to("order", "订单", "o2o_backoffice_order", lambda order: f"#{order.pk}")
    c_operator = column("operator__first_name", "经办人", order=None)
    c_confirmed = column("confirmed_by__first_name", "复核人", order=None)

    @admin.display(description=_("类型"), ordering="kind")
    def c_kind(self, movement: FloatMovement) -> str:
        return str(KIND[MovementKind(movement.kind)])


class DecisionForm(forms.Form):
    """Yes or no, and why."""

    decision = forms.CharField(
        label=_("复核意见（驳回时必填）"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget
    )
    verdict = forms.ChoiceField(
        label=_("结论"),
        choices=(("confirm", _("复核通过，立即入账")), ("refuse", _("驳回"))),
        widget=UnfoldAdminSelectWidget,
    )


@admin.register(FloatAdjustment)
class FloatAdjustmentAdmin(CounterAdmin):
    """Adjustments: asked for by one, decided by another."""

    list_display = ("number", "c_at", "c_account", "c_amount", "reason", "c_asked", "c_decided", "c_state")
    list_display_links = ("number",)
    list_filter = (("state", ChoicesDropdownFilter),)
    list_filter_submit = True
    list_select_related = ("account__unit", "requested_by", "decided_by")
    search_fields = ("number", "account__unit__name", "reason")
    ordering = ("-pk",)
    change_form_outer_before_template = "o2o_counter_sales/float_tools.html"
    details = (
        (
            None,
            (
                "number",
                "c_state",
                "c_account",
                "c_amount",
                "reason",
                "c_asked",
                "c_at",
                "c_decided",
                "decision",
            ),
        ),
    )

    c_at = moment("requested_at", "申请时间")
    c_account = link_to(
        "account", "账户", "o2o_counter_sales_floataccount", lambda account: account.unit.name
    )
    c_amount = column("amount", "调整金额", yuan)
    c_asked = column("requested_by__first_name", "申请人", order=None)
    c_decided = column("decided_by__first_name", "复核人", order=None)

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, asked: FloatAdjustment) -> Any:
        return badge(asked.state, ADJUSTMENT)

    def get_urls(self) -> list[Any]:
        return [self.own("<int:pk>/decide/", self.decide_view, "decide"), *super().get_urls()]

    def tools(self, request: HttpRequest, row: FloatAdjustment) -> list[tuple[str, Any]]:
        waits = row.state == AdjustmentState.WAITING and row.requested_by_id != request.user.pk
        may = waits and policy_for(FloatAdjustment).may(request.user, ADJUST, row)
        return [(self.address("decide", row.pk), _("复核"))] if may else []

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A second person says yes or no."""
        asked = self.row(request, pk, ADJUST)

        def do(values: dict[str, Any]) -> str:
            if values["verdict"] == "confirm":
                done = floats.confirm_adjustment(request.user, pk, values["decision"])
                return str(_("已入账，余额 %(balance)s") % {"balance": yuan(done.balance_after)})
            floats.refuse_adjustment(request.user, pk, values["decision"])
            return str(_("已驳回"))

        title = (
            f"{_('复核')} {asked.number}：{asked.account.unit.name} {yuan(asked.amount)}（{asked.reason}）"
        )
        back = reverse(f"admin:{self._page('change')}", args=[pk])
        return self.act(request, title, DecisionForm(request.POST or None), do, back)
