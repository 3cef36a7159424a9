"""What other packages may use of the cashier."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from .error_codes import CashierErrorCode
from .errors import CashierError
from .ports import Method
from .registry import (
    gateway_offering,
    is_deferred,
    provider_of,
    register_news,
    register_provider,
    register_wait,
    release_on_close,
    waits_elsewhere,
)

__all__ = [
    "CashierError",
    "CashierErrorCode",
    "Method",
    "ask_now",
    "awaits_money",
    "cancel_intent",
    "close_open_attempts",
    "closing_reason",
    "gateway_offering",
    "intent_facts",
    "is_deferred",
    "is_paid",
    "live_intent",
    "lock_intent_of",
    "open_intent",
    "provider_of",
    "register_news",
    "register_provider",
    "register_wait",
    "release_on_close",
    "replace_intent",
    "reprice_intent",
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


def open_intent(
    order: object, payment: object, redirect_url: str = "", expires_at: datetime | None = None
) -> None:
    """Write down what an order has to be paid and until when (see ``services.intents``)."""
    from .services.intents import open_intent as write

    write(order, payment, redirect_url, expires_at)


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


def reprice_intent(intent_pk: int, amount: Decimal) -> None:
    """Ask for another amount for an unpaid order (see ``services.repricing``)."""
    from .services.repricing import reprice_intent as reprice

    reprice(intent_pk, amount)


def cancel_intent(intent_pk: int, reason: str) -> str:
    """Close an intent with its order; how far that came (see ``services.replacing``)."""
    from .services.replacing import cancel_intent as cancel

    return cancel(intent_pk, reason).value


def ask_now(intent_pk: int) -> str:
    """Ask the provider for an intent's open trades; where it stands then (see ``services.replacing``)."""
    from .services.replacing import ask_now as ask

    return ask(intent_pk).value


def live_intent(order_id: int) -> int | None:
    """The key of the order's intent that may still take money (pending, or being closed); None where there is none."""
    from .models import IntentState, PaymentIntent

    states = (IntentState.PENDING, IntentState.CLOSING)
    found = PaymentIntent.objects.filter(order_id=order_id, state__in=states).order_by("-pk")
    return found.values_list("pk", flat=True).first()


def closing_reason(order_id: int) -> str:
    """Why the order's newest intent is closed or being closed (`EXPIRED` …); empty where it is not."""
    from .models import PaymentIntent

    newest = PaymentIntent.objects.filter(order_id=order_id).order_by("-pk")
    return newest.values_list("close_reason", flat=True).first() or ""


def is_paid(order_id: int) -> bool:
    """True when an intent of the order is paid; exact for whoever holds the order's lock."""
    from .models import IntentState, PaymentIntent

    return PaymentIntent.objects.filter(order_id=order_id, state=IntentState.PAID).exists()


def intent_facts(intent_pk: int) -> tuple[datetime, str]:
    """Until when an intent can be paid, and where it stands."""
    from .models import PaymentIntent

    intent = PaymentIntent.objects.get(pk=intent_pk)
    return intent.expires_at, str(intent.state)


def lock_intent_of(order_id: int) -> None:
    """Lock an order's newest intent, if any: first of all, for whoever goes on to lock the order and refund it."""
    from .locking import lock_intent
    from .models import PaymentIntent

    newest = (
        PaymentIntent.objects.filter(order_id=order_id).order_by("-pk").values_list("pk", flat=True).first()
    )
    if newest is not None:
        lock_intent(newest)
