"""Orders as the distributor keeps them: its reading, its JSON, vouchers, counters."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import date
from typing import Any

from sandbox.clock import rfc3339
from sandbox.scenic.catalogue import ANY_TIME, PRODUCT, SPOT, Product
from sandbox.scenic.memory import Refused, Scenic, after, midnight

LOCKED, ISSUING, ISSUED, FAILED, CANCELLED = "LOCKED", "ISSUING", "ISSUED", "FAILED", "CANCELLED"
STATES = {
    LOCKED: "已锁定，待付款", ISSUING: "已付款，出票中", ISSUED: "已出票",
    FAILED: "出票失败，款已退回", CANCELLED: "已取消",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """One order."""

    id: int
    number: str
    out_number: str
    digest: str
    state: str
    product: Product
    day: date
    slot: str
    quantity: int
    settle: int
    contact: str
    mobile: str
    travellers: list[dict[str, str]]
    locked_until: float
    paid_at: float | None
    amended: str
    sent: list[float]

    @property
    def last_day(self) -> date:
        """The last day that the vouchers let in."""
        return after(self.day, self.product.days - 1)


def order_of(row: sqlite3.Row) -> Order:
    """A row as an order."""
    return Order(
        id=row["id"], number=row["number"], out_number=row["out_number"], digest=row["digest"], state=row["state"],
        product=PRODUCT[row["product"]], day=date.fromisoformat(row["day"]), slot=row["slot"],
        quantity=row["quantity"], settle=row["settle"], contact=row["contact"], mobile=row["mobile"],
        travellers=json.loads(row["travellers"]), locked_until=row["locked_until"], paid_at=row["paid_at"],
        amended=row["amended"], sent=json.loads(row["sent"]),
    )  # fmt: skip


def find(db: sqlite3.Connection, out_number: str) -> Order | None:
    """The order of the platform's number."""
    row = db.execute("SELECT * FROM scenic_orders WHERE out_number = ?", (out_number,)).fetchone()
    return order_of(row) if row else None


def get(db: sqlite3.Connection, out_number: str) -> Order:
    """The order of the platform's number. Raises Refused (NO_ORDER)."""
    order = find(db, out_number)
    if order is None:
        raise Refused("NO_ORDER", "没有这个订单")
    return order


def by_id(db: sqlite3.Connection, key: int) -> Order:
    """An order whose key is known."""
    return order_of(db.execute("SELECT * FROM scenic_orders WHERE id = ?", (key,)).fetchone())


def vouchers(db: sqlite3.Connection, order: Order) -> list[sqlite3.Row]:
    """The vouchers of an order, oldest first."""
    return db.execute(
        "SELECT * FROM scenic_vouchers WHERE order_id = ? ORDER BY rowid", (order.id,)
    ).fetchall()


def counters(db: sqlite3.Connection, order: Order) -> tuple[int, int, int]:
    """Pieces used, refunded, and waiting for the audit of a refund."""
    row = db.execute(
        "SELECT coalesce(sum(used), 0) AS u, coalesce(sum(refunded), 0) AS r, coalesce(sum(held), 0) AS h"
        " FROM scenic_vouchers WHERE order_id = ?",
        (order.id,),
    ).fetchone()
    return int(row["u"]), int(row["r"]), int(row["h"])


def expired(system: Scenic, order: Order) -> bool:
    """Whether the last day is over."""
    return system.clock.now() >= midnight(after(order.last_day, 1))


def order_json(system: Scenic, db: sqlite3.Connection, order: Order) -> dict[str, Any]:
    """An order as the platform sees it. Identity numbers are not told back."""
    used, refunded, held = counters(db, order)
    left = order.quantity - used - refunded
    row = db.execute(
        "SELECT state FROM scenic_refunds WHERE order_id = ? ORDER BY id DESC LIMIT 1", (order.id,)
    ).fetchone()
    refund = "NONE" if row is None else "PENDING" if held else row["state"]
    if refunded and not held:
        refund = "ALL" if refunded == order.quantity else "PART"
    issued = order.state == ISSUED
    return {
        "orderNo": order.number, "outOrderNo": order.out_number, "status": order.state,
        "statusText": STATES[order.state], "productCode": order.product.code,
        "productName": f"{SPOT[order.product.spot].name}{order.product.name}", "date": order.day.isoformat(),
        "slot": order.slot, "validFrom": order.day.isoformat(), "validTo": order.last_day.isoformat(),
        "orderQuantity": order.quantity, "useQuantity": used, "reQuantity": refunded,
        "useStatus": "ALL" if issued and used and left == 0 else "PART" if used else "NONE",
        "refundStatus": refund, "expired": issued and left > 0 and expired(system, order),
        "settlePrice": order.settle, "totalAmount": order.settle * order.quantity,
        "lockedUntil": rfc3339(order.locked_until), "contact": order.contact,
        "vouchers": [_voucher_json(order, voucher) for voucher in vouchers(db, order)] if issued else [],
    }  # fmt: skip


def _voucher_json(order: Order, voucher: sqlite3.Row) -> dict[str, Any]:
    return {
        "code": voucher["code"], "qr": f"SCENIC:{voucher['code']}", "traveller": voucher["traveller"],
        "quantity": voucher["quantity"], "used": voucher["used"], "refunded": voucher["refunded"],
        "people": order.product.people * voucher["quantity"],
    }  # fmt: skip


def refundable_until(order: Order) -> float:
    """Business seconds until which pieces can be given back; endless for what is refundable any time."""
    if order.product.notice_days == ANY_TIME:
        return float("inf")
    if order.product.notice_days == 0:
        return midnight(after(order.last_day, 1))
    return midnight(after(order.day, 1 - order.product.notice_days))
