"""Points for goods (积分商城): burnt in the transaction that writes the order, given back by what comes back of it.

One entry per order; settled between units as every use of points is.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from plugins.members.interfaces import Member, current

from ..kinds import Book, EntryKind
from ..models import Entry
from ..selectors import unit_of_order
from .ledger import ZERO, Why, give_back, lock_purses, spend
from .settling import settle, settle_back

BIZ = "exchange"


def burn_for_gift(biz_id: str, member_id: int, points: int, unit_id: int, note: str) -> Entry:
    """Use points for something that is no order (a coupon), which `unit_id` gives; once for each `biz_id`.

    Locks: the member's purses. In the caller's transaction. Raises PointsShort; LoyaltyError KEY_REUSED.
    """
    why = Why(EntryKind.EXCHANGE, "gift_for_points", biz_id, unit_id, note=note)
    entry = spend(lock_purses(member_id)[member_id][Book.POINTS], Decimal(points), why)
    settle(entry, why)
    return entry


@dataclass(frozen=True, slots=True)
class _Points:
    """What an order took in points, and how many of them came back."""

    taken: int
    back: int


def burn_for_order(order_id: Any, member_id: int, points: int, note: str) -> Entry:
    """Use points for goods of an order that has just been written and attributed.

    Locks: the member's purses. Raises PointsShort, which undoes the order.
    """
    why = Why(EntryKind.EXCHANGE, BIZ, str(order_id), unit_of_order(order_id), order_id, note=note)
    entry = spend(lock_purses(member_id)[member_id][Book.POINTS], Decimal(points), why)
    settle(entry, why)
    return entry


def lock_points_of_order(order_id: Any) -> None:
    """Lock the purses that an order's points came from, before its parts are looked at. Raises LockTimeout."""
    used = _entry(order_id)
    if used is not None:
        lock_purses(current(Member.objects.get(pk=used.member_id)).pk)


def give_back_to(order_id: Any, points: int) -> int:
    """So many of an order's points are the member's again in all; how many that made. Again, or fewer: nothing.

    What has expired meanwhile is good for thirty days more. Locks: the member's purses. In the caller's transaction.
    """
    used = _entry(order_id)
    if used is None:
        return 0
    member = current(Member.objects.get(pk=used.member_id))
    purse = lock_purses(member.pk)[member.pk][Book.POINTS]
    told = _told(used)
    more = min(points, told.taken) - told.back
    if more <= 0:
        return 0
    why = Why(EntryKind.EXCHANGE_BACK, "exchange_back", f"{order_id}:{told.back}", used.unit_id, order_id)
    give_back(purse, used, Decimal(more), why)
    settle_back(used, why)
    return more


def _entry(order_id: Any) -> Entry | None:
    return Entry.objects.filter(book=Book.POINTS, biz_type=BIZ, biz_id=str(order_id)).first()


def _told(used: Entry) -> _Points:
    taken = sum((draw.amount for draw in used.draws.all()), ZERO)
    backs = [draw.amount for one in used.reversals.all() for draw in one.draws.all()]
    return _Points(int(taken), -int(sum(backs, ZERO)))
