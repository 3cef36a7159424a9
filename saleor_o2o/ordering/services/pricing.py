"""Changing the price of an order that waits for its money: by line and freight, within the person's limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from saleor.order import OrderStatus
from saleor.order.models import Order, OrderLine

from saleor_o2o.cashier.interfaces import (
    CashierError,
    CashierErrorCode,
    close_open_attempts,
    live_intent,
    lock_intent_of,
    reprice_intent,
)
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.money import FEN, InvalidAmount, format_yuan, to_fen, to_yuan
from saleor_o2o.kernel.scope import organisation

from ..choices import State, TimelineKind
from ..deductions.keeping import deducted_of
from ..error_codes import OrderingErrorCode as Code
from ..errors import OrderingError
from ..events import OrderPriceChanged
from ..locks import lock_sub_orders
from ..models import OrderProfile, SubOrder, SubOrderLine
from ..splitting import LineFact
from .syncing import money_of
from .timeline import note
from .writing import amounts_of, split

#: How often the payer may come in between.
PATIENCE = 3
PRICE_CHANGED = audit.action("ordering.price_changed", _("修改订单价格"))


@dataclass(frozen=True, slots=True)
class NewPrice:
    """What the staff wants: unit prices in yuan by order line, the freight, why; `seen`: the total on the page."""

    reason: str
    units: Mapping[int, Decimal] = field(default_factory=dict)
    shipping: Decimal | None = None
    seen: Decimal | None = None


def change_price(user: Any, order_id: int, wanted: NewPrice) -> OrderProfile:
    """Give an unpaid order other prices; sub-orders and payment intent follow. The caller has taken it through scope.

    The open trades are closed at the provider first: no transaction may be open. Then, in one transaction, locks:
    intent, order, Saleor payment, sub-orders. Raises OrderingError: REASON_REQUIRED, PRICE_INVALID, PRICE_UNCHANGED,
    PRICE_STALE (somebody changed it since), ALREADY_PAID, ORDER_CLOSED; the organisation's LIMIT_EXCEEDED for a
    reduction (against what it was when placed) beyond the person's; CashierError PROVIDER_UNREACHABLE.
    """
    if not wanted.reason.strip():
        raise OrderingError(Code.REASON_REQUIRED, "reason")
    _check(wanted)
    with transaction.atomic():
        # refusals first: nothing is closed at the provider for a change that cannot be
        _apply(user, order_id, wanted, try_only=True)
    for patience in range(PATIENCE, 0, -1):
        intent = live_intent(order_id)
        if intent is not None:
            close_open_attempts(intent)
        try:
            with transaction.atomic():
                return _apply(user, order_id, wanted)
        except CashierError as refusal:
            # the payer has opened a new trade in between
            if patience == 1 or refusal.code != CashierErrorCode.PROVIDER_UNREACHABLE:
                raise
    raise AssertionError("unreachable")


def _check(wanted: NewPrice) -> None:
    for name, amount in [("units", one) for one in wanted.units.values()] + [("shipping", wanted.shipping)]:
        if amount is None:
            continue
        try:
            if to_fen(amount) < 0:
                raise OrderingError(Code.PRICE_INVALID, name)
        except InvalidAmount as error:
            raise OrderingError(Code.PRICE_INVALID, name, error.message) from error


def _apply(user: Any, order_id: int, wanted: NewPrice, *, try_only: bool = False) -> OrderProfile:
    if not try_only:
        lock_intent_of(order_id)
    order = lock_rows(Order.objects.filter(pk=order_id))[0]
    profile = OrderProfile.objects.get(pk=order_id)
    _check_state(order, profile, wanted)
    parts = [] if try_only else lock_sub_orders(order_id)
    lines = list(order.lines.select_related("variant").order_by("pk"))
    before = _picture(order, lines)
    _write_prices(order, lines, wanted)
    prepaid = sum(SubOrder.objects.filter(order_id=order_id).values_list("prepaid", flat=True), Decimal(0))
    total = _goods(lines) + order.shipping_price_gross_amount - order.discount_amount - prepaid
    if total < FEN:
        raise OrderingError(Code.PRICE_INVALID, "units")
    after = {**_picture(order, lines), "total": total}
    if before == after:
        raise OrderingError(Code.PRICE_UNCHANGED)
    if total < profile.placed_total and organisation().confines(user):
        organisation().check_limit(user, "discount", profile.placed_total - total, order)
    if try_only:
        return profile
    _save(order, lines, total)
    _resplit(order, lines, parts)
    intent = live_intent(order_id)
    if intent is not None:
        reprice_intent(intent, total)
    profile.total = total
    profile.save(update_fields=["total"])
    text = f"改价：{format_yuan(before['total'])} → {format_yuan(total)}，原因：{wanted.reason.strip()}"
    note(order_id, TimelineKind.PRICE_CHANGED, text, before=before, after=after)
    audit.record(PRICE_CHANGED, order, before=before, after={**after, "reason": wanted.reason.strip()})
    publish(
        OrderPriceChanged(order_id=order_id, before=before["total"], after=total), key=f"order:{order_id}"
    )
    return profile


def _check_state(order: Order, profile: OrderProfile, wanted: NewPrice) -> None:
    if order.status == OrderStatus.CANCELED or profile.state == State.CLOSED:
        raise OrderingError(Code.ORDER_CLOSED)
    money = money_of(order.pk)
    paid = profile.paid_at is not None or money.captured or money.refunded
    if paid or profile.state != State.PENDING_PAYMENT or order.status != OrderStatus.UNFULFILLED:
        raise OrderingError(Code.ALREADY_PAID)
    if wanted.seen is not None and wanted.seen != order.total_gross_amount:
        raise OrderingError(Code.PRICE_STALE)
    known = set(order.lines.values_list("pk", flat=True))
    if set(wanted.units) - known:
        raise OrderingError(Code.PRICE_INVALID, "units")


def _picture(order: Order, lines: list[OrderLine]) -> dict[str, Any]:
    """The prices as history shows them."""
    return {
        "total": order.total_gross_amount,
        "shipping": order.shipping_price_gross_amount,
        "lines": {str(line.pk): str(line.unit_price_gross_amount) for line in lines},
    }


def _goods(lines: list[OrderLine]) -> Decimal:
    return sum((line.unit_price_gross_amount * line.quantity for line in lines), Decimal(0))


def _write_prices(order: Order, lines: list[OrderLine], wanted: NewPrice) -> None:
    """Put the new prices into the rows, unsaved. Net keeps its proportion to gross."""
    for line in lines:
        new = wanted.units.get(line.pk)
        if new is not None:
            line.unit_price_net_amount = _net(new, line.unit_price_gross_amount, line.unit_price_net_amount)
            line.unit_price_gross_amount = new
    if wanted.shipping is not None:
        order.shipping_price_net_amount = _net(
            wanted.shipping, order.shipping_price_gross_amount, order.shipping_price_net_amount
        )
        order.shipping_price_gross_amount = wanted.shipping


def _net(new: Decimal, gross: Decimal, net: Decimal) -> Decimal:
    return new if gross == net or not gross else (new * net / gross).quantize(FEN)


def _save(order: Order, lines: list[OrderLine], total: Decimal) -> None:
    order.total_net_amount = _net(total, order.total_gross_amount, order.total_net_amount)
    order.total_gross_amount = total
    OrderLine.objects.bulk_update(lines, ["unit_price_net_amount", "unit_price_gross_amount"])
    order.save(
        update_fields=[
            "shipping_price_net_amount", "shipping_price_gross_amount", "total_net_amount", "total_gross_amount",
        ]
    )  # fmt: skip


def _resplit(order: Order, lines: list[OrderLine], parts: list[SubOrder]) -> None:
    """The same parts with other amounts; a part is known by its own key, wherever its warehouse went."""
    own = list(SubOrderLine.objects.filter(sub_order__in=parts).order_by("pk"))
    by_key = {part.pk: part for part in parts}
    facts = []
    for line in lines:
        mine = [one for one in own if one.order_line_id == line.pk]
        facts.append(
            LineFact(
                key=line.pk,
                quantity=line.quantity,
                unit=to_fen(line.unit_price_gross_amount),
                mode=by_key[mine[0].sub_order_id].mode,
                places=tuple((one.sub_order_id, one.quantity) for one in mine),
            )
        )
    for part in split(order, facts, lines, deducted_of(order)):
        row = by_key[part.key[1]]
        for name, amount in amounts_of(part).items():
            setattr(row, name, amount)
        for one in part.lines:
            line_row = next(x for x in own if x.sub_order_id == row.pk and x.order_line_id == one.key)
            line_row.goods, line_row.discount = to_yuan(one.goods), to_yuan(one.discount)
            line_row.prepaid, line_row.total = to_yuan(one.prepaid), to_yuan(one.total)
    SubOrder.objects.bulk_update(parts, ["goods", "discount", "shipping", "prepaid", "total"])
    SubOrderLine.objects.bulk_update(own, ["goods", "discount", "prepaid", "total"])
