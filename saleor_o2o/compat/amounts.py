"""Amounts of the API: stock's ``Decimal`` takes "NaN", "Infinity" and a number of a million digits for one."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from typing import Any

from .registry import Stage, adaptation

#: Far above every amount, far below where comparing, rounding or PostgreSQL's `numeric` would give up.
_MOST = 18


def _amount(parse: Callable[[Any], Any], told: Any) -> decimal.Decimal | None:
    try:
        value: decimal.Decimal | None = parse(told)
    except (AttributeError, TypeError):  # an object or a list where a number is due
        return None
    if value is None or not value.is_finite():
        return None
    return value if abs(value.adjusted()) <= _MOST else None


@adaptation(
    Stage.APPS,
    "'NaN' and 'Infinity' pass for a Decimal, and the first comparison with one ends in a 500: they are no valid value",
)
def decimals_are_amounts() -> None:
    from saleor.graphql.core.scalars import Decimal

    of_value, of_literal = Decimal.parse_value, Decimal.parse_literal

    def parse_value(value: Any) -> decimal.Decimal | None:
        return _amount(of_value, value)

    def parse_literal(node: Any) -> decimal.Decimal | None:
        return _amount(of_literal, node)

    Decimal.parse_value = staticmethod(parse_value)
    Decimal.parse_literal = staticmethod(parse_literal)
