"""The payer chooses how to pay: one open attempt at a time, its number written before the provider is called."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from saleor.order import OrderStatus
from saleor.order.models import Order

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.money import split, to_fen
from saleor_o2o.kernel.numbering import external_number
from saleor_o2o.kernel.states import IllegalMove, move_once

from ..backoff import next_query
from ..error_codes import CashierErrorCode
from ..errors import CashierError
from ..locking import lock_intent, lock_parts
from ..models import OPEN_STATES, AttemptState, IntentState, PaymentAttempt, PaymentIntent, SubTrade
from ..payees import Payee, payees_of
from ..ports import Method, PayInstructions, PayRequest, ProviderRefused, ProviderUnknown, TradeState
from ..registry import provider_of
from ..tenders import Payer
from .closing import close_attempt, settle_by_query
from .offering import terms_of

#: An openid as WeChat makes them; anything else would only be refused there.
_PAYER_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
#: What a payer needs to open a code or link, at least.
_TO_OPEN_IT = timedelta(seconds=30)
#: How often a payer who changes the method on two devices at once may get in the way.
_ROUNDS = 3


@dataclass(frozen=True)
class Started:
    """An attempt and what the payer's device does with it."""

    attempt: PaymentAttempt
    instructions: PayInstructions


@dataclass(frozen=True)
class Portion:
    """A part of the money that goes to one merchant account."""

    account: str
    seller: str
    amount: Decimal
    label: str = ""


def start_payment(
    intent: PaymentIntent,
    method: Method,
    payer_id: str = "",
    payer_ip: str | None = None,
    payer: Payer | None = None,
) -> Started:
    """Start (or resume) paying an intent by ``method``.

    What is asked of the payer is what internal parts leave. The same method and payer again resumes the open attempt
    under the same number; another one, or a code that is past its time, is closed at the provider first. Locks: intent
    and order, only while writing, never during a call. Raises CashierError (ALREADY_PAID, PAYMENT_CLOSED, IN_REVIEW,
    PART_NOT_READY, METHOD_NOT_OFFERED, RISK_REFUSED, PAYER_REQUIRED, PROVIDER_REFUSED, PROVIDER_UNREACHABLE); nothing
    is charged in any of these cases.
    """
    provider = provider_of(intent.gateway)
    if method not in provider.methods or method is Method.WECHAT_CODE:
        raise CashierError(CashierErrorCode.METHOD_NOT_OFFERED, field="method")
    if method not in (Method.WECHAT_JSAPI, Method.WECHAT_MINI):
        payer_id = ""
    elif not _PAYER_ID.fullmatch(payer_id):
        raise CashierError(CashierErrorCode.PAYER_REQUIRED, field="payerId")
    terms = terms_of(intent, intent.order, payer or Payer(ip=payer_ip), payer_id)
    terms.require(method.value, intent.remote_due or intent.amount, "method")
    attempt = only_attempt(intent, method, payer_id, payer_ip, terms.hold)
    try:
        instructions = provider.start(request_of(attempt))
    except ProviderRefused as refusal:
        PaymentAttempt.objects.filter(pk=attempt.pk).update(last_error=refusal.code[:64])
        raise CashierError(after_refusal(attempt)) from refusal
    except ProviderUnknown as silence:
        PaymentAttempt.objects.filter(pk=attempt.pk).update(last_error=silence.code[:64])
        raise CashierError(CashierErrorCode.PROVIDER_UNREACHABLE) from silence
    if attempt.state == AttemptState.CREATED:
        mark_open(attempt)
    return Started(attempt, instructions)


def request_of(
    attempt: PaymentAttempt, *, auth_code: str = "", store: str = "", device: str = ""
) -> PayRequest:
    """What the provider is asked for an attempt; the same words each time. The code that was scanned is not kept."""
    trade = attempt.ref
    return PayRequest(
        number=attempt.number,
        method=Method(attempt.method),
        amount_fen=to_fen(attempt.amount),
        description=f"{_shop_name()} 订单 {attempt.intent.order_id}",
        expires_at=attempt.expires_at,
        payer_id=attempt.payer_id,
        payer_ip=attempt.payer_ip or "",
        account=attempt.account,
        subs=trade.subs,
        auth_code=auth_code,
        store=store,
        device=device,
    )


def portions_of(intent: PaymentIntent, method: Method) -> list[Portion]:
    """Where the money goes: one portion per merchant account, their sum is what is due of it.

    What several sellers share of a discount, of freight or of a payment in parts falls on them in proportion. A method
    that cannot be combined (a payment code) takes everything into one account, if it is that of everybody: one seller's
    money never goes through another's account. Raises CashierError METHOD_NOT_OFFERED where it would, TOO_MANY_SELLERS
    for more accounts than the provider pays into at once.
    """
    provider, due = provider_of(intent.gateway), intent.remote_due
    payees = [payee for payee in payees_of(intent.order_id) if payee.amount > 0]
    if method not in provider.combines or len(payees) < 2 or to_fen(due) < len(payees):
        seller = payees[0].seller if len(payees) == 1 else ""
        account = provider.account_for(intent.order_id, seller, method)
        if method not in provider.combines and len(payees) > 1:
            _require_one_account(intent, payees, method, account)
        return [Portion(account, seller, due, payees[0].label if len(payees) == 1 else "")]
    amounts = split(due, [payee.amount for payee in payees])
    found: dict[str, Portion] = {}
    for payee, amount in zip(payees, amounts, strict=True):
        account = provider.account_for(intent.order_id, payee.seller, method)
        known = found.get(account)
        if known is None:
            found[account] = Portion(account, payee.seller, amount, payee.label)
        else:  # several sellers of one account are one trade; whose it is then is told by the order
            seller = known.seller if known.seller == payee.seller else ""
            found[account] = replace(known, seller=seller, amount=known.amount + amount)
    portions = [portion for portion in found.values() if portion.amount > 0]
    most = provider.combine_most
    if most is not None and len(portions) > most:
        raise CashierError(
            CashierErrorCode.TOO_MANY_SELLERS,
            field="method",
            message=_("这一单要付给 %(count)s 个收款账户，一次最多付给 %(most)s 个")
            % {"count": len(portions), "most": most},
        )
    return portions


def _require_one_account(intent: PaymentIntent, payees: list[Payee], method: Method, account: str) -> None:
    provider = provider_of(intent.gateway)
    if any(provider.account_for(intent.order_id, payee.seller, method) != account for payee in payees):
        raise CashierError(
            CashierErrorCode.METHOD_NOT_OFFERED,
            field="method",
            message=_("这一单有几家商户各自收款，这种方式不能分账，请出示收款码由顾客扫"),
        )


def only_attempt(
    intent: PaymentIntent,
    method: Method,
    payer_id: str,
    payer_ip: str | None,
    hold: str,
    expires_at: datetime | None = None,
) -> PaymentAttempt:
    """The one open attempt: others are closed at the provider, outside the lock, until none is left.

    ``expires_at``: when this attempt ends, at the latest with the intent.
    """
    for _round in range(_ROUNDS):
        intent = PaymentIntent.objects.get(pk=intent.pk)  # what is due may have changed meanwhile
        portions = portions_of(intent, method)
        account = portions[0].account
        if (
            len(portions) > 1
        ):  # whoever starts a combined trade is we ourselves, whether or not a part is ours
            account = provider_of(intent.gateway).account_for(intent.order_id, "", method)
        attempt, others = _claim_attempt(
            intent, method, payer_id, payer_ip, hold, account, portions, expires_at
        )
        if attempt is not None:
            return attempt
        for other in others:
            if not close_attempt(other):
                refuse_unless_payable(PaymentIntent.objects.get(pk=intent.pk))
                raise CashierError(CashierErrorCode.PROVIDER_UNREACHABLE)
    raise CashierError(CashierErrorCode.PROVIDER_UNREACHABLE)


def after_refusal(attempt: PaymentAttempt) -> CashierErrorCode:
    """What a refusal means: its code is not trusted, the trade's state decides.

    An unpaid trade under a refused number is closed, so that the next try begins anew under a number of its own.
    """
    state = settle_by_query(attempt)
    if state is not TradeState.PAID and state is not TradeState.CLOSED and close_attempt(attempt):
        attempt = PaymentAttempt.objects.get(pk=attempt.pk)
        state = TradeState.PAID if attempt.state == AttemptState.PAID else TradeState.CLOSED
    return CashierErrorCode.ALREADY_PAID if state is TradeState.PAID else CashierErrorCode.PROVIDER_REFUSED


def mark_open(attempt: PaymentAttempt) -> None:
    """Remember that the provider knows the trade; where it was closed while we asked, close what we just opened."""
    try:
        move_once(attempt, "mark_open")
    except IllegalMove:
        attempt = PaymentAttempt.objects.select_related("intent").get(pk=attempt.pk)
        if attempt.state != AttemptState.PAID:
            close_attempt(attempt)
        refuse_unless_payable(attempt.intent)
        raise CashierError(CashierErrorCode.PROVIDER_UNREACHABLE) from None


@transaction.atomic
def _claim_attempt(
    intent: PaymentIntent,
    method: Method,
    payer_id: str,
    payer_ip: str | None,
    hold: str,
    account: str,
    portions: list[Portion],
    expires_at: datetime | None,
) -> tuple[PaymentAttempt | None, list[PaymentAttempt]]:
    intent = lock_intent(intent.pk)
    parts = lock_parts(intent)
    refuse_unless_payable(intent)
    # An order that is being cancelled keeps us waiting, or we it.
    if lock_rows(Order.objects.filter(pk=intent.order_id))[0].status == OrderStatus.CANCELED:
        raise CashierError(CashierErrorCode.PAYMENT_CLOSED)
    if not all(part.is_ready for part in parts):
        raise CashierError(CashierErrorCode.PART_NOT_READY)
    note_risk(intent, hold)
    due = intent.remote_due
    mine, others = None, []
    for attempt in intent.attempts.filter(state__in=OPEN_STATES).order_by("pk"):
        same = (attempt.method, attempt.payer_id, attempt.amount) == (method.value, payer_id, due)
        if same and not _is_worn(attempt):
            mine = attempt
        else:
            others.append(attempt)
    if others:
        return None, others
    if mine is not None:
        return mine, []
    if sum((portion.amount for portion in portions), Decimal(0)) != due:
        return None, []  # another amount than was divided: once more
    prefix = "WX" if method.value.startswith("WECHAT") else "PY"
    made = PaymentAttempt.objects.create(
        intent=intent,
        number=external_number(prefix),
        account=account,
        is_combined=len(portions) > 1,
        method=method.value,
        payer_id=payer_id,
        payer_ip=payer_ip,
        amount=due,
        expires_at=min(expires_at or intent.expires_at, intent.expires_at),
        next_query_at=next_query(0),
    )
    if made.is_combined:
        SubTrade.objects.bulk_create(
            SubTrade(
                attempt=made,
                number=external_number(f"{prefix}S"),
                account=portion.account,
                seller=portion.seller,
                label=portion.label[:120],
                amount=portion.amount,
            )
            for portion in portions
        )
    return made, []


def usable_until(attempt: PaymentAttempt) -> datetime:
    """Until when the payer can use the code or link that was handed out."""
    lifetime = provider_of(attempt.intent.gateway).lifetimes.get(Method(attempt.method))
    return min(attempt.expires_at, attempt.created_at + lifetime) if lifetime else attempt.expires_at


def _is_worn(attempt: PaymentAttempt) -> bool:
    """True for a code that is, or is about to be, past its time: it is replaced under a number of its own.

    A payment code that was scanned is never replaced, only asked for: it may be charged already.
    """
    until = usable_until(attempt)
    may_be_replaced = attempt.method != Method.WECHAT_CODE and until < attempt.intent.expires_at
    return may_be_replaced and until <= now() + _TO_OPEN_IT


def note_risk(intent: PaymentIntent, hold: str) -> None:
    """Keep on a *locked* intent that people must look at its money; what was noted once stays."""
    if hold and not intent.risk:
        intent.risk = hold
        intent.save(update_fields=["risk"])


def refuse_unless_payable(intent: PaymentIntent, *, late: bool = False) -> None:
    """Raise CashierError ALREADY_PAID, IN_REVIEW or PAYMENT_CLOSED unless the intent waits for money.

    `late`: the deadline has passed, but nobody has begun to close.
    """
    if intent.state == IntentState.PAID:
        raise CashierError(CashierErrorCode.ALREADY_PAID)
    if intent.state == IntentState.REVIEW:
        raise CashierError(CashierErrorCode.IN_REVIEW)
    if intent.state != IntentState.PENDING or (intent.expires_at <= now() and not late):
        raise CashierError(CashierErrorCode.PAYMENT_CLOSED)


def _shop_name() -> str:
    from django.contrib.sites.models import Site

    return Site.objects.get_current().name
