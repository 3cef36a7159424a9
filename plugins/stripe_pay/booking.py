"""Stock's bookkeeping, given answers that are rows of ours: transactions, amounts and states are written by stock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any

from django.db import transaction
from saleor.payment import PaymentError, TransactionKind
from saleor.payment.interface import GatewayResponse
from saleor.payment.models import Payment, Transaction
from saleor.payment.utils import update_card_details

from saleor_o2o.kernel.locks import lock_rows

from .declines import words
from .models import ChargeState, MoveKind, StripeCharge, StripeMove

_answer: ContextVar[GatewayResponse | None] = ContextVar("o2o_stripe_answer", default=None)
#: Stock's functions as they were before the adaptation.
STOCK: dict[str, Callable[..., Any]] = {}


@contextmanager
def answered(response: GatewayResponse) -> Iterator[None]:
    """Within the block the gateway plugin answers this."""
    token = _answer.set(response)
    try:
        yield
    finally:
        _answer.reset(token)


def ready_answer() -> GatewayResponse | None:
    """What the gateway plugin has been told to answer."""
    return _answer.get()


def response_of(charge: StripeCharge, card: Any = None, customer_id: str | None = None) -> GatewayResponse:
    """A charge as stock's bookkeeping reads it; no secret in it, for stock stores and shows it."""
    waiting = charge.state == ChargeState.ACTION
    taken = charge.state in (ChargeState.PAID, ChargeState.AUTHORIZED)
    return GatewayResponse(
        is_success=taken or waiting,
        action_required=waiting,
        kind=TransactionKind.CAPTURE if charge.auto_capture else TransactionKind.AUTH,
        amount=charge.amount,
        currency=charge.currency,
        transaction_id=charge.intent_ref or charge.number,
        error=None if taken or waiting else words(charge.code),
        customer_id=customer_id,
        card_info=card,
        raw_response={
            "number": charge.number,
            "id": charge.intent_ref,
            "state": charge.state,
            "code": charge.code,
        },
    )


def book_charge(
    payment: Payment, charge: StripeCharge, card: Any = None, customer_id: str | None = None
) -> Transaction:
    """Let stock write down what became of a charge, once per outcome. Locks: the payment.

    Raises PaymentError for a no.
    """
    response = response_of(charge, card, customer_id)
    if not response.is_success:
        if not charge.booked:
            StripeCharge.objects.filter(pk=charge.pk).update(booked=True)
            with answered(response):
                return STOCK["process_payment"](payment=payment, token=payment.token)
        raise PaymentError(response.error or "")
    with transaction.atomic():
        lock_rows(Payment.objects.filter(pk=payment.pk))
        known = payment.transactions.filter(
            token=response.transaction_id, action_required=response.action_required, is_success=True
        )
        written = known.filter(kind=response.kind).first()
        if written is None:
            with answered(response):
                written = STOCK["process_payment"](payment=payment, token=payment.token)
        if not response.action_required:
            if card is not None:
                _remember_card(payment, card)
            StripeCharge.objects.filter(pk=charge.pk).update(booked=True, next_check_at=None)
            Payment.objects.filter(pk=payment.pk).update(to_confirm=False)
            payment.refresh_from_db()
        return written


def book_move(payment: Payment, row: StripeMove) -> Transaction:
    """Let stock write down a move that is done, once. Locks: the payment, then the move."""
    kinds = {
        MoveKind.CAPTURE: TransactionKind.CAPTURE,
        MoveKind.VOID: TransactionKind.VOID,
        MoveKind.REFUND: TransactionKind.REFUND,
    }
    with transaction.atomic():
        payment = lock_rows(Payment.objects.select_related("order").filter(pk=payment.pk))[0]
        row = lock_rows(StripeMove.objects.select_related("charge").filter(pk=row.pk))[0]
        if row.booked:
            return payment.transactions.filter(kind=kinds[MoveKind(row.kind)]).latest("pk")
        response = GatewayResponse(
            is_success=True,
            action_required=False,
            kind=kinds[MoveKind(row.kind)],
            amount=row.amount,
            currency=row.charge.currency,
            transaction_id=row.charge.intent_ref,
            error=None,
            raw_response={"number": row.number, "id": row.charge.intent_ref},
        )
        with answered(response):
            amounts = () if row.kind == MoveKind.VOID else (row.amount,)
            written = STOCK[row.kind](payment, *amounts)
        StripeMove.objects.filter(pk=row.pk).update(booked=True, next_check_at=None)
        return written


def _remember_card(payment: Payment, card: Any) -> None:
    update_card_details(payment, SimpleNamespace(card_info=card))
