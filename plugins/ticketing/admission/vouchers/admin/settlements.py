"""结算单 and 结算约定: what is owed for visits of a period, confirmed by one and marked as paid by another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminSingleDateWidget, UnfoldAdminTextInputWidget

from plugins.org_hierarchy.interfaces import desk_of
from plugins.ticketing.kernel.models import SupplierAccount
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.columns import badge, column, moment, money
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.scope import rows_for

from ...candidates import OWN
from ...models import ScenicSpot, SettlementSheet, SettlementTerm, Venue
from ..access import EXPORT, SETTLE
from ..choices import SettleCycle, SheetState, UseKind
from ..services.settling import MOST_DAYS, confirm, lines_of, mark_paid, set_term

STATE = dict(SheetState.choices)
KIND = dict(UseKind.choices)


class TermForm(forms.Form):
    """With whom is settled how."""

    payee = forms.ChoiceField(label=_("收款方"), widget=UnfoldAdminSelectWidget())
    cycle = forms.ChoiceField(
        label=_("结算周期"), choices=SettleCycle.choices, widget=UnfoldAdminSelectWidget()
    )
    days = forms.IntegerField(
        label=_("期后天数（T+N）"), min_value=0, max_value=MOST_DAYS, widget=UnfoldAdminTextInputWidget(),
        help_text=_("从周期最后一天算起"),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("依据"), max_length=200, widget=UnfoldAdminTextInputWidget(), help_text=_("例如合同号")
    )

    def __init__(self, *args: Any, payees: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["payee"].choices = [(key, str(one)) for key, one in payees.items()]  # type: ignore[attr-defined]


class PaidForm(forms.Form):
    """What the bank says."""

    paid_on = forms.DateField(label=_("付款日"), widget=UnfoldAdminSingleDateWidget(), initial=today)
    reference = forms.CharField(label=_("银行流水号"), max_length=64, widget=UnfoldAdminTextInputWidget())


@admin.register(SettlementTerm)
class TermAdmin(ActingAdmin):
    """Terms of the units in reach."""

    begins = ((_("设置收款方"), "add", "begin", SETTLE),)
    list_display = ("c_payee", "c_cycle", "days", "c_unit", "reason", "c_by", "c_made")
    list_display_links = ("c_payee",)
    list_select_related = ("supplier", "spot", "venue", "unit", "made_by")
    search_fields = ("supplier__name", "spot__name", "venue__name")
    search_help_text = _("供应商、景区、场馆")
    ordering = ("-pk",)
    details = ((None, ("c_payee", "c_cycle", "days", "c_unit", "reason", "c_by", "c_made")),)

    c_unit = column("unit__name", "结算机构", order="unit__path")
    c_by = column("made_by__first_name", "设置人", order=None)
    c_made = moment("made_at", "设置时间")

    @admin.display(description=_("收款方"))
    def c_payee(self, row: SettlementTerm) -> str:
        return str(row)

    @admin.display(description=_("结算周期"))
    def c_cycle(self, row: SettlementTerm) -> str:
        return str(row.get_cycle_display())

    def get_urls(self) -> list[Any]:
        return [self.own("begin/", self.begin_view, "begin"), *super().get_urls()]

    def begin_view(self, request: HttpRequest) -> HttpResponse:
        """The term of a payee, a new one or another one from now on."""
        user: Any = request.user
        if not user.has_perm(SETTLE):
            raise PermissionDenied
        unit = desk_of(user, SETTLE)
        payees = _payees(user)
        form = TermForm(request.POST if request.method == "POST" else None, payees=payees)

        def do(told: dict[str, Any]) -> str:
            key = told.pop("payee")
            set_term(user, unit, **{key.partition("-")[0]: payees[key]}, **told)
            return str(_("已保存，对之后生成的结算单生效"))

        return self.act(request, _("结算约定"), form, do, reverse(f"admin:{self._page('changelist')}"))


def _payees(user: Any) -> dict[str, Any]:
    """Whom somebody may settle with: an accountant has no other business with spots and venues than this."""
    found: dict[str, Any] = {}
    suppliers = rows_for(user, SupplierAccount).exclude(adapter=OWN).filter(trade__in=("scenic", "show"))
    for name, rows in (
        ("supplier", suppliers),
        ("spot", rows_for(user, ScenicSpot, SETTLE)),
        ("venue", rows_for(user, Venue, SETTLE)),
    ):  # fmt: skip
        found |= {f"{name}-{one.pk}": one for one in rows.order_by("name")[:300]}
    return found


@admin.register(SettlementSheet)
class SheetAdmin(ActingAdmin):
    """Sheets of the units in reach; one confirms, another one marks as paid."""

    list_display = (
        "number", "c_payee", "first", "last", "quantity", "c_cost", "c_adjusted", "c_revenue", "due_on", "c_state",
    )  # fmt: skip
    list_display_links = ("number",)
    list_select_related = ("term__supplier", "term__spot", "term__venue", "unit", "confirmed_by", "paid_by")
    list_filter = (("state", ChoicesDropdownFilter), ("due_on", titled(RangeDateFilter, "应付日")))
    list_filter_submit = True
    search_fields = (
        "number", "reference", "term__supplier__name", "term__spot__name", "term__venue__name",
    )  # fmt: skip
    search_help_text = _("结算单号、银行流水号、收款方")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "number", "c_state", "c_payee", "c_unit", "first", "last", "due_on", "quantity", "c_cost", "c_adjusted",
                "c_revenue", "c_made", "c_confirmed_by", "c_confirmed_at", "c_paid_by", "c_paid_at", "paid_on",
                "reference",
            ),
        ),
    )  # fmt: skip
    export = Export(
        "结算单", EXPORT,
        (
            Cell("结算单号", "number"), Cell("收款方", lambda row: str(row.term)), Cell("结算机构", "unit__name"),
            Cell("自", "first"), Cell("至", "last"), Cell("应付日", "due_on"), Cell("人次", "quantity"),
            Cell("应付（元）", "cost"), Cell("其中前期调整（元）", "adjusted"), Cell("确认收入（元）", "revenue"),
            Cell("状态", lambda row: row.get_state_display()), Cell("付款日", "paid_on"),
            Cell("银行流水号", "reference"),
        ),
        related=("term__supplier", "term__spot", "term__venue", "unit"),
    )  # fmt: skip

    c_unit = column("unit__name", "结算机构", order="unit__path")
    c_cost = money("cost", "应付")
    c_adjusted = money("adjusted", "其中前期调整")
    c_revenue = money("revenue", "确认收入")
    c_made = moment("made_at", "生成时间")
    c_confirmed_by = column("confirmed_by__first_name", "确认人", order=None)
    c_confirmed_at = moment("confirmed_at", "确认时间")
    c_paid_by = column("paid_by__first_name", "付款登记人", order=None)
    c_paid_at = moment("paid_at", "登记时间")

    @admin.display(description=_("收款方"))
    def c_payee(self, row: SettlementSheet) -> str:
        return str(row.term)

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: SettlementSheet) -> Any:
        return badge(row.state, STATE)

    def tables(self, request: HttpRequest, obj: SettlementSheet) -> Sequence[Table]:
        rows = [
            (product, kind or "—", KIND.get(use, use), quantity, yuan(cost), yuan(revenue))
            for product, kind, use, quantity, cost, revenue in lines_of(obj)
        ]
        return [Table(str(_("按产品、票类")), ("产品", "票类", "类别", "人次", "应付", "确认收入"), rows)]

    def doors(self, request: HttpRequest, obj: SettlementSheet) -> Sequence[Mapping[str, Any]]:
        if not self.may(request, SETTLE, obj):
            return []
        if obj.state == SheetState.OPEN:
            return [door(_("确认"), "check", self.address("confirm", obj.pk))]
        if obj.state == SheetState.CONFIRMED:
            return [door(_("登记付款"), "payments", self.address("paid", obj.pk))]
        return []

    def get_urls(self) -> list[Any]:
        return [
            self.own("<int:pk>/confirm/", self.confirm_view, "confirm"),
            self.own("<int:pk>/paid/", self.paid_view, "paid"),
            *super().get_urls(),
        ]

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Both sides agree."""
        row: SettlementSheet = self.row(request, pk, SETTLE)
        form = forms.Form(request.POST if request.method == "POST" else None)

        def do(_told: dict[str, Any]) -> str:
            confirm(request.user, pk)
            return str(_("已确认，由另一位同事付款后登记"))

        return self.act(request, f"{_('确认结算单')} {row}", form, do, self.page_of(pk), facts=_facts(row))

    def paid_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The bank has paid it."""
        row: SettlementSheet = self.row(request, pk, SETTLE)
        form = PaidForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            mark_paid(request.user, pk, told["paid_on"], told["reference"])
            return str(_("已登记付款"))

        note = _("只做登记，不会付款；须由确认人以外的同事登记。")
        return self.act(
            request, f"{_('登记付款')} {row}", form, do, self.page_of(pk), facts=_facts(row), note=note
        )


def _facts(row: SettlementSheet) -> tuple[tuple[Any, Any], ...]:
    return (
        (_("收款方"), str(row.term)), (_("自"), str(row.first)), (_("至"), str(row.last)),
        (_("人次"), row.quantity), (_("应付"), yuan(row.cost)),
    )  # fmt: skip
