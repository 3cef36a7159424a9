"""Points for what happened outside the platform: another plugin knows the business, the ledger books it once."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from plugins.members.interfaces import Member
from saleor_o2o.kernel.events import publish

from ..events import PointsMoved
from ..kinds import Book, EntryKind
from ..models import Entry
from .ledger import Why, grant, lock_purses, take_back


@transaction.atomic
def credit(
    member: Member, points: int, *, kind: EntryKind, biz_type: str, biz_id: str, unit_id: int,
    expires_at: datetime | None, note: str = "", operator: Any = None,
) -> Entry:  # fmt: skip
    """Give points once per `biz_type` and `biz_id`; `unit_id` issues them. Who may have them is asked before.

    Locks: the purses. Raises KEY_REUSED for the same key with another number, LockTimeout.
    """
    purses = lock_purses(member.pk)[member.pk]
    why = Why(kind, biz_type, biz_id, unit_id, operator=operator, note=note)
    entry = grant(purses[Book.POINTS], Decimal(points), why, expires_at=expires_at)
    _tell(member.pk, entry, points)
    return entry


@transaction.atomic
def withdraw(
    member: Member, granted: Entry, points: int, *, kind: EntryKind, biz_type: str, biz_id: str, unit_id: int,
    note: str = "", operator: Any = None,
) -> Entry:  # fmt: skip
    """Take back what `granted` gave, once per key; what was used meanwhile is owed. Locks and errors as `credit`."""
    purses = lock_purses(member.pk)[member.pk]
    why = Why(kind, biz_type, biz_id, unit_id, operator=operator, note=note)
    entry = take_back(purses[Book.POINTS], granted, Decimal(points), why)
    _tell(member.pk, entry, -points)
    return entry


def _tell(member_id: int, entry: Entry, points: int) -> None:
    publish(
        PointsMoved(member_id=member_id, entry_id=entry.pk, kind=str(entry.kind), points=points),
        key=f"member:{member_id}",
    )
