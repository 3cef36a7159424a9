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
class Line:
    """One product of an order; settle in fen, a piece. refs: the platform's numbers of the pieces."""

    product: Product
    quantity: int
    settle: int
    travellers: list[dict[str, str]]
    refs: list[str]

    def as_dict(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "product": self.product.code, "quantity": self.quantity, "settle": self.settle,
            "travellers": self.travellers, "refs": self.refs,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """One order: products of one spot, for one day and slot."""

    id: int
    number: str
    out_number: str
    digest: str
    state: str
    day: date
    slot: str
    lines: list[Line]
    contact: str
    mobile: str
    locked_until: float
    pay_number: str
    amended: str
    sent: list[float]

    @property
    def quantity(self) -> int:
        """Pieces of all lines."""
        return sum(line.quantity for line in self.lines)

    @property
    def amount(self) -> int:
        """Fen for all lines."""
        return sum(line.quantity * line.settle for line in self.lines)

    @property
    def title(self) -> str:
        """What people call it."""
        names = "、".join(line.product.name for line in self.lines)
        return f"{SPOT[self.lines[0].product.spot].name} {names}"

    def last_day(self, line: Line) -> date:
        """The last day that a line's vouchers let in."""
        return after(self.day, line.product.days - 1)


def order_of(row: sqlite3.Row) -> Order:
    """A row as an order."""
    lines = [
        Line(PRODUCT[one["product"]], one["quantity"], one["settle"], one["travellers"], one["refs"])
        for one in json.loads(row["lines"])
    ]
    return Order(
        id=row["id"], number=row["number"], out_number=row["out_number"], digest=row["digest"], state=row["state"],
        day=date.fromisoformat(row["day"]), slot=row["slot"], lines=lines, contact=row["contact"], mobile=row["mobile"],
        locked_until=row["locked_until"], pay_number=row["pay_number"] or "", amended=row["amended"],
        sent=json.loads(row["sent"]),
    )  # fmt: skip


def find(db: sqlite3.Connection, column: str, number: str) -> Order | None:
    """The order of a number: number, out_number, pay_number or amend_number."""
    row = db.execute(f"SELECT * FROM scenic_orders WHERE {column} = ?", (number,)).fetchone()  # noqa: S608 - our names
    return order_of(row) if row else None


#: By what an order may be asked for, the first one told counts.
NUMBERS = {
    "outOrderNo": "out_number", "orderNo": "number", "outPayNo": "pay_number", "outAmendNo": "amend_number"
}  # fmt: skip


def get(db: sqlite3.Connection, data: dict[str, Any], *names: str) -> Order:
    """The order of a question, by its outOrderNo or orderNo (or by `names`). Raises Refused (NO_ORDER)."""
    for name in names or ("outOrderNo", "orderNo"):
        if data.get(name):
            order = find(db, NUMBERS[name], str(data[name]))
            if order is not None:
                return order
            break
    raise Refused("NO_ORDER", "没有这个订单")


def by_id(db: sqlite3.Connection, key: int) -> Order:
    """An order whose key is known."""
    return order_of(db.execute("SELECT * FROM scenic_orders WHERE id = ?", (key,)).fetchone())


def vouchers(db: sqlite3.Connection, order: Order) -> list[sqlite3.Row]:
    """The vouchers of an order, in the order of its lines and travellers."""
    return db.execute(
        "SELECT * FROM scenic_vouchers WHERE order_id = ? ORDER BY line, rowid", (order.id,)
    ).fetchall()


def counters(db: sqlite3.Connection, order: Order) -> tuple[int, int, int]:
    """Pieces used, refunded, and waiting for the audit of a refund."""
    row = db.execute(
        "SELECT coalesce(sum(used), 0) AS u, coalesce(sum(refunded), 0) AS r, coalesce(sum(held), 0) AS h"
        " FROM scenic_vouchers WHERE order_id = ?",
        (order.id,),
    ).fetchone()
    return int(row["u"]), int(row["r"]), int(row["h"])


def expired(system: Scenic, order: Order, line: Line | None = None) -> bool:
    """Whether the last day is over: of a line, or of the longest."""
    last = order.last_day(line) if line else max(order.last_day(one) for one in order.lines)
    return system.clock.now() >= midnight(after(last, 1))


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
        "orderNo": order.number, "outOrderNo": order.out_number, "outPayNo": order.pay_number, "status": order.state,
        "statusText": STATES[order.state], "title": order.title, "date": order.day.isoformat(), "slot": order.slot,
        "validFrom": order.day.isoformat(),
        "validTo": max(order.last_day(line) for line in order.lines).isoformat(),
        "orderQuantity": order.quantity, "useQuantity": used, "reQuantity": refunded,
        "useStatus": "ALL" if issued and used and left == 0 else "PART" if used else "NONE",
        "refundStatus": refund, "expired": issued and left > 0 and expired(system, order),
        "totalAmount": order.amount, "lockedUntil": rfc3339(order.locked_until), "contact": order.contact,
        "lines": [
            {"productCode": line.product.code, "quantity": line.quantity, "settlePrice": line.settle}
            for line in order.lines
        ],
        "vouchers": _vouchers_json(db, order) if issued else [],
    }  # fmt: skip


def _vouchers_json(db: sqlite3.Connection, order: Order) -> list[dict[str, Any]]:
    places: dict[int, int] = {}
    told = []
    for voucher in vouchers(db, order):
        start = places.get(voucher["line"], 0)
        places[voucher["line"]] = start + voucher["quantity"]
        refs = order.lines[voucher["line"]].refs[start : start + voucher["quantity"]]
        told.append(_voucher_json(order, voucher) | {"refs": refs})
    return told


def _voucher_json(order: Order, voucher: sqlite3.Row) -> dict[str, Any]:
    product = order.lines[voucher["line"]].product
    return {
        "code": voucher["code"], "qr": f"SCENIC:{voucher['code']}", "productCode": product.code,
        "traveller": voucher["traveller"], "quantity": voucher["quantity"], "used": voucher["used"],
        "refunded": voucher["refunded"], "people": product.people * voucher["quantity"],
    }  # fmt: skip


def refundable_until(order: Order, line: Line) -> float:
    """Business seconds until which pieces can be given back; endless for what is refundable any time."""
    if line.product.notice_days == ANY_TIME:
        return float("inf")
    if line.product.notice_days == 0:
        return midnight(after(order.last_day(line), 1))
    return midnight(after(order.day, 1 - line.product.notice_days))
