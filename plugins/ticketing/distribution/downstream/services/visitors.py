"""A visitor as a reseller's program tells it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from plugins.ticketing.kernel.passengers import SHOW, Passenger, PassengerType, passenger
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.documents import DocumentKind


def passenger_of(told: Mapping[str, Any]) -> Passenger | None:
    """Who comes; None where nobody is named. Ages are the ticket class's to look at. Raises TicketError."""
    if not told.get("name") and not told.get("idNumber"):
        return None
    birth = date.fromisoformat(told["birth"]) if told.get("birth") else None
    return passenger(
        str(told.get("name") or ""), str(told.get("idType") or DocumentKind.ID_CARD), str(told.get("idNumber") or ""),
        PassengerType.ADULT, birth, today(), SHOW,
    )  # fmt: skip
