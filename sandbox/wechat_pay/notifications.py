"""Notifications as rows: made with the fact they tell, in one transaction, so that none is lost."""

from __future__ import annotations

import json
import secrets
import sqlite3
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sandbox import faults
from sandbox.clock import rfc3339, stamp
from sandbox.wechat_pay.signing import seal
from sandbox.wechat_pay.system import NAME, WechatPay

SCHEMA = """
CREATE TABLE IF NOT EXISTS wxp_notifications (
    id TEXT PRIMARY KEY, mchid TEXT NOT NULL, event_type TEXT NOT NULL, out_trade_no TEXT NOT NULL,
    out_refund_no TEXT NOT NULL,
    url TEXT NOT NULL, plain TEXT NOT NULL, body BLOB NOT NULL, state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, copies INTEGER NOT NULL DEFAULT 1, next_at REAL,
    fault TEXT NOT NULL, created_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS wxp_notifications_due ON wxp_notifications (next_at) WHERE next_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS wxp_attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    notification_id TEXT NOT NULL REFERENCES wxp_notifications ON DELETE CASCADE,
    at REAL NOT NULL, cause TEXT NOT NULL, status INTEGER, answer TEXT NOT NULL, fault TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS wxp_attempts_notification ON wxp_attempts (notification_id);
"""

# Sandbox seconds between the attempts; after the last one WeChat gives up (24 h 4 min in all).
RETRY_AFTER = (
    *(15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600),
    *(10800, 10800, 10800, 21600, 21600),
)

# Faults that shape a notification when it is made; those of signing.Spoil strike one attempt.
SHAPING = frozenset({"drop", "duplicate", "late", "reorder"})


class NotificationState(StrEnum):
    """pending: to be sent at next_at. sending: leased until next_at. held: waits for a newer one.

    dropped: only sent by hand. failed: given up after the last retry.
    """

    PENDING = "pending"
    SENDING = "sending"
    HELD = "held"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Notification:
    """One row. attempts: failed ones on the schedule. next_at: real epoch seconds."""

    id: str
    mchid: str
    event_type: str
    out_trade_no: str
    out_refund_no: str
    url: str
    plain: str
    body: bytes
    state: NotificationState
    attempts: int
    copies: int
    next_at: float | None
    fault: str
    created_at: float


def notification_of(row: sqlite3.Row) -> Notification:
    """Notification from its row."""
    values = {name: row[name] for name in Notification.__dataclass_fields__}
    values["state"] = NotificationState(values["state"])
    return Notification(**values)


def create(
    system: WechatPay,
    db: sqlite3.Connection,
    *,
    event_type: str,
    original_type: str,
    summary: str,
    plain: dict[str, Any],
    url: str,
    mchid: str,
    out_trade_no: str,
    out_refund_no: str = "",
) -> str:
    """Queue a notification in the caller's transaction and return its id. Uses up a shaping fault."""
    now, wall = system.clock.now(), system.clock.wall()
    number = f"EV-{stamp(now, '%Y%m%d%H%M%S')}{secrets.randbelow(10**12):012d}"
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    body = {
        "id": number,
        "create_time": rfc3339(now),
        "resource_type": "encrypt-resource",
        "event_type": event_type,
        "summary": summary,
        "resource": {
            "original_type": original_type,
            **seal(text.encode(), system.keys.merchants[mchid].apiv3_key, original_type),
        },
    }
    state, next_at, copies = NotificationState.PENDING, wall, 1
    fault = faults.take(
        db, system=NAME, operation=faults.NOTIFY, kinds=SHAPING, path=url, subject=out_trade_no
    )
    if fault and fault.kind == "drop":
        state = NotificationState.DROPPED
    elif fault and fault.kind == "duplicate":
        copies = max(2, int(fault.number("copies", 2)))
    elif fault and fault.kind == "late":
        next_at = wall + fault.number("delay", 5.0)
    elif fault:
        state, next_at = NotificationState.HELD, wall + fault.number("delay", 5.0)
    db.execute(
        "INSERT INTO wxp_notifications (id, mchid, event_type, out_trade_no, out_refund_no, url, plain, body, state,"
        " copies, next_at, fault, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            mchid,
            event_type,
            out_trade_no,
            out_refund_no,
            url,
            text,
            json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(),
            state.value,
            copies,
            None if state is NotificationState.DROPPED else next_at,
            fault.kind if fault else "",
            now,
        ),
    )
    return number


def find(db: sqlite3.Connection, number: str) -> Notification | None:
    """The notification with this id."""
    row = db.execute("SELECT * FROM wxp_notifications WHERE id = ?", (number,)).fetchone()
    return notification_of(row) if row else None


def as_dict(db: sqlite3.Connection, item: Notification) -> dict[str, Any]:
    """The JSON form of the control API, with every attempt."""
    attempts = db.execute(
        "SELECT * FROM wxp_attempts WHERE notification_id = ? ORDER BY id", (item.id,)
    ).fetchall()
    return {
        "id": item.id,
        "mchid": item.mchid,
        "event_type": item.event_type,
        "out_trade_no": item.out_trade_no,
        "out_refund_no": item.out_refund_no,
        "notify_url": item.url,
        "state": item.state.value,
        "fault": item.fault,
        "attempts": len(attempts),
        "next_at": rfc3339(item.next_at) if item.next_at is not None else None,
        "created_at": rfc3339(item.created_at),
        "resource": json.loads(item.plain),
        "log": [
            {
                "at": rfc3339(attempt["at"]),
                "cause": attempt["cause"],
                "status": attempt["status"],
                "answer": attempt["answer"],
                "fault": attempt["fault"],
            }
            for attempt in attempts
        ],
    }
