"""发出: whoever has a task in hand says that its goods have left; the order and the task follow."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from saleor_o2o.kernel.scope import NotAllowed
from saleor_o2o.ordering.interfaces import send_part

from ..checking import locked, may_at, taken, wrong_state
from ..choices import State
from ..models import DispatchTask
from ..permissions import GRAB
from .following import follow


def hand_out(user: Any, pk: Any, *, seen: str = "") -> DispatchTask:
    """Send what is left of a task's part, from its warehouse; the customer is told. Again: refused, nothing goes twice.

    Two transactions: the task is looked at, then the goods leave under ordering's locks and the task follows. What
    comes between is met by ordering's own refusal. Raises OutOfScope, NotAllowed, DispatchError (TAKEN, WRONG_STATE,
    CHANGED_MEANWHILE), ordering's FulfilmentRefused, LockTimeout.
    """
    with transaction.atomic():
        row = locked(user, pk, seen)
        if row.state != State.TAKEN:
            raise wrong_state(row)
        if row.holder_id != user.pk:
            raise taken(row)
        if not may_at(user, GRAB, row.unit):
            raise NotAllowed
    send_part(row.sub_order_id, user)
    follow(row.sub_order_id)
    return DispatchTask.objects.select_related("unit", "holder").get(pk=row.pk)
