"""Member prices: the lowest of what a member is offered, on shelves, in the cart and on the order; who pays for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from saleor.checkout.models import Checkout
from saleor.discount import DiscountValueType
from saleor.discount.models import Sale
from saleor.order.models import Order
from saleor.product.models import Category, Product, ProductVariant

from plugins.loyalty import pricing
from plugins.loyalty.models import Level, MemberLevel, MemberPrice, MemberPriceEntry, MemberPriceRule
from plugins.loyalty.pricing import Offer, PricedGoods, best_of, goods_of, member_of, register_offers
from plugins.loyalty.services.bearing import follow
from plugins.members.interfaces import ensure_member
from plugins.members.models import Member
from saleor_o2o.cashier.interfaces import refund_order
from saleor_o2o.kernel.clock import now
from saleor_o2o.ordering.models import OrderDeduction, Seller, SellerProduct
from tests.after_sale.conftest import Shop
from tests.buying.shopper import ask, fill_checkout
from tests.orgs import again, person
from tests.stock.world import gid

from .conftest import LONG_AGO, steps

D = Decimal
TOLD = """query($token: UUID!) {
  checkout(token: $token) { totalPrice { gross { amount } } discount { amount } }
  checkoutDeductions(token: $token) { total deductions { source sourceLabel title amount lines { amount } } } }"""
SHELF = """{ products(first: 20) { edges { node { memberPrice { amount title }
  variants { sku memberPrice { amount } } } } } }"""
ONE = "query($id: ID!) { memberPrice(variantId: $id) { amount title } }"


@pytest.fixture
def gold(shop: Shop) -> Member:
    """The shopper is on the highest step; silver pays 95 %, gold 90 % of everything of our own."""
    since, ladder = now() - LONG_AGO, steps()
    for level, percent in zip(ladder[1:], (95, 90), strict=True):
        MemberPriceRule.objects.create(level=level, percent=percent, valid_from=since)
    found = ensure_member(shop.shopper)
    MemberLevel.objects.create(member=found, level=ladder[2])
    return found


@pytest.fixture
def others() -> Iterator[None]:
    """Sources of offers that a test adds are gone after it."""
    known = dict(pricing._sources)
    yield
    pricing._sources.clear()
    pricing._sources.update(known)


def looked_at(shop: Shop, lines: dict[ProductVariant, int], user: Any = ...) -> dict[str, Any]:
    who = shop.shopper if user is ... else user
    made = fill_checkout(shop.world, lines, who)
    told = ask(TOLD, {"token": made["token"]}, who)
    Checkout.objects.all().delete()  # stock gives a member the open cart again
    return told


def test_a_member_pays_less_and_all_figures_agree(shop: Shop, gold: Member) -> None:
    # given: three oranges (39.90), for gold 35.91 each; a pomelo (25.00) with a price of its own
    MemberPrice.objects.create(
        variant=shop.pomelo,
        level=Level.objects.get(code="silver"),
        price=D("20.00"),
        platform_share=50,
        unit_share=50,
    )

    # when: nothing is chosen
    told = looked_at(shop, {shop.world.variant: 3, shop.pomelo: 1})

    # then: 119.70 + 25.00 + 10.00 − 11.97 − 5.00
    assert told["checkout"]["totalPrice"]["gross"]["amount"] == 137.73
    assert told["checkoutDeductions"]["total"] == 16.97
    found = [
        (one["sourceLabel"], one["title"], one["amount"]) for one in told["checkoutDeductions"]["deductions"]
    ]
    assert found == [("会员价", "金卡会员价", 11.97), ("会员价", "银卡会员专享价", 5.0)]

    # when the order is placed and paid
    order = shop.buy()

    # then the order's figures are the checkout's, by line, and who bears it is kept
    assert (order.total_gross_amount, order.discount_amount) == (D("137.73"), D("16.97"))
    rows = OrderDeduction.objects.filter(order=order).order_by("pk")
    assert [(row.source, row.amount, row.platform_share, row.unit_share) for row in rows] == [
        ("member_price", D("11.97"), 100, 0),
        ("member_price", D("5.00"), 50, 50),
    ]
    entries = MemberPriceEntry.objects.order_by("pk")
    assert [(one.kind, one.by_platform, one.by_unit) for one in entries] == [
        ("used", D("11.97"), D("0.00")),
        ("used", D("2.50"), D("2.50")),
    ]
    assert {one.unit_id for one in entries} == {shop.org["B111"].pk}


def test_a_refund_takes_its_share_back_and_news_twice_changes_nothing(shop: Shop, gold: Member) -> None:
    # given: 35.91 paid for 39.90 of goods and 10.00 freight
    order = shop.buy({shop.world.variant: 1})
    area = again(shop.people["area"])

    # when: a third of the goods' money, then everything
    refund_order(order.pk, D("11.97"), reason="退三分之一", key="m1", user=area)
    follow(order.pk)
    third = sum(MemberPriceEntry.objects.values_list("amount", flat=True))
    refund_order(order.pk, D("33.94"), reason="退其余", key="m2", user=area)
    follow(order.pk)

    # then
    assert third < D("3.99")
    entries = list(MemberPriceEntry.objects.order_by("pk"))
    assert sum(one.amount for one in entries) == sum(one.by_platform for one in entries) == 0
    assert [one.kind for one in entries] == ["used", "back", "back"]
    assert [one.number for one in entries] == [1, 2, 3]


def test_whose_price_it_is(shop: Shop, gold: Member) -> None:
    # when a visitor, a member on the lowest step, and one who is frozen look
    visitor = looked_at(shop, {shop.world.variant: 1}, None)
    MemberLevel.objects.all().delete()
    basic = looked_at(shop, {shop.world.variant: 1})
    MemberLevel.objects.create(member=gold, level=Level.objects.get(code="gold"))
    Member.objects.update(status="frozen")
    frozen = looked_at(shop, {shop.world.variant: 1})

    # then
    for told in (visitor, basic, frozen):
        assert told["checkout"]["totalPrice"]["gross"]["amount"] == 49.9
        assert told["checkoutDeductions"] is None or told["checkoutDeductions"]["total"] == 0


def test_a_cheaper_sale_stands_and_nothing_is_lowered_twice(shop: Shop, gold: Member) -> None:
    # given: oranges for 30.00 (a sale), pomelo 24.00 (a sale): gold's own are 35.91 and 22.50
    orange = Sale.objects.create(name="橙", type=DiscountValueType.FIXED, value=D("9.90"))
    orange.products.add(shop.world.product)
    pomelo = Sale.objects.create(name="柚", type=DiscountValueType.FIXED, value=D("1.00"))
    pomelo.products.add(shop.pomelo.product)

    # when
    told = looked_at(shop, {shop.world.variant: 1, shop.pomelo: 2})

    # then: 29.99… as stock's sale has it, and 2 × (24.00 − 22.50) more
    assert told["checkoutDeductions"]["total"] == 3.0
    shelf = ask(SHELF, {}, shop.shopper)["products"]["edges"]
    assert [one["node"]["memberPrice"] and one["node"]["memberPrice"]["amount"] for one in shelf] == [
        None,
        22.5,
    ]


def test_goods_of_a_merchant_and_a_category_without_member_prices(shop: Shop, gold: Member) -> None:
    # given: the pomelo is a merchant's, oranges are of a category that is never lowered
    seller = Seller.objects.create(code="FARM", name="果园")
    SellerProduct.objects.create(product=shop.pomelo.product, seller=seller)
    MemberPriceRule.objects.create(
        level=Level.objects.get(code="basic"), category=shop.world.category, percent=100
    )
    assert shop.pomelo.product.category_id == shop.world.category.pk

    # then
    assert looked_at(shop, {shop.world.variant: 1})["checkoutDeductions"]["total"] == 0

    # when there is a rule for merchants' goods of the category, too; he bears all
    MemberPriceRule.objects.create(
        level=Level.objects.get(code="silver"), category=shop.world.category, percent=80, own_goods=False,
        platform_share=0, merchant_share=100,
    )  # fmt: skip
    order = shop.buy({shop.world.variant: 1, shop.pomelo: 1})

    # then: a merchant bears his goods', for our own the platform does
    parts = MemberPriceEntry.objects.filter(order=order).order_by("pk")
    assert [(one.seller_id, one.by_platform, one.by_merchant) for one in parts] == [
        (None, D("7.98"), D("0.00")),
        (seller.pk, D("0.00"), D("5.00")),
    ]


def test_dates_and_another_plugins_offer(shop: Shop, gold: Member, others: None) -> None:
    # given: a rule that begins tomorrow, one that is over; a card that gives oranges for 30.00
    level = Level.objects.get(code="gold")
    MemberPriceRule.objects.create(level=level, percent=10, valid_from=now() + timedelta(days=1))
    MemberPriceRule.objects.create(
        level=level, percent=20, valid_from=now() - timedelta(days=9), valid_to=now() - timedelta(days=1)
    )
    seen: list[int] = []

    def card(member: Member, goods: Any) -> dict[int, list[Offer]]:
        seen.append(len(goods))
        return {shop.world.variant.pk: [Offer("card:1", "年卡价", price=D("30.00"), bearers=(0, 100, 0))]}

    register_offers("cards", card)

    # when
    told = looked_at(shop, {shop.world.variant: 2, shop.pomelo: 1})

    # then: the lowest for each, never both
    found = [(one["title"], one["amount"]) for one in told["checkoutDeductions"]["deductions"]]
    assert found == [("年卡价", 19.8), ("金卡会员价", 2.5)]
    assert set(seen) == {2}
    with pytest.raises(ValueError, match="cards"):
        register_offers("cards", card)


def test_a_newer_rule_replaces_an_older_one(shop: Shop, gold: Member) -> None:
    # given
    level = Level.objects.get(code="gold")
    MemberPriceRule.objects.create(level=level, percent=97, valid_from=now() - timedelta(days=1))

    # then: gold's own is 97 now; silver's 95 is lower and is a gold member's as well
    assert ask(ONE, {"id": gid("ProductVariant", shop.pomelo)}, shop.shopper)["memberPrice"] == {
        "amount": 23.75,
        "title": "银卡会员价",
    }


@pytest.mark.parametrize("given_id", ["", "x", "UHJvZHVjdFZhcmlhbnQ6eA==", "UHJvZHVjdDox", "会员"])
def test_what_is_no_variant_has_no_price(shop: Shop, gold: Member, given_id: str) -> None:
    assert ask(ONE, {"id": given_id}, shop.shopper)["memberPrice"] is None


def shelf(shop: Shop, user: Any) -> tuple[int, Any]:
    with CaptureQueriesContext(connection) as captured:
        told = ask(SHELF, {}, user)
    return len(captured), told["products"]["edges"]


def test_a_shelf_takes_as_many_statements_as_one_product(shop: Shop, gold: Member) -> None:
    # given
    plain = "{ products(first: 20) { edges { node { variants { sku } } } } }"
    ask(SHELF, {}, shop.shopper)
    few, found = shelf(shop, shop.shopper)
    for number in range(10):
        product = Product.objects.create(
            name=f"货 {number}", slug=f"more-{number}", product_type=shop.world.product.product_type,
            category=shop.world.category, price=shop.world.product.price, is_published=True,
            minimal_variant_price=shop.world.product.price,
        )  # fmt: skip
        ProductVariant.objects.create(product=product, sku=f"MORE-{number}", name="大")

    # when
    many, more = shelf(shop, shop.shopper)
    visitors, nothing = shelf(shop, None)
    with CaptureQueriesContext(connection) as without:
        ask(plain, {}, None)

    # then
    assert len(found) < len(more) == len(found) + 10
    assert many == few
    assert all(one["node"]["memberPrice"] for one in more)
    assert visitors == len(without) and not any(one["node"]["memberPrice"] for one in nothing)


def test_who_may_see_what_it_cost(shop: Shop, gold: Member) -> None:
    # given
    order = shop.buy({shop.world.variant: 1})
    entry = MemberPriceEntry.objects.get(order=order)
    chief = person(shop.org["B111"], "chief", ("member_price.view",))
    other = person(shop.org["B121"], "other", ("member_price.view",))

    def page(user: Any, name: str) -> tuple[int, str]:
        client = Client()
        client.force_login(user)
        answer = client.get(f"/admin/o2o_loyalty/memberpriceentry/{name}")
        return answer.status_code, answer.content.decode(errors="replace")

    # then
    assert "3.99" in page(chief, "report/")[1] and "3.99" in page(chief, "")[1]
    assert "3.99" not in page(other, "report/")[1] and page(other, f"{entry.pk}/change/")[0] in (302, 404)
    assert page(chief, "report/?format=xlsx")[0] == 403
    assert page(person(shop.org["B111"], "none"), "report/")[0] == 403


@given(
    listed=st.integers(1, 10**6),
    percents=st.lists(st.integers(1, 100), max_size=4),
    prices=st.lists(st.integers(1, 10**6), max_size=4),
)
def test_the_lowest_wins_and_never_more_than_the_price(
    listed: int, percents: list[int], prices: list[int]
) -> None:
    # given
    whole = D(listed) / 100
    offers = [Offer(f"p{at}", "p", percent=one) for at, one in enumerate(percents)]
    offers += [Offer(f"f{at}", "f", price=D(one) / 100) for at, one in enumerate(prices)]
    known = dict(pricing._sources)
    pricing._sources.clear()
    pricing._sources["test"] = lambda member, goods: {1: offers}

    # when
    try:
        best = best_of(Member(), [PricedGoods(1, 1, whole)])
    finally:
        pricing._sources.update(known)
        pricing._sources.pop("test")

    # then
    lowest = min([whole, *(one.comes_to(whole) for one in offers)])
    assert (best[1].price if best else whole) == lowest <= whole


def test_goods_that_are_money_are_left_out(shop: Shop, gold: Member) -> None:
    # given
    kind = shop.world.product.product_type
    kind.slug = "member-recharge"
    kind.save()

    # then
    assert goods_of([shop.world.variant.pk]) == []
    assert member_of(None) is None and member_of(shop.shopper.pk) == gold
    assert Category.objects.exists() and Order.objects.count() == 0
