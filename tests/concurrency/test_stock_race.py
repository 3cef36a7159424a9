"""Forty buyers of ten units: ten get one, thirty are told, nobody pays for nothing; and proof that it could fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection
from saleor.checkout.models import Checkout
from saleor.discount.models import Voucher
from saleor.giftcard.models import GiftCard
from saleor.order.models import Order
from saleor.payment.models import Payment, Transaction
from saleor.product.models import ProductVariant
from saleor.warehouse import management
from saleor.warehouse.models import Stock

from saleor_o2o.ordering import allocation
from saleor_o2o.ordering.services import placement
from tests.buying.shopper import ask, choose_payment, complete, fill_checkout
from tests.buying.test_recovery import promote, total_of
from tests.stock.world import World, make_order
from tests.threads import kinds, together

from .crowd import DUMMY, allocated, carts, many_carts, many_drafts, outcome, place_draft, rush


@contextmanager
def without_trigger() -> Iterator[None]:
    """Take off the belt."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE warehouse_allocation DISABLE TRIGGER o2o_no_oversell")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE warehouse_allocation ENABLE TRIGGER o2o_no_oversell")


def unlocked(variant_ids: Iterable[int], _country: str) -> list[Stock]:
    """What ``lock_stocks`` gives, without the lock."""
    return list(Stock.objects.filter(product_variant_id__in=set(variant_ids)).order_by("pk"))


def second_variant(world: World, quantity: int) -> ProductVariant:
    variant = ProductVariant.objects.create(product=world.product, sku="ORANGE-10KG", name="10 千克")
    Stock.objects.create(warehouse=world.warehouse, product_variant=variant, quantity=quantity)
    return variant


def test_forty_carts_for_ten_units(world: World) -> None:
    # given
    crowd = many_carts(world, 40)

    # when
    outcomes = rush(crowd)

    # then
    assert outcomes == Counter({"order": 10, "INSUFFICIENT_STOCK": 30})
    assert allocated() == 10
    assert Order.objects.count() == 10
    assert Transaction.objects.count() == 10
    assert Payment.objects.filter(captured_amount__gt=0).count() == 10
    assert all(order.is_fully_paid() for order in Order.objects.all())
    assert Checkout.objects.count() == 30


def test_without_our_lock_and_the_trigger_the_same_crowd_oversells(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(placement, "lock_stocks", unlocked)
    crowd = many_carts(world, 40)

    # when
    with without_trigger():
        outcomes = rush(crowd)

    # then
    assert outcomes["order"] > 10
    assert allocated() > 10


def test_without_our_lock_the_trigger_alone_holds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(placement, "lock_stocks", unlocked)
    crowd = many_carts(world, 40)

    # when
    outcomes = rush(crowd)

    # then
    assert outcomes["order"] == 10
    assert allocated() == 10
    assert Transaction.objects.count() == 10


def test_forty_direct_allocations_of_ten_units(world: World) -> None:
    # given
    lines = [make_order(world, 1, status="draft").lines.get() for _ in range(40)]

    # when
    results = together(*[partial(management.allocate_stock, line, "CN", 1) for line in lines])

    # then
    assert Counter(kinds(results)) == Counter({"NoneType": 10, "InsufficientStock": 30})
    assert allocated() == 10


def test_stocks_own_allocation_oversells_without_us(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(allocation, "lock_stocks", unlocked)
    lines = [make_order(world, 1, status="draft").lines.get() for _ in range(40)]

    # when
    with without_trigger():
        together(*[partial(management.allocate_stock, line, "CN", 1) for line in lines])

    # then
    assert allocated() > 10


def test_stocks_own_allocation_under_the_trigger_is_refused_in_its_own_words(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(allocation, "lock_stocks", unlocked)
    lines = [make_order(world, 1, status="draft").lines.get() for _ in range(40)]

    # when
    results = together(*[partial(management.allocate_stock, line, "CN", 1) for line in lines])

    # then
    assert Counter(kinds(results)) == Counter({"NoneType": 10, "InsufficientStock": 30})
    assert allocated() == 10


def test_drafts_and_carts_share_ten_units(world: World) -> None:
    # given
    crowd, drafts = many_carts(world, 12), many_drafts(world, 12)

    # when
    answers = together(
        *[partial(complete, cart) for cart in crowd],
        *[partial(place_draft, world, draft) for draft in drafts],
    )

    # then
    outcomes = Counter(outcome(answer) for answer in answers)
    assert outcomes == Counter({"order": 10, "INSUFFICIENT_STOCK": 14})
    assert allocated() == 10
    placed = Order.objects.exclude(status="draft").count()
    assert placed == 10


def test_one_draft_placed_by_five_clerks_is_allocated_once(world: World) -> None:
    # given
    (draft,) = many_drafts(world, 1)

    # when
    answers = together(*[partial(place_draft, world, draft)] * 5)

    # then
    assert Counter(outcome(answer) for answer in answers) == Counter({"order": 1, "NOT_EDITABLE": 4})
    assert allocated() == 1


def test_baskets_in_opposite_order_do_not_block_each_other(world: World) -> None:
    # given
    other = second_variant(world, 100)
    Stock.objects.filter(product_variant=world.variant).update(quantity=100)
    there = many_carts(world, 8, {world.variant: 2, other: 1})
    back = many_carts(world, 8, {other: 1, world.variant: 2})

    # when
    outcomes = rush([cart for pair in zip(there, back, strict=True) for cart in pair])

    # then
    assert outcomes == Counter({"order": 16})
    assert allocated(Stock.objects.get(product_variant=world.variant)) == 32
    assert allocated(Stock.objects.get(product_variant=other)) == 16


def test_a_basket_is_placed_whole_or_not_at_all(world: World) -> None:
    # given plenty of one, four of the other
    other = second_variant(world, 4)
    crowd = many_carts(world, 12, {world.variant: 1, other: 1})
    Stock.objects.filter(product_variant=world.variant).update(quantity=100)

    # when
    outcomes = rush(crowd)

    # then
    assert outcomes == Counter({"order": 4, "INSUFFICIENT_STOCK": 8})
    assert allocated(Stock.objects.get(product_variant=world.variant)) == 4
    assert allocated(Stock.objects.get(product_variant=other)) == 4


def test_one_cart_completed_by_ten_clicks_is_one_order(world: World) -> None:
    # given
    cart = many_carts(world, 1)[0]

    # when
    answers = together(*[partial(complete, cart)] * 10)

    # then
    outcomes = Counter(outcome(answer) for answer in answers)
    assert set(outcomes) <= {"order", "PAYMENT_ERROR"}
    assert outcomes["order"] >= 1
    assert Order.objects.count() == 1
    assert allocated() == 1
    assert Payment.objects.get().captured_amount == Decimal("49.90")
    assert complete(cart)["order"] is not None


def test_a_voucher_for_one_is_used_by_one(world: World) -> None:
    # given
    voucher = Voucher.objects.create(
        code="FIVE", type="entire_order", discount_value_type="fixed", discount_value=5, usage_limit=1
    )
    first = fill_checkout(world)
    promote(first, voucher.code)
    total_of(first)
    choose_payment(first, DUMMY, "token")

    # when
    outcomes = rush(carts(first, 8))

    # then
    assert outcomes["order"] == 1
    assert sum(outcomes.values()) == 8
    voucher.refresh_from_db()
    assert voucher.used == 1
    assert Order.objects.get().total.gross.amount == Decimal("44.90")
    assert allocated() == 1
    assert Transaction.objects.count() == 1


def test_a_gift_card_in_many_carts_is_spent_once(world: World) -> None:
    # given thirty yuan in eight carts of 49.90
    card = GiftCard.objects.create(
        code="CARD", initial_balance_amount=30, current_balance_amount=30, currency="CNY"
    )
    first = fill_checkout(world)
    promote(first, card.code)
    total_of(first)
    choose_payment(first, DUMMY, "token")

    # when
    outcomes = rush(carts(first, 8))

    # then
    assert outcomes == Counter({"order": 1, "CHECKOUT_NOT_FULLY_PAID": 7})
    card.refresh_from_db()
    assert card.current_balance_amount == Decimal("0.00")
    assert Order.objects.get().total.gross.amount == Decimal("19.90")
    assert Payment.objects.filter(captured_amount__gt=0).count() == 1


def test_two_gift_cards_in_opposite_order_do_not_block_each_other(world: World) -> None:
    # given
    cards = [
        GiftCard.objects.create(code=code, initial_balance_amount=1, current_balance_amount=1, currency="CNY")
        for code in ("ONE", "TWO")
    ]
    both = []
    for order in (cards, cards[::-1]):
        cart = fill_checkout(world)
        for card in order:
            promote(cart, card.code)
        total_of(cart)
        choose_payment(cart, DUMMY, "token")
        both.append(cart)

    # when
    outcomes = rush(both)

    # then
    assert outcomes == Counter({"order": 1, "CHECKOUT_NOT_FULLY_PAID": 1})
    assert [card.current_balance_amount for card in GiftCard.objects.all()] == [Decimal("0.00")] * 2


def test_two_orders_sent_by_two_clerks_in_opposite_order(world: World) -> None:
    # given
    from tests.buying.clerk import FULFILL
    from tests.stock.world import gid

    other = second_variant(world, 100)
    Stock.objects.filter(product_variant=world.variant).update(quantity=100)
    for cart in (*many_carts(world, 4, {world.variant: 1, other: 1}),):
        complete(cart)
    inputs: list[dict[str, Any]] = []
    for number, order in enumerate(Order.objects.order_by("pk")):
        lines = list(order.lines.order_by("pk"))
        for_all = [
            {
                "orderLineId": gid("OrderLine", line),
                "stocks": [{"quantity": 1, "warehouse": gid("Warehouse", world.warehouse)}],
            }
            for line in (lines if number % 2 else reversed(lines))
        ]
        inputs.append({"order": gid("Order", order), "input": {"lines": for_all, "notifyCustomer": False}})

    # when
    answers = together(*[partial(ask, FULFILL, variables, world.admin) for variables in inputs])

    # then
    assert [answer["orderFulfill"]["orderErrors"] for answer in answers] == [[]] * 4
    assert sorted(Stock.objects.values_list("quantity", flat=True)) == [96, 96]
