"""What a ticket order says of what was bought: the session, wherever the order keeps it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from plugins.ticketing.kernel.models import TicketOrder
from saleor_o2o.kernel.clock import SHANGHAI


def session_of(order: TicketOrder) -> int | None:
    """The key of the session that an order is for; None for a day, a slot, or whenever."""
    for told in (order.place, order.product):
        found = told.get("session") if isinstance(told, dict) else None
        if isinstance(found, int) and not isinstance(found, bool):
            return found
    return None


def days_words(start: datetime, end: datetime) -> str:
    """The days from a moment until another one, which is not in it: `2026-11-30`, `2026-11-30 至 2026-12-02`."""
    first, last = (one.astimezone(SHANGHAI).date() for one in (start, end - timedelta(seconds=1)))
    return f"{first:%Y-%m-%d}" + (f" 至 {last:%Y-%m-%d}" if last > first else "")


def visit_words(order: TicketOrder) -> list[tuple[str, str]]:
    """Label and words of the visit: product, session or day, place, as the order keeps them. No statement."""
    place = order.place if isinstance(order.place, dict) else {}
    found: list[tuple[str, str]] = [(_("内容"), str(place.get("name") or order.title))]
    if session_of(order) is not None:
        starts = order.starts_at.astimezone(SHANGHAI)
        found.append((_("场次"), f"{place.get('session_name') or ''} {starts:%Y-%m-%d %H:%M}".strip()))
    else:
        found.append((_("游玩日期"), days_words(order.starts_at, order.ends_at)))
    where = " ".join(str(place[key]) for key in ("place", "hall", "address") if place.get(key))
    if where:
        found.append((_("地点"), where))
    return found
