"""柜台销售: the list and what hangs on a sale; the workbench, the slip, pick-up, refund and the clerk's day."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from plugins.org_hierarchy.interfaces import limit_at
from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin, Table
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.columns import at, badge, column, link, link_to, moment, money
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.cashier.interfaces import parts_of, shares_by_hand
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.money import parse_yuan
from saleor_o2o.kernel.numbering import InvalidNumber, clean_code
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, get_row, policy_for

from ..deducting import lowered_of_sale
from ..handing import handing_of
from ..models import CounterSale, Delivery, PaidBy, RefundRequest, RefundRequestState, SaleState
from ..permissions import REFUND, SELL
from ..phones import phone_index
from ..places import float_of, home_of, place_of_sale, places_for
from ..questions import others
from ..selectors.refund_requests import open_request_of, requests_of_day
from ..selectors.sales import day_of, sales_of
from ..selectors.shifts import needs_shift, running_shift
from ..services.asking import ask_refund
from ..services.pickup import hand_over, sale_by_code
from ..services.placing import pickup_index
from ..services.pos import read_slip
from ..services.refunds import refund_sale
from ..services.slips import PAPERS, print_slip
from . import desk

STATE = dict(SaleState.choices)
ASKED = dict(RefundRequestState.choices)
EXPORT = Export(
    _("柜台销售"),
    "counter_order.export",
    (
        Cell(_("单号"), "number"),
        Cell(_("订单号"), "order_id"),
        Cell(_("下单时间"), "made_at"),
        Cell(_("销售机构"), "unit__name"),
        Cell(_("经办人"), "operator__first_name"),
        Cell(_("顾客"), "masked_customer", whole=lambda row: f"{row.customer_name} {row.phone}".strip()),
        Cell(_("取货方式"), "get_delivery_display"),
        Cell(_("应收金额"), "total"),
        Cell(_("优惠"), "discount"),
        Cell(_("已退金额"), "refunded"),
        Cell(_("收款方式"), "get_paid_by_display"),
        Cell(_("状态"), "get_state_display"),
    ),
    unmask="customer.unmask",
    related=("unit", "operator"),
)


@admin.register(CounterSale)
class CounterSaleAdmin(ReadOnlyAdmin):
    """Sales over the counter; everything that changes one goes through the services."""

    list_display = (
        "number", "c_order", "c_made", "c_unit", "c_operator", "masked", "c_total", "c_paid_by", "c_state",
    )  # fmt: skip
    list_display_links = ("number",)
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("paid_by", ChoicesDropdownFilter),
        ("made_at", titled(RangeDateFilter, "下单时间")),
    )
    list_filter_submit = True
    list_select_related = ("unit", "operator")
    search_fields = ("number",)
    search_help_text = _("单号、订单号、取货码、手机号")
    date_hierarchy = "made_at"
    ordering = ("-pk",)
    export = EXPORT
    change_form_outer_before_template = "o2o_counter_sales/sale_tools.html"
    details = (
        (
            None,
            ("number", "c_order", "c_state", "c_made", "c_total", "c_discount", "c_refunded", "c_paid_by"),
        ),
        ("顾客与取货", ("masked", "c_delivery", "c_handed", "c_prints")),
        ("归属", ("c_unit", "c_operator", "channel_code", "c_float")),
    )

    c_made = moment("made_at", "下单时间")
    c_unit = column("unit__name", "销售机构", order="unit__path")
    c_operator = column("operator__first_name", "经办人", order="operator")
    c_total = money("total", "应收")
    c_discount = money("discount", "优惠")
    c_refunded = money("refunded", "已退")
    c_prints = column("prints", "打印次数")
    c_float = link_to("account", "备付金账户", "o2o_counter_sales_floataccount")

    @admin.display(description=_("订单"), ordering="order")
    def c_order(self, sale: CounterSale) -> Any:
        # By its key alone: a list must not read an order a row.
        return link("o2o_backoffice_order", sale.order_id, f"#{sale.order_id}")

    @admin.display(description=_("顾客"))
    def masked(self, sale: CounterSale) -> str:
        return sale.masked_customer

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, sale: CounterSale) -> Any:
        return badge(sale.state, STATE)

    @admin.display(description=_("收款方式"), ordering="paid_by")
    def c_paid_by(self, sale: CounterSale) -> str:
        return str(sale.get_paid_by_display()) if sale.paid_by else "—"

    @admin.display(description=_("取货方式"))
    def c_delivery(self, sale: CounterSale) -> str:
        return str(sale.get_delivery_display())

    @admin.display(description=_("交付"))
    def c_handed(self, sale: CounterSale) -> str:
        if sale.handed_by:
            return f"{at(sale.handed_at)} {sale.handed_by.first_name}"
        told = handing_of(sale)
        return (
            str(
                _("部分取货：已取 %(handed)s 件，还剩 %(left)s 件")
                % {"handed": told.handed, "left": told.left}
            )
            if told.is_partial
            else "—"
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        word = search_term.strip().removeprefix("#")
        if not word:
            return queryset, False
        found = Q(number__iexact=word)
        if word.isascii() and word.isdigit():
            found |= Q(order_id=int(word)) if len(word) <= 9 else Q(phone_index=phone_index(word))
        else:
            with suppress(InvalidNumber):  # neither a number nor a code: nothing but the first guess
                found |= Q(pickup_index=pickup_index(clean_code(word)))
        return queryset.filter(found), False

    def tables(self, request: HttpRequest, obj: CounterSale) -> list[Table]:
        return [
            _lines(obj),
            *_lowered(obj),
            _receipts(obj),
            _cards(obj),
            *_parts(obj),
            _refunds(obj),
            _requests(obj),
        ]

    # -- pages of our own --------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        def own(address: str, view: Any, name: str) -> Any:
            return path(address, self.admin_site.admin_view(view), name=self._page(name))

        return [
            own("workbench/", self.workbench_view, "workbench"),
            own("ask/<slug:name>/", desk.answer, "ask"),
            own("pickup/", self.pickup_view, "pickup"),
            own("day/", self.day_view, "day"),
            own("<int:pk>/slip/", self.slip_view, "slip"),
            own("<int:pk>/refund/", self.refund_view, "refund"),
            own("<int:pk>/hand-over/", self.hand_over_view, "hand_over"),
            *super().get_urls(),
        ]

    def _context(self, request: HttpRequest, title: Any, **more: Any) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **more}

    def _require_seller(self, request: HttpRequest) -> None:
        user: Any = request.user
        if not user.has_perm(SELL):
            raise PermissionDenied

    def _sale(self, request: HttpRequest, pk: int) -> CounterSale:
        try:
            return get_row(request.user, CounterSale.objects.select_related("unit", "order"), pk=pk)
        except OutOfScope:
            raise Http404 from None

    def workbench_view(self, request: HttpRequest) -> HttpResponse:
        """代客下单: one screen from the search to the slip."""
        self._require_seller(request)
        home, places = home_of(request.user), places_for(request.user)
        account = float_of(home) if home else None
        options = {
            "ask": reverse("admin:o2o_counter_sales_countersale_ask", args=["NAME"]),
            "place": home.key if home else (places[0].key if places else ""),
            "province": settings.O2O_COUNTER["PROVINCE"],
            "members": "consent" in others(),
            "resume": request.GET.get("sale", "")[:15],
        }
        shift = running_shift(request.user)
        needed = shift is None and home is not None and not home.shop and needs_shift(home.unit)
        context = self._context(
            request,
            _("代客下单"),
            shift=shift,
            shift_needed=needed,
            options=options,
            places=places,
            home=home,
            account=account,
            papers=PAPERS,
        )
        return TemplateResponse(request, "o2o_counter_sales/workbench.html", context)

    def slip_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Print: every POST is one copy, counted."""
        sale = self._sale(request, pk)
        if request.method != "POST":
            return HttpResponseRedirect(_page(sale))
        try:
            slip = print_slip(request.user, sale.pk, request.POST.get("paper", ""))
        except DomainError as error:
            return self._back(request, sale, error)
        return TemplateResponse(request, "o2o_counter_sales/slip.html", {"slip": slip, "sale": slip.sale})

    def pickup_view(self, request: HttpRequest) -> HttpResponse:
        """取货核销: a code, the sale behind it, one button."""
        self._require_seller(request)
        typed, sale, error = request.POST.get("code", "")[:40], None, None
        if request.method == "POST":
            try:
                sale = sale_by_code(request.user, typed)
            except DomainError as refused:
                error = refused
        context = self._context(
            request,
            _("取货核销"),
            typed=typed,
            sale=sale,
            error=error,
            handing=handing_of(sale) if sale else None,
            place=place_of_sale(sale) if sale else None,
            may=sale is not None and sale.state == SaleState.PAID and sale.delivery == Delivery.PICKUP,
        )
        return TemplateResponse(request, "o2o_counter_sales/pickup.html", context)

    def hand_over_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hand the goods over; then on to the next code."""
        sale = self._sale(request, pk)
        if request.method != "POST":
            return HttpResponseRedirect(_page(sale))
        try:
            handed = hand_over(
                request.user, sale.pk, _quantities(request.POST), seen=_whole(request.POST.get("seen"))
            )
        except NotAllowed:
            raise PermissionDenied from None
        except DomainError as error:
            return self._back(request, sale, error)
        if handed.state == SaleState.HANDED:
            messages.success(request, _("%(number)s 已全部交付") % {"number": sale.number})
        else:
            left = handing_of(handed).left
            messages.success(
                request,
                _("%(number)s 已交付一部分，还剩 %(left)s 件") % {"number": sale.number, "left": left},
            )
            return HttpResponseRedirect(_page(sale))
        return HttpResponseRedirect(reverse("admin:o2o_counter_sales_countersale_pickup"))

    def refund_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """退款: amount, reason, and whether the goods came back. What was typed stays when it is refused."""
        sale = self._sale(request, pk)
        if not policy_for(CounterSale).may(request.user, REFUND, sale):
            raise PermissionDenied
        typed: dict[str, Any] = {
            "amount": request.POST.get("amount", str(sale.total - sale.refunded))[:20],
            "reason": request.POST.get("reason", "")[:200],
            "goods_back": bool(request.POST.get("goods_back")),
            "terminal": request.POST.get("terminal", "")[:40],
            "slip": request.POST.get("slip", "")[:40],
            "key": request.POST.get("key", "")[:64] or str(uuid4()),
        }
        error = None
        if request.method == "POST":
            try:
                messages.success(request, self._refund(request, sale, typed))
            except NotAllowed:
                raise PermissionDenied from None
            except DomainError as refused:
                error = refused
            else:
                return HttpResponseRedirect(_page(sale))
        limit = None if request.user.is_superuser else limit_at(request.user, "refund", sale.unit)
        context = self._context(
            request,
            _("退款"),
            sale=sale,
            typed=typed,
            error=error,
            left=sale.total - sale.refunded,
            limit=limit,
            alone=limit is None or limit > sale.refunded,
            over=limit is not None and limit < sale.total,
            asked=open_request_of(sale),
            back=_page(sale),
        )
        return TemplateResponse(request, "o2o_counter_sales/refund.html", context)

    def _refund(self, request: HttpRequest, sale: CounterSale, typed: Mapping[str, Any]) -> str:
        """Give money back, or ask those who may; what to say then. Raises what the services raise."""
        amount, reason = parse_yuan(typed["amount"], "amount"), typed["reason"]
        asked = {"key": typed["key"], "goods_back": typed["goods_back"]}
        if request.POST.get("ask"):
            row = ask_refund(request.user, sale.pk, amount, reason, **asked)
            return str(_("已提交退款申请 %(number)s，审批结果见“我的今日”") % {"number": row.number})
        by_card = sale.paid_by == PaidBy.POS
        told = read_slip(typed["terminal"], typed["slip"]) if by_card else None
        refund_sale(request.user, sale.pk, amount, reason, pos=told, **asked)
        return str(_("已退款 %(amount)s") % {"amount": yuan(amount)})

    def day_view(self, request: HttpRequest) -> HttpResponse:
        """我的今日: what this clerk sold, took and gave back."""
        self._require_seller(request)
        day = _day(request.GET.get("day", ""))
        context = self._context(
            request,
            _("我的今日") if day == today() else _("我的 %(day)s") % {"day": f"{day:%m-%d}"},
            day=day_of(request.user, day),
            is_today=day == today(),
            blind=running_shift(request.user) is not None,
            table=_day_table(sales_of(request.user, day)),
            asked=_requests_table(requests_of_day(request.user, day)),
        )
        return TemplateResponse(request, "o2o_counter_sales/day.html", context)

    def _back(self, request: HttpRequest, sale: CounterSale, error: DomainError) -> HttpResponse:
        messages.error(request, error.in_words)
        return HttpResponseRedirect(_page(sale))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        sale = self.get_object(request, object_id)
        policy = policy_for(CounterSale)
        context = {**(extra_context or {})}
        if sale is not None:
            sells = policy.may(request.user, SELL, sale)
            paid = sale.state in (SaleState.PAID, SaleState.HANDED)
            context["o2o_tools"] = {
                "collect": sells and sale.state == SaleState.PLACED,
                "slip": sells and (paid or sale.state == SaleState.REFUNDED),
                "hand": sells and sale.state == SaleState.PAID and sale.delivery == Delivery.PICKUP,
                "refund": paid and policy.may(request.user, REFUND, sale),
            }
            context["o2o_sale"], context["o2o_papers"] = sale, PAPERS
            context["o2o_handing"] = handing_of(sale)
        return super().change_view(request, object_id, form_url, context)


def _page(sale: CounterSale) -> str:
    return reverse("admin:o2o_counter_sales_countersale_change", args=[sale.pk])


def _whole(text: str | None) -> int | None:
    """A number of pieces as a form sends it; None for nothing, -1 (which nothing is) for anything odd."""
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else -1


def _quantities(typed: Mapping[str, str]) -> dict[int, int] | None:
    """`line-<key>` fields as pieces by line; None where the form had none (all that is left)."""
    found: dict[int, int] = {}
    for name, value in typed.items():
        pk = _whole(name.removeprefix("line-")) if name.startswith("line-") else None
        if pk is not None and (count := _whole(value.strip()) or 0) != 0:
            found[pk] = count
    return found if any(name.startswith("line-") for name in typed) else None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return today()


def _lines(sale: CounterSale) -> Table:
    rows = [
        (line.product_name, line.variant_name or "—", line.product_sku, yuan(line.unit_price_gross_amount),
         line.quantity, line.quantity_fulfilled, yuan(line.unit_price_gross_amount * line.quantity))
        for line in sale.order.lines.order_by("pk")
    ]  # fmt: skip
    return Table("商品", ("商品", "规格", "SKU", "单价", "数量", "已交付", "小计"), rows)


def _lowered(sale: CounterSale) -> list[Table]:
    names = dict(sale.order.lines.values_list("variant_id", "product_name"))
    rows = [
        (one.source_title, one.title, names.get(variant, str(_("运费"))), yuan(amount))
        for one in lowered_of_sale(sale.order)
        for variant, amount in one.lines
    ]
    return [Table("会员优惠", ("优惠", "名称", "商品", "金额"), rows)] if rows else []


def _receipts(sale: CounterSale) -> Table:
    rows = [
        (one.number, one.get_kind_display(), yuan(one.amount), yuan(one.tendered) if one.tendered else "—",
         yuan(one.change) if one.change is not None else "—", one.movement.number, one.operator.first_name,
         at(one.at))
        for one in sale.receipts.select_related("movement", "operator").order_by("pk")
    ]  # fmt: skip
    return Table("现金收据", ("收据号", "类型", "金额", "实收", "找零", "备付金流水", "经办人", "时间"), rows)


def _cards(sale: CounterSale) -> Table:
    rows = [
        (one.number, one.get_kind_display(), yuan(one.amount), one.terminal, one.slip, one.operator.first_name,
         at(one.at))
        for one in sale.pos_receipts.select_related("operator").order_by("pk")
    ]  # fmt: skip
    return Table("POS 收据", ("收据号", "类型", "金额", "终端号", "凭证号", "经办人", "时间"), rows)


def _parts(sale: CounterSale) -> list[Table]:
    if sale.paid_by not in ("", PaidBy.MIXED):
        return []
    rows = [(one.label, yuan(one.amount), one.state) for one in parts_of(sale.order_id)]
    back = [(one.label, yuan(one.amount), one.state) for one in shares_by_hand(sale.order_id)]
    heads = ("方式", "金额", "状态")
    return [
        Table(title, heads, found) for title, found in (("组合收款", rows), ("待退还顾客", back)) if found
    ]


def _refunds(sale: CounterSale) -> Table:
    rows = [
        (
            one.token,
            one.get_paid_by_display(),
            yuan(one.amount),
            one.reason,
            one.operator.first_name,
            at(one.at),
        )
        for one in sale.refunds.select_related("operator").order_by("pk")
    ]
    return Table("退款", ("退款号", "方式", "金额", "原因", "经办人", "时间"), rows)


def _requests(sale: CounterSale) -> Table:
    rows = [
        (link("o2o_counter_sales_refundrequest", one.pk, one.number), yuan(one.amount), one.reason,
         one.asked_by.first_name, at(one.asked_at), one.decided_by.first_name if one.decided_by else "—",
         badge(one.state, ASKED))
        for one in RefundRequest.objects.filter(sale=sale).select_related("asked_by", "decided_by").order_by("pk")
    ]  # fmt: skip
    return Table("退款申请", ("申请号", "金额", "原因", "申请人", "时间", "审批人", "状态"), rows)


def _requests_table(asked: list[RefundRequest]) -> dict[str, Any]:
    rows = [
        (link("o2o_counter_sales_refundrequest", one.pk, one.number), one.sale.number, yuan(one.amount), one.reason,
         one.decided_by.first_name if one.decided_by else "—", one.decision or "—", badge(one.state, ASKED))
        for one in asked
    ]  # fmt: skip
    return {"headers": ["申请号", "单号", "申请退款", "原因", "审批人", "意见", "状态"], "rows": rows}


def _day_table(sales: list[CounterSale]) -> dict[str, Any]:
    rows = [
        (link("o2o_counter_sales_countersale", sale.pk, sale.number), at(sale.made_at)[11:], sale.masked_customer,
         yuan(sale.total), sale.get_paid_by_display() if sale.paid_by else "—", yuan(sale.refunded) if sale.refunded
         else "—", badge(sale.state, STATE))
        for sale in sales
    ]  # fmt: skip
    return {"headers": ["单号", "时间", "顾客", "金额", "收款", "已退", "状态"], "rows": rows}
