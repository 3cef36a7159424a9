"""Gateways that charge at once and can be asked: what became of a payment whose answer did not come."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from saleor.payment import PaymentError
from saleor.payment.models import Payment


class Settled(StrEnum):
    """What a gateway's plugin knows of a payment."""

    CHARGED = "charged"
    NOT_CHARGED = "not_charged"
    UNKNOWN = "unknown"


class OutcomeUnknown(PaymentError):
    """The card may or may not be charged: the order stays as it is until the gateway's plugin knows."""


_SETTLERS: dict[str, Callable[[Payment], Settled]] = {}


def settle_with(gateway: str, settle: Callable[[Payment], Settled]) -> None:
    """Have ``settle(payment)`` asked before an order of this gateway is finished or undone; it may call the provider.

    It books what it finds (once) and is asked again until it knows. Plugins call this when their app is ready.
    """
    _SETTLERS[gateway] = settle


def settled(payment: Payment) -> Settled | None:
    """What the gateway's plugin knows; None where nobody can be asked."""
    settle = _SETTLERS.get(payment.gateway)
    return settle(payment) if settle is not None else None
