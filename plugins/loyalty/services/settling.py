"""Between units: whoever takes a member's points is paid by whoever issued them, at the rate of the day; whoever takes
a member's balance, by whoever took the money (and gave the bonus), yuan for yuan.

Lines of the book 机构清算, in yuan, written with the entry of the points and under its key; the debt of a month is
their sum. What the city issued, the city pays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Sum

from ..kinds import Book, EntryKind, Side
from ..models import Entry
from ..rules import rate_in_force, settled
from .ledger import ZERO, Why, post_units


def settle(used: Entry, why: Why) -> Entry | None:
    """Book what the issuers of used points, or who took the money of a used balance, owe to the unit that took it.

    Points are worth the rate of the day, yuan are yuan. None where nobody owes anything.
    """
    rate = rate_in_force() if used.book == Book.POINTS else None
    parts = used.lines.filter(side=Side.USED).values_list("unit_id", "amount")
    owed = {
        unit: settled(amount, rate) if rate is not None else amount
        for unit, amount in parts
        if unit is not None and unit != why.unit_id
    }
    return _post(replace(why, kind=EntryKind.SETTLE), used.member_id, owed, why.unit_id, None)


def settle_back(used: Entry, why: Why) -> Entry | None:
    """Book the way back of what came back of what was used (with the entry just written), at the rate of then.

    Over all steps back exactly what was booked: each step is the difference of two roundings.
    """
    booked = Entry.objects.filter(book=Book.SETTLEMENT, biz_type=used.biz_type, biz_id=used.biz_id).first()
    if booked is None:
        return None
    debts = {unit: -amount for unit, amount in _by_unit(booked).items() if unit != booked.unit_id}
    returned: dict[int, Decimal] = {}
    for reversal in booked.reversals.all():
        for unit, amount in _by_unit(reversal).items():
            returned[unit] = returned.get(unit, ZERO) + amount
    taken = dict(used.lines.filter(side=Side.USED).values_list("unit_id", "amount"))
    back: dict[int, Decimal] = {}
    rows = (
        used.reversals.filter(lines__side=Side.USED)
        .values("lines__unit_id")
        .annotate(sum=Sum("lines__amount"))
    )
    for row in rows:
        if row["lines__unit_id"] is not None:
            back[row["lines__unit_id"]] = -row["sum"]
    owed = {}
    for unit, debt in debts.items():
        share = back.get(unit, ZERO) / taken[unit]
        whole = (debt * share).quantize(Decimal("0.01"), ROUND_HALF_UP)
        owed[unit] = returned.get(unit, ZERO) - whole
    return _post(replace(why, kind=EntryKind.SETTLE_BACK), used.member_id, owed, booked.unit_id, booked)


def _by_unit(entry: Entry) -> dict[int, Decimal]:
    return {unit: amount for unit, amount in entry.lines.values_list("unit_id", "amount") if unit is not None}


def _post(
    why: Why, member_id: int, owed: Mapping[int, Decimal], taker: int, reverses: Entry | None
) -> Entry | None:
    moves = [(unit, -amount) for unit, amount in sorted(owed.items()) if amount]
    total = sum((amount for _unit, amount in moves), ZERO)
    if not moves:
        return None
    return post_units(
        Book.SETTLEMENT, why, member_id, [*moves, *([(taker, -total)] if total else [])], reverses
    )
