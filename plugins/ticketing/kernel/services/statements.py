"""What suppliers say at the end of the day against what we booked with them, ticket by ticket."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import SHANGHAI, midnight, now, today
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import NotAllowed, get_row
from saleor_o2o.kernel.sweeping import sum_each

from ..access import SETTLE
from ..choices import INSURANCE, CallKind, FeeItem, MatchState, Side
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..models import FeeLine, StatementLine, SupplierAccount, SupplierStatement, Ticket
from ..ports import Line, SupplierRefused, SupplierSilent, own_adapters, supplier_of

logger = logging.getLogger(__name__)
NOTED = audit.action("ticketing.statement_noted", _("说明对账差异"))
SETTLED = audit.action("ticketing.statement_settled", _("核销供应商对账单"))
ZERO = Decimal("0.00")
#: Of which kind of line our booking is.
KINDS = {
    FeeItem.FACE: CallKind.ISSUE,
    FeeItem.DIFFERENCE: CallKind.CHANGE,
    FeeItem.BACK: CallKind.REFUND,
    FeeItem.REFUND_FEE: CallKind.REFUND,
    FeeItem.AGENCY: CallKind.AGENCY,
    FeeItem.AGENCY_BACK: CallKind.AGENCY_BACK,
}
#: Statements of so many days before are still asked for, and asked for again after a while: suppliers correct them.
BEHIND = 7
AGAIN = timedelta(hours=12)
#: A ticket and what was done with it.
Key = tuple[int, str]
#: What a statement's total can be at most, in yuan.
MOST_TOTAL = Decimal(10**12)


@dataclass(frozen=True, slots=True)
class Booking:
    """What we booked with a supplier for a ticket at once: some of its people may go back, and others later. Yuan."""

    key: Key
    day: date
    amount: Decimal


Booked = dict[Key, list[Booking]]


def billing() -> QuerySet[SupplierAccount]:
    """Suppliers with statements: insurers' interface has none, and our own inventory is settled by sheets."""
    return SupplierAccount.objects.exclude(trade=INSURANCE).exclude(adapter__in=own_adapters())


def take_due() -> int:
    """Take in what is missing or was corrected of the last days, of every supplier in use that sends bills; how many.

    What people brought in by hand is not asked again.
    """
    first = today() - timedelta(days=BEHIND)
    asked: list[tuple[SupplierAccount, date, SupplierStatement | None]] = []
    for account in billing().filter(active=True).order_by("pk"):
        rows = SupplierStatement.objects.filter(supplier=account, day__gte=first)
        known = {one.day: one for one in rows}
        for back in range(1, BEHIND + 1):
            day = today() - timedelta(days=back)
            there = known.get(day)
            if there is None or _asked_again(there):
                asked.append((account, day, there))
    # an answer that breaks our own code is asked for again by the next run
    return sum_each(asked, lambda one: _fetch(*one), "statement")


def _asked_again(there: SupplierStatement) -> bool:
    return there.settled_at is None and not there.by_hand and there.asked_at < now() - AGAIN


def _fetch(account: SupplierAccount, day: date, there: SupplierStatement | None) -> bool:
    """Ask for a day, outside of any transaction; whether it brought something new."""
    try:
        lines = supplier_of(account.adapter).statement(day)
    except (SupplierRefused, SupplierSilent, LookupError) as refusal:
        logger.info("no statement of %s for %s: %s", account.code, day, type(refusal).__name__)
        return False
    if there is not None:
        SupplierStatement.objects.filter(pk=there.pk).update(asked_at=now())
    if not lines and (there is not None or not _booked(account, day, 0)):
        return False  # nothing happened on either side; an empty answer takes nothing away from what was told before
    try:
        return take_in(account, day, lines).digest != (there.digest if there is not None else "")
    except TicketError as refusal:
        logger.warning("statement of %s for %s: %s", account.code, day, refusal.code)
        return False


def digest_of(lines: Sequence[Line]) -> str:
    """What tells one file of a day from another: its lines, in whatever order."""
    told = sorted(
        f"{one.kind}|{one.their_number}|{one.their_ticket}|{one.amount:.2f}"
        + (f"|{one.leg}" if one.leg else "")
        for one in lines
    )
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


@transaction.atomic
def take_in(
    account: SupplierAccount, day: date, lines: Sequence[Line], *, by_hand: bool = False
) -> SupplierStatement:
    """Take in a day's lines and match them. The same lines again are matched anew while something differs, since we may
    have booked more meanwhile; where nothing comes of it, all stays as it is but for who brought them (`by_hand`).

    Another file for the same day replaces the first while that is not settled; what people wrote of a difference that
    is there again stays. A ticket that one side books on the day before or after is matched with it. Locks: the
    account, the statement. Raises TicketError CHANGED_MEANWHILE for another file after the settlement, INVALID_INPUT
    for a total that no day can have.
    """
    lock_rows(SupplierAccount.objects.filter(pk=account.pk))
    digest = digest_of(lines)
    total = sum((one.amount for one in lines), ZERO)
    if abs(total) >= MOST_TOTAL:
        raise TicketError(Code.INVALID_INPUT, _("账单合计金额太大"), "file", _("请核对金额一列的单位"))
    known = lock_rows(SupplierStatement.objects.filter(supplier=account, day=day))
    statement = known[0] if known else SupplierStatement(supplier=account, day=day)
    if known and statement.settled_at is not None:
        if statement.digest == digest:
            return statement
        raise TicketError(
            Code.CHANGED_MEANWHILE,
            _("这一天的对账单已核销，供应商又给了不同的明细"),
            hint=_("请与供应商核对"),
        )
    statement.by_hand = by_hand
    if statement.digest != digest:
        statement.digest, statement.taken_at, statement.asked_at = digest, now(), now()
        statement.lines_count, statement.total = len(lines), total
    elif not statement.differences and not statement.lines.exclude(match=MatchState.SAME).exists():
        statement.save(update_fields=["by_hand"])
        return statement
    statement.save()
    _match(statement, lines)
    return statement


def _match(statement: SupplierStatement, lines: Sequence[Line]) -> None:
    """Write what came of matching, with the words that are there already; lines that say the same are left alone."""
    before = list(statement.lines.order_by("pk"))
    matched = _matched(statement, lines)
    if Counter(map(_named, before)) == Counter(map(_named, matched)):
        return
    notes = {_named(one): one.settled_note for one in before if one.settled_note}
    for one in matched:
        one.settled_note = one.settled_note or notes.get(_named(one), "")
    statement.lines.all().delete()
    StatementLine.objects.bulk_create(matched)
    _count(statement)


def _named(line: StatementLine) -> tuple[Any, ...]:
    """What makes a difference the same one in another file."""
    return (
        line.kind,
        line.their_number,
        line.their_ticket,
        line.ticket_id,
        line.amount,
        line.ours,
        line.match,
    )


def _booked(account: SupplierAccount, day: date, around: int) -> Booked:
    """What we booked with a supplier on a day and so many days around it, by ticket and kind, the oldest first; given
    back below zero. One statement."""
    rows = FeeLine.objects.filter(
        side=Side.SUPPLIER, ticket__ticket_order__supplier=account, at__gte=midnight(day - timedelta(days=around)),
        at__lt=midnight(day + timedelta(days=around + 1)), item__in=KINDS,
    ).order_by("at", "pk")  # fmt: skip
    told: dict[tuple[Key, date, str], Decimal] = defaultdict(lambda: ZERO)
    for ticket, item, amount, reference, at in rows.values_list(
        "ticket_id", "item", "amount", "reference", "at"
    ):
        told[(ticket, str(KINDS[FeeItem(item)])), at.astimezone(SHANGHAI).date(), reference] += amount
    found: Booked = defaultdict(list)
    for (key, on, _reference), amount in told.items():
        found[key].append(Booking(key, on, amount))
    return dict(found)


def _sum(bookings: Iterable[Booking]) -> Decimal:
    return sum((one.amount for one in bookings), ZERO)


def _agreeing(bookings: Sequence[Booking], amount: Decimal) -> Sequence[Booking]:
    """All of them where their sum is the amount, else the one that is; none."""
    if bookings and _sum(bookings) == amount:
        return bookings
    return [one for one in bookings if one.amount == amount][:1]


def _near(bookings: Sequence[Booking], day: date) -> Sequence[Booking]:
    """Those of the day itself; else those of the days around it."""
    return [one for one in bookings if one.day == day] or bookings


def _matched(statement: SupplierStatement, lines: Sequence[Line]) -> list[StatementLine]:
    account, day = statement.supplier, statement.day
    free = _free(statement)
    tickets = _tickets(account, lines)
    found: dict[int, StatementLine] = {}
    seen: set[tuple[Key, date]] = set()
    # what agrees comes first: of a ticket that went back in parts no line takes what belongs to another one
    for exactly in (True, False):
        for at, one in enumerate(lines):
            if at in found:
                continue
            # coupons of one ticket have one number: a line names its leg, or is for all that is open of them together
            named = tickets.get(one.their_ticket or one.their_number, [])
            # of a ticket for a single trip its only coupon may be called the first, too
            legs = [pk for pk, leg in named if one.leg in (0, leg or 1)]
            open_ = [booking for pk in legs for booking in free.get((pk, str(one.kind)), ())]
            taken = _agreeing(open_, one.amount) or ([] if exactly else _near(open_, day))
            if exactly and not taken:
                continue
            for booking in taken:
                free[booking.key].remove(booking)
                seen.add((booking.key, booking.day))
            ours = _sum(taken) if taken else None
            match = MatchState.ONLY_THEIRS
            if ours is not None:
                match = MatchState.SAME if ours == one.amount else MatchState.AMOUNT
            found[at] = StatementLine(
                statement=statement, kind=one.kind, their_number=one.their_number[:64],
                their_ticket=one.their_ticket[:64], amount=one.amount, ours=ours, match=match,
                ticket_id=taken[0].key[0] if taken else next(iter(legs), None),
            )  # fmt: skip
    own = {
        key: _sum(left)
        for key, all_ in sorted(free.items())
        if (left := [one for one in all_ if one.day == day])
    }
    _settle_neighbours(statement, seen)
    return [found[at] for at in sorted(found)] + _only_ours(statement, own)


def _free(statement: SupplierStatement) -> Booked:
    """What we booked on the day and the days beside it, but for what other statements of the supplier have matched."""
    booked = _booked(statement.supplier, statement.day, 3)
    rows = StatementLine.objects.filter(
        statement__supplier=statement.supplier_id,
        statement__day__gte=statement.day - timedelta(days=2),
        statement__day__lte=statement.day + timedelta(days=2),
        match__in=(MatchState.SAME, MatchState.AMOUNT),
    ).exclude(statement=statement)  # fmt: skip
    for ticket, kind, ours, day in rows.order_by("statement__day", "pk").values_list(
        "ticket_id", "kind", "ours", "statement__day"
    ):
        left = booked.get((ticket or 0, kind), [])
        ours = ours or ZERO
        could = [one for one in left if abs((one.day - day).days) <= 1]
        for one in list(_agreeing(_near(could, day), ours) or _agreeing(could, ours) or _near(could, day)):
            left.remove(one)
    return {
        key: kept
        for key, all_ in booked.items()
        if (kept := [one for one in all_ if abs((one.day - statement.day).days) <= 1])
    }


def _tickets(account: SupplierAccount, lines: Sequence[Line]) -> dict[str, list[tuple[int, int]]]:
    """Our tickets, each with its leg, by the supplier's ticket number; by its order's number where that has one ticket
    only."""
    named = {one.their_ticket for one in lines if one.their_ticket}
    alone = {one.their_number for one in lines if not one.their_ticket}
    mine = Ticket.objects.filter(ticket_order__supplier=account).order_by("pk")
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    rows = mine.filter(their_number__in=named)
    for number, pk, leg in rows.values_list("their_number", "pk", "segment__position"):
        found[number].append((pk, leg or 0))
    orders: dict[str, list[tuple[int, int]]] = defaultdict(list)
    rest = mine.filter(ticket_order__their_number__in=alone)
    for number, pk, leg in rest.values_list("ticket_order__their_number", "pk", "segment__position"):
        orders[number].append((pk, leg or 0))
    return {**{number: pks for number, pks in orders.items() if len(pks) == 1}, **found}


def _only_ours(statement: SupplierStatement, amounts: dict[Key, Decimal]) -> list[StatementLine]:
    rows = Ticket.objects.select_related("ticket_order").in_bulk([ticket for ticket, _kind in amounts])
    return [
        StatementLine(
            statement=statement, kind=kind, their_number=rows[ticket].ticket_order.their_number,
            their_ticket=rows[ticket].their_number, amount=ZERO, ours=amount, ticket_id=ticket,
            match=MatchState.ONLY_OURS,
        )
        for (ticket, kind), amount in amounts.items()
        if amount
    ]  # fmt: skip


def _settle_neighbours(statement: SupplierStatement, seen: set[tuple[Key, date]]) -> None:
    """What was only ours yesterday and is in today's file is no difference any more; and is one again where another
    file of today does not have it. Only the days around: that is how far lines are matched. Five statements at most.
    """
    words = _("已列在 %(day)s 的账单") % {"day": statement.day}
    around = StatementLine.objects.filter(
        statement__supplier=statement.supplier_id, match=MatchState.ONLY_OURS, settled_note__in=("", words),
        statement__day__gte=statement.day - timedelta(days=1), statement__day__lte=statement.day + timedelta(days=1),
        statement__settled_at=None,
    ).exclude(statement=statement)  # fmt: skip
    listed: list[int] = []
    missing: list[int] = []
    touched: set[SupplierStatement] = set()
    for line in around.select_related("statement"):
        if (((line.ticket_id or 0, line.kind), line.statement.day) in seen) == bool(line.settled_note):
            continue
        (missing if line.settled_note else listed).append(line.pk)
        touched.add(line.statement)
    for pks, said in ((listed, words), (missing, "")):
        if pks:
            StatementLine.objects.filter(pk__in=pks).update(settled_note=said)
    for one in touched:
        _count(one)


def open_differences(statement: SupplierStatement) -> Any:
    """The lines that people have not explained yet."""
    return statement.lines.exclude(match=MatchState.SAME).filter(settled_note="")


def _count(statement: SupplierStatement) -> None:
    statement.differences = open_differences(statement).count()
    statement.save(update_fields=["differences"])


def _for_accountant(by: Any, pk: int) -> SupplierStatement:
    found = get_row(by, SupplierStatement, pk=pk)
    from ..access import may_for_city

    if not may_for_city(by, SETTLE):
        raise NotAllowed
    return lock_rows(SupplierStatement.objects.select_related("supplier").filter(pk=found.pk))[0]


def note(by: Any, statement_pk: int, notes: dict[int, str]) -> SupplierStatement:
    """Say of differences (by line) how they were dealt with. Locks: the statement. Raises OutOfScope, NotAllowed."""
    with transaction.atomic():
        statement = _for_accountant(by, statement_pk)
        _refuse_settled(statement)
        lines = statement.lines.exclude(match=MatchState.SAME).in_bulk(list(notes))
        for pk, words in sorted(notes.items()):
            if pk in lines and words.strip():
                lines[pk].settled_note = words.strip()[:200]
                lines[pk].save(update_fields=["settled_note"])
        _count(statement)
        audit.record(NOTED, statement, after={"lines": sorted(lines)}, actor=actor_label(by))
    return statement


def settle(by: Any, statement_pk: int, seen: str | None = None) -> SupplierStatement:
    """Close a statement whose differences are all explained; again: no change.

    `seen`: the digest of what was looked at. Raises OutOfScope, NotAllowed, TicketError NOT_POSSIBLE, CHANGED_MEANWHILE
    for another file than was looked at.
    """
    with transaction.atomic():
        statement = _for_accountant(by, statement_pk)
        if statement.settled_at is not None:
            return statement
        if seen is not None and statement.digest != seen:
            raise TicketError(Code.CHANGED_MEANWHILE, _("对账单刚刚有更新"), hint=_("请核对新的合计后再核销"))
        if open_differences(statement).exists():
            raise TicketError(
                Code.NOT_POSSIBLE, _("还有差异没有说明，不能核销"), hint=_("请先逐笔说明差异的处理")
            )
        statement.settled_at = now()
        statement.save(update_fields=["settled_at"])
        audit.record(SETTLED, statement, after={"total": statement.total}, actor=actor_label(by))
    return statement


def _refuse_settled(statement: SupplierStatement) -> None:
    if statement.settled_at is not None:
        raise TicketError(Code.CHANGED_MEANWHILE, _("这张对账单已核销，不能再改"))
