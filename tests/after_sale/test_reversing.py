"""What was earned with a sale is reversed from the events alone: several partial after-sales take exactly the whole."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from saleor.order.models import Order
from saleor.warehouse.models import Stock

from plugins.after_sale.amounts import left_of, most_for
from plugins.after_sale.events import AfterSaleRefunded
from plugins.after_sale.models import AfterSale
from plugins.after_sale.services.deciding import agree
from plugins.after_sale.services.returning import Found, inspect, ship_back
from saleor_o2o.kernel.models import EventRecord
from saleor_o2o.kernel.money import to_fen, to_yuan
from saleor_o2o.ordering.interfaces import sub_orders_of
from tests.orgs import again

from .conftest import D, Shop
from .test_money_elsewhere import paid_with_card


def through(earned: Decimal, back: Decimal, paid: Decimal) -> Decimal:
    """What of `earned` is gone once `back` of `paid` went back: the rule that the event names."""
    return to_yuan(int(Fraction(to_fen(earned) * to_fen(back), to_fen(paid)) + Fraction(1, 2)))


def reversed_by(event: AfterSaleRefunded, earned: dict[int, Decimal]) -> dict[int, Decimal]:
    """A listener without a memory: by order line what this event takes of what was earned."""
    return {
        line: through(earned[line], before + amount, paid) - through(earned[line], before, paid)
        for line, before, amount, paid in zip(
            event.order_lines, event.before, event.amounts, event.paid, strict=True
        )
    }


def told(order: Order) -> list[AfterSaleRefunded]:
    """The events of an order as a receiver gets them, read from what is stored."""
    rows = EventRecord.objects.filter(name="after_sale.refunded", key=f"order:{order.pk}").order_by("pk")
    return [AfterSaleRefunded.from_payload(row.payload, row.version) for row in rows]


def test_points_coupons_and_commission_go_back_exactly(shop: Shop) -> None:
    # given: three oranges (119.70) earned 12 points and 7.19 of commission, a pomelo (25.00) 3 and 0.77;
    # the order (154.70 with freight) earned a coupon of 9.99
    order = shop.buy()
    orange, pomelo = shop.line(order), shop.line(order, shop.pomelo)
    points = {orange.order_line_id: D("12.00"), pomelo.order_line_id: D("3.00")}
    commission = {orange.order_line_id: D("7.19"), pomelo.order_line_id: D("0.77")}
    coupon = D("9.99")
    area = again(shop.people["area"])

    # when: a difference in price, a piece, both lines in part, the rest with the freight
    wishes: list[dict[int, tuple[int, Any]]] = [
        {orange.pk: (0, D("3.33"))},
        {orange.pk: (1, None)},
        {orange.pk: (1, D("20.01")), pomelo.pk: (0, D("1.00"))},
        {},
    ]
    for number, lines in enumerate(wishes):
        row = shop.ask(order, str(number), lines=lines)
        agree(area, row.pk)
        shop.arrive(row)

    # then: the events sum to what was paid, and take what was earned, to the fen
    events = told(order)
    assert len(events) == 4
    assert sum(event.amount for event in events) == D("154.70")
    assert sum(event.freight for event in events) == D("10.00")
    for earned in (points, commission):
        gone: dict[int, Decimal] = dict.fromkeys(earned, D(0))
        for event in events:
            for line, taken in reversed_by(event, earned).items():
                assert taken >= 0
                gone[line] += taken
        assert gone == earned
    by_order = [
        through(coupon, one.order_before + one.amount, one.order_paid)
        - through(coupon, one.order_before, one.order_paid)
        for one in events
    ]
    assert sum(by_order) == coupon
    # then: pieces too, and the way of the money
    assert {
        line: sum(
            count
            for one in events
            for key, count in zip(one.order_lines, one.quantities, strict=True)
            if key == line
        )
        for line in points
    } == {orange.order_line_id: 3, pomelo.order_line_id: 1}
    assert [one.pieces_before for one in events] == [(0,), (0,), (1, 0), (2, 0)]
    assert [(one.tenders, one.tender_amounts) for one in events] == [
        (("provider",), (one.amount,)) for one in events
    ]
    assert {one.customer_id for one in events} == {shop.shopper.pk}
    assert sum(sum(one.restocked) for one in events) == 4  # nothing had left


def test_what_comes_back_is_for_sale_again_but_for_the_damaged(shop: Shop) -> None:
    # given
    order = shop.buy()
    shop.send(order)
    line = shop.line(order)
    row = shop.ask(order, kind="return", lines={line.pk: (3, None)})
    area = again(shop.people["area"])
    agree(area, row.pk, return_to="渝中仓")
    ship_back(shop.shopper, row.number, "中国邮政", "EMS123456789CN")
    before = Stock.objects.get(product_variant=shop.world.variant).quantity

    # when
    [one] = row.lines.all()
    inspect(area, row.pk, {one.pk: Found(3, 1, one.amount)})
    shop.arrive(row)

    # then: the event says what the shelf says
    [event] = told(order)
    assert (event.quantities, event.restocked, event.bought) == ((3,), (2,), (3,))
    assert Stock.objects.get(product_variant=shop.world.variant).quantity - before == 2


def test_mixed_money_is_told_by_tender(shop: Shop) -> None:
    # given: 20.00 of 60.00 by card
    order, _card = paid_with_card(shop, "20.00")
    line = shop.line(order, shop.pomelo)
    shares: dict[str, Decimal] = {}

    # when: one pomelo, then everything that is left
    for number, lines in enumerate(({line.pk: (1, None)}, {})):
        row = shop.ask(order, str(number), lines=lines)
        agree(again(shop.people["area"]), row.pk)
        shop.arrive(row)
    for event in told(order):
        assert sum(event.tender_amounts) == event.amount
        for kind, amount in zip(event.tenders, event.tender_amounts, strict=True):
            shares[kind] = shares.get(kind, D(0)) + amount

    # then
    assert shares == {"gift_card": D("20.00"), "provider": D("40.00")}


def test_an_event_of_before_is_still_read(shop: Shop) -> None:
    # given: as it was stored before it said more
    order = shop.buy()
    row = shop.ask(order, lines={shop.line(order).pk: (1, None)})
    agree(again(shop.people["clerk"]), row.pk)
    shop.arrive(row)
    stored = EventRecord.objects.get(name="after_sale.refunded")
    old = {
        key: stored.payload[key]
        for key in (
            "after_sale_id", "order_id", "sub_order_id", "amount", "freight", "order_lines", "quantities", "amounts",
            "paid",
        )
    }  # fmt: skip

    # then
    event = AfterSaleRefunded.from_payload(old, stored.version)
    assert (event.amounts, event.before, event.customer_id) == ((D("39.90"),), (), None)
    assert sum((part.total for part in sub_orders_of(order.pk)), D(0)) == told(order)[0].order_paid
    assert AfterSale.objects.get().lines.get().freed == 1


@settings(max_examples=200, deadline=None)
@given(
    pieces=st.integers(1, 12), paid=st.integers(1, 300_000), earned=st.integers(0, 50_000), seed=st.randoms()
)
def test_any_partial_after_sales_take_exactly_what_was_earned(
    pieces: int, paid: int, earned: int, seed: Any
) -> None:
    # given: pieces go back in any number of goes, each for what they may at most
    total, worth = to_yuan(paid), to_yuan(earned)
    taken: list[tuple[int, Decimal]] = []
    gone = before = D(0)

    # when
    while sum(count for count, _yuan in taken) < pieces:
        left = left_of(pieces, total, taken)
        count = seed.randint(1, left.quantity)
        amount = most_for(left, count)
        step = through(worth, before + amount, total) - through(worth, before, total)
        assert step >= 0
        gone, before = gone + step, before + amount
        taken.append((count, amount))

    # then
    assert (before, gone) == (total, worth)


@pytest.mark.parametrize("name", ["before", "bought", "pieces_before", "restocked"])
def test_what_runs_along_the_lines_is_as_long_as_they(shop: Shop, name: str) -> None:
    # given
    order = shop.buy()
    row = shop.ask(order)
    agree(again(shop.people["area"]), row.pk)
    shop.arrive(row)

    # then
    [event] = told(order)
    assert len(getattr(event, name)) == len(event.order_lines) == 2
