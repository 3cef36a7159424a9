"""The gate: lets people in by a code or an identity number, and takes an entry back."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox.clock import rfc3339
from sandbox.scenic import notices, orders
from sandbox.scenic.memory import Refused, Scenic
from sandbox.scenic.orders import ISSUED


def consume(system: Scenic, db: sqlite3.Connection, code: str, quantity: int, gate: str) -> dict[str, Any]:
    """Use pieces of a voucher; the platform is told. `code`: typed, or what its QR code holds. quantity 0: all that is
    left. Raises Refused."""
    code = code.removeprefix("SCENIC:")
    row = db.execute(
        "SELECT * FROM scenic_vouchers WHERE code = ?"
        " OR (id_number = ? AND id_number <> '' AND used + refunded < quantity)"
        " ORDER BY code = ? DESC LIMIT 1",
        (code, code.upper(), code),
    ).fetchone()
    if row is None:
        raise Refused("NO_VOUCHER", "没有这张票")
    order = orders.by_id(db, row["order_id"])
    if order.state != ISSUED:
        raise Refused("NOT_ISSUED", "订单未出票")
    if row["refunded"] == row["quantity"]:
        raise Refused("REFUNDED", "已退票")
    if system.today() < order.day:
        raise Refused("TOO_EARLY", f"{order.day.isoformat()} 才能使用")
    line = order.lines[row["line"]]
    if orders.expired(system, order, line):
        raise Refused("EXPIRED", "已过期")
    left = row["quantity"] - row["used"] - row["refunded"] - row["held"]
    if left <= 0:
        raise Refused("REFUNDING" if row["held"] else "USED", "正在退票" if row["held"] else "已使用")
    pieces = quantity or left
    if not 1 <= pieces <= left:
        raise Refused("TOO_MANY", f"只剩 {left} 份")
    made = db.execute(
        "INSERT INTO scenic_uses (code, order_id, quantity, gate, at) VALUES (?, ?, ?, ?, ?)",
        (row["code"], order.id, pieces, gate[:40], system.clock.now()),
    )
    db.execute("UPDATE scenic_vouchers SET used = used + ? WHERE code = ?", (pieces, row["code"]))
    used = {"useNo": str(made.lastrowid), "code": row["code"], "quantity": pieces, "gate": gate[:40]}
    notices.add(
        system,
        db,
        "order.consumed",
        order,
        used | {"consumedAt": rfc3339(system.clock.now()), "reversed": False},
    )
    return used | {
        "left": left - pieces,
        "people": line.product.people * pieces,
        "traveller": row["traveller"],
    }


def reverse(system: Scenic, db: sqlite3.Connection, use: int) -> dict[str, Any]:
    """Take an entry back (a gate's mistake); the platform is told. Raises Refused."""
    row = db.execute("SELECT * FROM scenic_uses WHERE id = ?", (use,)).fetchone()
    if row is None or row["reversed_at"] is not None:
        raise Refused("NO_USE", "没有可撤销的这次入园")
    order = orders.by_id(db, row["order_id"])
    db.execute("UPDATE scenic_uses SET reversed_at = ? WHERE id = ?", (system.clock.now(), use))
    db.execute("UPDATE scenic_vouchers SET used = used - ? WHERE code = ?", (row["quantity"], row["code"]))
    told = {"useNo": str(use), "code": row["code"], "quantity": row["quantity"], "gate": row["gate"]}
    notices.add(
        system,
        db,
        "order.consumed",
        order,
        told | {"consumedAt": rfc3339(system.clock.now()), "reversed": True},
    )
    return told
