"""Codes that fee rules of coach tickets may be for: of accounts, stations' tables, lines, buses, fares."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plugins.ticketing.kernel.models import SupplierAccount

from ..choices import Fare
from ..models import Line, Shift, Station
from .shifts import EXTRA


def strange(codes: Mapping[str, str]) -> list[str]:
    """The scopes whose code nothing has, as `selectors.shifts.rule_keys` looks rules up. One or two statements each."""
    return [scope for scope, code in codes.items() if scope not in _KNOWN or not _KNOWN[scope](code)]


def _supplier(code: str) -> bool:
    return (
        SupplierAccount.objects.filter(code=code).exists() or Station.objects.filter(rule_key=code).exists()
    )


_KNOWN: Mapping[str, Callable[[str], bool]] = {
    "supplier": _supplier,
    "line": lambda code: Line.objects.filter(code=code).exists(),
    "session": lambda code: Shift.objects.filter(number=code).exists(),
    "product": lambda code: code == EXTRA,
    "ticket_class": lambda code: code in Fare.values,
}
