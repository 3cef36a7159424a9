"""Points at the checkout: as far as the rules go, under the purse's lock, back with what goes back."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st
from saleor.checkout.models import Checkout
from saleor.order.models import Order

from plugins.loyalty.deductions import worth
from plugins.loyalty.kinds import Book
from plugins.loyalty.models import DeductRule, Entry, Line, SettlementRate
from plugins.members.interfaces import ensure_member
from plugins.members.models import Member
from saleor_o2o.cashier.interfaces import refund_order
from saleor_o2o.kernel.clock import now
from saleor_o2o.ordering.interfaces import CancelReason
from saleor_o2o.ordering.models import OrderDeduction
from saleor_o2o.ordering.services.cancelling import cancel_unpaid
from tests.after_sale.conftest import Shop
from tests.buying.shopper import ask, choose_payment, complete, fill_checkout, start
from tests.orgs import again
from tests.threads import together

from .conftest import LONG_AGO, purse_of, sound, why

D = Decimal
CHOOSE = """mutation($token: UUID!, $values: [String!]!) {
  checkoutDeductionsChoose(token: $token, choice: {source: "points", values: $values}) {
    deductions { total deductions { title amount lines { amount } } refusals { code message } }
    errors { code field message } } }"""


@pytest.fixture
def member(shop: Shop) -> Member:
    """A thousand points; a hundred are a yuan, for half of the goods at most."""
    since = now() - LONG_AGO
    DeductRule.objects.create(percent=50, per_hundred=1, valid_from=since)
    SettlementRate.objects.create(per_hundred=D("0.50"), valid_from=since)
    found = ensure_member(shop.shopper)
    from plugins.loyalty.services.ledger import grant, lock_purses

    with transaction.atomic():
        grant(lock_purses(found.pk)[found.pk][Book.POINTS], D(1000), why("gift", shop.org["B121"]))
    return found


def cart(shop: Shop, *values: str, quantity: int = 2) -> tuple[dict[str, Any], dict[str, Any]]:
    """Oranges (39.90) and freight 10.00, with a choice."""
    made = fill_checkout(shop.world, {shop.world.variant: quantity}, shop.shopper)
    told = ask(CHOOSE, {"token": made["token"], "values": list(values)}, shop.shopper)
    return made, told["checkoutDeductionsChoose"]


def place(shop: Shop, made: dict[str, Any], total: str) -> Order:
    assert choose_payment({**made, "total": total})["paymentErrors"] == []
    done = complete(made, shop.shopper)
    assert done["checkoutErrors"] == [], done
    return Order.objects.get(token=done["order"]["token"])


def test_points_lower_the_order_and_come_back_when_nobody_pays(shop: Shop, member: Member) -> None:
    # given
    made, told = cart(shop, "600")
    assert (told["errors"], told["deductions"]["total"]) == ([], 6.0)

    # when: 79.80 + 10.00 − 6.00
    order = place(shop, made, "83.80")

    # then
    assert order.total_gross_amount == D("83.80") and purse_of(member) == (400, 0)
    assert OrderDeduction.objects.get().title == "600 积分抵扣"
    entry = Entry.objects.get(kind="deduct")
    assert entry.order_id == order.pk
    owed = Entry.objects.get(book=Book.SETTLEMENT).lines.get(unit=shop.org["B121"])
    assert owed.amount == D("-3.00")

    # when
    cancel_unpaid(order.pk, CancelReason.BUYER, shop.shopper)
    cancel_unpaid(order.pk, CancelReason.BUYER, shop.shopper)

    # then
    assert purse_of(member) == (1000, 0)
    assert sum(line.amount for line in Line.objects.filter(unit=shop.org["B121"], side="unit")) == 0
    sound()


def test_never_more_than_the_rules_allow(shop: Shop, member: Member) -> None:
    # given: one orange, half of 39.90 is 19.95: 1995 points would be needed
    DeductRule.objects.create(percent=20, per_hundred=1)
    _made, told = cart(shop, "1000", quantity=1)

    # then: 20 % of 39.90 are 7.98
    assert told["deductions"]["total"] == 7.98
    assert told["deductions"]["deductions"][0]["title"] == "798 积分抵扣"


def test_goods_of_a_category_that_takes_none(shop: Shop, member: Member) -> None:
    # given
    DeductRule.objects.create(category=shop.world.category, percent=0)

    # when
    _made, told = cart(shop, "100")

    # then
    assert told["deductions"]["total"] == 0
    assert [one["code"] for one in told["deductions"]["refusals"]] == ["NOT_OFFERED"]


@pytest.mark.parametrize(
    ("values", "code"),
    [(["1001"], "POINTS_SHORT"), (["x"], "INVALID"), (["0"], "INVALID"), (["1", "2"], "INVALID")],
)
def test_what_does_not_count(shop: Shop, member: Member, values: list[str], code: str) -> None:
    # when
    made, told = cart(shop, *values)

    # then: the order is refused, the basket stays
    assert [one["code"] for one in told["deductions"]["refusals"]] == [code]
    assert choose_payment({**made, "total": made["total"]})["paymentErrors"] == []
    assert complete(made, shop.shopper)["checkoutErrors"][0]["field"] == "deductions"
    assert Order.objects.count() == 0 and Checkout.objects.count() == 1 and purse_of(member) == (1000, 0)


def test_two_phones_want_the_same_points(shop: Shop, member: Member) -> None:
    # given: two carts, 700 points each
    carts = [fill_checkout(shop.world, {one: 1}) for one in (shop.world.variant, shop.pomelo)]
    Checkout.objects.update(user=shop.shopper)
    totals = []
    for made in carts:
        told = ask(CHOOSE, {"token": made["token"], "values": ["700"]}, shop.shopper)[
            "checkoutDeductionsChoose"
        ]
        totals.append(D(str(made["total"])) - D(str(told["deductions"]["total"])))
        assert choose_payment({**made, "total": str(totals[-1])})["paymentErrors"] == []

    # when
    answers = together(*[partial(complete, made, shop.shopper) for made in carts])

    # then: one has them, the other is told and keeps its basket
    lost = [one for one in answers if one["order"] is None]
    assert len(lost) == 1 and "积分不足" in lost[0]["checkoutErrors"][0]["message"], answers
    assert Order.objects.count() == 1 and purse_of(member) == (300, 0)
    sound()


def test_a_refund_gives_its_share_of_the_points_back(shop: Shop, member: Member) -> None:
    # given: 73.80 of goods paid after 6.00 in points, and freight
    made, _told = cart(shop, "600")
    order = place(shop, made, "83.80")
    known = set(shop.provider.trades)
    assert start(order)["errors"] == []
    [number] = set(shop.provider.trades) - known
    from saleor_o2o.cashier.ports import TradeState
    from saleor_o2o.cashier.services.confirming import confirm_paid

    shop.provider.trades[number].state = TradeState.PAID
    confirm_paid(shop.provider.fact(number))

    # when: half of the goods' money, then everything
    area = again(shop.people["area"])
    refund_order(order.pk, D("36.90"), reason="退一半", key="d1", user=area)
    half = purse_of(member)
    refund_order(order.pk, D("46.90"), reason="退其余", key="d2", user=area)

    # then
    assert half == (700, 0) and purse_of(member) == (1000, 0)
    sound()


@given(points=st.integers(1, 10**6), cap=st.integers(0, 10**6), fen=st.integers(1, 500))
def test_no_point_for_nothing_and_no_fen_too_many(points: int, cap: int, fen: int) -> None:
    # given: yuan for a hundred points
    per_hundred = D(fen) / 100

    # when
    used, off = worth(points, cap, per_hundred)

    # then
    assert 0 <= used <= points and 0 <= off <= cap
    assert off <= used * per_hundred
    assert used == 0 or off > (used - 1) * per_hundred
    assert (used == 0) == (off == 0)
