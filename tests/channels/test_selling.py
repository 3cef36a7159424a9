"""Buying in a shop: the owner's price everywhere the same, and whose order it is."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from saleor.account.models import User
from saleor.order.models import Order
from saleor.payment.models import Payment

from plugins.channels.analytics import figures
from plugins.channels.models import Channel, CustomerBinding, PoolGoods, Shop
from plugins.channels.services.moves import change_state
from plugins.channels.types import ChannelStatus, ChannelType
from plugins.org_hierarchy.models import OrderAttribution, OrgUnit
from saleor_o2o.kernel.clock import today
from tests.buying.shopper import choose_payment, complete, fill_checkout
from tests.orgs import person
from tests.stock.world import World, gid

from . import shops
from .conftest import LIAISON

ATTRIBUTE = """mutation($id: ID!, $code: String!) { checkoutAttribute(checkoutId: $id, shopCode: $code) {
  checkout { totalPrice { gross { amount } } lines { totalPrice { gross { amount } } } } shop { code name }
  errors { field code message } } }"""
DRAFT = """mutation($input: DraftOrderCreateInput!) { draftOrderCreate(input: $input) {
  order { id number total { gross { amount } } } orderErrors { field code message } } }"""
SHOP = """query($code: String!) { shopByCode(code: $code) { code name branch url
  offers { variantId productName price listPrice } } }"""
DUMMY = "mirumee.payments.dummy"


@pytest.fixture
def shop(org: dict[str, OrgUnit], world: World) -> Shop:
    return shops.shop(org["B111"], shops.pool(world.variant), "41.50")


def attribute(cart: dict[str, Any], code: str) -> Any:
    return shops.ask(ATTRIBUTE, {"id": cart["id"], "code": code})["checkoutAttribute"]


def buy(cart: dict[str, Any], user: User | None = None) -> Order:
    assert choose_payment(cart, DUMMY, "token")["paymentErrors"] == []
    done = complete(cart, user)
    assert done["checkoutErrors"] == []
    return Order.objects.get(token=done["order"]["token"])


def test_checkout_payment_and_order_agree_on_the_owners_price(shop: Shop, world: World) -> None:
    # given: two packs, 39.90 each on the platform, 10 for freight
    cart = fill_checkout(world, 2)
    assert cart["total"] == 89.8

    # when
    noted = attribute(cart, shop.channel.code)
    cart["total"] = noted["checkout"]["totalPrice"]["gross"]["amount"]
    order = buy(cart)

    # then
    assert noted["errors"] == [] and noted["shop"]["code"] == shop.channel.code
    assert cart["total"] == 93.0
    assert noted["checkout"]["lines"][0]["totalPrice"]["gross"]["amount"] == 83.0
    assert order.total.gross.amount == Decimal("93.00")
    line = order.lines.get()
    assert (line.unit_price_gross_amount, line.quantity) == (Decimal("41.50"), 2)
    assert Payment.objects.get().total == Decimal("93.00")
    attributed = OrderAttribution.objects.get()
    assert (attributed.channel_code, attributed.channel_type) == (shop.channel.code, ChannelType.MICRO_SHOP)
    assert (attributed.unit, attributed.org_path) == (shop.channel.unit, shop.channel.unit.path)
    assert (attributed.basis, attributed.operator) == ("shop_code", None)


def test_without_a_shop_the_platforms_price_stands(shop: Shop, world: World) -> None:
    # given
    cart = fill_checkout(world, 1)
    attribute(cart, shop.channel.code)

    # when: the note is taken away again
    noted = attribute(cart, "")

    # then
    assert noted["checkout"]["totalPrice"]["gross"]["amount"] == cart["total"] == 49.9
    assert OrderAttribution.objects.filter(order=buy(cart)).get().basis == "city"


def test_a_price_changed_after_choosing_the_payment_is_not_charged(shop: Shop, world: World) -> None:
    # given
    cart = fill_checkout(world, 1)
    cart["total"] = attribute(cart, shop.channel.code)["checkout"]["totalPrice"]["gross"]["amount"]
    choose_payment(cart, DUMMY, "token")

    # when
    shop.offers.update(price=Decimal("44.00"))
    done = complete(cart)

    # then
    assert done["checkoutErrors"][0]["code"] == "CHECKOUT_NOT_FULLY_PAID"
    assert not Order.objects.exists()


def test_a_price_outside_a_band_that_moved_is_moved_into_it(shop: Shop, world: World) -> None:
    # given
    cart = fill_checkout(world, 1)
    PoolGoods.objects.update(ceiling=Decimal("40.00"))

    # when / then
    noted = attribute(cart, shop.channel.code)
    assert noted["checkout"]["totalPrice"]["gross"]["amount"] == 50.0


def test_a_sale_of_the_platform_counts_when_it_is_cheaper(shop: Shop, world: World) -> None:
    # given: a quarter off
    from saleor.discount.models import Sale

    sale = Sale.objects.create(name="周年庆", type="percentage", value=25)
    sale.products.add(world.product)
    cart = fill_checkout(world, 1)

    # when
    noted = attribute(cart, shop.channel.code)

    # then
    assert noted["checkout"]["totalPrice"]["gross"]["amount"] == 39.93
    offer = shops.ask(SHOP, {"code": shop.channel.code})["shopByCode"]["offers"][0]
    assert (offer["price"], offer["listPrice"]) == (29.93, 39.9)


def test_goods_that_the_shop_does_not_offer_cost_what_they_cost(shop: Shop, world: World) -> None:
    # given
    shop.offers.update(is_active=False)
    cart = fill_checkout(world, 1)

    # when / then
    assert attribute(cart, shop.channel.code)["checkout"]["totalPrice"]["gross"]["amount"] == 49.9
    assert shops.ask(SHOP, {"code": shop.channel.code})["shopByCode"]["offers"] == []


BAD = {
    "unknown shop": (lambda cart: cart["id"], "AAAA4444", "SHOP_CLOSED"),
    "rubbish": (lambda cart: cart["id"], "' OR 1", "SHOP_CLOSED"),
    "no checkout": (lambda cart: "", None, "NOT_FOUND"),
    "another kind": (lambda cart: gid("Product", 1), None, "NOT_FOUND"),
    "a checkout that is gone": (
        lambda cart: gid("Checkout", "6f9c1d0e-0000-4000-8000-000000000000"), None, "NOT_FOUND",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("which", "code", "refusal"), BAD.values(), ids=BAD.keys())
def test_bad_attributions_are_answered(
    shop: Shop, world: World, which: Any, code: str | None, refusal: str
) -> None:
    # given
    cart = fill_checkout(world, 1)

    # when
    answer = shops.ask(ATTRIBUTE, {"id": which(cart), "code": code or shop.channel.code})["checkoutAttribute"]

    # then
    assert [error["code"] for error in answer["errors"]] == [refusal]


def test_a_shop_that_paused_in_between_gets_no_order(shop: Shop, world: World) -> None:
    # given
    cart = fill_checkout(world, 1)
    attribute(cart, shop.channel.code)
    change_state(shop.channel, "pause", reason="装修")

    # when / then
    order = buy(cart)
    assert order.total.gross.amount == Decimal("49.90")
    assert OrderAttribution.objects.get().basis == "city"


def test_a_bound_customer_buys_for_his_shop_and_a_shop_code_comes_first(
    shop: Shop, org: dict[str, OrgUnit], world: World
) -> None:
    # given
    own = shops.shop(org["B121"]).channel
    CustomerBinding.objects.create(customer=world.customer, channel=own, basis="first", actor="system")

    # when
    plain = buy(fill_checkout(world, 1, world.customer), world.customer)
    named = fill_checkout(world, 1, world.customer)
    named["total"] = attribute(named, shop.channel.code)["checkout"]["totalPrice"]["gross"]["amount"]
    other = buy(named, world.customer)

    # then
    found = {one.order_id: (one.channel_code, one.basis) for one in OrderAttribution.objects.all()}
    assert found == {plain.pk: (own.code, "binding"), other.pk: (shop.channel.code, "shop_code")}


def draft(world: World, user: User) -> OrderAttribution:
    variables = {"input": {"user": gid("User", world.customer), "lines": [
        {"variantId": gid("ProductVariant", world.variant), "quantity": 1}]}}  # fmt: skip
    answer = shops.ask(DRAFT, variables, user)["draftOrderCreate"]
    assert answer["orderErrors"] == []
    return OrderAttribution.objects.get(order__pk=int(answer["order"]["number"]))


def test_an_order_made_at_the_counter(shop: Shop, org: dict[str, OrgUnit], world: World) -> None:
    # given: a clerk of an outlet with a counter of its own, who may draft orders
    from django.contrib.auth.models import Permission

    rights = ["order.view", "order.create", "customer.view"]
    clerk = person(org["O1111"], "clerk", rights)
    known = Order.objects.create(user=world.customer, total_net_amount=1, total_gross_amount=1)
    OrderAttribution.objects.create(order=known, unit=org["O1111"], org_path=org["O1111"].path, basis="test")
    clerk.user_permissions.add(Permission.objects.get(codename="manage_orders"))
    counter = shops.channel(org["O1111"], type=ChannelType.OUTLET, owner_id_index="")

    # when
    made = draft(world, clerk)

    # then
    assert (made.unit, made.operator, made.channel_code) == (org["O1111"], clerk, counter.code)

    # when: the customer belongs to a shop that the clerk cannot see, then to one that a branch manager can
    CustomerBinding.objects.create(
        customer=world.customer, channel=shop.channel, basis="first", actor="system"
    )
    far = draft(world, clerk)
    chief = person(org["B111"], "chief", rights)
    chief.user_permissions.add(Permission.objects.get(codename="manage_orders"))
    near = draft(world, chief)

    # then
    assert (far.basis, far.unit) == ("operator", org["O1111"])
    assert (near.basis, near.channel_code, near.operator) == ("binding", shop.channel.code, chief)


def test_the_website_is_the_channel_of_nobodys_orders(org: dict[str, OrgUnit], world: World) -> None:
    # given
    site = shops.channel(org["CQ"], type=ChannelType.WEB, owner_id_index="")

    # when
    buy(fill_checkout(world, 1))

    # then
    made = OrderAttribution.objects.get()
    assert (made.unit, made.channel_code, made.channel_type) == (org["CQ"], site.code, ChannelType.WEB)


def test_figures_of_a_shop(
    shop: Shop, org: dict[str, OrgUnit], world: World, liaison: User, abroad: User
) -> None:
    # given: three orders, one of them cancelled
    from plugins.channels.selectors import count_visit

    for _ in range(4):
        count_visit(shop.channel)
    for _ in range(3):
        cart = fill_checkout(world, 1)
        cart["total"] = attribute(cart, shop.channel.code)["checkout"]["totalPrice"]["gross"]["amount"]
        last = buy(cart)
    Order.objects.filter(pk=last.pk).update(status="canceled")

    # when
    [seen] = figures(liaison, Channel.objects.all(), today(), today())

    # then
    assert (seen.visits, seen.orders, seen.gmv) == (4, 2, Decimal("103.00"))
    assert figures(abroad, Channel.objects.all(), today(), today()) == []


def test_a_checkout_without_a_shop_costs_no_statement_more(
    shop: Shop, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    from plugins.channels.saleor_plugin import ShopPricesPlugin

    def statements() -> int:
        cart = fill_checkout(world, 1)
        choose_payment(cart, DUMMY, "token")
        with CaptureQueriesContext(connection) as captured:
            complete(cart)
        return len(captured)

    statements()
    with_plugin = statements()

    # when
    monkeypatch.delattr(ShopPricesPlugin, "calculate_checkout_line_total")

    # then
    assert with_plugin == statements()


def test_prices_are_the_owners_within_the_band(
    shop: Shop, org: dict[str, OrgUnit], world: World, liaison: User
) -> None:
    # given
    update = """mutation($code: String!, $goods: [ShopGoodsInput!]!) { shopGoodsUpdate(code: $code, goods: $goods) {
      shop { offers { price } } errors { field code } } }"""
    owner = User.objects.create_user("owner@example.com", "pass-word")
    Channel.objects.update(owner_user=owner)
    variant = gid("ProductVariant", world.variant)
    stranger = person(org["B121"], "stranger", LIAISON)

    def change(user: User | None, price: Any, variant: str = variant) -> Any:
        goods = [{"variantId": variant, "price": price}]
        return shops.ask(update, {"code": shop.channel.code, "goods": goods}, user)["shopGoodsUpdate"]

    # when / then
    for user, price, code in (
        (owner, "34.99", "PRICE_OUT_OF_BAND"), (owner, "45.01", "PRICE_OUT_OF_BAND"), (owner, "40.001", "INVALID"),
        (None, "40.00", "NOT_FOUND"), (stranger, "40.00", "NOT_FOUND"), (world.customer, "40.00", "NOT_FOUND"),
    ):  # fmt: skip
        assert [one["code"] for one in change(user, price)["errors"]] == [code]
    assert [one["code"] for one in change(owner, "40", gid("ProductVariant", 10**9))["errors"]] == [
        "NOT_IN_POOL"
    ]
    assert shop.offers.get().price == Decimal("41.50")
    assert change(owner, "35.00")["shop"]["offers"] == [{"price": 35.0}]
    assert change(liaison, "45.00")["shop"]["offers"] == [{"price": 45.0}]
    assert change(owner, None)["shop"]["offers"] == []


def test_a_shop_of_another_state_is_not_shown(shop: Shop) -> None:
    # given
    assert shops.ask(SHOP, {"code": shop.channel.code.lower()})["shopByCode"]["name"] == "解放碑邮政微店"

    # when
    Channel.objects.update(status=ChannelStatus.PAUSED)

    # then
    assert shops.ask(SHOP, {"code": shop.channel.code})["shopByCode"] is None
