"""售后单: the list with its clocks, and the page on which one is answered, opened and paid back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from plugins.approvals.interfaces import open_request
from plugins.org_hierarchy.interfaces import limit_at
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.columns import column, moment, money
from saleor_o2o.cashier.interfaces import came_back
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.masking import mask_name
from saleor_o2o.kernel.money import parse_yuan
from saleor_o2o.kernel.scope import policy_for
from saleor_o2o.kernel.states import history
from saleor_o2o.ordering.interfaces import paymaster_of

from ..buyers import masked_buyer
from ..checking import serves
from ..choices import FOR_STAFF, OVER, SWAPS, HoldState, Kind, Phase, State, Via
from ..errors import AfterSaleError
from ..errors import AfterSaleErrorCode as Code
from ..models import AfterSale, AfterSaleLine, Picture, Replacement
from ..noting import note_printed
from ..paying import taken_by
from ..permissions import DECIDE
from ..places import return_address
from ..selectors import decided_before, money_left, offers_of, unit_of
from ..services import complaining, deciding, exchanging, returning, serving
from ..swapping import swaps_for
from . import serving as serving_page
from .acting import ActingAdmin
from .looks import coloured, failure_words, names_of

STATE = dict(State.choices)
EXPORT = Export(
    _("售后单"),
    "after_sale.export",
    (
        Cell(_("售后单号"), "number"),
        Cell(_("订单号"), "order_id"),
        Cell(_("子订单号"), "sub_order__number"),
        Cell(_("类型"), "get_kind_display"),
        Cell(_("原因"), "get_reason_display"),
        Cell(_("申请方式"), "get_via_display"),
        Cell(_("状态"), "get_state_display"),
        Cell(_("申请金额"), "amount"),
        Cell(_("其中运费"), "freight"),
        Cell(_("同意金额"), "agreed"),
        Cell(_("处理结果"), "get_outcome_display"),
        Cell(_("退款单号"), "refund_ref"),
        Cell(_("申请时间"), "created_at"),
        Cell(_("结束时间"), "ended_at"),
    ),
    related=("sub_order",),
)


class LateFilter(admin.SimpleListFilter):
    """What waits for the staff, what is late, what is not over."""

    title = "进度"
    parameter_name = "clock"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("staff", _("待商家办理")), ("late", _("已超时")), ("open", _("未结束"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "staff":
            return queryset.filter(
                Q(state__in=FOR_STAFF) | Q(state=State.REFUNDING, refund_base__isnull=False)
            )
        if self.value() == "late":
            return queryset.exclude(state__in=OVER).filter(
                Q(due_at__lte=now()) | Q(escalated_at__isnull=False)
            )
        return queryset.exclude(state__in=OVER) if self.value() == "open" else queryset


@admin.register(AfterSale)
class AfterSaleAdmin(ActingAdmin):
    """After-sales; everything that changes one goes through the services."""

    list_display = ("number", "c_order", "c_kind", "c_reason", "c_amount", "c_state", "c_due", "c_made")
    list_display_links = ("number",)
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("reason", ChoicesDropdownFilter),
        ("via", ChoicesDropdownFilter),
        LateFilter,
        ("created_at", titled(RangeDateFilter, "申请时间")),
    )
    list_filter_submit = True
    search_fields = ("number",)
    search_help_text = _("售后单号、订单号、退货运单号")
    ordering = ("-pk",)
    export = EXPORT
    page_template = "o2o_after_sale/sale.html"
    states = STATE
    also_found_by = "waybill"
    related = (
        "order__shipping_address",
        "sub_order__seller",
        "sub_order__warehouse__address",
        "customer",
        "decided_by",
        "applied_by",
    )

    c_kind = column("get_kind_display", "类型", lambda show: show(), order="kind")
    c_reason = column("get_reason_display", "原因", lambda show: show(), order="reason")
    c_amount = money("goes_back", "金额")
    c_made = moment("created_at", "申请时间")

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.paper_view)
        return [
            path("apply/", self.admin_site.admin_view(self.apply_view), name=self._page("apply")),
            path("<int:pk>/paper/", view, name=self._page("paper")),
            *super().get_urls(),
        ]

    def apply_view(self, request: HttpRequest) -> HttpResponse:
        """代客售后."""
        return serving_page.apply_view(self, request)

    def paper_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """寄件单: what to fetch and where it goes; masked while it is only looked at, printing is written down."""
        row = self.row(request, pk)
        if not policy_for(AfterSale).may(request.user, DECIDE, row):
            raise PermissionDenied
        if row.state != State.TO_SEND:
            raise Http404
        printing = request.method == "POST"
        if printing:
            note_printed(row)
        context = {
            "row": row, "title": _("售后寄件单"), "printing": printing, "masked": not printing,
            "lines": row.lines.select_related("part_line__order_line").order_by("pk"),
            "held": Replacement.objects.filter(line__after_sale=row, state=HoldState.HELD).select_related(
                "variant__product", "stock__warehouse"
            ),
            "address": row.order.shipping_address,
            "back": reverse(f"admin:{self._page('change')}", args=[row.pk]),
        }  # fmt: skip
        return TemplateResponse(request, "o2o_after_sale/paper.html", context)

    def pictures(self, row: AfterSale) -> Any:
        return Picture.objects.filter(after_sale=row)

    def act(self, request: HttpRequest, row: AfterSale) -> Any:
        posted, user = request.POST, request.user
        seen, why = posted.get("seen", "")[:16], posted.get("why", "")
        match posted.get("act"):
            case "agree":
                done = deciding.agree(user, row.pk, return_to=posted.get("return_to", ""), why=why, seen=seen)
            case "refuse":
                done = deciding.refuse(user, row.pk, why, seen=seen)
            case "inspect":
                found, freight = _found(row, posted)
                done = returning.inspect(user, row.pk, found, freight=freight, why=why, seen=seen)
            case "offer":
                done = exchanging.offer_refund(
                    user, row.pk, why, return_to=posted.get("return_to", ""), seen=seen
                )
            case "take_in":
                done = exchanging.take_in(user, row.pk, _damaged(row, posted), seen=seen)
            case "repaired" | "unrepaired" as how:
                done = exchanging.finish_repair(user, row.pk, repaired=how == "repaired", why=why, seen=seen)
            case "send":
                done = exchanging.send_out(
                    user, row.pk, posted.get("carrier", ""), posted.get("waybill", ""), seen=seen
                )
            case "retry":
                done = deciding.retry(user, row.pk, seen=seen)
            case act:
                done = self._serve(user, row, str(act), posted)
        return _("已处理，现在是“%(state)s”") % {"state": done.get_state_display()}

    def _serve(self, user: Any, row: AfterSale, act: str, posted: Any) -> AfterSale:
        """What a clerk does for the customer, or with the goods and the money on the counter."""
        seen = posted.get("seen", "")[:16]
        match act:
            case "hand_in":
                return serving.hand_in(user, row.pk, _damaged(row, posted), seen=seen)
            case "hand_over":
                return serving.hand_over(user, row.pk, seen=seen)
            case "pay_out":
                return serving.pay_out(user, row.pk, slip=posted.get("slip", "")[:64], seen=seen)
            case "withdraw":
                return deciding.withdraw_wish(user, row.number)
            case "ship_back":
                return returning.ship_back(
                    user, row.number, posted.get("carrier", ""), posted.get("waybill", "")
                )
            case "choose_refund" | "choose_keep":
                return exchanging.choose(user, row.number, refund=act == "choose_refund")
            case "receive":
                return exchanging.receive_out(user, row.number)
            case "arbitrate":
                complaining.arbitrate(
                    user,
                    row.number,
                    posted.get("said", ""),
                    key=f"desk-{row.number}-{row.complaints.count()}",
                )
                return AfterSale.objects.get(pk=row.pk)
        raise AfterSaleError(Code.REQUIRED, _("请选择要执行的操作"))

    def _service(self, user: Any, row: AfterSale, may: bool) -> dict[str, Any]:
        """What may be done for the customer now."""
        served, state = serves(user, row) and row.customer_id != user.pk, row.state
        paid = paymaster_of(row.order_id) if row.is_paid_out else None
        found = {
            "withdraw": served
            and state in (State.APPLIED, State.TO_RETURN, State.REFUSED, State.GOODS_REFUSED),
            "ship_back": served and state == State.TO_RETURN,
            "hand_in": may and state == State.TO_RETURN,
            "choose": served and state == State.OFFERED,
            "receive": served and state == State.SENT,
            "arbitrate": served and state in (State.REFUSED, State.GOODS_REFUSED),
        }
        return {
            "service": {**found, "any": any(found.values())},
            "may_hand_over": may and state == State.TO_SEND,
            "till": paid[1] if paid is not None and (served or may) else None,
        }

    def facts(self, request: HttpRequest, row: AfterSale) -> Mapping[str, Any]:
        user: Any = request.user
        unit = unit_of(row.order_id)
        before = decided_before(row)
        limit = limit_at(user, "refund", unit)
        may = policy_for(AfterSale).may(user, DECIDE, row) and row.customer_id != user.pk
        offer = next(one for one in offers_of(row.order_id) if one.part.pk == row.sub_order_id)
        lines = list(
            row.lines.select_related("part_line__order_line__variant__product", "wanted__product").order_by(
                "pk"
            )
        )
        # Only while it is undecided: what was agreed is withdrawn itself.
        moving = (
            row.state == State.APPLIED
            and row.phase == Phase.BEFORE
            and any(
                one.quantity > one.part_line.quantity - one.part_line.shipped - one.part_line.withdrawn
                for one in lines
            )
        )
        return {
            **self._service(user, row, may),
            "asker": _asker(row),
            "unit": unit,
            "lines": lines,
            "colour_state": coloured(row.state, STATE),
            "buyer": _buyer(row),
            "pictures": self.shown_pictures(row),
            "moves": self._moves(row),
            "failure": failure_words(row.failure),
            "complaints": list(row.complaints.order_by("pk")),
            "approval": open_request(row),
            "late": not row.is_over and row.due_at is not None and row.due_at <= now(),
            "money": {
                "here": money_left(row.order_id, row.pk),
                "before": before,
                "whole": row.goes_back + before,
                "limit": limit,
                "over": not user.is_superuser and row.goes_back + before > limit,
            },
            "may_answer": may and row.state == State.APPLIED,
            "may_inspect": may and row.state == State.TO_RECEIVE and row.kind not in SWAPS,
            "may_take_in": may and row.state == State.TO_RECEIVE and row.kind in SWAPS,
            "may_repair": may and row.state == State.REPAIRING,
            "may_send": may and row.state == State.TO_SEND,
            "may_offer": may
            and row.kind in SWAPS
            and row.state in (State.APPLIED, State.REPAIRING, State.TO_SEND),
            "is_exchange": row.kind == Kind.EXCHANGE,
            "is_swap": row.kind in SWAPS,
            "held": list(
                Replacement.objects.filter(line__after_sale=row)
                .exclude(state=HoldState.RELEASED)
                .select_related("variant__product", "stock__warehouse")
            ),
            "stocked": self._stocked(row, lines) if row.state == State.APPLIED else [],
            "may_retry": may and row.state == State.REFUND_FAILED,
            "rest": came_back(row.refund_key)[0] if row.state == State.REFUND_FAILED else None,
            "taken_by": taken_by(row.order_id) if row.is_paid_out else "",
            "paper": reverse(f"admin:{self._page('paper')}", args=[row.pk]),
            "comes_back": row.kind != Kind.REFUND,
            "return_to": request.POST.get("return_to") or row.return_to or return_address(row),
            "freight_most": offer.freight + row.freight,
            "moving": moving,
            "typed_lines": [
                (
                    one,
                    request.POST.get(f"accepted_{one.pk}", one.quantity),
                    request.POST.get(f"damaged_{one.pk}", 0),
                    request.POST.get(f"amount_{one.pk}", one.amount),
                )
                for one in lines
            ],
        }

    def _stocked(self, row: AfterSale, lines: list[AfterSaleLine]) -> list[tuple[str, bool]]:
        """What an exchange would give, and whether some place has it now."""
        if row.kind != Kind.EXCHANGE:
            return []
        found = swaps_for([one.part_line for one in lines])
        free = {one.variant.pk: one.in_stock for swaps in found.values() for one in swaps}
        wanted = [one.swap for one in lines if one.swap is not None]
        return [(f"{one.product.name} {one.name}".strip(), free.get(one.pk, False)) for one in wanted]

    def _moves(self, row: AfterSale) -> list[dict[str, Any]]:
        moves = list(history(row, "state"))
        names = names_of({one.actor for one in moves}, row.customer_id)
        return [
            {
                "at": one.at,
                "label": STATE.get(one.target, one.target),
                "reason": failure_words(one.reason) if one.target == State.REFUND_FAILED else one.reason,
                "who": names.get(one.actor, ""),
            }
            for one in moves
        ]


def _buyer(row: AfterSale) -> str:
    """By the account; somebody without one by what the order or the counter knows."""
    if row.customer is None:
        return masked_buyer(row.order)
    return mask_name(f"{row.customer.last_name}{row.customer.first_name}")


def _asker(row: AfterSale) -> str:
    """Who asked: the customer alone, or which clerk for whom."""
    if row.via == Via.SELF:
        return str(row.get_via_display())
    clerk = f"{row.applied_by.last_name}{row.applied_by.first_name}" if row.applied_by else ""
    return f"{row.get_via_display()} · {clerk}".strip(" ·")


def _found(row: AfterSale, posted: Any) -> tuple[dict[int, returning.Found], Decimal]:
    found = {}
    for line in row.lines.all():
        try:
            accepted = int(posted.get(f"accepted_{line.pk}", ""))
            damaged = int(posted.get(f"damaged_{line.pk}") or 0)
        except ValueError:
            raise AfterSaleError(Code.QUANTITY_INVALID, _("数量须为整数"), f"accepted_{line.pk}") from None
        amount = _yuan(posted.get(f"amount_{line.pk}", ""), f"amount_{line.pk}")
        found[line.pk] = returning.Found(accepted, damaged, amount)
    return found, _yuan(posted.get("freight") or "0", "freight")


def _damaged(row: AfterSale, posted: Any) -> dict[int, int]:
    try:
        return {line.pk: int(posted.get(f"damaged_{line.pk}") or 0) for line in row.lines.all()}
    except ValueError:
        raise AfterSaleError(Code.QUANTITY_INVALID, _("数量须为整数"), "damaged") from None


def _yuan(text: str, field: str) -> Decimal:
    try:
        return parse_yuan(text[:20], field)
    except DomainError as error:
        raise AfterSaleError(Code.AMOUNT_INVALID, error.message, field) from error
