"""What becomes of a hold: longer, sold, or let go. Locks: its records in the order of their keys, seats, quotas."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.locks import lock_rows, require_transaction

from ..choices import SeatState, TakingState
from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code
from ..models import SessionSeat, Taking
from .quotas import put_back


def _lost() -> AdmissionError:
    return AdmissionError(Code.HOLD_LOST, _("占座已过期释放"), hint=_("请重新选择；已付的款会原路退回"))


def extend(hold: str, until: datetime) -> None:
    """Hold it until a later moment. Raises HOLD_LOST. Locks: its records."""
    require_transaction()
    held = Taking.objects.filter(hold=hold, state=TakingState.HELD)
    if not held.update(until=until):
        raise _lost()
    SessionSeat.objects.filter(hold=hold, state=SeatState.HELD).update(until=until)


def confirm(hold: str) -> None:
    """It is sold; again: nothing. Also after its time, until somebody sweeps it.

    Raises HOLD_LOST. Locks: its records.
    """
    require_transaction()
    if not Taking.objects.filter(hold=hold, state=TakingState.HELD).update(state=TakingState.SOLD):
        if Taking.objects.filter(hold=hold, state=TakingState.SOLD).exists():
            return
        raise _lost()
    SessionSeat.objects.filter(hold=hold, state=SeatState.HELD).update(state=SeatState.SOLD, until=None)


def release(hold: str) -> int:
    """Let go of what is held and not sold; returns how many units. Again, or after the sale: nothing, 0."""
    require_transaction()
    rows = lock_rows(Taking.objects.filter(hold=hold, state=TakingState.HELD))
    if not rows:
        return 0
    Taking.objects.filter(pk__in=[row.pk for row in rows]).update(state=TakingState.RELEASED)
    SessionSeat.objects.filter(hold=hold, state=SeatState.HELD).update(
        state=SeatState.FREE, hold="", until=None, ticket_class=None
    )
    put_back(units_of((row.quotas, row.quantity) for row in rows))
    return sum(row.quantity for row in rows)


def units_of(parts: Iterable[tuple[list[int], int]]) -> dict[int, int]:
    """Units by quota."""
    units: dict[int, int] = {}
    for quotas, count in parts:
        for key in quotas:
            units[key] = units.get(key, 0) + count
    return units
