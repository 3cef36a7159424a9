"""Stripe's events: stored first, believed only when signed and of now, acted upon once."""

from __future__ import annotations

import json
import time
from decimal import Decimal

import pytest
import stripe
from saleor.order.models import Order

from plugins.stripe_pay.configuration import load_account
from plugins.stripe_pay.models import ChargeState, MoveState, StripeCharge, StripeMove
from plugins.stripe_pay.services.asking import find_intent
from plugins.stripe_pay.tasks import settle
from plugins.stripe_pay.todo import todo
from plugins.stripe_pay.wire import Call, speaking
from saleor_o2o.cashier.models import Notification, NotificationState
from saleor_o2o.cashier.tasks import process_notifications
from saleor_o2o.kernel.models import AuditEntry
from sandbox.stripe.courier import signature
from tests.broker import broker_down

from .conftest import Cards, the_charge, the_payment
from .test_silence import grow_old


def test_a_genuine_event_is_stored_and_counted_once(cards: Cards) -> None:
    # given
    cards.buy("pm_card_duplicateWebhooks")
    first, second = cards.hear(), cards.hear()

    # when
    assert (cards.deliver(first), cards.deliver(second), cards.deliver(first)) == (200, 200, 200)

    # then
    (row,) = Notification.objects.all()
    assert (row.kind, row.state, row.times_seen) == (
        "payment_intent.succeeded",
        NotificationState.PROCESSED,
        3,
    )
    assert the_payment().captured_amount == the_payment().total


@pytest.mark.parametrize("age", [-301, 301], ids=["from the future", "old"])
def test_an_event_of_another_time_is_refused(cards: Cards, age: int) -> None:
    # given
    cards.buy()
    heard = cards.hear()
    stamped = signature(heard.body.encode(), load_account().signing_secret, int(time.time()) - age)

    # when / then
    assert cards.deliver(heard, signature=stamped) == 401
    assert Notification.objects.get().last_error == "STALE"


@pytest.mark.parametrize("given", ["", "t=x,v1=y", "v1=abc", "t=99999999999999999999,v1=00"])
def test_an_unsigned_event_is_evidence_and_nothing_more(cards: Cards, given: str) -> None:
    # given
    cards.buy()
    heard = cards.hear()

    # when / then
    assert cards.deliver(heard, signature=given) == 401
    assert Notification.objects.get().state == NotificationState.REFUSED
    # and the genuine one is still taken
    assert cards.deliver(heard) == 200


def test_a_changed_body_is_refused(cards: Cards) -> None:
    # given
    cards.buy()
    heard = cards.hear()

    # when / then
    assert cards.deliver(heard, body=heard.body.replace("4590", "4591").replace("cny", "usd")) == 401
    assert cards.deliver(heard, body="{") == 400


def test_an_event_settles_what_stayed_open(cards: Cards) -> None:
    # given neither the charge nor the question was answered
    cards.fault("list", "http_500")
    cards.buy("pm_card_lostAnswer")
    assert the_charge().state == ChargeState.WRITTEN

    # when
    assert cards.deliver(cards.hear()) == 200

    # then
    assert Order.objects.get().is_fully_paid()
    assert the_charge().state == ChargeState.PAID


def test_money_for_an_order_that_was_given_up_goes_back(cards: Cards) -> None:
    # given the charge was looked for in vain, its order undone; then it turns out to have worked
    cards.fault("list", "http_500")
    cards.buy("pm_card_lostAnswer")
    heard = cards.hear()
    StripeCharge.objects.update(state=ChargeState.REFUSED, code="ABSENT", next_check_at=None)
    grow_old()
    from saleor_o2o.ordering.services.finishing import undo_order

    undo_order(Order.objects.get())

    # when
    assert cards.deliver(heard) == 200
    settle()

    # then
    charge = the_charge()
    assert (charge.state, charge.attention) == (ChargeState.RETURNED, "")
    assert cards.intents()[0]["charges"]["data"][0]["amount_refunded"] == int(charge.amount * 100)
    assert StripeMove.objects.get().state == MoveState.DONE
    assert AuditEntry.objects.filter(action="stripe_pay.late_money").count() == 1
    # and once only
    settle()
    assert StripeMove.objects.count() == 1


def test_a_dispute_is_a_matter_for_people(cards: Cards) -> None:
    # given
    cards.buy()
    cards.hear()
    charge = the_charge()

    # when
    cards.control.call("POST", "/stripe/dispute", {"intent": charge.number})
    assert cards.deliver(cards.hear()) == 200

    # then
    assert the_charge().attention == "DISPUTED"
    (waiting,) = todo(cards.world.admin)
    assert waiting.title == f"银行卡收款待处理 {charge.number}"
    assert "持卡人拒付" in waiting.note
    assert AuditEntry.objects.filter(action="stripe_pay.needs_people").count() == 1


def test_a_refund_in_stripes_own_dashboard_is_noticed(cards: Cards) -> None:
    # given
    cards.buy()
    cards.hear()
    with speaking(Call(load_account())):
        stripe.Refund.create(payment_intent=the_charge().intent_ref, amount=500)

    # when
    assert cards.deliver(cards.hear()) == 200

    # then
    assert the_charge().attention == "REFUNDED_ELSEWHERE"
    assert the_payment().captured_amount == the_payment().total


def test_our_own_refund_is_no_news(cards: Cards) -> None:
    # given
    from saleor.payment import gateway

    cards.buy()
    cards.hear()
    gateway.refund(the_payment(), Decimal(5))

    # when
    assert cards.deliver(cards.hear()) == 200

    # then
    assert the_charge().attention == ""


def test_an_authorisation_that_runs_out_calls_people(authorizing: Cards) -> None:
    # given
    authorizing.buy()
    authorizing.hear()
    with speaking(Call(load_account())):
        stripe.PaymentIntent.retrieve(the_charge().intent_ref).cancel()

    # when
    assert authorizing.deliver(authorizing.hear()) == 200

    # then
    assert (the_charge().state, the_charge().attention) == (ChargeState.CANCELLED, "AUTHORISATION_GONE")


def test_another_systems_money_is_not_ours(cards: Cards) -> None:
    # given
    with speaking(Call(load_account())):
        stripe.PaymentIntent.create(amount=100, currency="cny", payment_method="pm_card_visa", confirm=True)

    # when / then
    assert cards.deliver(cards.hear()) == 200
    assert Notification.objects.get().state == NotificationState.PROCESSED
    assert not StripeCharge.objects.exists()


def test_another_amount_is_a_matter_for_people(cards: Cards) -> None:
    # given
    cards.buy()
    charge = the_charge()
    StripeCharge.objects.update(state=ChargeState.REFUSED)
    intent = find_intent(charge)
    assert intent is not None
    from plugins.stripe_pay.services.charges import believe

    # when
    believe(charge.pk, {**json.loads(json.dumps(intent)), "amount": 1})

    # then
    assert (the_charge().state, the_charge().attention) == (ChargeState.REFUSED, "AMOUNT_MISMATCH")


def test_nothing_is_taken_before_it_is_set_up(cards: Cards) -> None:
    # given
    from saleor.plugins.models import PluginConfiguration

    cards.buy()
    heard = cards.hear()
    PluginConfiguration.objects.all().delete()

    # when / then: Stripe will try again
    assert cards.deliver(heard) == 503
    assert not Notification.objects.exists()


def test_the_job_takes_over_while_the_broker_is_down(cards: Cards) -> None:
    # given money that came although its answer was lost, and the event that tells of it
    cards.fault("list", "http_500")
    cards.buy("pm_card_lostAnswer")
    heard = cards.hear()

    # when
    with broker_down():
        status = cards.deliver(heard)
    kept = Notification.objects.get()
    Notification.objects.update(next_attempt_at=kept.received_at)
    process_notifications()

    # then
    assert (status, kept.state, kept.attempts) == (200, NotificationState.RECEIVED, 0)
    assert Notification.objects.get().state == NotificationState.PROCESSED
    assert the_charge().state == ChargeState.PAID
    assert the_payment().captured_amount == the_payment().total
