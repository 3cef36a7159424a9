"""What happens with cards in a trial: Stripe charges them when the order is placed, or keeps the money at first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from typing import Any

from saleor.payment.models import Payment
from saleor.plugins.models import PluginConfiguration

from plugins.stripe_pay.configuration import AUTO_CAPTURE, GATEWAY
from plugins.stripe_pay.models import StripeCharge
from sandbox.client import SandboxRefused

from .buying import Buying, Gone

PLAIN, ASKED = "pm_card_visa", "pm_card_threeDSecure2Required"
COMPLETE = """mutation($id: ID!) { checkoutComplete(checkoutId: $id) {
  order { id token } confirmationNeeded errors: checkoutErrors { message code } } }"""
CAPTURE = """mutation($id: ID!, $amount: Decimal!) { orderCapture(id: $id, amount: $amount) {
  errors: orderErrors { message code } } }"""
VOID = "mutation($id: ID!) { orderVoid(id: $id) { errors: orderErrors { message code } } }"


def buy(buying: Buying, card: str = PLAIN) -> dict[str, Any]:
    """Order and charge in one click; the order."""
    cart = fill(buying, card)
    return dict(complete(buying, cart)["order"])


def fill(buying: Buying, card: str) -> str:
    """A cart that is to be paid with a card."""
    buying.cards_used = True
    return buying.cart(GATEWAY, card)


def complete(buying: Buying, cart: str) -> dict[str, Any]:
    """Place the order; again where the answer was lost."""
    return buying.ask(COMPLETE, {"id": cart})


def answer_bank(buying: Buying) -> None:
    """The card's owner says yes on the bank's page, if it was opened."""
    for charge in charges(buying):
        with suppress(SandboxRefused):
            buying.house.sandbox.call("POST", "/stripe/challenge", {"intent": charge.number, "answer": "yes"})


def capture(buying: Buying, order: dict[str, Any], amount: Decimal) -> None:
    """A clerk takes what was kept; who loses the answer looks before asking again."""
    with suppress(Gone):
        buying.ask(CAPTURE, {"id": order["id"], "amount": str(amount)}, staff=True, once=True)


def void(buying: Buying, order: dict[str, Any]) -> None:
    """A clerk lets it go."""
    with suppress(Gone):
        buying.ask(VOID, {"id": order["id"]}, staff=True, once=True)


@contextmanager
def keeping() -> Iterator[None]:
    """The shop only keeps the money at first, as one that weighs its goods."""
    _set(automatic=False)
    try:
        yield
    finally:
        _set(automatic=True)


def _set(*, automatic: bool) -> None:
    row = PluginConfiguration.objects.get(identifier=GATEWAY)
    for item in row.configuration:
        if item["name"] == AUTO_CAPTURE:
            item["value"] = automatic
    row.save(update_fields=["configuration"])


def charges(buying: Buying) -> list[StripeCharge]:
    """The trial's, oldest first."""
    mine = Payment.objects.filter(billing_email=buying.email, gateway=GATEWAY)
    return list(StripeCharge.objects.filter(payment__in=mine).select_related("payment__order").order_by("pk"))
