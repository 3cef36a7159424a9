"""What happened to a task, in its own history and in the order's timeline: the one door to both."""

from __future__ import annotations

from typing import Any

from saleor_o2o.kernel.request import current
from saleor_o2o.ordering.interfaces import TimelineKind, note

from .choices import Deed, Reason
from .models import DispatchEntry, DispatchTask


def tell(
    row: DispatchTask,
    deed: Deed,
    text: str,
    *,
    reason: str = "",
    words: str = "",
    from_unit: Any = None,
    late_unit: Any = None,
) -> DispatchEntry:
    """Write that something happened to a task, as it is now, in the current transaction.

    `text` in the users' words, without personal data of the customer; `reason` is a `Reason`, `words` what was typed.
    """
    why = "，".join(filter(None, (str(Reason(reason).label) if reason else "", words)))
    whole = f"{text}：{why}" if why else text
    context = current()
    entry = DispatchEntry.objects.create(
        task=row, deed=deed, text=whole[:500], reason=reason, state=row.state, stage=row.stage, unit_id=row.unit_id,
        from_unit=from_unit, late_unit=late_unit, holder_id=row.holder_id,
        actor=context.actor, request_id=context.request_id,
    )  # fmt: skip
    note(
        row.order_id, TimelineKind.DISPATCH, f"派单 {row.number}：{whole}", sub_order_id=row.sub_order_id,
        after={"number": row.number, "state": row.state, "stage": row.stage, "unit": row.unit_id},
    )  # fmt: skip
    return entry


def called(unit: Any) -> str:
    """What people call a unit."""
    return str(unit.short_name or unit.name)


def named(user: Any) -> str:
    """What colleagues call a person."""
    if user is None:
        return "—"
    staff = getattr(user, "o2o_staff", None)
    return str(staff.name if staff is not None else f"{user.last_name}{user.first_name}" or f"#{user.pk}")
