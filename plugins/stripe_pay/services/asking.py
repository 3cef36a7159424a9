"""What is said to Stripe for a charge: through stock's gateway where it has words for it, and questions of ours."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import stripe
from saleor.payment.gateways import stripe as stock
from saleor.payment.interface import PaymentData
from saleor.payment.models import Payment
from saleor.payment.utils import create_payment_information

from saleor_o2o.cashier.errors import CashierError
from saleor_o2o.kernel.clock import now

from ..configuration import load_account
from ..declines import code_of
from ..models import ChargeState, StripeCharge
from ..wire import NUMBER_KEY, Call, speaking
from .charges import believe, refuse

logger = logging.getLogger(__name__)

#: An unanswered request that Stripe does not know by then has not arrived; should it still, its money goes back.
ABSENT_AFTER = timedelta(minutes=2)
#: Questions page through at most this many charges (they reach back to the charge's own minute).
MOST_PAGES = 5


def send(charge: StripeCharge, payment: Payment, store_source: bool) -> tuple[StripeCharge, str | None, Any]:
    """Charge the card, or confirm after the bank's question; the charge as it is then, a customer's id, card details.

    Locks nothing during the call. Only an answer changes the charge: silence leaves it WRITTEN.
    """
    try:
        account = load_account(for_new_payment=not charge.confirmations)
    except CashierError:
        return refuse(charge.pk, "NOT_CONFIGURED"), None, None
    call = Call(account, charge.number)
    information = create_payment_information(
        payment=payment, payment_token=payment.token, store_source=store_source
    )
    response = None
    with speaking(call):
        try:
            if charge.confirmations:
                call.step = f"confirm{charge.confirmations}"
                information.token = charge.intent_ref
                response = stock.confirm(information, account.stock)
            else:
                call.step, call.more = "create", {f"metadata[{NUMBER_KEY}]": charge.number}
                response = stock.process_payment(information, account.stock)
        except Exception:  # whatever it stumbled on, what Stripe answered decides
            logger.exception("charge %s: stock's gateway failed over the answer", charge.number)
    charge = _conclude(charge, call)
    return charge, getattr(response, "customer_id", None), getattr(response, "card_info", None)


def _conclude(charge: StripeCharge, call: Call) -> StripeCharge:
    if call.silence:
        return ask(charge)
    if call.intent:
        charge = believe(charge.pk, call.intent)
        if call.refusal and charge.state == ChargeState.WRITTEN:
            return ask(charge)
        return charge
    if call.refusal:
        if charge.confirmations:  # the intent moved on without us: its state decides
            return ask(charge)
        return refuse(charge.pk, code_of(call.refusal))
    if call.unsent:
        return refuse(charge.pk, "UNREACHABLE") if not charge.confirmations else ask(charge)
    return ask(charge)


def ask(charge: StripeCharge) -> StripeCharge:
    """Ask Stripe for a charge and believe the answer; WRITTEN still where there is none. Locks nothing during it."""
    try:
        intent = find_intent(charge)
    except (CashierError, stripe.error.StripeError) as failure:
        logger.warning("charge %s: no answer to a question (%s)", charge.number, type(failure).__name__)
        return charge
    if intent is not None:
        return believe(charge.pk, intent)
    if charge.state == ChargeState.WRITTEN and now() - charge.created_at > ABSENT_AFTER:
        return refuse(charge.pk, "ABSENT")
    return charge


def find_intent(charge: StripeCharge) -> dict[str, Any] | None:
    """The PaymentIntent of a charge, by its id or by our number. Raises StripeError, CashierError NOT_CONFIGURED."""
    with speaking(Call(load_account())):
        if charge.intent_ref:
            return dict(stripe.PaymentIntent.retrieve(charge.intent_ref).to_dict_recursive())
        written = int(charge.created_at.timestamp())
        window = {
            "gte": written - 300,
            "lte": written + 900,
        }  # it is sent at once or never
        after: dict[str, str] = {}
        for _page in range(MOST_PAGES):
            page = stripe.PaymentIntent.list(created=window, limit=100, **after)
            for intent in page.data:
                if (intent.metadata or {}).get(NUMBER_KEY) == charge.number:
                    return dict(intent.to_dict_recursive())
            if not page.has_more:
                return None
            after = {"starting_after": page.data[-1].id}
    raise stripe.error.APIConnectionError("too many charges to look through")


def secret_of(charge: StripeCharge) -> dict[str, str]:
    """What a browser needs to show the bank's question; asked for anew, never stored. Raises StripeError."""
    intent = find_intent(charge) or {}
    return {
        "type": "stripe",
        "id": str(intent.get("id", "")),
        "client_secret": str(intent.get("client_secret", "")),
    }


def cancel_intent(charge: StripeCharge) -> StripeCharge:
    """Give up a charge at Stripe, or find out that it went another way."""
    try:
        with speaking(Call(load_account(), charge.number, step="cancel")):
            intent = stripe.PaymentIntent.retrieve(charge.intent_ref)
            intent.cancel()
    except (CashierError, stripe.error.StripeError) as failure:
        logger.warning("charge %s: could not be cancelled (%s)", charge.number, type(failure).__name__)
        return ask(charge)
    return believe(charge.pk, intent.to_dict_recursive())


def information_for(charge: StripeCharge, payment: Payment, amount: Any) -> PaymentData:
    """What stock's capture, refund and void want: the intent as the token."""
    return create_payment_information(payment=payment, payment_token=charge.intent_ref, amount=amount)
