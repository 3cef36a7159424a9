"""A process that dies between two steps of a purchase: finished, undone, or handed to people; nothing is lost."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.utils import timezone
from saleor.checkout.models import Checkout
from saleor.discount.models import Voucher, VoucherCustomer
from saleor.giftcard.models import GiftCard
from saleor.order.models import Order
from saleor.payment import ChargeStatus, gateway
from saleor.payment.models import Payment
from saleor.plugins.manager import get_plugins_manager
from saleor.warehouse.models import Allocation

from saleor_o2o.cashier.services import closing
from saleor_o2o.graphql.schema import schema
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.ordering.graphql import checkout_complete
from saleor_o2o.ordering.services.recovery import ATTENTION_KEY
from saleor_o2o.ordering.tasks import recover_placements
from tests.stock.world import World, gid

from .books import books, deadline_passes, freed
from .conftest import WechatPay
from .shopper import ask, buy, choose_payment, complete, fill_checkout, start

DUMMY = "mirumee.payments.dummy"
ADD = """mutation($id: ID!, $code: String!) { checkoutAddPromoCode(checkoutId: $id, promoCode: $code) {
  checkout { totalPrice { gross { amount } } } checkoutErrors { field code } } }"""


class Killed(BaseException):
    """The worker is gone: no except clause of the code sees it."""


def die(*_args: Any, **_kwargs: Any) -> Any:
    raise Killed


def promote(checkout: dict[str, Any], code: str) -> None:
    """Add a voucher or a gift card to a cart."""
    done = ask(ADD, {"id": checkout["id"], "code": code})["checkoutAddPromoCode"]
    assert done["checkoutErrors"] == []


def total_of(checkout: dict[str, Any]) -> None:
    """Read the total that is left to be paid."""
    row = Checkout.objects.get(pk=checkout["token"])
    checkout["total"] = str(
        max(
            Decimal(str(checkout["total"])) - row.discount_amount - row.get_total_gift_cards_balance().amount,
            0,
        )
    )


@pytest.fixture
def voucher(world: World) -> Voucher:
    """Five yuan off, once for everybody together and once per customer."""
    return Voucher.objects.create(
        code="FIVE",
        type="entire_order",
        discount_value_type="fixed",
        discount_value=5,
        usage_limit=1,
        apply_once_per_customer=True,
    )


@pytest.fixture
def card(world: World) -> GiftCard:
    """A gift card of thirty yuan."""
    return GiftCard.objects.create(
        code="CARD", initial_balance_amount=30, current_balance_amount=30, currency="CNY"
    )


@pytest.fixture
def checkout(world: World, voucher: Voucher, card: GiftCard) -> dict[str, Any]:
    """A cart of two boxes, 89.80, with both; 54.80 is left to be paid by Dummy."""
    made = fill_checkout(world, 2)
    promote(made, voucher.code)
    promote(made, card.code)
    total_of(made)
    assert made["total"] == "54.80"
    assert choose_payment(made, DUMMY, "token")["paymentErrors"] == []
    return made


def grow_old() -> None:
    Order.objects.update(created=timezone.now() - timedelta(minutes=6))


def complete_and_die(checkout: dict[str, Any]) -> None:
    """Call the mutation itself: through the view, a dying thread would leave its promise waiting for ever."""
    request = RequestFactory().post("/graphql/")
    request.user = AnonymousUser()
    request.plugins, request.discounts = get_plugins_manager(), []
    info = SimpleNamespace(context=request, schema=schema)
    with pytest.raises(Killed):
        checkout_complete.CheckoutComplete.perform_mutation(None, info, checkout["id"], False)


def untouched(voucher: Voucher, card: GiftCard) -> bool:
    voucher.refresh_from_db()
    card.refresh_from_db()
    return (voucher.used, card.current_balance_amount, VoucherCustomer.objects.count()) == (
        0,
        Decimal("30.00"),
        0,
    )


def used(voucher: Voucher, card: GiftCard) -> bool:
    voucher.refresh_from_db()
    card.refresh_from_db()
    return (voucher.used, card.current_balance_amount, VoucherCustomer.objects.count()) == (
        1,
        Decimal("0.00"),
        1,
    )


def test_nobody_dies(world: World, checkout: dict[str, Any], voucher: Voucher, card: GiftCard) -> None:
    # when
    answer = complete(checkout)

    # then
    assert answer["order"]["total"]["gross"]["amount"] == 54.8
    assert used(voucher, card)
    assert Order.objects.get().is_fully_paid()


def test_a_death_before_the_order_is_committed_leaves_nothing(
    checkout: dict[str, Any], voucher: Voucher, card: GiftCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("saleor_o2o.ordering.services.placement._use_gift_cards", die)

    # when
    complete_and_die(checkout)

    # then
    assert not Order.objects.exists()
    assert untouched(voucher, card)
    assert Checkout.objects.count() == 1


def test_a_death_before_the_charge_is_marked_for_people(
    checkout: dict[str, Any], voucher: Voucher, card: GiftCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given nobody knows whether the gateway was reached
    monkeypatch.setattr(gateway, "process_payment", die)
    complete_and_die(checkout)

    # when too early
    assert recover_placements() == {}
    assert complete(checkout)["checkoutErrors"][0]["message"] == "订单正在处理中，请稍候查看订单"

    # when
    grow_old()
    assert recover_placements() == {"unknown": 1}

    # then
    assert recover_placements() == {}
    order = Order.objects.get()
    assert order.private_metadata[ATTENTION_KEY] is True
    assert AuditEntry.objects.filter(action="ordering.payment_outcome_unknown").count() == 1
    assert Allocation.objects.get().quantity_allocated == 2
    assert used(voucher, card)


def test_a_death_after_the_charge_is_finished(
    checkout: dict[str, Any], voucher: Voucher, card: GiftCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    with monkeypatch.context() as patch:
        patch.setattr(checkout_complete, "finish_order", die)
        complete_and_die(checkout)
    assert Payment.objects.get().captured_amount == Decimal("54.80")
    grow_old()

    # when
    assert recover_placements() == {"finished": 1}

    # then
    order = Order.objects.get()
    assert order.is_fully_paid()
    assert order.events.filter(type="order_fully_paid").count() == 1
    assert not Checkout.objects.exists()
    assert used(voucher, card)
    assert complete(checkout)["order"]["id"] == gid("Order", order)
    assert recover_placements() == {}


def test_a_death_between_the_charge_and_its_booking_is_booked(
    checkout: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given the gateway said yes, and the worker died over writing it down
    with monkeypatch.context() as patch:
        patch.setattr(gateway, "gateway_postprocess", die)
        complete_and_die(checkout)
    assert Payment.objects.get().charge_status == ChargeStatus.NOT_CHARGED
    grow_old()

    # when
    assert recover_placements() == {"finished": 1}

    # then
    assert Payment.objects.get().captured_amount == Decimal("54.80")
    assert Order.objects.get().is_fully_paid()


def test_a_death_after_a_refused_charge_is_undone_exactly(
    checkout: dict[str, Any], voucher: Voucher, card: GiftCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    with monkeypatch.context() as patch:
        patch.setattr("saleor.payment.gateways.dummy.dummy_success", lambda: False)
        patch.setattr(checkout_complete, "undo_order", die)
        complete_and_die(checkout)
    assert used(voucher, card)
    grow_old()

    # when
    assert recover_placements() == {"undone": 1}

    # then
    assert not Order.objects.exists()
    assert not Allocation.objects.exists()
    assert untouched(voucher, card)

    # and the shopper tries again with success
    assert complete(checkout)["order"] is not None
    assert used(voucher, card)


def test_a_refused_charge_gives_everything_back(
    checkout: dict[str, Any], voucher: Voucher, card: GiftCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("saleor.payment.gateways.dummy.dummy_success", lambda: False)

    # when
    answer = complete(checkout)

    # then
    assert [error["code"] for error in answer["checkoutErrors"]] == ["PAYMENT_ERROR"]
    assert untouched(voucher, card)


def test_one_order_that_cannot_be_recovered_does_not_stop_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given two orders left behind after their charge
    with monkeypatch.context() as patch:
        patch.setattr(checkout_complete, "finish_order", die)
        for _ in range(2):
            cart = fill_checkout(world)
            choose_payment(cart, DUMMY, "token")
            complete_and_die(cart)
    grow_old()
    first = Order.objects.earliest("pk")
    stock_finish = checkout_complete.finish_order

    def broken(order: Order, *rest: Any) -> Any:
        if order.pk == first.pk:
            raise RuntimeError("broken")
        return stock_finish(order, *rest)

    monkeypatch.setattr("saleor_o2o.ordering.services.recovery.finish_order", broken)

    # when / then
    assert recover_placements() == {"failed": 1, "finished": 1}


def test_an_order_not_paid_in_time_gives_card_and_voucher_back(
    world: World, wechat: WechatPay, voucher: Voucher, card: GiftCard
) -> None:
    # given
    cart = fill_checkout(world, 2)
    promote(cart, voucher.code)
    promote(cart, card.code)
    total_of(cart)
    choose_payment(cart)
    order = Order.objects.get(token=complete(cart)["order"]["token"])
    start(order)
    assert used(voucher, card)

    # when
    deadline_passes(order)
    closing.expire_due()
    closing.expire_due()

    # then
    assert books(order) == freed("closed")
    assert untouched(voucher, card)


def test_an_order_paid_in_time_keeps_card_and_voucher_used(
    world: World, wechat: WechatPay, voucher: Voucher, card: GiftCard
) -> None:
    # given
    cart = fill_checkout(world, 2)
    promote(cart, voucher.code)
    promote(cart, card.code)
    total_of(cart)
    choose_payment(cart)
    order = Order.objects.get(token=complete(cart)["order"]["token"])
    start(order)

    # when
    wechat.pay(order)
    wechat.deliver(wechat.hear())
    deadline_passes(order)
    closing.expire_due()

    # then
    assert books(order).captured == Decimal("54.80")
    assert used(voucher, card)


def test_an_order_that_gift_cards_pay_waits_for_nothing(
    world: World, wechat: WechatPay, card: GiftCard
) -> None:
    # given
    GiftCard.objects.update(current_balance_amount=500)
    cart = fill_checkout(world, 2)
    promote(cart, card.code)
    cart["total"] = "0"
    assert choose_payment(cart)["paymentErrors"] == []

    # when
    order = Order.objects.get(token=complete(cart)["order"]["token"])

    # then
    assert order.total.gross.amount == 0
    assert order.events.filter(type="order_fully_paid").count() == 1
    assert not order.payment_intents.exists()
    card.refresh_from_db()
    assert card.current_balance_amount == Decimal("410.20")


def test_a_cart_that_nobody_pays_for_is_no_order(world: World) -> None:
    # given
    cart = fill_checkout(world)

    # when
    answer = complete(cart)

    # then
    assert [error["code"] for error in answer["checkoutErrors"]] == ["CHECKOUT_NOT_FULLY_PAID"]
    assert not Order.objects.exists()
    assert buy(world, 1, DUMMY, "token").is_fully_paid()
