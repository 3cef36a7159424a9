"""Numbers in sentences: exact where a decimal can be, marked with ≈ where it cannot."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

_PLACES = 6


def plain(number: Decimal | Fraction | int) -> str:
    """`12.5000` as `12.5`, a third as `≈0.333333`."""
    exact = Fraction(number)
    rounded = round(exact * 10**_PLACES)
    text = f"{Decimal(rounded).scaleb(-_PLACES):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if Fraction(rounded, 10**_PLACES) == exact else f"≈{text}"


def percent(rate: Decimal | Fraction) -> str:
    """A rate in per cent."""
    return f"{plain(rate)}%"


def fen(amount: Fraction) -> str:
    """Fen as yuan, with as many places as there are."""
    return plain(amount / 100)
