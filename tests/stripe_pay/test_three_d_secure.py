"""The bank asks the card's owner: answered yes, no, never, twice, and asked again after a lost answer."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from saleor.checkout.models import Checkout
from saleor.order.models import Order
from saleor.payment import TransactionKind
from saleor.warehouse.models import Allocation

from plugins.stripe_pay.declines import words
from plugins.stripe_pay.models import ChargeState, StripeCharge
from plugins.stripe_pay.tasks import settle
from tests.buying.shopper import ask
from tests.stock.world import gid

from .conftest import Cards, the_charge, the_payment

CHALLENGED = "pm_card_threeDSecure2Required"
CONFIRM = """mutation($id: ID!) { paymentSecureConfirm(paymentId: $id) {
  payment { id } paymentErrors { message code } } }"""


def test_the_owner_says_yes(cards: Cards) -> None:
    # given
    cart = cards.cart(CHALLENGED)

    # when
    asked = cards.complete(cart)

    # then nothing is held or charged, and the client knows how to ask
    assert (asked["order"], asked["confirmationNeeded"], asked["checkoutErrors"]) == (None, True, [])

    data = json.loads(asked["confirmationData"])
    charge = the_charge()
    assert data["id"] == charge.intent_ref
    assert data["client_secret"].startswith(f"{charge.intent_ref}_secret_")
    assert charge.state == ChargeState.ACTION
    assert not Order.objects.exists() and not Allocation.objects.exists()
    assert the_payment().to_confirm is True

    # when
    cards.answer(charge)
    done = cards.complete(cart)

    # then
    assert (done["confirmationNeeded"], done["checkoutErrors"]) == (False, [])
    order, payment = Order.objects.get(), the_payment()
    assert order.is_fully_paid()
    assert (payment.captured_amount, payment.to_confirm) == (payment.total, False)
    assert the_charge().state == ChargeState.PAID
    assert [one["amount_received"] for one in cards.intents()] == [int(payment.total * 100)]

    # when it is completed and confirmed again
    assert cards.complete(cart)["order"]["id"] == done["order"]["id"]
    again = ask(CONFIRM, {"id": gid("Payment", payment)})["paymentSecureConfirm"]

    # then nothing is counted twice
    assert again["paymentErrors"] == []
    assert the_payment().captured_amount == payment.total
    assert len(cards.intents()[0]["charges"]["data"]) == 1


def test_completing_before_the_owner_has_answered_asks_again(cards: Cards) -> None:
    # given
    cart = cards.cart(CHALLENGED)
    cards.complete(cart)

    # when
    again = cards.complete(cart)

    # then
    assert (again["order"], again["confirmationNeeded"]) == (None, True)
    cards.answer(the_charge())
    assert cards.complete(cart)["order"] is not None
    assert len(cards.intents()) == 1


@pytest.mark.parametrize(("token", "yes"), [(CHALLENGED, False), ("pm_card_threeDSecureFails", True)])
def test_the_owner_is_not_believed(cards: Cards, token: str, yes: bool) -> None:
    # given
    cart = cards.cart(token)
    cards.complete(cart)
    cards.answer(the_charge(), yes)

    # when
    done = cards.complete(cart)

    # then
    assert done["checkoutErrors"][0]["message"] == words("payment_intent_authentication_failure")
    assert the_charge().state == ChargeState.REFUSED
    assert not Order.objects.exists()
    assert Checkout.objects.count() == 1


def test_the_bank_declines_after_the_yes(cards: Cards) -> None:
    # given
    cart = cards.cart("pm_card_threeDSecureRequiredChargeDeclined")
    cards.complete(cart)
    cards.answer(the_charge())

    # when
    done = cards.complete(cart)

    # then
    assert done["checkoutErrors"][0]["message"] == words("generic_decline")
    assert (the_charge().state, Order.objects.count()) == (ChargeState.REFUSED, 0)


def test_the_answer_to_the_confirmation_is_lost(cards: Cards) -> None:
    # given
    cart = cards.cart(CHALLENGED)
    cards.complete(cart)
    cards.answer(the_charge())
    cards.fault("confirm", "answer_lost")

    # when
    done = cards.complete(cart)

    # then it was asked for
    assert done["order"] is not None
    assert Order.objects.get().is_fully_paid()


def test_the_confirmation_did_not_arrive_and_is_sent_again(cards: Cards) -> None:
    # given
    cart = cards.cart(CHALLENGED)
    cards.complete(cart)
    cards.answer(the_charge())
    cards.fault("confirm", "http_500")

    # when
    first = cards.complete(cart)

    # then the order waits
    assert "请勿重复付款" in first["checkoutErrors"][0]["message"]
    assert Order.objects.count() == 1

    # when
    StripeCharge.objects.update(next_check_at=timezone.now())
    settle()

    # then
    assert Order.objects.get().is_fully_paid()
    assert cards.complete(cart)["order"] is not None
    assert len(cards.intents()[0]["charges"]["data"]) == 1


def test_an_authorisation_with_the_banks_question(authorizing: Cards) -> None:
    # given
    cart = authorizing.cart(CHALLENGED)
    assert authorizing.complete(cart)["confirmationNeeded"] is True
    authorizing.answer(the_charge())

    # when
    done = authorizing.complete(cart)

    # then
    assert done["order"] is not None
    assert the_charge().state == ChargeState.AUTHORIZED
    payment = the_payment()
    assert (payment.to_confirm, payment.captured_amount) == (False, 0)
    kinds = payment.transactions.filter(is_success=True, action_required=False).values_list("kind", flat=True)
    assert list(kinds) == [TransactionKind.AUTH]


def test_a_question_that_nobody_answers_is_given_up(cards: Cards) -> None:
    # given
    cart = cards.cart(CHALLENGED)
    cards.complete(cart)
    past = timezone.now() - timedelta(seconds=1)
    StripeCharge.objects.update(expires_at=past, next_check_at=past)

    # when
    settle()
    settle()

    # then
    charge = the_charge()
    assert (charge.state, charge.code, charge.next_check_at) == (ChargeState.CANCELLED, "EXPIRED", None)
    assert cards.intents()[0]["status"] == "canceled"
    assert the_payment().to_confirm is False

    # when the payer comes back after all, a new question is asked
    assert cards.complete(cart)["confirmationNeeded"] is True
    assert StripeCharge.objects.count() == 2
