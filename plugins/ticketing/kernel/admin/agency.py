"""代理费率: what suppliers pay us, by two persons; 代理费统计: what it came to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Q, Sum, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.filters import below, choice
from saleor_o2o.backoffice.admin.reports import asked_of, shown
from saleor_o2o.backoffice.columns import badge, column, moment
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.clock import midnight
from saleor_o2o.kernel.scope import policy_for, rows_for

from ..access import EXPORT, REPORT, SETTLE, SUPPLIER_EDIT, may_for_city
from ..choices import AgencyMode, FeeItem, RuleState, Trade
from ..models import AgencyRate, FeeLine, SupplierAccount, TicketOrder
from ..services.agency import publish, refuse, submit, withdraw
from ..services.statements import billing
from ..trades import names_sold, sold_as
from . import forms as fields
from .deciding import Decision
from .naming import by_product, called, told_apart

STATES: dict[str, Any] = dict(RuleState.choices)
ZERO = Decimal("0.00")
#: By what is counted: title, heading, where it is from a fee line (None: by what was sold), and what tells two of one
#: name apart.
PIVOTS: tuple[tuple[str, str, Any, Any], ...] = (
    ("按票种", "票种", F("ticket__ticket_order__trade"), None),
    ("按供应商", "供应商", F("ticket__ticket_order__supplier__name"), F("ticket__ticket_order__supplier__code")),
    ("按线路（产品）", "线路（产品）", None, None),
    ("按受理机构", "机构", F("ticket__ticket_order__unit__name"), F("ticket__ticket_order__unit__code")),
    (
        "按营业员", "营业员", F("ticket__ticket_order__made_by__first_name"),
        F("ticket__ticket_order__made_by__o2o_staff__employee_no"),
    ),
)  # fmt: skip
DECISION = Decision(publish, refuse, withdraw, SETTLE, _("对账人员"))
HEADERS = ("张数", "票面", "代理费", "退回", "净额")


class RateForm(forms.Form):
    """A rate that is submitted."""

    supplier = forms.ModelChoiceField(
        label=_("供应商"), queryset=SupplierAccount.objects.none(), widget=UnfoldAdminSelectWidget
    )
    key = fields.text(
        _("产品（线路）代码"),
        required=False,
        hint=_(
            "汽车票填 coach:线路代码，门票填 product:产品编号，演出填 session:场次编号；留空表示这个供应商的全部票"
        ),
    )
    mode = fields.choose(_("计算方式"), AgencyMode.choices)
    value = fields.yuan(
        _("数值"), required=True, hint=_("按比例的填百分数，5 即 5%；填 0 表示从这天起没有代理费")
    )
    valid_from = fields.day(_("生效日期"), hint=_("最早为明天；同一范围的旧费率在前一天失效"))
    reason = fields.text(_("事由"), most=200)

    def __init__(self, data: Any, suppliers: Any) -> None:
        super().__init__(data)
        self.fields["supplier"].queryset = suppliers  # type: ignore[attr-defined]


def words_of(row: AgencyRate) -> str:
    """`票价的 5%`, `每张 2.00 元`."""
    if not row.value:
        return str(_("没有代理费"))
    if row.mode == AgencyMode.PERCENT:
        return str(_("票价的 %(value)s%%") % {"value": f"{row.value:.2f}".rstrip("0").rstrip(".")})
    return str(_("每张 %(value)s 元") % {"value": f"{row.value:.2f}"})


def key_words(row: AgencyRate) -> str:
    """What it is for, by name and by the code that it was submitted with."""
    if not row.key:
        return str(_("全部"))
    name = sold_as(row.supplier.trade, row.key)
    return str(_("%(name)s（%(key)s）") % {"name": name, "key": row.key}) if name else row.key


@admin.register(AgencyRate)
class AgencyRateAdmin(ActingAdmin):
    """Rates of all suppliers, for the whole city."""

    begins = (
        (_("新增代理费率"), "add", "new", SUPPLIER_EDIT),
        (_("代理费统计"), "monitoring", "report", REPORT),
    )
    list_display = ("c_supplier", "c_sold", "c_words", "c_from", "c_to", "c_state", "c_made_by")
    list_display_links = ("c_supplier",)
    list_select_related = ("supplier", "made_by", "decided_by")
    list_filter = ("supplier", choice("state", "状态", STATES))
    search_fields = ("key", "supplier__name")
    search_help_text = _("产品（线路）代码、供应商")
    ordering = ("supplier", "key", "-valid_from")
    details = (
        (None, ("c_supplier", "c_key", "c_words", "c_from", "c_to", "c_state", "c_reason", "c_made_by", "c_made",
                "c_decided_by", "c_decided", "c_note")),
    )  # fmt: skip

    c_supplier = column("supplier__name", "供应商")
    c_from = column("valid_from", "生效日期")
    c_to = column("valid_to", "失效日期")
    c_reason = column("reason", "事由")
    c_note = column("note", "复核意见")
    c_made = moment("made_at", "提交时间")
    c_decided = moment("decided_at", "复核时间")

    @admin.display(description=_("产品（线路）"), ordering="key")
    def c_sold(self, row: AgencyRate) -> str:
        return str(row.o2o_sold) or row.key or str(_("全部"))  # type: ignore[attr-defined]

    @admin.display(description=_("产品（线路）"))
    def c_key(self, row: AgencyRate) -> str:
        return key_words(row)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        found = super().get_changelist_instance(request)
        names = names_sold((one.supplier.trade, one.key) for one in found.result_list if one.key)
        for one in found.result_list:
            one.o2o_sold = names.get((one.supplier.trade, one.key), "")
        return found

    @admin.display(description=_("代理费"))
    def c_words(self, row: AgencyRate) -> str:
        return words_of(row)

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: AgencyRate) -> Any:
        return badge(row.state, STATES)

    @admin.display(description=_("提交人"))
    def c_made_by(self, row: AgencyRate) -> str:
        return row.made_by.first_name if row.made_by is not None else "—"

    @admin.display(description=_("复核人"))
    def c_decided_by(self, row: AgencyRate) -> str:
        return row.decided_by.first_name if row.decided_by is not None else "—"

    def doors(self, request: HttpRequest, obj: AgencyRate) -> Sequence[Mapping[str, Any]]:
        user: Any = request.user
        own = obj.made_by_id == user.pk
        if obj.state != RuleState.PENDING or not (own or may_for_city(user, SETTLE)):
            return ()
        return [door(_("撤回") if own else _("复核"), "fact_check", self.address("decide", obj.pk))]

    def get_urls(self) -> list[Any]:
        return [
            self.own("new/", self.new_view, "new"),
            self.own("report/", self.report_view, "report"),
            self.own("<int:pk>/decide/", self.decide_view, "decide"),
            *super().get_urls(),
        ]

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """What a supplier pays from a day on."""
        user: Any = request.user
        if not may_for_city(user, SUPPLIER_EDIT):
            raise PermissionDenied
        suppliers = rows_for(user, billing()).order_by("trade", "priority", "code")
        form = RateForm(request.POST if request.method == "POST" else None, suppliers)

        def do(told: dict[str, Any]) -> str:
            row = submit(
                user, told["supplier"], key=told["key"], mode=told["mode"], value=told["value"],
                valid_from=told["valid_from"], reason=told["reason"],
            )  # fmt: skip
            what = sold_as(row.supplier.trade, row.key) if row.key else _("全部票")
            return str(_("已提交（%(what)s），等待另一位对账人员发布") % {"what": what or row.key})

        return self.act(
            request, _("新增代理费率"), form, do, reverse(f"admin:{self._page('changelist')}"),
            note=_("按下单那天的费率入账；已卖出的票不受影响。比例按票价计算，不含机建、燃油和站务费。"),
        )  # fmt: skip

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Publish, refuse or take back."""
        user: Any = request.user
        row: AgencyRate = DECISION.waiting(user, rows_for(user, AgencyRate).select_related("supplier"), pk)
        facts = [
            (_("供应商"), row.supplier.name), (_("产品（线路）"), key_words(row)), (_("代理费"), words_of(row)),
            (_("生效日期"), row.valid_from), (_("事由"), row.reason), (_("提交人"), self.c_made_by(row)),
        ]  # fmt: skip
        return DECISION.page(self, request, row, _("复核代理费率"), facts)

    def report_view(self, request: HttpRequest) -> HttpResponseBase:
        """What suppliers paid us in these days, by the day it was booked. `format=xlsx`: a workbook."""
        user: Any = request.user
        policy = policy_for(TicketOrder)
        may_export = policy.may(user, EXPORT, TicketOrder)
        as_file = request.GET.get("format") == "xlsx"
        if not policy.may(user, REPORT, TicketOrder) or (as_file and not may_export):
            raise PermissionDenied
        asked = asked_of(request, 31, _("自"))
        rows = rows_for(user, FeeLine, EXPORT if as_file else REPORT).filter(
            item__in=(FeeItem.AGENCY, FeeItem.AGENCY_BACK), at__gte=midnight(asked["first"]),
            at__lt=midnight(asked["last"] + timedelta(days=1)),
        )  # fmt: skip
        if asked["unit"]:
            rows = rows.filter(below(asked["unit"], "ticket__ticket_order__unit__path"))
        tables = [_pivot(rows, *one) for one in PIVOTS]
        total = rows.aggregate(**_SUMS)
        earned, back = -(total["earned"] or ZERO), total["back"] or ZERO
        cards = [
            (_("代理费"), yuan(earned), _("%(count)d 张") % {"count": total["count"]}), (_("退回"), yuan(back), ""),
            (_("净额"), yuan(earned - back), ""),
        ]  # fmt: skip
        return shown(
            self,
            request,
            "o2o_ticketing.agency",
            _("代理费统计"),
            asked,
            tables,
            cards,
            may_export=may_export,
        )


_SUMS: dict[str, Any] = {
    "count": Count("pk", filter=Q(item=FeeItem.AGENCY)),
    "face": Sum("ticket__face", filter=Q(item=FeeItem.AGENCY)),
    "earned": Sum("amount", filter=Q(item=FeeItem.AGENCY)),
    "back": Sum("amount", filter=Q(item=FeeItem.AGENCY_BACK)),
}


def _pivot(rows: Any, title: str, heading: str, path: Any, of: Any) -> Table:
    trades = {value: str(label) for value, label in Trade.choices}
    if path is None:
        found = called(by_product(rows, "ticket", "ticket__ticket_order").annotate(**_SUMS))
    else:
        names = {"name": Coalesce(path, Value("")), "of": Coalesce(of or Value(""), Value(""))}
        found = told_apart(rows.order_by().annotate(**names).values("name", "of").annotate(**_SUMS))
    summed: dict[str, list[Any]] = defaultdict(lambda: [0, ZERO, ZERO, ZERO])
    for one in found:
        row = summed[trades.get(one["name"], one["name"]) or str(_("客户本人"))]
        told = (one["count"], one["face"] or ZERO, -(one["earned"] or ZERO), one["back"] or ZERO)
        row[:] = [before + more for before, more in zip(row, told, strict=True)]
    lines = [
        (name, count, yuan(face), yuan(earned), yuan(back), yuan(earned - back))
        for name, (count, face, earned, back) in sorted(summed.items())
    ]
    return Table(title, (heading, *HEADERS), lines)
