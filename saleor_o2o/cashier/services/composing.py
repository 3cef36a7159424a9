"""The payer chooses what covers the order: internal parts are held here and now, the rest stays for a provider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import F
from saleor.order import OrderStatus

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.money import to_fen
from saleor_o2o.kernel.numbering import next_number, number_kind
from saleor_o2o.kernel.request import current

from ..error_codes import CashierErrorCode as Code
from ..errors import CashierError
from ..locking import LockedTrade, lock_trade
from ..models import OPEN_STATES, PaymentAttempt, PaymentIntent, PaymentPart
from ..tenders import Asked, Found, Payer, Wish, lock_tenders, tender_of
from .closing import close_attempt
from .offering import Terms, terms_of
from .paying import note_risk, refuse_unless_payable
from .settling import is_covered, release_parts, settle

PART_NUMBER = number_kind("payment_part", "FB")
#: Internal parts of one intent, and wrong card numbers on one: more is somebody trying.
MOST_PARTS = 5
MOST_MISSES = 10
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Chosen:
    """A wish and what it names."""

    wish: Wish
    found: Found

    @property
    def pair(self) -> tuple[str, str]:
        """The part's identity within an intent."""
        return self.wish.kind, self.found.ref


def compose(intent: PaymentIntent, wishes: Sequence[Wish], payer: Payer) -> PaymentIntent:
    """Cover an intent by exactly these internal parts; what they leave is for a provider. Again the same: no change.

    Open trades are closed at the provider first, so no transaction may be open. Then, in one transaction, parts that
    are not wanted any more are released and new ones held; if nothing is left to pay, the order is paid at once.
    Locks: intent, parts, order, Saleor payment, the tenders' rows. Raises CashierError (ALREADY_PAID, PAYMENT_CLOSED,
    IN_REVIEW, METHOD_NOT_OFFERED, RISK_REFUSED, CARD_UNUSABLE, BALANCE_TOO_LOW, PART_TWICE, TOO_MANY_PARTS,
    NOTHING_LEFT, PROVIDER_UNREACHABLE) and what a plugin's tender refuses with; nothing has changed then, except that
    a code may be closed.
    """
    return _compose(intent, _identify(intent, wishes, payer), payer, keep=False)


def add_part(intent: PaymentIntent, wish: Wish, payer: Payer) -> PaymentIntent:
    """Cover more of an intent, beside the parts it has. Errors and locks as `compose`."""
    return _compose(intent, _identify(intent, [wish], payer), payer, keep=True)


def _compose(intent: PaymentIntent, chosen: list[Chosen], payer: Payer, *, keep: bool) -> PaymentIntent:
    terms = terms_of(intent, intent.order, payer)
    for _round in range(_ROUNDS):
        still_open = _compose_once(intent.pk, chosen, payer, terms, keep)
        if not still_open:
            return PaymentIntent.objects.get(pk=intent.pk)
        for attempt in still_open:
            if not close_attempt(attempt):
                refuse_unless_payable(PaymentIntent.objects.get(pk=intent.pk))
                raise CashierError(Code.PROVIDER_UNREACHABLE)
    raise CashierError(Code.PROVIDER_UNREACHABLE)


def _identify(intent: PaymentIntent, wishes: Sequence[Wish], payer: Payer) -> list[Chosen]:
    if len(wishes) > MOST_PARTS:
        raise CashierError(Code.TOO_MANY_PARTS, field="parts")
    chosen: list[Chosen] = []
    for wish in wishes:
        tender = tender_of(wish.kind)
        if payer.audience not in tender.audience:
            raise CashierError(Code.METHOD_NOT_OFFERED, field="kind")
        if wish.amount is not None and to_fen(wish.amount) <= 0:
            raise CashierError(Code.INVALID_AMOUNT, field="amount")
        if intent.misses >= MOST_MISSES:
            raise CashierError(Code.TOO_MANY_TRIES, field="code")
        try:
            found = tender.identify(wish, payer)
        except CashierError as refusal:
            if refusal.code is Code.CARD_UNUSABLE:  # outside any transaction: a wrong try stays counted
                PaymentIntent.objects.filter(pk=intent.pk).update(misses=F("misses") + 1)
            raise
        one = Chosen(wish, found)
        if one.pair in {other.pair for other in chosen}:
            raise CashierError(Code.PART_TWICE, field="parts")
        chosen.append(one)
    return chosen


@transaction.atomic
def _compose_once(
    intent_pk: int, chosen: list[Chosen], payer: Payer, terms: Terms, keep: bool
) -> list[PaymentAttempt]:
    """Change the composition under locks; gives the open trades that must be closed before, if any."""
    trade = lock_trade(intent_pk)
    refuse_unless_payable(trade.intent)
    if trade.order.status == OrderStatus.CANCELED:
        raise CashierError(Code.PAYMENT_CLOSED)
    if keep:
        known = {(part.kind, part.ref) for part in trade.parts}
        dropped: list[PaymentPart] = []
        fresh = [one for one in chosen if one.pair not in known]
        if len(trade.parts) + len(fresh) > MOST_PARTS:
            raise CashierError(Code.TOO_MANY_PARTS, field="parts")
    else:
        dropped, fresh = _difference(trade.parts, chosen)
    if not dropped and not fresh:
        return []
    still_open = list(trade.intent.attempts.filter(state__in=OPEN_STATES).order_by("pk"))
    if still_open:
        return still_open
    lock_tenders({(part.kind, part.ref) for part in dropped} | {one.pair for one in fresh})
    release_parts(trade, dropped)
    for one in fresh:
        _hold(trade, one, payer, terms)
    note_risk(trade.intent, terms.hold)
    trade.intent.covered = sum((part.amount for part in trade.parts), start=Decimal(0))
    if any(not part.is_ready for part in dropped) and all(part.is_ready for part in trade.parts):
        trade.intent.expires_at = min(
            trade.intent.expires_at, now() + _grace()
        )  # nobody waits for a transfer now
    trade.intent.save(update_fields=["covered", "expires_at"])
    if is_covered(trade):
        settle(trade, now())
    return []


def _difference(parts: list[PaymentPart], chosen: list[Chosen]) -> tuple[list[PaymentPart], list[Chosen]]:
    """Parts to let go of, and choices to hold. "All of it" keeps what is held only while it is the only choice."""
    wanted = {one.pair: one.wish.amount for one in chosen}
    kept = {
        (part.kind, part.ref)
        for part in parts
        if wanted.get((part.kind, part.ref), Decimal(-1)) in (part.amount, None)
    }
    if any(pair not in kept for pair in wanted) or len(kept) < len(parts):
        kept = {pair for pair in kept if wanted[pair] is not None}  # what is left changes: hold it anew
    dropped = [part for part in parts if (part.kind, part.ref) not in kept]
    return dropped, [one for one in chosen if one.pair not in kept]


def _hold(trade: LockedTrade, one: Chosen, payer: Payer, terms: Terms) -> None:
    intent = trade.intent
    most = intent.amount - sum((part.amount for part in trade.parts), start=Decimal(0))
    if most <= 0 or (one.wish.amount is not None and one.wish.amount > most):
        raise CashierError(Code.NOTHING_LEFT, field="amount")
    tender = tender_of(one.wish.kind)
    number = next_number(PART_NUMBER)
    held = tender.hold(
        Asked(intent, trade.order, number, one.found.ref, one.wish.code, one.wish.amount, most, payer)
    )
    terms.require(one.wish.kind, held.amount, "amount")
    part = PaymentPart.objects.create(
        intent=intent,
        number=number,
        kind=one.wish.kind,
        ref=one.found.ref,
        label=one.found.label[:64],
        amount=held.amount,
        is_ready=held.ready,
        held_by=current().actor,
    )
    tender.held(part)
    trade.parts.append(part)
    if held.patience is not None:
        intent.expires_at = max(intent.expires_at, now() + held.patience)


@transaction.atomic
def make_ready(part_pk: int, intent_pk: int) -> bool:
    """People have seen the money of a promised part: it counts, and the order is paid if nothing else is missing.

    Locks: intent, parts, order, Saleor payment, the tenders' rows. False when the part is not held any more. Raises
    CashierError PAYMENT_CLOSED while it is closing.
    """
    trade = lock_trade(intent_pk)
    part = next((one for one in trade.parts if one.pk == part_pk), None)
    if part is None or part.is_ready:
        return part is not None
    refuse_unless_payable(trade.intent, late=True)
    part.is_ready = True
    part.save(update_fields=["is_ready"])
    if is_covered(trade):
        settle(trade, now())
    else:  # the rest is for a provider: as long as any order has
        trade.intent.expires_at = max(trade.intent.expires_at, now() + _grace())
        trade.intent.save(update_fields=["expires_at"])
    return True


def _grace() -> timedelta:
    return timedelta(minutes=settings.O2O_CASHIER["PAY_MINUTES"])
