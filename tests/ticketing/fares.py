"""Tickets and rules to count with."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from plugins.ticketing.kernel.choices import Anchor
from plugins.ticketing.kernel.engine import Changed, Facts, Fee, Part, Rule, price_of
from plugins.ticketing.kernel.seeds import TEMPLATES
from saleor_o2o.kernel.clock import SHANGHAI

#: When the bus, the train, the plane leaves, when the show begins.
LEAVES = datetime(2026, 12, 20, 9, 30, tzinfo=SHANGHAI)
RULES: dict[str, Rule] = {template.name: template.rule() for template in TEMPLATES}


def part(face: str, paid: str | None = None, full: str | None = None, key: str = "1") -> Part:
    return Part(key, Decimal(face), Decimal(paid or face), Decimal(full or face))


def before(hours: float = 0, *, face: str = "100", anchor: str = Anchor.DEPARTURE, **more: Any) -> Facts:
    """A ticket, so many hours before it counts; `seconds` later."""
    moment = LEAVES - timedelta(hours=hours) + timedelta(seconds=more.pop("seconds", 0))
    anchors = {str(anchor): LEAVES, **more.pop("anchors", {})}
    parts = more.pop("parts", (part(face),))
    return Facts(parts=parts, moment=moment, anchors=anchors, **more)


def fee(rule: str | Rule, facts: Facts) -> Fee:
    return price_of(RULES[rule] if isinstance(rule, str) else rule, facts)


def changed(hours: float, face: str = "100", *, anchor: datetime = LEAVES) -> Changed:
    """Changed so many hours before it would have left."""
    return Changed(anchor - timedelta(hours=hours), anchor, part(face))
