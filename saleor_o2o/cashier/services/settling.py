"""All that an order costs is here: capture parts and Saleor's payment at once, or wait for people to look."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from saleor.order import OrderStatus
from saleor.payment import gateway as stock_gateway

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.states import move

from ..events import PaymentConfirmed, PaymentHeld
from ..locking import LockedTrade
from ..models import IntentState, PartState, PaymentPart
from ..tenders import in_order, lock_tenders, tender_of

HELD_FOR_REVIEW = audit.action("cashier.held_for_review", _("支付待风控审核"))


def is_covered(trade: LockedTrade) -> bool:
    """True when the internal parts of a *locked* trade pay everything and none of them is only promised."""
    return trade.intent.remote_due == 0 and all(part.is_ready for part in trade.parts)


def is_payable(trade: LockedTrade) -> bool:
    """True while money may still make a *locked* trade paid."""
    open_states = (IntentState.PENDING, IntentState.CLOSING)
    return trade.intent.state in open_states and trade.order.status != OrderStatus.CANCELED


def settle(trade: LockedTrade, paid_at: datetime, reason: str = "") -> IntentState:
    """Book a *locked* trade whose money is complete: paid, or in review if the intent says so. Locks: tenders' rows.

    `reason`: what whoever released it said.
    """
    intent = trade.intent
    if intent.risk and intent.state != IntentState.REVIEW:
        move(intent, "start_review", reason=intent.risk)
        audit.record(HELD_FOR_REVIEW, intent, after={"why": intent.risk, "amount": intent.amount})
        publish(
            PaymentHeld(intent_id=intent.pk, order_id=trade.order.pk, amount=intent.amount),
            key=f"order:{trade.order.pk}",
        )
        return IntentState.REVIEW
    _capture_parts(trade.parts)
    move(intent, "mark_paid", paid_at=paid_at, reason=reason)
    # Stock's bookkeeping and hooks; our gateway answers from the intent, without a call.
    stock_gateway.capture(trade.payment, intent.amount)
    publish(
        PaymentConfirmed(
            intent_id=intent.pk,
            order_id=trade.order.pk,
            amount=intent.amount,
            gateway=intent.gateway,
            paid_at=paid_at,
        ),
        key=f"order:{trade.order.pk}",
    )
    return IntentState.PAID


def _capture_parts(parts: list[PaymentPart]) -> None:
    held = [part for part in parts if part.state == PartState.HELD]
    lock_tenders({(part.kind, part.ref) for part in held})
    for part in in_order(held):
        tender_of(part.kind).capture(part)
        move(part, "capture")


def release_parts(trade: LockedTrade, parts: list[PaymentPart] | None = None) -> None:
    """Give held parts of a *locked* trade back (all, or some), and say what is covered now. Locks: tenders' rows."""
    from .handing_back import leave_to_people

    held = [part for part in (trade.parts if parts is None else parts) if part.state == PartState.HELD]
    if not held:
        return
    lock_tenders({(part.kind, part.ref) for part in held})
    for part in in_order(held):
        if not tender_of(part.kind).release(part):
            leave_to_people(part, part.amount)
        move(part, "release")
    gone = {part.pk for part in held}
    trade.parts[:] = [part for part in trade.parts if part.pk not in gone]
    trade.intent.covered = sum((part.amount for part in trade.parts), start=trade.intent.covered * 0)
    trade.intent.save(update_fields=["covered"])
