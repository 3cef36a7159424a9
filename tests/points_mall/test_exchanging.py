"""Goods for points: an ordinary order, points burnt with it, given back with what comes back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import partial
from threading import get_ident
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from saleor.order.models import Order
from saleor.product.models import ProductVariant
from saleor.warehouse.models import Allocation, Stock

from plugins.after_sale.choices import State as AfterSaleState
from plugins.after_sale.models import AfterSale
from plugins.after_sale.services.deciding import agree
from plugins.after_sale.services.returning import inspect, ship_back
from plugins.loyalty.kinds import Book
from plugins.loyalty.models import DeductRule, Entry, MemberLevel, MemberPrice
from plugins.members.interfaces import MemberStatus
from plugins.points_mall import source
from plugins.points_mall.choices import Period
from plugins.points_mall.models import Exchange, MallOffer
from plugins.points_mall.selectors import exchanged
from plugins.points_mall.services.exchanging import follow
from saleor_o2o.cashier.models import PaymentIntent
from saleor_o2o.kernel.clock import now
from saleor_o2o.ordering.interfaces import CancelReason, profile_of
from saleor_o2o.ordering.models import OrderDeduction, Seller, SellerProduct
from saleor_o2o.ordering.services.cancelling import cancel_unpaid
from tests.loyalty.conftest import purse_of, sound, steps
from tests.members.asking import somebody
from tests.threads import meeting, together

from .conftest import Mall, load_points

D = Decimal


def test_points_alone_make_an_order_that_is_paid_at_once(mall: Mall) -> None:
    # given
    mall.no_freight()
    offer = mall.offer()

    # when
    quote = mall.quote(mall.basket(offer, pieces=2))
    order = mall.exchange(offer, pieces=2)

    # then: nothing to pay, no payment, to be sent
    assert (quote["total"]["gross"]["amount"], quote["deductions"][0]["title"]) == (0.0, "600 积分兑换")
    assert order.total_gross_amount == 0 and order.discount_amount == D("79.80")
    assert not order.payments.exists() and not PaymentIntent.objects.exists()
    assert profile_of(order.pk).state == "pending_shipment"
    assert purse_of(mall.member) == (400, 0)
    row = Exchange.objects.get()
    assert (row.quantity, row.points, row.yuan, row.price, row.back) == (2, 300, 0, D("39.90"), 0)
    assert MallOffer.objects.get().taken == 2
    owed = Entry.objects.get(book=Book.SETTLEMENT).lines.get(unit=mall.shop.org["B121"])
    assert owed.amount == D("-3.00")
    sound()


def test_points_and_yuan_and_freight_are_paid_and_come_back_when_nobody_pays(mall: Mall) -> None:
    # given
    offer = mall.offer(yuan=D("9.90"), quota=5)

    # when
    order = mall.exchange(offer)

    # then: 9.90 and freight 10.00
    assert order.total_gross_amount == D("19.90")
    assert OrderDeduction.objects.get().amount == D("30.00")
    assert purse_of(mall.member) == (700, 0) and MallOffer.objects.get().taken == 1

    # when
    cancel_unpaid(order.pk, CancelReason.BUYER, mall.shop.shopper)
    cancel_unpaid(order.pk, CancelReason.BUYER, mall.shop.shopper)
    follow(order.pk)

    # then
    assert purse_of(mall.member) == (1000, 0)
    assert (MallOffer.objects.get().taken, Exchange.objects.get().back) == (0, 1)
    assert (
        sum(line.amount for one in Entry.objects.filter(book=Book.SETTLEMENT) for line in one.lines.all())
        == 0
    )
    sound()


def test_what_points_paid_as_a_whole_is_taken_back_before_it_leaves(mall: Mall) -> None:
    # given
    mall.no_freight()
    order = mall.exchange(mall.offer(), pieces=3)

    # when: one of three, then the rest
    clerk = mall.shop.people["clerk"]
    one = mall.shop.ask(order, lines={mall.shop.line(order).pk: (1, None)})
    assert one.amount == 0
    agree(clerk, one.pk)
    after_one = purse_of(mall.member), Exchange.objects.get().back
    rest = mall.shop.ask(order, key="2")
    agree(clerk, rest.pk)

    # then: its points each time, the stock free, the order closed
    assert after_one == ((400, 0), 1)
    assert purse_of(mall.member) == (1000, 0) and MallOffer.objects.get().taken == 0
    assert (
        AfterSale.objects.get(pk=rest.pk).state == AfterSaleState.DONE
        and profile_of(order.pk).state == "closed"
    )
    assert sum(Allocation.objects.values_list("quantity_allocated", flat=True)) == 0
    sound()


def test_what_was_sent_is_returned_for_its_points(mall: Mall) -> None:
    # given
    mall.no_freight()
    order = mall.exchange(mall.offer(), pieces=2)
    mall.shop.send(order)
    clerk = mall.shop.people["clerk"]

    # when
    row = mall.shop.ask(order, kind="return", reason="quality", lines={mall.shop.line(order).pk: (1, None)})
    agree(clerk, row.pk, return_to="解放碑支局")
    ship_back(mall.shop.shopper, row.number, "中国邮政", "1234567890123")
    before = purse_of(mall.member)
    inspect(clerk, row.pk, {})

    # then
    assert before == (400, 0) and purse_of(mall.member) == (700, 0)
    assert Exchange.objects.get().back == 1
    sound()


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"opens_at": now() + timedelta(days=1)}, "NOT_OPEN"),
        ({"opens_at": now() - timedelta(days=2), "closes_at": now() - timedelta(days=1)}, "OVER"),
        ({"quota": 0}, "SOLD_OUT"),
        ({"points": 1001}, "POINTS_SHORT"),
        ({"yuan": D("39.90")}, "NOT_COMBINABLE"),
        ({"own_members": True, "unit": "B121"}, "NOT_FOR_YOU"),
    ],
)
def test_what_is_not_exchanged(mall: Mall, terms: dict[str, Any], code: str) -> None:
    # given
    told = {**terms}
    unit = told.pop("unit", "CQ")
    offer = mall.offer(owner=mall.shop.org[unit], **told)

    # when
    answer = mall.place(mall.basket(offer))

    # then: said, and nothing has changed
    assert [(one["code"], one["field"]) for one in answer["errors"]] == [(code, "deductions")]
    assert answer["errors"][0]["message"] and Order.objects.count() == 0
    assert purse_of(mall.member) == (1000, 0) and MallOffer.objects.get().taken == 0


def test_levels_and_limits(mall: Mall) -> None:
    # given: silver and above; one a month
    mall.no_freight()
    _basic, silver, _gold = steps()
    offer = mall.offer(level=silver, per_member=1, period=Period.MONTH)

    # when
    low = mall.place(mall.basket(offer))
    MemberLevel.objects.create(member=mall.member, level=silver, since=now(), until=None)
    order = mall.exchange(offer)
    again = mall.place(mall.basket(offer))

    # then
    assert low["errors"][0]["code"] == "LEVEL_TOO_LOW"
    assert again["errors"][0]["code"] == "LIMIT_REACHED"
    assert "每月每人限兑 1 件，您已兑 1 件" in again["errors"][0]["message"]

    # when: last month's does not count, nor does what came back
    Exchange.objects.update(at=now() - timedelta(days=40))
    second = mall.exchange(offer)
    row = mall.shop.ask(second)
    agree(mall.shop.people["clerk"], row.pk)
    assert mall.place(mall.basket(offer))["errors"] == []
    assert order.pk != second.pk


@pytest.mark.parametrize("who", ["guest", "frozen", "unknown"])
def test_who_does_not_exchange(mall: Mall, who: str) -> None:
    # given
    offer = mall.offer()
    basket = mall.basket(offer)
    user = mall.shop.shopper
    if who == "guest":
        user, basket = None, {**basket, "email": "li@example.com"}
    elif who == "frozen":
        type(mall.member).objects.filter(pk=mall.member.pk).update(status=MemberStatus.FROZEN)
    else:
        basket["deductions"][0]["values"] = ["DH999"]

    # when
    answer = mall.place(basket, user)

    # then
    expected = {"guest": "LOGIN_NEEDED", "frozen": "MEMBER_NOT_ACTIVE", "unknown": "NOT_OFFERED"}
    assert answer["errors"][0]["code"] == expected[who]
    assert Order.objects.count() == 0 and purse_of(mall.member) == (1000, 0)


def test_nothing_else_lowers_what_points_pay(mall: Mall) -> None:
    # given: a member price for both goods, points for a discount, and a pomelo bought beside it
    basic, *_others = steps()
    for variant, price in ((mall.orange, "20.00"), (mall.shop.pomelo, "20.00")):
        MemberPrice.objects.create(variant=variant, level=basic, price=D(price))
    DeductRule.objects.create(percent=50, per_hundred=1)
    offer = mall.offer(yuan=D("30.00"))
    basket = mall.basket(offer)
    basket["lines"] += mall.basket(mall.offer(mall.shop.pomelo))["lines"]
    basket["deductions"].append({"source": "points", "values": ["500"]})

    # when
    quote = mall.quote(basket)

    # then: the orange 30.00, the pomelo 20.00 less 5.00
    assert [(one["source"], one["amount"]) for one in quote["deductions"]] == [
        ("exchange", 9.9), ("member_price", 5.0), ("points", 5.0),
    ]  # fmt: skip
    assert quote["total"]["gross"]["amount"] == 55.0

    # when: more points than there are for both
    basket["deductions"][1]["values"] = ["800"]

    # then
    assert mall.place(basket)["errors"][0]["code"] == "POINTS_SHORT"
    assert purse_of(mall.member) == (1000, 0)


def test_a_merchants_goods_are_not_for_points(mall: Mall) -> None:
    # given: offered while they were our own
    offer = mall.offer()
    SellerProduct.objects.create(
        product=mall.orange.product, seller=Seller.objects.create(name="茶庄", code="S1")
    )

    # when, then
    assert mall.place(mall.basket(offer))["errors"][0]["code"] == "NOT_OFFERED"


def crowd(mall: Mall, count: int) -> list[Any]:
    """Members with points of their own."""
    found = [somebody(f"1390000{n:04d}") for n in range(count)]
    for member in found:
        load_points(member, 1000, mall.shop.org["B121"], f"gift{member.pk}")
    return found


def test_eight_want_the_last_three(mall: Mall) -> None:
    # given
    mall.no_freight()
    ProductVariant.objects.update(track_inventory=False)  # nothing but the offer's row holds them apart
    offer = mall.offer(quota=3)
    members = crowd(mall, 8)

    # when
    results = together(*(partial(mall.place, mall.basket(offer), one.user) for one in members))

    # then
    codes = sorted(one["errors"][0]["code"] if one["errors"] else "" for one in results)
    assert codes == [""] * 3 + ["SOLD_OUT"] * 5
    assert MallOffer.objects.get().taken == 3 and Exchange.objects.count() == Order.objects.count() == 3
    assert sorted(purse_of(one)[0] for one in members) == [700] * 3 + [1000] * 5
    sound()


def test_without_the_lock_the_limit_is_passed(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: the negative control; both have looked before either writes, and no stock holds them apart
    mall.no_freight()
    ProductVariant.objects.update(track_inventory=False)
    offer = mall.offer(per_member=1, points=100)
    meet = meeting(2)

    def unlocked(codes: Any) -> list[MallOffer]:
        rows = MallOffer.objects.filter(code__in=list(codes))
        return list(rows.select_related("variant__product", "owner", "level"))

    def counted(*told: Any) -> Any:
        found = exchanged(*told)
        if locked.pop(get_ident(), None):  # the last look, after what would have been the lock
            meet()
        return found

    locked: dict[int, bool] = {}
    monkeypatch.setattr(
        source, "lock_offers", lambda codes: locked.update({get_ident(): True}) or unlocked(codes)
    )
    monkeypatch.setattr(source, "exchanged", counted)

    # when
    results = together(*(partial(mall.place, mall.basket(offer)) for _ in range(2)))

    # then: both have one
    assert [one["errors"] for one in results] == [[], []]
    assert Exchange.objects.count() == 2 and purse_of(mall.member) == (800, 0)


def test_one_member_on_two_phones_keeps_to_the_limit(mall: Mall) -> None:
    # given
    mall.no_freight()
    ProductVariant.objects.update(track_inventory=False)
    offer = mall.offer(per_member=1, points=100)

    # when
    results = together(*(partial(mall.place, mall.basket(offer)) for _ in range(4)))

    # then
    codes = sorted(one["errors"][0]["code"] if one["errors"] else "" for one in results)
    assert codes == ["", *["LIMIT_REACHED"] * 3] and purse_of(mall.member) == (900, 0)


LIST = """{ pointsMall { code title points yuan price left mine short perMember period refusal
  variant { id product { name } } } }"""


def test_the_list_says_what_stands_in_the_way_and_costs_the_same(mall: Mall) -> None:
    # given
    from tests.buying.shopper import ask

    mall.offer(points=1200)
    mall.offer(mall.shop.pomelo, points=100, quota=4)
    mall.offer(closes_at=now() + timedelta(days=1), opens_at=now() + timedelta(hours=1))
    ask(LIST, {}, mall.shop.shopper)

    # when
    with CaptureQueriesContext(
        connection,
    ) as few:
        shown = ask(LIST, {}, mall.shop.shopper)["pointsMall"]
    for _ in range(5):
        mall.offer(mall.shop.pomelo, points=100)
    with CaptureQueriesContext(connection) as many:
        ask(LIST, {}, mall.shop.shopper)

    # then
    assert [(one["points"], one["left"], one["short"], one["refusal"]) for one in shown] == [
        (100, 4, 0, None), (1200, 10, 200, None),
    ]  # fmt: skip
    assert len(many) == len(few)

    # when: nobody in particular
    Stock.objects.update(quantity=0)
    stranger = ask(LIST, {})["pointsMall"]

    # then
    assert stranger[0]["short"] == 0 and "已兑完" in stranger[0]["refusal"]


def test_a_member_sees_the_own_exchanges_alone(mall: Mall) -> None:
    # given
    from tests.buying.shopper import ask

    mall.no_freight()
    order = mall.exchange(mall.offer())
    query = "{ myPointsExchanges { title quantity points yuan back orderNumber orderState } }"

    # when
    own = ask(query, {}, mall.shop.shopper)["myPointsExchanges"]

    # then
    assert [(one["quantity"], one["points"], one["orderNumber"]) for one in own] == [
        (1, 300, profile_of(order.pk).number)
    ]
    assert ask(query, {}, somebody("13900009999").user)["myPointsExchanges"] == []
    assert (
        ask(query, {})["myPointsExchanges"]
        == []
        == ask(query, {}, mall.shop.people["clerk"])["myPointsExchanges"]
    )
