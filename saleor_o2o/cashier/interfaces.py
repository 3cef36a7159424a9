"""What other packages may use of the cashier."""

from __future__ import annotations

from .registry import is_deferred, provider_of, register_provider, release_on_close

__all__ = [
    "awaits_money",
    "is_deferred",
    "open_intent",
    "provider_of",
    "register_provider",
    "release_on_close",
]


def awaits_money(order_id: int | str) -> bool:
    """True when the order was placed to be paid later and is not paid (yet, or any more)."""
    from .models import IntentState, PaymentIntent

    intents = PaymentIntent.objects.filter(order_id=order_id).values_list("state", flat=True)
    states = list(intents)
    return bool(states) and IntentState.PAID not in states


def open_intent(order: object, payment: object, redirect_url: str = "") -> None:
    """Write down what an order has to be paid and until when (see ``services.intents``)."""
    from .services.intents import open_intent as write

    write(order, payment, redirect_url)
