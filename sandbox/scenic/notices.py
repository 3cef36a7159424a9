"""Notices to the platform, written down in the transaction of what they tell; the courier delivers them."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from sandbox import faults
from sandbox.clock import rfc3339
from sandbox.scenic import orders
from sandbox.scenic.catalogue import PRODUCT
from sandbox.scenic.memory import NAME, Scenic
from sandbox.scenic.orders import Order

SHAPING = frozenset({"drop", "duplicate", "late", "day_late", "reorder"})
SPOILING = frozenset({"bad_signature", "stale"})
KINDS = {
    "order.issued": "出票", "order.failed": "出票失败", "order.consumed": "核销", "refund.audited": "退票审核",
    "product.changed": "产品变更",
}  # fmt: skip
DAY = 86400.0
DEFAULT_DELAY = 3.0  # real seconds
#: Sandbox seconds before the second, third … try.
RETRY_AFTER = (60, 300, 300, 300, 600, 1800, 3600, 7200, 21600, 43200)


def add(system: Scenic, db: sqlite3.Connection, kind: str, order: Order, data: dict[str, Any]) -> None:
    """Tell of an order: what happened, and the counters as they are after it."""
    used, refunded, _held = orders.counters(db, order)
    told = {
        "orderNo": order.number, "outOrderNo": order.out_number, "orderQuantity": order.quantity, "useQuantity": used,
        "reQuantity": refunded, **data,
    }  # fmt: skip
    write(system, db, kind, order.out_number, told)


def add_change(system: Scenic, db: sqlite3.Connection, code: str, what: str) -> None:
    """Tell of a product: PRICE, STOCK, ON_SALE or OFF_SALE. What is new is asked for."""
    write(
        system,
        db,
        "product.changed",
        code,
        {"productCode": code, "spotCode": PRODUCT[code].spot, "change": what},
    )


def write(system: Scenic, db: sqlite3.Connection, kind: str, subject: str, data: dict[str, Any]) -> None:
    """A notice to be delivered; a fault may shape how."""
    fault = faults.take(db, system=NAME, operation=faults.NOTIFY, kinds=SHAPING, path=kind, subject=subject)
    state, wait, copies = "pending", 0.0, 1
    if fault is not None:
        if fault.kind == "drop":
            state = "dropped"
        elif fault.kind == "duplicate":
            copies = int(fault.number("copies", 2))
        elif fault.kind == "day_late":
            wait = system.clock.real(DAY)
        else:
            state = "held" if fault.kind == "reorder" else state
            wait = fault.number("delay", DEFAULT_DELAY)
    number = system.new_number("NT")
    told = {"noticeNo": number, "happenedAt": rfc3339(system.clock.now()), **data}
    db.execute(
        "INSERT INTO scenic_notices (number, kind, subject, data, state, copies, next_at, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number, kind, subject, json.dumps(told, ensure_ascii=False), state, copies,
            None if state == "dropped" else system.clock.wall() + wait, system.clock.wall(),
        ),
    )  # fmt: skip
    system.wake()


def shown(row: sqlite3.Row) -> dict[str, Any]:
    """A notice for the control API and the page."""
    return {**dict(row), "data": json.loads(row["data"])}
