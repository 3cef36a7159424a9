"""Business hours in words."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

_DAYS = "一二三四五六日"


def hours_text(hours: Mapping[str, Any]) -> str:
    """`周一至周五 08:30-17:30，周六 09:00-12:00`; empty where nothing is written down."""
    week = [(day, _spans(hours.get(str(day)))) for day in range(1, 8)]
    parts = []
    for spans, days in groupby(week, key=lambda entry: entry[1]):
        numbers = [day for day, _same in days]
        if spans:
            parts.append(f"{_range(numbers)} {spans}")
    return "，".join(parts)


def _spans(spans: Any) -> str:
    if not isinstance(spans, list):
        return ""
    return "、".join(f"{one[0]}-{one[1]}" for one in spans if isinstance(one, list | tuple) and len(one) == 2)


def _range(days: list[int]) -> str:
    first, last = _DAYS[days[0] - 1], _DAYS[days[-1] - 1]
    return f"周{first}" if len(days) == 1 else f"周{first}至周{last}"
