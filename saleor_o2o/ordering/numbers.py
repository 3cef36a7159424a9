"""The number of an order: yyyymmdd, four digits of the organisation, eight running ones, the check digit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from saleor_o2o.kernel.numbering import InvalidNumber, next_number, next_numbers, number_kind, parse_number

#: Twenty-one digits without letters: said on the telephone, typed on a keypad.
ORDER = number_kind("order", "", date_format="%Y%m%d")
#: The first digits of a unit's code are the city's; the four behind them are area and county.
CITY_DIGITS = 4
ORG_DIGITS = 4


def order_number(unit_code: str = "", at: datetime | None = None) -> str:
    """Return the next order number; `unit_code` is the unit's (`5001-01-03-007` gives `0103`). Takes no lock.

    `at` is when the order was placed (default: now).
    """
    return next_number(ORDER, org_digits(unit_code), at=at)


def order_numbers(wanted: Iterable[tuple[str, datetime]]) -> list[str]:
    """Return a number for each unit code and moment, in one statement."""
    return next_numbers(ORDER, [(org_digits(code), at) for code, at in wanted])


def org_digits(unit_code: str) -> str:
    """The four digits of area and county in a unit's code; zeros for the city and for none."""
    digits = re.sub(r"[^0-9]", "", unit_code)[CITY_DIGITS : CITY_DIGITS + ORG_DIGITS]
    return digits.ljust(ORG_DIGITS, "0")


def sub_order_number(order: str, position: int) -> str:
    """The number of the order's part: `…-01`."""
    return f"{order}-{position:02d}"


def read_number(text: str) -> str | None:
    """A typed order number (also a sub-order's) in its stored form; None where it is none, or mistyped."""
    cleaned = text.strip().removeprefix("#")
    head, dash, tail = cleaned.rpartition("-")
    if dash and len(tail) == 2 and tail.isdigit():
        cleaned = head
    try:
        return parse_number(ORDER, cleaned)
    except InvalidNumber:
        return None
