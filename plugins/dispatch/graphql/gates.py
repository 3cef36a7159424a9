"""How an operation comes to a task: by its number, in the caller's sight."""

from __future__ import annotations

from typing import Any

from saleor_o2o.kernel.scope import OutOfScope, get_row, rows_for

from ..models import DispatchTask
from ..showing import shown


def key_of(user: Any, number: str) -> int:
    """The key of a task in the caller's sight. Raises OutOfScope."""
    return int(get_row(user, DispatchTask.objects.only("pk"), number=(number or "").strip()[:32]).pk)


def keys_of(user: Any, numbers: list[str]) -> list[int]:
    """The keys of tasks in the caller's sight, all or none. Raises OutOfScope."""
    wanted = {(number or "").strip()[:32] for number in numbers}
    found = list(rows_for(user, DispatchTask).filter(number__in=wanted).values_list("pk", flat=True))
    if not wanted or len(found) != len(wanted):
        raise OutOfScope
    return found


def again(user: Any, pk: int) -> DispatchTask | None:
    """A task with all that is shown of it; None when it has left the caller's sight."""
    return rows_for(user, shown(DispatchTask.objects.all())).filter(pk=pk).first()
