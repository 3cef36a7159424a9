"""What Stripe's events say, and what follows from each."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import stripe
from django.db import transaction
from django.db.models import Q, Sum

from saleor_o2o.cashier.error_codes import CashierErrorCode
from saleor_o2o.cashier.errors import CashierError
from saleor_o2o.cashier.ports import ProviderRefused
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.money import to_fen

from .configuration import load_account
from .models import ChargeState, MoveKind, MoveState, StripeCharge, StripeMove
from .services.charges import believe, call_people
from .wire import NUMBER_KEY

#: What Stripe's ids and event types are made of; also what a database can hold.
_WORD = re.compile(r"[!-~]{1,64}")


def outline(body: bytes) -> tuple[str | None, str]:
    """The event's id and type, unverified, for the inbox; ``(None, "")`` for anything unreadable."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None, ""
    ident, kind = (data.get("id"), data.get("type")) if isinstance(data, dict) else (None, None)
    if not isinstance(ident, str) or not _WORD.fullmatch(ident):
        return None, ""
    return ident, kind if isinstance(kind, str) and _WORD.fullmatch(kind) else ""


def read(headers: dict[str, str], body: bytes) -> Callable[[], None]:
    """Verify a stored event (its age was checked when it came) and say what to do.

    Raises ProviderRefused for anything not genuine, CashierError NOT_CONFIGURED.
    """
    secret = load_account().signing_secret
    if not secret:
        raise CashierError(CashierErrorCode.NOT_CONFIGURED)
    try:
        stripe.WebhookSignature.verify_header(body.decode(), headers.get("Stripe-Signature", ""), secret)
        event = json.loads(body)
        kind, subject = str(event["type"]), event["data"]["object"]
    except (stripe.error.SignatureVerificationError, ValueError) as error:
        raise ProviderRefused("BAD_SIGNATURE", type(error).__name__) from error
    except (KeyError, TypeError) as error:
        raise ProviderRefused("MALFORMED", type(error).__name__) from error
    if not isinstance(subject, dict):
        raise ProviderRefused("MALFORMED", "")
    return lambda: _act(kind, subject)


def _act(kind: str, subject: dict[str, Any]) -> None:
    charge = _charge_of(subject)
    if charge is None:
        return  # another system's money in the same account
    if kind.startswith("payment_intent."):
        _intent(charge, subject)
    elif kind == "charge.refunded":
        _refunded(charge, subject)
    elif kind.startswith("charge.dispute."):
        _disputed(charge, kind, subject)
    elif kind == "charge.refund.updated" and subject.get("status") in ("failed", "canceled"):
        _mark(charge, "REFUND_FAILED")


def _charge_of(subject: dict[str, Any]) -> StripeCharge | None:
    number = str((subject.get("metadata") or {}).get(NUMBER_KEY, ""))[:32]
    intent = subject.get("id") if subject.get("object") == "payment_intent" else subject.get("payment_intent")
    by = Q(number=number) if number else Q(pk__isnull=True)
    if isinstance(intent, str) and intent:
        by |= Q(intent_ref=intent[:64])
    return StripeCharge.objects.filter(by).first()


def _intent(charge: StripeCharge, intent: dict[str, Any]) -> None:
    before = charge.state
    # An event may be old: a charge whose request is at work is asked for by the task, not believed from here.
    if before in (ChargeState.ACTION, ChargeState.REFUSED, ChargeState.CANCELLED, ChargeState.AUTHORIZED):
        status = intent.get("status")
        if before == ChargeState.AUTHORIZED and status == "succeeded":
            if not charge.moves.filter(kind=MoveKind.CAPTURE).exclude(state=MoveState.REFUSED).exists():
                _mark(charge, "CAPTURED_ELSEWHERE")
        elif status in ("succeeded", "requires_capture", "canceled"):
            charge = believe(charge.pk, intent)
        if before == ChargeState.AUTHORIZED and charge.state == ChargeState.CANCELLED:
            _mark(charge, "AUTHORISATION_GONE")
    _later(charge, charge.state in (ChargeState.WRITTEN, ChargeState.LATE))


def _refunded(charge: StripeCharge, stripe_charge: dict[str, Any]) -> None:
    for row in charge.moves.filter(state=MoveState.WRITTEN):
        _later_move(row)
    if charge.state != ChargeState.PAID:
        return
    # What was not captured counts as refunded, too. What nobody here asked for was done in Stripe's own dashboard.
    asked = charge.moves.filter(kind=MoveKind.REFUND).exclude(state=MoveState.REFUSED)
    total = asked.aggregate(total=Sum("amount"))["total"] or 0
    known = to_fen(charge.amount) - to_fen(charge.captured) + (to_fen(total) if total else 0)
    if int(stripe_charge.get("amount_refunded") or 0) > known:
        _mark(charge, "REFUNDED_ELSEWHERE")


def _disputed(charge: StripeCharge, kind: str, dispute: dict[str, Any]) -> None:
    if kind == "charge.dispute.closed" and dispute.get("status") == "won":
        StripeCharge.objects.filter(pk=charge.pk, attention="DISPUTED").update(attention="")
    else:
        _mark(charge, "DISPUTED")


def _mark(charge: StripeCharge, what: str) -> None:
    locked = lock_rows(StripeCharge.objects.filter(pk=charge.pk))[0]
    if locked.attention != what:
        call_people(locked, what)


def _later(charge: StripeCharge, wanted: bool) -> None:
    from .tasks import settle_charge

    if wanted:
        transaction.on_commit(lambda: settle_charge.delay(charge.pk), robust=True)


def _later_move(row: StripeMove) -> None:
    from .tasks import settle_move

    transaction.on_commit(lambda: settle_move.delay(row.pk), robust=True)
