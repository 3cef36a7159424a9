"""Placing an order: lock, check, allocate and write in one transaction, without a single remote call.

Money moves only after this has been committed, so nobody is ever charged for an order that does not exist.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Sum
from saleor.checkout.models import Checkout, CheckoutLine
from saleor.core.exceptions import InsufficientStock
from saleor.giftcard.models import GiftCard
from saleor.order.models import Order, OrderLine
from saleor.order.utils import add_gift_card_to_order
from saleor.payment.models import Payment
from saleor.warehouse.models import Allocation, Stock

from saleor_o2o.kernel.locks import lock_rows, require_transaction

from ..allocation import lock_stocks
from ..deductions import taking
from ..holds import bind_holds, refuse_unheld
from ..origin import Made, Origin, order_written
from .preparing import prepare_order
from .writing import places_of, write_rows

#: Where an order remembers what it took from gift cards, to give it back if it is not paid (private metadata).
GIFT_CARDS_KEY = "o2o.gift_cards_used"


class CheckoutGone(Exception):
    """The checkout was completed (or deleted) by somebody else; ``order`` is what became of it, if anything."""

    def __init__(self, order: Order | None) -> None:
        super().__init__("checkout gone")
        self.order = order


def lock_checkout(token: UUID) -> Checkout:
    """Lock and return the checkout. Locks: its row. Raises :class:`CheckoutGone` where it is no more."""
    rows = lock_rows(
        Checkout.objects.filter(pk=token).select_related(
            "user",
            "shipping_address",
            "billing_address",
            "shipping_method__shipping_zone",
            "shipping_method__o2o_mode",
        )
    )
    if not rows:
        raise CheckoutGone(Order.objects.filter(checkout_token=str(token)).first())
    return rows[0]


def place_order(
    checkout: Checkout, lines: list[CheckoutLine], tracking_code: str, discounts: Any, user: Any = None
) -> Order:
    """Write the order of a locked checkout with its allocations; must run in the transaction that holds the lock.

    ``user`` is who asked. The caller has seen that the checkout has no order yet; the checkout stays until the order
    is finished.

    Locks: stock rows in primary-key order, then the rows of sources of deductions, then gift cards likewise, then the
    voucher (by stock Saleor). Raises InsufficientStock, NotApplicable and TaxError as stock does, a source's refusal
    or a hold's (DomainError), LockTimeout when others hold the rows for too long. Any error leaves nothing behind once
    the transaction rolls back.
    """
    refuse_unheld(lines)
    country = checkout.get_country()
    tracked = [line.variant_id for line in lines if line.variant.track_inventory]
    stocks = lock_stocks(tracked, country)
    settled = taking.settle(checkout, lines, discounts)
    # before the total, which is what they leave to be paid; a checkout that was never saved has none
    cards = lock_rows(checkout.gift_cards.all()) if has_cards(checkout) else []
    order_data = prepare_order(checkout, lines, cards, tracking_code, discounts, settled)
    price_left = order_data.pop("total_price_left")
    order_lines: list[OrderLine] = order_data.pop("lines")
    order = Order.objects.create(
        **order_data,
        checkout_token=str(checkout.token),
        metadata=checkout.metadata,
        private_metadata=taking.marked(checkout.private_metadata, settled),
    )
    for line in order_lines:
        line.order = order
    OrderLine.objects.bulk_create(order_lines)
    allocations = allocate(order_lines, stocks)
    _use_gift_cards(order, cards, price_left)
    deducted = taking.keep(order, order_lines, settled)
    origin = Origin(Made.CHECKOUT, user)
    order_written(order, origin)
    bind_holds(order, order_lines, origin)
    places = places_of(allocations, stocks)
    write_rows(order, order_lines, places, source="商城", waits=True, deducted=deducted)
    return order


def allocate(order_lines: Iterable[OrderLine], stocks: list[Stock]) -> list[Allocation]:
    """Allocate every tracked line on the *already locked* stock rows, lowest key first; what it wrote.

    Raises InsufficientStock.
    """
    taken: dict[int, int] = dict(
        Allocation.objects.filter(stock__in=stocks, quantity_allocated__gt=0)
        .order_by()
        .values_list("stock")
        .annotate(Sum("quantity_allocated"))
    )
    free: dict[int, int] = {stock.pk: stock.quantity - taken.get(stock.pk, 0) for stock in stocks}
    of_variant: dict[int, list[int]] = defaultdict(list)
    for stock in stocks:
        of_variant[stock.product_variant_id].append(stock.pk)
    allocations = []
    for line in order_lines:
        if line.variant is None or not line.variant.track_inventory:
            continue
        wanted = line.quantity
        for pk in of_variant[line.variant_id]:
            part = min(wanted, free[pk])
            if part <= 0:
                continue
            free[pk] -= part
            wanted -= part
            allocations.append(Allocation(order_line=line, stock_id=pk, quantity_allocated=part))
        if wanted:
            raise InsufficientStock(line.variant)
    return Allocation.objects.bulk_create(allocations)


def _use_gift_cards(order: Order, cards: list[GiftCard], price_left: Any) -> None:
    used = {}
    for card in cards:
        before = card.current_balance_amount
        price_left = add_gift_card_to_order(order, card, price_left)
        used[str(card.pk)] = str(before - card.current_balance_amount)
    if used:
        order.store_value_in_private_metadata({GIFT_CARDS_KEY: used})
        order.save(update_fields=["private_metadata"])


def has_cards(checkout: Checkout) -> bool:
    """Whether gift cards lie in a *locked* checkout; no statement where they have been read, or it was never saved."""
    return not checkout._state.adding and bool(checkout.gift_cards.all())


def remove_checkout(checkout_id: UUID, order: Order) -> bool:
    """The order is finished: hand the checkout's payments over to it and drop the checkout; False where it is gone.

    Needs a transaction. What hangs on a checkout is named here (a test watches that nothing else does), since Django
    would look for it in twice as many statements.
    """
    require_transaction()
    Payment.objects.filter(checkout_id=checkout_id).update(order=order, checkout=None)
    Checkout.gift_cards.through.objects.filter(checkout_id=checkout_id).delete()
    CheckoutLine.objects.filter(checkout_id=checkout_id).delete()
    rows = Checkout.objects.filter(pk=checkout_id)
    return bool(rows._raw_delete(rows.db))
