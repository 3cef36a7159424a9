"""Days and differences: arithmetic without a database."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from saleor_o2o.kernel.clock import SHANGHAI, midnight
from saleor_o2o.kernel.money import to_fen, to_yuan


def add_months(day: date, months: int) -> date:
    """The same day so many months later; the month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def local(moment: datetime) -> date:
    """The day of a moment, as people count it."""
    return moment.astimezone(SHANGHAI).date()


def period_end(start: datetime, months: int) -> datetime:
    """The first moment after so many months: a midnight, and never less than the months."""
    day = add_months(local(start), months)
    return midnight(day if start == midnight(local(start)) else day + timedelta(days=1))


def to_midnight(moment: datetime) -> datetime:
    """The midnight that ends a moment's day; the moment itself where it is one."""
    return moment if moment == midnight(local(moment)) else midnight(local(moment) + timedelta(days=1))


def days_between(start: datetime, end: datetime) -> int:
    """Days from one moment to another, the first one counted whole."""
    return (local(end) - local(start)).days


def last_day(end: datetime) -> date:
    """The last day on which something is good that ends at a moment, for people."""
    return local(end - timedelta(seconds=1))


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is left of a term that would be replaced: days, and what a day of it cost (price over its days)."""

    days: int
    price: Decimal
    whole: int


@dataclass(frozen=True, slots=True)
class Difference:
    """What an upgrade costs (yuan, exact to the fen), for how many days, and how that came about, in words."""

    amount: Decimal
    days: int
    words: str


def difference(stretches: Sequence[Stretch], price: Decimal, days: int) -> Difference:
    """The price of having the days that are left on another plan: `price` for `days`.

    Days left × (a day of the new plan − a day of the old one), summed exactly, rounded once, half a fen up; at least
    one fen.
    """
    each = Fraction(to_fen(price), days)
    whole = Fraction(0)
    words = []
    for one in stretches:
        old = Fraction(to_fen(one.price), one.whole)
        whole += one.days * (each - old)
        words.append(f"剩余 {one.days} 天 ×（新 {_a_day(each)} − 原 {_a_day(old)}）")
    fen = max(int(whole + Fraction(1, 2)), 1)
    amount = to_yuan(fen)
    return Difference(amount, sum(one.days for one in stretches), f"{' + '.join(words)} = ¥{amount}")


def _a_day(fen: Fraction) -> str:
    return f"每天 ¥{float(fen / 100):.4f}"
