"""Charging a card at checkout: a yes, every no, and what is stored of it."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from saleor.checkout.models import Checkout
from saleor.order.models import Order
from saleor.payment.models import Payment, Transaction
from saleor.warehouse.models import Allocation

from plugins.stripe_pay.declines import words
from plugins.stripe_pay.models import ChargeState, StripeCharge
from sandbox.stripe.cards import CARDS
from tests.buying.shopper import ask, choose_payment

from .conftest import Cards, the_charge, the_payment

GATEWAYS = "{ shop { availablePaymentGateways { id name config { field value } } } }"


def test_a_card_is_charged_and_the_order_is_paid(cards: Cards) -> None:
    # when
    done = cards.buy()

    # then
    assert done["checkoutErrors"] == []
    assert (done["confirmationNeeded"], done["confirmationData"]) == (False, None)
    order, payment, charge = Order.objects.get(), the_payment(), the_charge()
    assert order.is_fully_paid()
    assert (payment.captured_amount, payment.charge_status) == (payment.total, "fully-charged")
    assert (payment.cc_brand, payment.cc_last_digits, payment.cc_exp_year) == ("visa", "4242", 2030)
    assert (charge.state, charge.captured, charge.booked, charge.next_check_at) == (
        ChargeState.PAID, payment.total, True, None,
    )  # fmt: skip
    (intent,) = cards.intents()
    assert (intent["number"], intent["amount"], intent["currency"]) == (
        charge.number, int(payment.total * 100), "cny",
    )  # fmt: skip
    assert intent["confirmation_method"] == "manual"


def test_nothing_stored_is_a_secret(cards: Cards) -> None:
    # when
    cards.buy()
    cards.buy("pm_card_threeDSecure2Required")
    cards.buy("pm_card_chargeDeclined")

    # then
    for txn in Transaction.objects.all():
        assert set(txn.gateway_response) == {"number", "id", "state", "code"}
        assert "secret" not in json.dumps(txn.gateway_response)


def test_the_storefront_is_offered_stripe_with_its_public_key(cards: Cards) -> None:
    # when
    offered = ask(GATEWAYS, {})["shop"]["availablePaymentGateways"]

    # then
    (stripe,) = [one for one in offered if one["name"] == "Stripe"]
    assert stripe["id"] == "mirumee.payments.stripe"
    fields = {one["field"]: one["value"] for one in stripe["config"]}
    assert fields["api_key"].startswith("pk_test_")
    assert fields["store_customer_card"].lower() == "false"


@pytest.mark.parametrize(
    "card", [card for card in CARDS if card.code and not card.challenges], ids=lambda card: card.token
)
def test_a_declined_card_leaves_no_order(cards: Cards, card: object) -> None:
    # when
    done = cards.buy(card.token)  # type: ignore[attr-defined]

    # then
    (error,) = done["checkoutErrors"]
    code = card.decline_code or card.code  # type: ignore[attr-defined]
    expected = words("card_declined" if code == "generic_decline" else code)
    assert (error["code"], error["message"]) == ("PAYMENT_ERROR", expected)
    assert "没有扣款" in error["message"]
    assert not Order.objects.exists()
    assert not Allocation.objects.exists()
    assert Checkout.objects.count() == 1
    assert (the_charge().state, the_payment().captured_amount) == (ChargeState.REFUSED, 0)


def test_who_holds_a_stolen_card_learns_nothing() -> None:
    # then
    assert words("stolen_card") == words("generic_decline") == words("fraudulent") == words("something new")


def test_another_card_after_a_refusal(cards: Cards) -> None:
    # given
    cart = cards.cart("pm_card_chargeDeclinedInsufficientFunds")
    assert cards.complete(cart)["order"] is None

    # when
    assert choose_payment(cart, "mirumee.payments.stripe", "pm_card_visa")["paymentErrors"] == []
    done = cards.complete(cart)

    # then
    assert done["order"] is not None
    assert Order.objects.get().is_fully_paid()
    assert [one.state for one in StripeCharge.objects.order_by("pk")] == [
        ChargeState.REFUSED,
        ChargeState.PAID,
    ]


def test_the_same_card_may_be_tried_again(cards: Cards) -> None:
    # given
    cart = cards.cart("pm_card_chargeDeclined")

    # when
    first, second = cards.complete(cart), cards.complete(cart)

    # then
    assert first["checkoutErrors"] == second["checkoutErrors"] != []
    assert StripeCharge.objects.filter(state=ChargeState.REFUSED).count() == 2


def test_completing_twice_gives_the_same_order(cards: Cards) -> None:
    # given
    cart = cards.cart()

    # when
    first, second = cards.complete(cart), cards.complete(cart)

    # then
    assert first["order"]["id"] == second["order"]["id"]
    assert len(cards.intents()) == 1


def test_a_slow_bank_is_waited_for(cards: Cards) -> None:
    # when
    done = cards.buy("pm_card_slow")

    # then
    assert done["order"] is not None


def test_an_order_for_which_a_token_is_nonsense(cards: Cards) -> None:
    # when
    done = cards.buy("not-a-card")

    # then
    assert done["checkoutErrors"][0]["message"] == words("resource_missing")
    assert not Order.objects.exists()


def test_three_yuan_more_are_three_yuan_more(cards: Cards) -> None:
    # when
    cards.buy(lines=3)

    # then
    total = Payment.objects.get().total
    assert cards.intents()[0]["amount_received"] == int(total * 100)
    assert StripeCharge.objects.get().amount == Decimal(total)
