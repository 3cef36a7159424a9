"""What a business is good for: arithmetic over the rule of its day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal

from .models import PostalRule


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules, read once for a file."""

    rows: tuple[PostalRule, ...]

    @classmethod
    def read(cls, service: str = "") -> Rules:
        """Of one service, or of all. One statement."""
        rows: Iterable[PostalRule] = PostalRule.objects.order_by("-valid_from", "-pk")
        return cls(tuple(row for row in rows if service in ("", row.service)))

    def at(self, service: str, moment: datetime) -> PostalRule | None:
        """The rule of a service that was in force at a moment; the newest of several."""
        for row in self.rows:
            if row.service == service and row.valid_from <= moment and (
                row.valid_to is None or row.valid_to > moment
            ):  # fmt: skip
                return row
        return None


def worth(rule: PostalRule, amount: Decimal) -> int:
    """Points for so many yuan: whole ones, never more than the cap."""
    points = int((amount / rule.yuan_per_point).to_integral_value(ROUND_FLOOR))
    return points if rule.cap is None else min(points, rule.cap)
