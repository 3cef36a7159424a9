"""Identity numbers of the mainland as people type them (GB 11643: 18 characters, the last a check of the others)."""

from __future__ import annotations

import re
from datetime import date

from .clock import today

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_ID = re.compile(r"\d{17}[\dX]", re.ASCII)


def check_digit(first17: str) -> str:
    """The last character of an identity number (ISO 7064 MOD 11-2)."""
    return _CHECKS[sum(int(d) * w for d, w in zip(first17, _WEIGHTS, strict=True)) % 11]


def read_id_number(text: str) -> tuple[str, date] | None:
    """The number without blanks, `x` in capitals, and the birthday; None for what is no identity number."""
    number = re.sub(r"[\s\-]", "", text).upper()
    if not _ID.fullmatch(number) or check_digit(number[:17]) != number[17]:
        return None
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return (number, born) if date(1900, 1, 1) <= born <= today() else None
