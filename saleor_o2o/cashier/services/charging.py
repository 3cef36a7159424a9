"""Payment codes (付款码): the clerk scans the customer's phone. Charged at once, or asked for, or taken back; never
twice.

What is unknown is asked for, every few seconds, by whoever looks and by the sweep; what is not paid when the payer's
time is over is taken back at the provider first, and only then another code may be scanned.
"""

from __future__ import annotations

import re
from datetime import timedelta

from django.conf import settings

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import blind_index

from ..charges import Charge, ChargeState
from ..error_codes import CashierErrorCode
from ..errors import CashierError
from ..models import OPEN_STATES, AttemptState, IntentState, PaymentAttempt, PaymentIntent
from ..ports import Method, ProviderRefused, ProviderUnknown, TradeState
from ..registry import provider_of
from ..tenders import Audience, Payer
from .closing import close_attempt, settle_by_query
from .offering import terms_of
from .paying import mark_open, only_attempt, request_of

#: WeChat's payment codes: 18 digits that begin with 10 to 15.
_AUTH_CODE = re.compile(r"1[0-5][0-9]{16}")
#: Seconds between two questions for one charge, however often the page asks.
ASK_EVERY = 5.0
#: What a refusal says about the customer's code; everything else is the provider's own trouble.
_REFUSALS = {
    "AUTH_CODE_EXPIRED": CashierErrorCode.CODE_EXPIRED,
    "AUTHCODEEXPIRE": CashierErrorCode.CODE_EXPIRED,
    "AUTH_CODE_USED": CashierErrorCode.CODE_EXPIRED,
    "AUTH_CODE_INVALID": CashierErrorCode.CODE_INVALID,
    "AUTH_CODE_ERROR": CashierErrorCode.CODE_INVALID,
    "NOTENOUGH": CashierErrorCode.PAYER_SHORT,
}


def charge_code(
    intent_pk: int, auth_code: str, *, store: str, device: str = "", payer_ip: str | None = None
) -> Charge:
    """Charge the phone whose payment code was scanned, for the whole of an intent.

    The same code again is the same charge. Another one first takes the earlier charge back at the provider. Calls the
    provider: no transaction may be open; locks (intent, order) only while writing. Raises CashierError: CODE_INVALID,
    CODE_EXPIRED, PAYER_SHORT (nothing was charged, scan again), CODE_PENDING (an earlier code is still being decided),
    ALREADY_PAID, PAYMENT_CLOSED, METHOD_NOT_OFFERED, PROVIDER_REFUSED.
    """
    auth_code = re.sub(r"[\s-]", "", auth_code)
    if not _AUTH_CODE.fullmatch(auth_code):
        raise CashierError(CashierErrorCode.CODE_INVALID, field="authCode")
    intent = PaymentIntent.objects.get(pk=intent_pk)
    provider = provider_of(intent.gateway)
    if Method.WECHAT_CODE not in provider.methods:
        raise CashierError(CashierErrorCode.METHOD_NOT_OFFERED, field="method")
    terms = terms_of(intent, intent.order, Payer(audience=Audience.STAFF, ip=payer_ip))
    terms.require(Method.WECHAT_CODE.value, intent.remote_due or intent.amount, "method")
    until = now() + timedelta(seconds=settings.O2O_CASHIER["CODE_WAIT_SECONDS"])
    try:
        attempt = only_attempt(
            intent,
            Method.WECHAT_CODE,
            blind_index(auth_code, "cashier.auth_code"),
            payer_ip,
            terms.hold,
            until,
        )
    except CashierError as refusal:
        waiting = intent.attempts.filter(state__in=OPEN_STATES, method=Method.WECHAT_CODE).exists()
        if refusal.code is CashierErrorCode.PROVIDER_UNREACHABLE and waiting:
            raise CashierError(CashierErrorCode.CODE_PENDING) from refusal
        raise
    fresh = PaymentAttempt.objects.filter(pk=attempt.pk, state=AttemptState.CREATED, query_count=0)
    if not fresh.update(next_query_at=now() + timedelta(seconds=ASK_EVERY), query_count=1):
        return _ask(attempt)  # scanned before: never sent again, only asked for
    request = request_of(attempt, auth_code=auth_code, store=store, device=device)
    try:
        told = provider.start(request)
    except ProviderRefused as refusal:
        return _refused(attempt, refusal.code)
    except ProviderUnknown as silence:
        PaymentAttempt.objects.filter(pk=attempt.pk).update(last_error=silence.code[:64])
        return _ask(attempt)
    mark_open(attempt)
    if told.fact is not None and told.fact.state is TradeState.PAID:
        from .confirming import confirm_paid

        confirm_paid(told.fact)
    return _standing(attempt.pk)


def check_charge(intent_pk: int) -> Charge | None:
    """Where the newest charge of an intent stands; asks the provider at most every :data:`ASK_EVERY` seconds.

    Counter pages call it while they wait. None when no code was scanned. Calls the provider: no transaction may be
    open.
    """
    attempt = _newest(intent_pk)
    if attempt is None:
        return None
    due = attempt.next_query_at is None or attempt.next_query_at <= now() or attempt.expires_at <= now()
    return _ask(attempt) if attempt.state in OPEN_STATES and due else _standing(attempt.pk)


def take_back(intent_pk: int) -> Charge | None:
    """The customer turned away: take the charge back now, if the provider lets us; None when no code was scanned."""
    attempt = _newest(intent_pk)
    if attempt is None:
        return None
    if attempt.state in OPEN_STATES:
        close_attempt(attempt)
    return _standing(attempt.pk)


def _newest(intent_pk: int) -> PaymentAttempt | None:
    return (
        PaymentAttempt.objects.select_related("intent")
        .filter(intent_id=intent_pk, method=Method.WECHAT_CODE)
        .order_by("-pk")
        .first()
    )


def _ask(attempt: PaymentAttempt) -> Charge:
    """Ask now; when the time is over and there is no money, take it back."""
    PaymentAttempt.objects.filter(pk=attempt.pk).update(next_query_at=now() + timedelta(seconds=ASK_EVERY))
    state = settle_by_query(attempt)
    if attempt.expires_at <= now() and state not in (TradeState.PAID, TradeState.CLOSED):
        close_attempt(attempt)
    return _standing(attempt.pk)


def _refused(attempt: PaymentAttempt, code: str) -> Charge:
    """A refusal's code is for people; whether money moved is for the provider to say, and nothing may move later."""
    PaymentAttempt.objects.filter(pk=attempt.pk).update(last_error=code[:64])
    state = settle_by_query(attempt)
    if state is not TradeState.PAID and state is not TradeState.CLOSED:
        close_attempt(attempt)
    standing = _standing(attempt.pk)
    if standing.state is ChargeState.FAILED:
        raise CashierError(_REFUSALS.get(code, CashierErrorCode.PROVIDER_REFUSED), field="authCode")
    return standing


def _standing(attempt_pk: int) -> Charge:
    attempt = PaymentAttempt.objects.select_related("intent").get(pk=attempt_pk)
    if attempt.intent.state in (IntentState.PAID, IntentState.REVIEW):
        state = ChargeState.PAID
    else:
        state = ChargeState.WAITING if attempt.state in OPEN_STATES else ChargeState.FAILED
    return Charge(state, attempt.number, attempt.expires_at)
