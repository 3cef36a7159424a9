"""The core that all books share: purses locked, entries that balance, lots used first in, first out.

Every function works in the caller's transaction and on purses that it has locked (`lock_purses`). Whoever posts under a
key that is known gets the known entry; with other values it is refused. A unit's accounts have no balance of their own:
they are what their lines sum to, so that nobody waits for anybody but the member.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Sum
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows

from ..errors import LoyaltyError, LoyaltyErrorCode, PointsShort
from ..kinds import IN_LOTS, OF_MEMBERS, Book, EntryKind, Side
from ..models import Draw, Entry, Line, Lot, Purse
from ..terms import terms_in_force

ZERO = Decimal("0.00")

Purses = dict[str, Purse]


@dataclass(frozen=True, slots=True)
class Why:
    """What an entry is for. `biz_type` and `biz_id` are unique in a book; `unit_id` is where it happens."""

    kind: EntryKind
    biz_type: str
    biz_id: str
    unit_id: int
    order_id: Any = None
    operator: Any = None
    note: str = ""


def lock_purses(*member_ids: int) -> dict[int, Purses]:
    """Lock all purses of members, in the order of their keys; members without get theirs. By member, then book.

    Raises LockTimeout.
    """
    wanted = set(member_ids)
    rows = lock_rows(Purse.objects.filter(member_id__in=wanted))
    if len(rows) < len(wanted) * len(OF_MEMBERS):
        there = {(row.member_id, row.book) for row in rows}
        missing = [
            Purse(member_id=member, book=book)
            for member in sorted(wanted)
            for book in OF_MEMBERS
            if (member, book) not in there
        ]
        Purse.objects.bulk_create(missing, ignore_conflicts=True)
        rows = lock_rows(Purse.objects.filter(member_id__in=wanted))
    found: dict[int, Purses] = {member: {} for member in wanted}
    for row in rows:
        found[row.member_id][row.book] = row
    return found


def known_entry(book: Book, why: Why, member_id: int, amount: Decimal) -> Entry | None:
    """The entry under this key, if it says the same. Raises KEY_REUSED where it says something else."""
    entry = Entry.objects.filter(book=book, biz_type=why.biz_type, biz_id=why.biz_id).first()
    if entry is None:
        return None
    own = entry.lines.filter(side__in=(Side.MEMBER, Side.DEBT)).aggregate(sum=Sum("amount"))["sum"] or ZERO
    if entry.member_id != member_id or own != amount:
        raise LoyaltyError(LoyaltyErrorCode.KEY_REUSED, _("这笔业务已按另一数量登记过"))
    return entry


def grant(
    purse: Purse,
    amount: Decimal,
    why: Why,
    *,
    issuer_id: int | None = None,
    expires_at: datetime | None = None,
) -> Entry:
    """Give a member something; what is owed is worked off first. `issuer_id`: the unit that stands for it (`why`'s)."""
    book = Book(purse.book)
    known = known_entry(book, why, purse.member_id, _positive(amount))
    if known is not None:
        return known
    issuer = issuer_id or why.unit_id
    entry = _entry(book, why, purse.member_id)
    repaid = min(purse.owed, amount)
    _write(entry, purse, amount - repaid, repaid, [(Side.ISSUED, issuer, -amount)])
    if amount > repaid and book in IN_LOTS:
        _lot(purse, entry, issuer, amount - repaid, expires_at)
    return entry


def spend(purse: Purse, amount: Decimal, why: Why) -> Entry:
    """Use something of a purse of lots: what expires first goes first. Raises PointsShort.

    The accounts 使用 of those who issued the lots gain it.
    """
    book = Book(purse.book)
    known = known_entry(book, why, purse.member_id, -_positive(amount))
    if known is not None:
        return known
    expire_due(purse)
    if amount > purse.balance:
        raise PointsShort(purse.balance)
    entry = _entry(book, why, purse.member_id)
    parts = _draw(entry, purse, amount)
    _write(entry, purse, -amount, ZERO, [(Side.USED, unit, part) for unit, part in parts])
    return entry


def give_back(purse: Purse, spent: Entry, amount: Decimal, why: Why) -> Entry:
    """Put back (a part of) what an entry used, into the lots that it came from, the last one first.

    What has expired meanwhile is good for the terms' days of grace. Raises TOO_MUCH for more than is still out.
    """
    book = Book(purse.book)
    known = known_entry(book, why, purse.member_id, _positive(amount))
    if known is not None:
        return known
    open_draws = [
        (draw, draw.amount - (draw.returned or ZERO))
        for draw in spent.draws.select_related("lot").annotate(returned=-Sum("backs__amount")).order_by("-pk")
    ]
    if amount > sum((left for _draw, left in open_draws), ZERO):
        raise LoyaltyError(LoyaltyErrorCode.TOO_MUCH, _("退回的数量超过了原来使用的"))
    entry = _entry(book, why, purse.member_id, spent)
    moment = now()
    by_unit: dict[int, Decimal] = {}
    rest = amount
    for draw, left in open_draws:
        part = min(left, rest)
        if part <= 0:
            continue
        rest -= part
        lot: Lot = draw.lot
        gone = lot.expires_at is not None and lot.expires_at <= moment
        if gone or lot.purse_id != purse.pk:  # expired, or the purse of somebody who was merged into this one
            until = moment + timedelta(days=terms_in_force(moment).grace_days) if gone else lot.expires_at
            lot = _lot(purse, entry, lot.unit_id, part, until)
        else:
            Lot.objects.filter(pk=lot.pk).update(left=F("left") + part)
        Draw.objects.create(entry=entry, lot=lot, of=draw, amount=-part)
        by_unit[lot.unit_id] = by_unit.get(lot.unit_id, ZERO) + part
    _write(entry, purse, amount, ZERO, [(Side.USED, unit, -part) for unit, part in sorted(by_unit.items())])
    return entry


def take_back(purse: Purse, granted: Entry | None, amount: Decimal, why: Why) -> Entry:
    """Take back (a part of) what was given: first of what is left of that very lot, then of the others, oldest first.

    What is not there any more is owed. `granted` None: taken by hand, of whatever is there.
    """
    book = Book(purse.book)
    known = known_entry(book, why, purse.member_id, -_positive(amount))
    if known is not None:
        return known
    entry = _entry(book, why, purse.member_id, granted)
    if book in IN_LOTS:
        expire_due(purse)
    there = min(purse.balance, amount)
    parts = [(why.unit_id, there)] if there else []
    if book in IN_LOTS and there:
        parts = _draw(entry, purse, there, first=granted)
    issuer = (
        granted.lines.filter(side=Side.ISSUED).values_list("unit_id", flat=True).first() if granted else None
    )
    short = amount - there
    if short:
        parts = [*parts, (issuer or why.unit_id, short)]
    _write(entry, purse, -there, -short, [(Side.ISSUED, unit, part) for unit, part in _summed(parts)])
    return entry


def move_over(source: Purse, target: Purse, why: Why) -> Entry | None:
    """All of one member's purse becomes another's (a merge): each lot with its issuer and date. None for nothing."""
    book = Book(source.book)
    if book in IN_LOTS:
        expire_due(source)
    if not source.balance and not source.owed:
        return None
    entry = _entry(book, why, target.member_id)
    lots = list(source.lots.filter(left__gt=0).order_by(F("expires_at").asc(nulls_last=True), "pk"))
    amount, owed = source.balance, source.owed
    lines = []
    for purse, sign in ((source, -1), (target, 1)):
        purse.balance += sign * amount
        purse.owed += sign * owed
        purse.save(update_fields=["balance", "owed"])
        if amount:
            lines.append(_own_line(entry, Side.MEMBER, purse, sign * amount, purse.balance))
        if owed:
            lines.append(_own_line(entry, Side.DEBT, purse, -sign * owed, -purse.owed))
    Line.objects.bulk_create(lines)
    for lot in lots:
        Draw.objects.create(entry=entry, lot=lot, amount=lot.left)
        _lot(target, entry, lot.unit_id, lot.left, lot.expires_at)
        Lot.objects.filter(pk=lot.pk).update(left=0)
    return entry


def expire_due(purse: Purse) -> Decimal:
    """Take out of a locked purse what has expired; returns how much."""
    due = list(purse.lots.filter(left__gt=0, expires_at__lte=now()).order_by("expires_at", "pk"))
    total = ZERO
    for lot in due:
        why = Why(EntryKind.EXPIRE, "expire", str(lot.pk), lot.unit_id)
        entry = _entry(Book(purse.book), why, purse.member_id)
        Draw.objects.create(entry=entry, lot=lot, amount=lot.left)
        Lot.objects.filter(pk=lot.pk).update(left=0)
        _write(entry, purse, -lot.left, ZERO, [(Side.EXPIRED, lot.unit_id, lot.left)])
        total += lot.left
    return total


def post_units(
    book: Book, why: Why, member_id: int, moves: Sequence[tuple[int, Decimal]], reverses: Entry | None
) -> Entry:
    """An entry between units (unit, amount), whose amounts sum to nothing. Known keys are answered with their entry."""
    found = Entry.objects.filter(book=book, biz_type=why.biz_type, biz_id=why.biz_id).first()
    if found is not None:
        return found
    entry = _entry(book, why, member_id, reverses)
    Line.objects.bulk_create(
        [Line(entry=entry, side=Side.UNIT, unit_id=unit, amount=amount) for unit, amount in moves]
    )
    return entry


# -- how it is written ---------------------------------------------------------------------


def _entry(book: Book, why: Why, member_id: int, reverses: Entry | None = None) -> Entry:
    return Entry.objects.create(
        book=book, kind=why.kind, biz_type=why.biz_type, biz_id=why.biz_id, member_id=member_id,
        unit_id=why.unit_id, order_id=why.order_id, operator=why.operator, note=why.note[:200], reverses=reverses,
    )  # fmt: skip


def _write(
    entry: Entry, purse: Purse, amount: Decimal, repaid: Decimal, others: Iterable[tuple[Side, int, Decimal]]
) -> None:
    """The purse and all lines of an entry, in one statement each: a trigger refuses lines that do not balance."""
    purse.balance += amount
    purse.owed -= repaid
    purse.save(update_fields=["balance", "owed"])
    lines = [Line(entry=entry, side=side, unit_id=unit, amount=part) for side, unit, part in others]
    if amount:
        lines.append(_own_line(entry, Side.MEMBER, purse, amount, purse.balance))
    if repaid:
        lines.append(_own_line(entry, Side.DEBT, purse, repaid, -purse.owed))
    Line.objects.bulk_create(lines)


def _own_line(entry: Entry, side: Side, purse: Purse, amount: Decimal, after: Decimal) -> Line:
    return Line(entry=entry, side=side, purse=purse, amount=amount, balance_after=after)


def _lot(purse: Purse, entry: Entry, unit_id: int, amount: Decimal, expires_at: datetime | None) -> Lot:
    return Lot.objects.create(
        purse=purse, entry=entry, unit_id=unit_id, amount=amount, left=amount, expires_at=expires_at
    )


def _draw(
    entry: Entry, purse: Purse, amount: Decimal, first: Entry | None = None
) -> list[tuple[int, Decimal]]:
    """Take so much out of the purse's lots; who issued what was taken."""
    lots = list(purse.lots.filter(left__gt=0).order_by(F("expires_at").asc(nulls_last=True), "pk"))
    if first is not None:
        lots.sort(key=lambda lot: lot.entry_id != first.pk)  # stable: the others stay oldest first
    rest, draws, parts = amount, [], []
    for lot in lots:
        part = min(lot.left, rest)
        if part <= 0:
            break
        rest -= part
        lot.left -= part
        draws.append(Draw(entry=entry, lot=lot, amount=part))
        parts.append((lot.unit_id, part))
    if rest:
        raise AssertionError(f"the lots of purse {purse.pk} are less than its balance")
    Draw.objects.bulk_create(draws)
    Lot.objects.bulk_update([draw.lot for draw in draws], ["left"])
    return _summed(parts)


def _summed(parts: Iterable[tuple[int, Decimal]]) -> list[tuple[int, Decimal]]:
    found: dict[int, Decimal] = {}
    for unit, part in parts:
        found[unit] = found.get(unit, ZERO) + part
    return sorted(found.items())


def _positive(amount: Decimal) -> Decimal:
    if not amount.is_finite() or amount <= 0:
        raise LoyaltyError(LoyaltyErrorCode.INVALID, _("数量必须大于零"), "points")
    return amount
