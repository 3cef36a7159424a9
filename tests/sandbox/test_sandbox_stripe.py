"""Saleor's own Stripe gateway, unmodified, against the sandbox's Stripe; and what the sandbox promises beyond it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sandbox_support import Shop

from sandbox.client import SandboxClient, SandboxRefused
from sandbox.stripe.cards import CARDS


@pytest.fixture
def stripe(sandbox_url: str, sandbox_directory: Path, control: SandboxClient) -> Iterator[Any]:
    """The real library, pointed at the sandbox."""
    import stripe as library

    before = (library.api_base, library.api_key, library.api_version, library.default_http_client)
    account = json.loads((sandbox_directory / "stripe" / "account.json").read_text())
    library.api_base, library.api_key = f"{sandbox_url}/stripe", account["secret_key"]
    library.api_version, library.default_http_client = "2020-08-27", None
    library.account = account
    yield library
    library.api_base, library.api_key, library.api_version, library.default_http_client = before


def charge(stripe: Any, token: str, **more: Any) -> Any:
    """As stock's gateway asks."""
    asked = {
        "payment_method": token, "amount": 4590, "currency": "cny", "confirmation_method": "manual",
        "confirm": True, "capture_method": "automatic", "setup_future_usage": "on_session", **more,
    }  # fmt: skip
    return stripe.PaymentIntent.create(**asked)


def test_a_charge_and_its_refunds(stripe: Any) -> None:
    # when
    intent = charge(stripe, "pm_card_visa", metadata={"o2o_number": "A1"})

    # then
    assert (intent.status, intent.amount_received, intent.metadata.o2o_number) == ("succeeded", 4590, "A1")
    card = intent.charges.data[0].payment_method_details.card
    assert (card.last4, card.brand, card.exp_year) == ("4242", "visa", 2030)

    # when part of it goes back
    back = intent.charges.data[0].refund(amount=1000, metadata={"o2o_number": "R1"})

    # then
    assert (back.status, back.amount_refunded) == ("succeeded", 1000)
    listed = stripe.Refund.list(payment_intent=intent.id).data
    assert [(one.amount, one.metadata.o2o_number) for one in listed] == [(1000, "R1")]

    # when too much goes back
    with pytest.raises(stripe.error.InvalidRequestError, match="greater than unrefunded"):
        intent.charges.data[0].refund(amount=3591)
    assert intent.charges.data[0].refund().amount_refunded == 4590
    with pytest.raises(stripe.error.InvalidRequestError) as refused:
        intent.charges.data[0].refund()
    assert refused.value.code == "charge_already_refunded"


def test_an_authorisation_captured_in_part(stripe: Any) -> None:
    # given
    intent = charge(stripe, "pm_card_visa", capture_method="manual")
    assert (intent.status, intent.amount_capturable) == ("requires_capture", 4590)

    # when
    intent.capture(amount_to_capture=3000)

    # then
    assert (intent.status, intent.amount_received) == ("succeeded", 3000)
    with pytest.raises(stripe.error.InvalidRequestError):
        intent.capture()


def test_an_authorisation_voided_by_a_refund(stripe: Any) -> None:
    # given
    intent = charge(stripe, "pm_card_visa", capture_method="manual")

    # when
    intent.charges.data[0].refund()

    # then
    assert stripe.PaymentIntent.retrieve(intent.id).status == "canceled"
    with pytest.raises(stripe.error.InvalidRequestError):
        intent.capture()


@pytest.mark.parametrize(
    "card", [card for card in CARDS if card.code and not card.challenges], ids=lambda c: c.token
)
def test_declines_say_why(stripe: Any, card: Any) -> None:
    # when
    with pytest.raises(stripe.error.CardError) as declined:
        charge(stripe, card.token)

    # then
    error = declined.value.error
    assert (error.code, error.get("decline_code") or "") == (card.code, card.decline_code)
    assert error.payment_intent.status == "requires_payment_method"


def test_the_payer_says_yes_and_the_shop_confirms(stripe: Any, control: SandboxClient) -> None:
    # given
    intent = charge(stripe, "pm_card_threeDSecure2Required")
    assert (intent.status, intent.next_action.type) == ("requires_action", "use_stripe_sdk")
    intent.confirm()
    assert intent.status == "requires_action"  # nobody has answered yet

    # when
    seen = control.call("POST", "/stripe/challenge", {"intent": intent.id, "answer": "yes"})

    # then nothing is charged before the shop confirms
    assert (seen["status"], seen["charges"]["data"]) == ("requires_confirmation", [])
    intent.confirm()
    assert intent.status == "succeeded"
    with pytest.raises(stripe.error.InvalidRequestError):
        intent.confirm()


@pytest.mark.parametrize(
    ("token", "answer"), [("pm_card_threeDSecure2Required", "no"), ("pm_card_threeDSecureFails", "yes")]
)
def test_the_payer_is_not_believed(stripe: Any, control: SandboxClient, token: str, answer: str) -> None:
    # given
    intent = charge(stripe, token)

    # when
    control.call("POST", "/stripe/challenge", {"intent": intent.id, "answer": answer})

    # then
    intent = stripe.PaymentIntent.retrieve(intent.id)
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error.code == "payment_intent_authentication_failure"
    with pytest.raises(SandboxRefused):
        control.call("POST", "/stripe/challenge", {"intent": intent.id, "answer": "yes"})


def test_the_same_key_is_the_same_charge(stripe: Any, control: SandboxClient) -> None:
    # given the first answer is lost
    with pytest.raises(stripe.error.APIConnectionError):
        charge(stripe, "pm_card_lostAnswer", idempotency_key="K1", metadata={"o2o_number": "K1"})

    # when
    intent = charge(stripe, "pm_card_lostAnswer", idempotency_key="K1", metadata={"o2o_number": "K1"})

    # then
    assert intent.status == "succeeded"
    since = int(time.time()) - 60
    assert [one.id for one in stripe.PaymentIntent.list(created={"gte": since}).data] == [intent.id]
    with pytest.raises(stripe.error.IdempotencyError):
        charge(stripe, "pm_card_visa", idempotency_key="K1")
    assert control.call("GET", "/stripe/intents/K1")["id"] == intent.id


def test_a_wrong_key_is_refused(stripe: Any) -> None:
    # when
    with pytest.raises(stripe.error.AuthenticationError):
        charge(stripe, "pm_card_visa", api_key="sk_test_wrong")


def test_events_are_signed_and_may_come_twice(stripe: Any, shop: Shop) -> None:
    # given
    endpoint = stripe.WebhookEndpoint.create(url=shop.url, enabled_events=["*"])

    # when
    intent = charge(stripe, "pm_card_duplicateWebhooks")

    # then
    first, second = shop.next(), shop.next()
    assert first.body == second.body
    headers = {name.lower(): value for name, value in first.headers.items()}
    event = stripe.Webhook.construct_event(first.body, headers["stripe-signature"], endpoint.secret)
    assert (event.type, event.data.object.id) == ("payment_intent.succeeded", intent.id)
    stripe.WebhookEndpoint.delete(endpoint.id)


def test_stocks_gateway_runs_unmodified(stripe: Any) -> None:
    # given
    from saleor.payment.gateways import stripe as gateway
    from saleor.payment.interface import GatewayConfig, PaymentData

    config = GatewayConfig("Stripe", True, {"private_key": stripe.account["secret_key"]})
    data = PaymentData(Decimal("45.90"), "CNY", None, None, 1, None, "li@example.com", token="pm_card_visa")

    # when
    charged = gateway.process_payment(data, config)
    data.token = charged.transaction_id
    data.amount = Decimal("10.00")
    back = gateway.refund(data, config)

    # then
    assert (charged.is_success, charged.kind, charged.amount) == (True, "capture", Decimal("45.9"))
    assert (back.is_success, back.amount) == (True, Decimal("10.00"))
