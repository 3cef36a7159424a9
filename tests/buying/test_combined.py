"""One cart, several sellers: one payment, a trade each, all or nothing; money back in exact shares."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from saleor.order.models import Order
from saleor.product.models import Product, ProductVariant
from saleor.warehouse.models import Stock

from plugins.wechat_pay.provider import WechatPayProvider
from plugins.wechat_pay.seeds import account_from_sandbox
from saleor_o2o.cashier.charges import ChargeState
from saleor_o2o.cashier.error_codes import CashierErrorCode
from saleor_o2o.cashier.errors import CashierError
from saleor_o2o.cashier.models import PaymentAttempt, Refund, RefundReason, SubTrade
from saleor_o2o.cashier.services.charging import charge_code
from saleor_o2o.cashier.services.confirming import Confirmation, confirm_paid
from saleor_o2o.cashier.services.refunding import drive_due_refunds, write_refunds
from saleor_o2o.kernel.money import refund_shares
from saleor_o2o.ordering.models import Seller, SellerProduct
from tests.stock.world import World

from . import clerk
from .books import again, books, run_all_jobs, time_passes
from .conftest import WechatPay
from .shopper import buy, intent_state, start


def sold_by(world: World, code: str, price: str) -> ProductVariant:
    """Another product, ten in stock, of a seller."""
    product = Product.objects.get(pk=world.product.pk)
    product.pk, product.slug, product.name = None, code, code
    product.save()
    variant = ProductVariant.objects.get(pk=world.variant.pk)
    variant.pk, variant.sku, variant.product = None, code, product
    variant.price_amount = Decimal(price)
    variant.save()
    Stock.objects.create(warehouse=world.warehouse, product_variant=variant, quantity=10)
    seller = Seller.objects.create(code=code, name=code)
    SellerProduct.objects.create(product=product, seller=seller)
    return variant


@pytest.fixture
def cart(
    world: World, wechat: WechatPay, sandbox_directory: Path, sandbox_url: str
) -> dict[ProductVariant, int]:
    """Something of our own and something of two sellers with accounts of their own."""
    folder = sandbox_directory / "wechat_pay/merchants"
    for mchid, code in (("1900009192", "fengjie"), ("1900009193", "jiangjin")):
        account_from_sandbox(
            folder / mchid, sandbox_url, code=code, name=code, seller=code, notify_url=wechat.line.url
        )
    return {
        world.variant: 1,
        sold_by(world, "fengjie", "19.99"): 2,
        sold_by(world, "jiangjin", "7.01"): 1,
    }


@pytest.fixture
def paid(world: World, wechat: WechatPay, cart: dict[ProductVariant, int]) -> Order:
    """Bought and paid with one payment."""
    order = buy(world, cart)
    assert start(order)["errors"] == []
    wechat.pay(order)
    assert wechat.deliver(wechat.hear()) == 204
    return order


def test_one_payment_several_trades(world: World, wechat: WechatPay, paid: Order) -> None:
    attempt = PaymentAttempt.objects.get()
    parts = list(SubTrade.objects.order_by("account"))
    assert (attempt.state, attempt.is_combined, attempt.account) == ("paid", True, "main")
    assert [part.account for part in parts] == ["fengjie", "jiangjin", "main"]
    assert [part.seller for part in parts] == ["fengjie", "jiangjin", ""]
    assert sum(part.amount for part in parts) == attempt.amount == paid.total_gross_amount
    told = wechat.control.order(attempt.number)["sub_orders"]
    assert {one["out_trade_no"]: one["mchid"] for one in told} == {
        part.number: {"fengjie": "1900009192", "jiangjin": "1900009193", "main": "1900009191"}[part.account]
        for part in parts
    }
    assert all(part.provider_ref.startswith("420000") for part in parts)
    assert intent_state(paid)["state"] == "PAID"
    assert books(paid).captured == paid.total_gross_amount


def test_a_lost_notification_is_asked_for(
    world: World, wechat: WechatPay, cart: dict[ProductVariant, int]
) -> None:
    # given
    order = buy(world, cart)
    start(order)
    wechat.control.fault("notify", "drop")
    wechat.pay(order)

    # when
    time_passes()
    run_all_jobs()

    # then
    assert intent_state(order)["state"] == "PAID"


def test_a_part_with_another_amount_is_not_believed(
    world: World, wechat: WechatPay, cart: dict[ProductVariant, int]
) -> None:
    # given
    from plugins.wechat_pay.provider import WechatPayProvider

    order = buy(world, cart)
    start(order)
    wechat.pay(order)
    fact = WechatPayProvider().query(PaymentAttempt.objects.get().ref)
    first, second, *rest = fact.subs
    moved = (
        dataclasses.replace(first, amount_fen=first.amount_fen - 1),
        dataclasses.replace(second, amount_fen=second.amount_fen + 1),
        *rest,
    )

    # when / then
    assert confirm_paid(dataclasses.replace(fact, subs=moved)) is Confirmation.MISMATCH
    assert intent_state(order)["state"] == "PENDING"
    assert confirm_paid(fact) is Confirmation.PAID


def test_another_method_closes_all_trades_first(
    world: World, wechat: WechatPay, cart: dict[ProductVariant, int]
) -> None:
    # given
    order = buy(world, cart)
    start(order)
    first = PaymentAttempt.objects.get()

    # when
    assert start(order, "WECHAT_JSAPI", "oSandboxPersonChenYujiang001")["errors"] == []

    # then
    first = again(first)
    assert first.state == "closed"
    states = {one["trade_state"] for one in wechat.control.order(first.number)["sub_orders"]}
    assert states == {"CLOSED"}


def test_a_payment_code_takes_no_sellers_money_into_anothers_account(
    world: World, wechat: WechatPay, cart: dict[ProductVariant, int]
) -> None:
    # given: WeChat combines no payment codes
    order = buy(world, cart)
    phone = wechat.control.code("oSandboxPersonChenYujiang001")

    # when
    with pytest.raises(CashierError) as refused:
        charge_code(order.payment_intents.get().pk, phone, store="5001-01")

    # then: nothing was tried; the code on the screen still pays everybody
    assert refused.value.code is CashierErrorCode.METHOD_NOT_OFFERED
    assert (PaymentAttempt.objects.count(), wechat.control.orders()) == (0, [])
    assert start(order)["errors"] == []

    # when: another cart, whose seller has no account of its own
    second = buy(world, {world.variant: 1, sold_by(world, "wushan", "3.00"): 1})
    charged = charge_code(second.payment_intents.get().pk, phone, store="5001-01")

    # then
    assert charged.state is ChargeState.PAID
    assert PaymentAttempt.objects.get(method="WECHAT_CODE").account == "main"


def test_more_accounts_than_one_payment_can_pay(
    world: World, wechat: WechatPay, cart: dict[ProductVariant, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: three accounts, where WeChat would take two (it takes fifty)
    assert WechatPayProvider.combine_most == 50
    monkeypatch.setattr(WechatPayProvider, "combine_most", 2)
    order = buy(world, cart)

    # when / then: said in words before anything is sent
    [refusal] = start(order)["errors"]
    assert (refusal["code"], refusal["message"]) == (
        "TOO_MANY_SELLERS",
        "这一单要付给 3 个收款账户，一次最多付给 2 个",
    )
    assert refusal["hint"] == "请取消后按商家分成几张订单，再分别付款"
    assert (PaymentAttempt.objects.count(), wechat.control.orders()) == (0, [])

    # when / then: as many as it takes
    monkeypatch.setattr(WechatPayProvider, "combine_most", 3)
    assert start(order)["errors"] == []


def test_money_goes_back_from_every_trade_in_its_share(world: World, wechat: WechatPay, paid: Order) -> None:
    # when
    assert clerk.refund(world, paid, "10.01") == []
    drive_due_refunds()

    # then
    rows = list(Refund.objects.select_related("sub_trade").order_by("pk"))
    parts = [row.sub_trade.amount for row in rows]
    assert [row.amount for row in rows] == refund_shares(Decimal("10.01"), parts)
    assert sum(row.amount for row in rows) == Decimal("10.01")
    assert {row.batch for row in rows} == {rows[0].number}
    assert {row.account for row in rows} == {"main", "fengjie", "jiangjin"}
    for row in rows:
        wechat.control.finish_refund(row.number)
        assert wechat.deliver(wechat.hear()) == 204
    assert set(Refund.objects.values_list("state", flat=True)) == {"succeeded"}
    assert books(paid).captured == paid.total_gross_amount - Decimal("10.01")


def test_the_rest_empties_every_trade(world: World, wechat: WechatPay, paid: Order) -> None:
    # given
    clerk.refund(world, paid, "10.01")

    # when
    assert clerk.refund(world, paid, str(paid.total_gross_amount - Decimal("10.01"))) == []

    # then
    for part in SubTrade.objects.all():
        assert sum(row.amount for row in part.refunds.all()) == part.amount
    assert clerk.refund(world, paid, "0.01") != []


def test_late_money_goes_back_from_every_trade(
    world: World, wechat: WechatPay, cart: dict[ProductVariant, int]
) -> None:
    # given
    order = buy(world, cart)
    start(order)
    number = PaymentAttempt.objects.get().number
    clerk.cancel(world, order)
    time_passes()

    # when
    wechat.control.pay(number, after_close=True)
    assert wechat.deliver(wechat.hear()) == 204

    # then
    rows = Refund.objects.all()
    assert sum(row.amount for row in rows) == order.total_gross_amount
    assert {row.reason for row in rows} == {RefundReason.LATE_PAYMENT}
    assert len(rows) == 3


def test_one_sellers_part_alone_goes_back(world: World, wechat: WechatPay, paid: Order) -> None:
    # when
    attempt = PaymentAttempt.objects.get()
    with transaction.atomic():
        [made] = write_refunds(attempt, Decimal("7.01"), RefundReason.STAFF, seller="jiangjin")

    # then
    assert (made.account, made.amount) == ("jiangjin", Decimal("7.01"))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    parts=st.lists(st.integers(1, 10**7), min_size=2, max_size=50),
    fractions=st.lists(st.integers(1, 100), min_size=1, max_size=4),
)
def test_shares_sum_and_never_exceed(parts: list[int], fractions: list[int]) -> None:
    """Any refunds one after another: each sums exactly, no part gives more than it has."""
    paid = [Decimal(part).scaleb(-2) for part in parts]
    back = [Decimal(0)] * len(paid)
    for fraction in fractions:
        left = sum(paid) - sum(back)
        amount = (left * fraction / 100).quantize(Decimal("0.01"))
        if amount <= 0:
            continue
        shares = refund_shares(amount, paid, back)
        assert sum(shares) == amount
        back = [gone + share for gone, share in zip(back, shares, strict=True)]
        assert all(gone <= part for gone, part in zip(back, paid, strict=True))
