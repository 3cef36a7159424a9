"""Wishes for tests: a coach of the day after tomorrow, and people who do not exist."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from plugins.ticketing.kernel.choices import Trade
from plugins.ticketing.kernel.legs import Leg
from plugins.ticketing.kernel.passengers import Passenger, PassengerType
from plugins.ticketing.kernel.trades import Candidate, Want, Wish, leg_fare
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.documents import DocumentKind

D = Decimal


def person(serial: int = 1, type_: str = "adult") -> Passenger:
    """An adult; the document is a passport of nobody's."""
    return Passenger(
        "测试乘客", DocumentKind.PASSPORT, f"E{serial:08d}", date(1990, 1, 1), PassengerType(type_)
    )


def want(variant: int, passenger: Passenger | None = None, price: str = "50.00", **told: Any) -> Want:
    """A ticket of a fare; 2 yuan of the price are the service fee."""
    service = told.pop("service", D("2.00"))
    return Want(
        fare=told.pop("fare", "full"), fare_name=told.pop("fare_name", "全票"), variant=variant,
        face=D(price) - service, price=D(price), full_fare=D(price) - service, service=service, passenger=passenger,
        **told,
    )  # fmt: skip


def wish(
    wants: Sequence[Want], suppliers: Sequence[str] = ("first",), *, starts: datetime | None = None,
    costs: dict[str, str] | None = None, **told: Any,
) -> Wish:  # fmt: skip
    """A trip of three hours, the day after tomorrow."""
    begins = starts or now() + timedelta(days=2)
    prices = {fare: D(cost) for fare, cost in (costs or {"full": "45.00", "half": "22.00"}).items()}
    return Wish(
        trade=told.pop("trade", Trade.COACH), key="coach:1", title="甲县—乙县 08:00", place={"line": "甲县—乙县"},
        starts_at=begins, ends_at=begins + timedelta(hours=3), wants=tuple(wants),
        candidates=[Candidate(code, {"trip": "1"}, prices) for code in suppliers], **told,
    )  # fmt: skip


def there_and_back(
    wants: Sequence[Want], suppliers: Sequence[str] = ("first",), *, starts: datetime | None = None,
    back: datetime | None = None, **told: Any,
) -> Wish:  # fmt: skip
    """Two trips of three hours in one order, the day after tomorrow and three days later; the way back costs less."""
    begins = starts or now() + timedelta(days=2)
    returns = back or begins + timedelta(days=3)
    hours = timedelta(hours=3)
    legs = (
        Leg("coach:1", "甲县—乙县 08:00", begins, begins + hours, "K1", "甲县", "乙县", {"trip": "1"}),
        Leg("coach:2", "乙县—甲县 16:00", returns, returns + hours, "K2", "乙县", "甲县", {"trip": "2"}),
    )
    costs = {"full": D("45.00"), leg_fare("full", 2): D("36.00")}
    return Wish(
        trade=told.pop("trade", Trade.COACH), key="coach:1+2", title="甲县—乙县往返", place={"line": "甲县—乙县"},
        starts_at=begins, ends_at=returns + hours, wants=tuple(wants), legs=told.pop("legs", legs),
        candidates=[Candidate(code, {"trips": "1+2"}, costs) for code in suppliers], **told,
    )  # fmt: skip
