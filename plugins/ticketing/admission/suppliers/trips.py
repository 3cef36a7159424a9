"""What a distributor calls a visit: the `product` of a `trades.Candidate`, and of everything that is asked later."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time
from typing import Any

from django.utils.translation import gettext_lazy as _

from ..candidates import Visit
from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code
from ..models import TicketClass


def slot_code(starts: time, ends: time) -> str:
    """A time of a day as distributors write it: `08:30-10:30`."""
    return f"{starts:%H:%M}-{ends:%H:%M}"


def visit(classes: Iterable[TicketClass], day: date, slot: str = "") -> dict[str, Any]:
    """A day (and slot) of some ticket classes, by their `code` as the fare: their numbers there, and people a piece."""
    found = list(classes)
    return {
        "date": day.isoformat(),
        "slot": slot,
        "codes": {one.code: one.supplier_code for one in found},
        "people": {one.code: one.people for one in found},
    }


def called(wanted: Visit) -> dict[str, Any]:
    """What distributors call a visit that somebody wants. Raises NOT_ON_SALE for classes that they do not know."""
    if wanted.day is None or not all(one.supplier_code for one in wanted.classes):
        raise AdmissionError(Code.NOT_ON_SALE, _("这个产品暂时不能购买"), "product", _("请选择其他产品"))
    slot = slot_code(wanted.slot.starts, wanted.slot.ends) if wanted.slot is not None else ""
    return visit(wanted.classes, wanted.day, slot)
