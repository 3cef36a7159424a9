"""Counting a drawer: how many of each note and coin, and what that is together."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from .error_codes import CounterErrorCode as Code
from .errors import CounterError

#: Notes and coins in circulation, in yuan, the largest first.
DENOMINATIONS = ("100", "50", "20", "10", "5", "1", "0.5", "0.1", "0.05", "0.02", "0.01")
#: Pieces of one kind that a drawer can hold; more is a slip of the finger.
MOST = 9999


def read_counts(typed: Mapping[str, Any]) -> dict[str, int]:
    """Pieces by denomination, without the zeros; empty fields count as none.

    Raises CounterError COUNT_INVALID for anything that is no whole number from 0 to 9999, naming the field.
    """
    counts = {}
    for worth in DENOMINATIONS:
        text = str(typed.get(worth) or "0").strip()
        if not (text.isascii() and text.isdigit() and len(text) <= 6 and int(text) <= MOST):
            raise CounterError(
                Code.COUNT_INVALID,
                _("%(worth)s 元的张数须是 0 到 %(most)s 的整数") % {"worth": worth, "most": MOST},
                f"count-{worth}",
            )
        if int(text):
            counts[worth] = int(text)
    return counts


def worth_of(counts: Mapping[str, int]) -> Decimal:
    """What counted pieces are together, in yuan, exact to the fen."""
    total = sum((Decimal(worth) * pieces for worth, pieces in counts.items()), Decimal(0))
    return total.quantize(Decimal("0.01"))


def rows_of(counts: Mapping[str, int]) -> list[tuple[str, int, Decimal]]:
    """Denomination, pieces and worth of what was counted, the largest first."""
    return [
        (worth, counts[worth], worth_of({worth: counts[worth]})) for worth in DENOMINATIONS if worth in counts
    ]
