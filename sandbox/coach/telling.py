"""Call-backs: written down with what happened; the courier brings them."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from typing import Any

from sandbox import faults
from sandbox.coach.memory import Network

#: How the next call-back is treated on its way, and what a single delivery may suffer.
SHAPING = frozenset({"drop", "duplicate", "late", "reorder"})
SPOILING = frozenset({"bad_signature", "stale"})
REORDER_WITHIN = 5.0  # real seconds that a call-back waits to be overtaken

LOCKED, RELEASED, ISSUED, ISSUE_FAILED = "locked", "released", "issued", "issue_failed"
REFUNDED, REFUND_REJECTED, CHANGED = "refunded", "refund_rejected", "changed"
SHIFT_CANCELLED, SHIFT_CHANGED = "shift_cancelled", "shift_changed"
CHECKED, COLLECTED = "checked", "collected"
EVENTS = (
    LOCKED, RELEASED, ISSUED, ISSUE_FAILED, REFUNDED, REFUND_REJECTED, CHANGED, SHIFT_CANCELLED, SHIFT_CHANGED, CHECKED,
    COLLECTED,
)  # fmt: skip


def tell(db: sqlite3.Connection, net: Network, event: str, number: str, data: dict[str, Any]) -> None:
    """Write a call-back down, in the caller's transaction. `number`: the agent's own one."""
    fault = faults.take(
        db, system=net.profile.name, operation=faults.NOTIFY, kinds=SHAPING, path=event, subject=number
    )
    kind = fault.kind if fault else ""
    wait = 0.0
    if fault is not None and kind in ("late", "reorder"):
        wait = fault.number("delay", REORDER_WITHIN)
    db.execute(
        "INSERT INTO coach_notices (net, event, number, data, state, copies, waits, next_at, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            net.net, event, number, json.dumps(data, ensure_ascii=False, default=_text),
            "dropped" if kind == "drop" else "pending",
            int(fault.number("copies", 2)) if fault is not None and kind == "duplicate" else 1,
            int(kind == "reorder"), None if kind == "drop" else net.clock.wall() + wait, net.clock.now(),
        ),
    )  # fmt: skip
    net.wake()


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    raise TypeError(type(value).__name__)
