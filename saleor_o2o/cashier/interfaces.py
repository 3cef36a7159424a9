"""What other packages may use of the cashier."""

from __future__ import annotations

from .ports import Method
from .registry import (
    gateway_offering,
    is_deferred,
    provider_of,
    register_provider,
    register_wait,
    release_on_close,
    waits_elsewhere,
)

__all__ = [
    "Method",
    "ask_now",
    "awaits_money",
    "cancel_intent",
    "close_open_attempts",
    "gateway_offering",
    "is_deferred",
    "open_intent",
    "provider_of",
    "register_provider",
    "register_wait",
    "release_on_close",
    "replace_intent",
    "start_code",
]


def awaits_money(order_id: int | str) -> bool:
    """True when the order was placed to be paid later and is not paid (yet, or any more)."""
    from .models import REPLACED, IntentState, PaymentIntent

    intents = PaymentIntent.objects.filter(order_id=order_id).exclude(close_reason=REPLACED)
    states = list(intents.values_list("state", flat=True))
    if states and IntentState.PAID not in states:
        return True
    return waits_elsewhere(int(order_id))


def open_intent(order: object, payment: object, redirect_url: str = "") -> None:
    """Write down what an order has to be paid and until when (see ``services.intents``)."""
    from .services.intents import open_intent as write

    write(order, payment, redirect_url)


def start_code(intent_pk: int, payer_ip: str | None = None) -> str:
    """Start (or resume) paying an intent by a code for the payer to scan; its content (`services.paying`)."""
    from .models import PaymentIntent
    from .services.paying import start_payment

    intent = PaymentIntent.objects.get(pk=intent_pk)
    return start_payment(intent, Method.WECHAT_NATIVE, "", payer_ip).instructions.code_url


def close_open_attempts(intent_pk: int) -> None:
    """Close an intent's open trades at the provider (see ``services.replacing``)."""
    from .services.replacing import close_open_attempts as close

    close(intent_pk)


def replace_intent(intent_pk: int) -> None:
    """Close an intent whose order is paid another way (see ``services.replacing``)."""
    from .services.replacing import replace_intent as replace

    replace(intent_pk)


def cancel_intent(intent_pk: int, reason: str) -> str:
    """Close an intent with its order; how far that came (see ``services.replacing``)."""
    from .services.replacing import cancel_intent as cancel

    return cancel(intent_pk, reason).value


def ask_now(intent_pk: int) -> str:
    """Ask the provider for an intent's open trades; where it stands then (see ``services.replacing``)."""
    from .services.replacing import ask_now as ask

    return ask(intent_pk).value
