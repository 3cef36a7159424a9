"""Reads."""

from __future__ import annotations

from .models import ChargeState, StripeCharge


def awaits_capture(order_id: int) -> bool:
    """True when an order's card is only authorised: nothing leaves the house before the money is asked for."""
    return StripeCharge.objects.filter(payment__order_id=order_id, state=ChargeState.AUTHORIZED).exists()


def newest_charge(payment_id: int) -> StripeCharge | None:
    """The charge that counts for a Saleor payment."""
    return StripeCharge.objects.filter(payment_id=payment_id).order_by("-pk").first()
