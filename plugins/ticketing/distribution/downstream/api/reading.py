"""What a reseller's program sends, read with care: a wrong value is named, never an error of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from saleor_o2o.kernel.money import to_yuan

from ..errors import ResaleError
from ..errors import ResaleErrorCode as Code

Told = Mapping[str, Any]
_NUMBER = re.compile(r"[A-Za-z0-9_-]{6,64}")
#: Tickets of one order.
MOST = 50
#: The highest price of a piece, in fen.
MOST_FEN = 9_999_999
_KEYS = 2**31 - 1


def wrong(name: str) -> ResaleError:
    """A field that is missing or cannot be read."""
    return ResaleError(Code.MALFORMED, _("%(name)s 缺少或不正确") % {"name": name}, name)


def text(told: Told, name: str, most: int = 60, *, needed: bool = True) -> str:
    """Words without a zero byte."""
    value = told.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or len(value) > most or "\0" in value or (needed and not value.strip()):
        raise wrong(name)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise wrong(name) from None
    return value.strip()


def number(told: Told, name: str) -> str:
    """A business number of theirs: 6 to 64 letters, digits, `-`, `_`."""
    value = told.get(name)
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        raise wrong(name)
    return value


def count(told: Told, name: str, most: int, *, needed: bool = True, least: int = 1) -> int | None:
    """A whole number."""
    value = told.get(name)
    if value is None and not needed:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise wrong(name)
    return value


def day(told: Told, name: str, *, needed: bool = True) -> date | None:
    """`2026-12-01`."""
    value = told.get(name)
    if value is None and not needed:
        return None
    if not isinstance(value, str) or len(value) != 10:
        raise wrong(name)
    try:
        found = date.fromisoformat(value)
    except ValueError:
        raise wrong(name) from None
    if not 2000 <= found.year <= 2999:
        raise wrong(name)
    return found


def rows(told: Told, name: str, most: int = MOST) -> list[Told]:
    """A list of objects, not empty."""
    value = told.get(name)
    if (
        not isinstance(value, list)
        or not 1 <= len(value) <= most
        or not all(isinstance(one, dict) for one in value)
    ):
        raise wrong(name)
    return value


def order_asked(told: Told) -> dict[str, Any]:
    """An order as the services take it; prices in yuan, as texts. Raises MALFORMED."""
    lines = [_line(one) for one in rows(told, "lines", 10)]
    if len({line["class"] for line in lines}) < len(lines):
        raise wrong("lines.classCode")
    if sum(len(line["visitors"]) or line["quantity"] for line in lines) > MOST:
        raise wrong("lines.quantity")
    visit = day(told, "day", needed=False)
    return {
        "product": text(told, "productCode", 40), "lines": lines, "day": visit.isoformat() if visit else None,
        "session": count(told, "session", _KEYS, needed=False), "slot": count(told, "slot", _KEYS, needed=False),
        "contact": text(told, "contact", 60, needed=False), "mobile": text(told, "mobile", 20, needed=False),
    }  # fmt: skip


def _line(told: Told) -> dict[str, Any]:
    fen = count(told, "price", MOST_FEN)
    visitors = [_visitor(one) for one in rows(told, "visitors")] if told.get("visitors") else []
    quantity = count(told, "quantity", MOST)
    if visitors and len(visitors) != quantity:
        raise wrong("lines.visitors")
    price: Decimal = to_yuan(fen or 0)
    return {
        "class": text(told, "classCode", 40),
        "price": str(price),
        "quantity": quantity,
        "visitors": visitors,
    }


def _visitor(told: Told) -> dict[str, str]:
    born = day(told, "birth", needed=False)
    return {
        "name": text(told, "name", 60), "idType": text(told, "idType", 12, needed=False),
        "idNumber": text(told, "idNumber", 60, needed=False), "birth": born.isoformat() if born else "",
    }  # fmt: skip


def tickets_asked(told: Told) -> dict[str, tuple[str, int | None]]:
    """Tickets that go back: number to token and people."""
    found = {
        text(one, "ticketNo", 24): (
            text(one, "token", 64, needed=False),
            count(one, "quantity", 500, needed=False),
        )
        for one in rows(told, "tickets")
    }
    if len(found) < len(told["tickets"]):
        raise wrong("tickets.ticketNo")
    return found
