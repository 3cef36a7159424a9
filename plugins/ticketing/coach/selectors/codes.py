"""Codes that fee rules of coach tickets may be for: of accounts, stations' tables, lines, buses, fares."""

from __future__ import annotations

from plugins.ticketing.kernel.models import SupplierAccount
from plugins.ticketing.kernel.trades import Codes

from ..choices import Fare
from ..models import Line, Shift, Station
from .shifts import EXTRA


def _supplier(code: str) -> bool:
    return (
        SupplierAccount.objects.filter(code=code).exists() or Station.objects.filter(rule_key=code).exists()
    )


#: As `selectors.shifts.rule_keys` looks rules up; one or two statements each.
CODES: Codes = {
    "supplier": _supplier,
    "line": lambda code: Line.objects.filter(code=code).exists(),
    "session": lambda code: Shift.objects.filter(number=code).exists(),
    "product": lambda code: code == EXTRA,
    "ticket_class": lambda code: code in Fare.values,
}
