"""What a ticket class costs on a day, and how late it may be bought. Yuan; times of Shanghai."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from saleor_o2o.kernel.clock import SHANGHAI, midnight

from .choices import ExchangeMode
from .models import PriceDay, TicketClass

#: Nothing is sold for a later day; the calendar's last day has no day after it.
LAST_DAY = date(2999, 12, 31)


@dataclass(frozen=True, slots=True)
class DayPrice:
    """What a class costs on a day, and what it is settled at; `closed`: not sold for that day."""

    price: Decimal
    settlement: Decimal
    closed: bool = False


def prices_of(classes: Sequence[TicketClass], days: Iterable[date]) -> dict[tuple[int, date], DayPrice]:
    """The prices of classes on days, by key and day. One statement."""
    wanted = list(days)
    told = {
        (row.ticket_class_id, row.day): row
        for row in PriceDay.objects.filter(ticket_class__in=classes, day__in=wanted)
    }
    found = {}
    for kind in classes:
        for day in wanted:
            row = told.get((kind.pk, day))
            if row is None:
                found[kind.pk, day] = DayPrice(kind.price, kind.settlement_price)
            else:
                settlement = kind.settlement_price if row.settlement_price is None else row.settlement_price
                found[kind.pk, day] = DayPrice(row.price, settlement, row.closed)
    return found


def last_moment(kind: TicketClass, day: date) -> datetime:
    """Until when a class may be bought for a day, and its paper tickets, if they are posted, still arrive."""
    booked = booked_until(kind, day)
    return min(booked, posted_until(kind, day)) if kind.exchange_mode == ExchangeMode.PAPER_MAIL else booked


def posted_until(kind: TicketClass, day: date) -> datetime:
    """Until when tickets by post are sold: the end of the day so many days before."""
    return midnight(day - timedelta(days=kind.mail_days - 1))


def booked_until(kind: TicketClass, day: date) -> datetime:
    """Until when a class may be bought for a day, by its own cut-off."""
    last = day - timedelta(days=kind.advance_days)
    if kind.cut_off is None:
        return midnight(last + timedelta(days=1))
    return datetime.combine(last, kind.cut_off, tzinfo=SHANGHAI)
