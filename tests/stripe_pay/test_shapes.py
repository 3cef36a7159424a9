"""What is asked of Stripe, held against Stripe's own description of its API: `stripe-mock`, where one is running.

docker compose -f deploy/compose.yaml --profile stripe up -d stripe-mock
O2O_STRIPE_MOCK_URL=http://127.0.0.1:12111 ./o2o test tests/stripe_pay/test_shapes.py
"""

from __future__ import annotations

import os
from decimal import Decimal
from typing import Any

import pytest
import stripe
from saleor.payment.gateways import stripe as stock
from saleor.payment.interface import PaymentData

from plugins.stripe_pay.configuration import Account
from plugins.stripe_pay.wire import NUMBER_KEY, Call, speaking

ADDRESS = os.environ.get("O2O_STRIPE_MOCK_URL", "").rstrip("/")
pytestmark = pytest.mark.skipif(not ADDRESS, reason="no stripe-mock: set O2O_STRIPE_MOCK_URL")

ACCOUNT = Account("pk_test_x", "sk_test_x", "whsec_x", ADDRESS, False, True)
DATA = PaymentData(
    Decimal("45.90"), "CNY", None, None, 1, None, "li@example.com", token="pm_card_visa"
)  # fmt: skip
METADATA = {f"metadata[{NUMBER_KEY}]": "SM1"}


@pytest.mark.parametrize(
    ("step", "more", "work"),
    [
        ("create", METADATA, stock.process_payment),
        ("capture", {"amount_to_capture": "4590"}, stock.capture),
        ("refund", METADATA, stock.refund),
        ("void", METADATA, stock.void),
        ("confirm1", {}, stock.confirm),
    ],
)
def test_stocks_requests_with_our_additions_are_valid(step: str, more: dict[str, str], work: Any) -> None:
    # given stripe-mock answers with the present API, which has no intent.charges: what counts is what it refuses
    call = Call(ACCOUNT, "SC1", step=step, more=more)
    with speaking(call):
        try:
            work(DATA, ACCOUNT.stock)
        except (AttributeError, KeyError):
            assert step != "create" or call.intent

    # then
    assert (call.refusal, call.silence) == ({}, "")


def test_our_questions_are_valid() -> None:
    # when / then
    with speaking(Call(ACCOUNT)):
        assert stripe.PaymentIntent.list(created={"gte": 1700000000}, limit=100).data
        assert stripe.Refund.list(payment_intent="pi_x", limit=100).data
        assert stripe.WebhookEndpoint.list(limit=100).object == "list"
    with speaking(Call(ACCOUNT, "SC1", step="cancel")):
        assert stripe.PaymentIntent.retrieve("pi_x").cancel().id
