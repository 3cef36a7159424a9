"""What loyalty tells the others, after the commit. No event carries personal data.

Keys: events about a member are published under `member:<pk>`.
"""

from __future__ import annotations

from datetime import datetime

from saleor_o2o.kernel.events import Event


class PointsExpiring(Event):
    """Points of a member are good for some days more (`notice_days` of the terms); told once for each lot."""

    name = "loyalty.points_expiring"

    member_id: int
    points: int
    expires_at: datetime


class PointsMoved(Event):
    """Points came or went; `kind` is an `EntryKind`, `points` negative for what went."""

    name = "loyalty.points_moved"

    member_id: int
    entry_id: int
    kind: str
    points: int


class LevelChanged(Event):
    """A member is on another level; `source` and `target` are codes, `why` a `LevelWhy`."""

    name = "loyalty.level_changed"

    member_id: int
    source: str
    target: str
    up: bool
    why: str
