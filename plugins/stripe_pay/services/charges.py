"""Writing a charge and believing what Stripe says of it: the only places where its state changes."""

from __future__ import annotations

import logging
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from saleor.order.models import Order
from saleor.payment import PaymentError
from saleor.payment.models import Payment

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.money import to_fen
from saleor_o2o.kernel.numbering import external_number
from saleor_o2o.kernel.states import move

from ..declines import code_of
from ..models import LIVE, ChargeState, StripeCharge

logger = logging.getLogger(__name__)

LATE_MONEY = audit.action("stripe_pay.late_money", _("银行卡无单到账，自动退回"))
AMOUNT_MISMATCH = audit.action("stripe_pay.amount_mismatch", _("银行卡到账金额与应收不符"))
NEEDS_PEOPLE = audit.action("stripe_pay.needs_people", _("银行卡收款需要人工处理"))

#: Before this nobody else looks at a charge: its own request is still at work.
OWN_TIME = timedelta(seconds=90)
_REFUSED = frozenset({"requires_payment_method", "canceled"})


def write_charge(payment: Payment, auto_capture: bool) -> StripeCharge:
    """The live charge of a payment, written if there is none, or one that waits for its payer taken up again.

    Commits before it returns, so that the number is known before Stripe hears of it. Locks: the payment's order, the
    payment, its live charge. Raises PaymentError where the order was undone meanwhile, LockTimeout.
    """
    with transaction.atomic():
        wanted = (
            {"pk": payment.order_id} if payment.order_id else {"checkout_token": str(payment.checkout_id)}
        )
        if not lock_rows(Order.objects.filter(**wanted)):
            raise PaymentError(gettext("订单已不在，没有扣款。请重新下单"))
        lock_rows(Payment.objects.filter(pk=payment.pk))
        live = lock_rows(StripeCharge.objects.filter(payment_id=payment.pk, state__in=LIVE))
        if live and live[0].state != ChargeState.ACTION:
            return live[0]
        if live:
            move(live[0], "confirm_again")
            StripeCharge.objects.filter(pk=live[0].pk).update(next_check_at=now() + OWN_TIME)
            return StripeCharge.objects.get(pk=live[0].pk)
        return StripeCharge.objects.create(
            number=external_number("SC"),
            payment=payment,
            amount=payment.total,
            currency=payment.currency,
            auto_capture=auto_capture,
            next_check_at=now() + OWN_TIME,
        )


@transaction.atomic
def believe(charge_pk: int, intent: dict[str, Any]) -> StripeCharge:
    """Act on a PaymentIntent as Stripe shows it; repeating it changes nothing. Locks: the charge.

    Money for a charge that was given up is noted as late; a task gives it back. An amount or a currency that is not
    the charge's marks it for people and changes nothing.
    """
    charge = lock_rows(StripeCharge.objects.filter(pk=charge_pk))[0]
    status = str(intent.get("status", ""))
    if not charge.intent_ref and intent.get("id"):
        charge.intent_ref = str(intent["id"])[:64]
        charge.save(update_fields=["intent_ref"])
    same = intent.get("amount") == to_fen(charge.amount)
    if not same or str(intent.get("currency", "")).upper() != charge.currency:
        _mismatch(charge, intent)
        return charge
    if status in ("succeeded", "requires_capture"):
        _money(charge, intent, status)
    elif status == "requires_action" and charge.state == ChargeState.WRITTEN:
        first = charge.expires_at or now() + timedelta(minutes=settings.O2O_CASHIER["PAY_MINUTES"])
        move(charge, "await_payer", expires_at=first)
    elif status in _REFUSED and charge.state in (ChargeState.WRITTEN, ChargeState.ACTION):
        error = intent.get("last_payment_error") or {}
        if status == "canceled":
            move(charge, "cancel", code="CANCELED")
        else:
            move(charge, "refuse", code=code_of(error))
    elif status == "canceled" and charge.state == ChargeState.AUTHORIZED:
        move(charge, "cancel", code="CANCELED")
    return charge


def _money(charge: StripeCharge, intent: dict[str, Any], status: str) -> None:
    if charge.state == ChargeState.WRITTEN and status == "requires_capture":
        move(charge, "authorize")
    elif charge.state == ChargeState.WRITTEN or (
        charge.state == ChargeState.AUTHORIZED and status == "succeeded"
    ):
        move(charge, "pay")
        charge.captured = Decimal(int(intent.get("amount_received") or intent["amount"])).scaleb(-2)
        charge.save(update_fields=["captured"])
    elif charge.state in (ChargeState.ACTION, ChargeState.REFUSED, ChargeState.CANCELLED):
        if charge.code == "VOIDED":
            return
        move(charge, "come_late")
        audit.record(LATE_MONEY, charge)
        logger.error("charge %s: money came without an order, it goes back by itself", charge.number)


def _mismatch(charge: StripeCharge, intent: dict[str, Any]) -> None:
    if charge.attention == "AMOUNT_MISMATCH":
        return
    call_people(charge, "AMOUNT_MISMATCH")
    told = {"amount": intent.get("amount"), "currency": intent.get("currency")}
    audit.record(AMOUNT_MISMATCH, charge, before={"amount": to_fen(charge.amount)}, after=told)


@transaction.atomic
def refuse(charge_pk: int, code: str) -> StripeCharge:
    """No money moved and none will: for an answer that says so. Locks: the charge."""
    charge = lock_rows(StripeCharge.objects.filter(pk=charge_pk))[0]
    if charge.state in (ChargeState.WRITTEN, ChargeState.ACTION):
        move(charge, "refuse", code=code)
    return charge


def call_people(charge: StripeCharge, what: str) -> None:
    """Put a *locked* charge on the list of what people must look at."""
    charge.attention = what
    charge.save(update_fields=["attention"])
    audit.record(NEEDS_PEOPLE, charge, after={"attention": what})
    logger.error("charge %s needs people: %s", charge.number, what)
