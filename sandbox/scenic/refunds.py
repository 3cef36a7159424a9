"""Refunds: asked by our number, audited at once, by a person or after a while; whole, in part, or refused."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from sandbox.clock import rfc3339
from sandbox.scenic import calendar, notices, orders
from sandbox.scenic.memory import Refused, Scenic, flow
from sandbox.scenic.ordering import digest, number_of, whole
from sandbox.scenic.orders import ISSUED, Line, Order

PENDING, DONE, REJECTED = "PENDING", "DONE", "REJECTED"
STATES = {PENDING: "待审核", DONE: "已退", REJECTED: "被拒"}


def ask(
    system: Scenic,
    db: sqlite3.Connection,
    data: dict[str, Any],
    spoil: str = "",
    params: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """order.refund {orderNo or outOrderNo, outRefundNo, quantity or items: [{code, quantity}], reason}.

    The same number: the same answer.
    spoil: refund_rejected, refund_late, partial_refund, audited by themselves after `delay` sandbox seconds (`quantity`
    pieces of the part, by default one fewer than asked). Raises Refused.
    """
    out_number, asked = number_of(data, "outRefundNo"), digest(data)
    row = db.execute("SELECT * FROM scenic_refunds WHERE out_number = ?", (out_number,)).fetchone()
    if row is not None:
        if row["digest"] != asked:
            raise Refused("CONFLICT", "此退票号已用于另一笔退票")
        return refund_json(db, row)
    order = orders.get(db, data)
    share = _share(system, db, order, data)
    quantity = sum(share.values())
    params = params or {}
    audit = system.option("audit") or _audit(db, order, share)
    decision, wait = "", 0.0
    if spoil:
        decision, wait = _decision(spoil, quantity, params), float(params.get("delay", 0))
    elif audit == "instant":
        decision = _decision("", quantity, params)
    elif system.option("refund_seconds"):
        decision, wait = _decision("", quantity, params), float(system.option("refund_seconds"))
    at = system.clock.wall() + system.clock.real(wait) if decision and wait else None
    made = db.execute(
        "INSERT INTO scenic_refunds (number, out_number, digest, order_id, state, asked, share, reason, created_at,"
        " decide_at, decision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            system.new_number("RF"), out_number, asked, order.id, PENDING, quantity, json.dumps(share),
            str(data.get("reason") or "")[:200], system.clock.now(), at, decision,
        ),
    )  # fmt: skip
    for code, pieces in share.items():
        db.execute("UPDATE scenic_vouchers SET held = held + ? WHERE code = ?", (pieces, code))
    if decision and at is None:
        told = json.loads(decision)
        decide(
            system,
            db,
            int(made.lastrowid or 0),
            told["approve"],
            told["quantity"],
            told["remark"],
            tell=bool(spoil),
        )
    system.wake()
    return refund_json(
        db, db.execute("SELECT * FROM scenic_refunds WHERE id = ?", (made.lastrowid,)).fetchone()
    )


def _decision(spoil: str, quantity: int, params: dict[str, Any]) -> str:
    approved = quantity
    if spoil == "partial_refund":
        approved = min(quantity, int(params.get("quantity", quantity - 1)))
    remark = {
        "refund_rejected": str(params.get("message") or "景区不同意退票"),
        "partial_refund": "部分门票不可退",
    }
    told = {
        "approve": spoil != "refund_rejected" and approved > 0,
        "quantity": approved,
        "remark": remark.get(spoil, ""),
    }
    return json.dumps(told, ensure_ascii=False)


def _lines(db: sqlite3.Connection, order: Order) -> dict[str, Line]:
    return {voucher["code"]: order.lines[voucher["line"]] for voucher in orders.vouchers(db, order)}


def _audit(db: sqlite3.Connection, order: Order, share: dict[str, int]) -> str:
    lines = _lines(db, order)
    return "manual" if any(lines[code].product.audit == "manual" for code in share) else "instant"


def _share(system: Scenic, db: sqlite3.Connection, order: Order, data: dict[str, Any]) -> dict[str, int]:
    """Which vouchers give how many pieces. Raises Refused."""
    if order.state != ISSUED:
        raise Refused("NOT_ISSUED", "尚未出票，不能退票")
    items = data.get("items")
    wanted: dict[str, int] | None = None
    if items is not None:
        if not isinstance(items, list) or not items or not all(isinstance(one, dict) for one in items):
            raise Refused("BAD_PARAM", "items 应为票码和数量的数组")
        wanted = {str(one.get("code")): whole(one, "quantity", 1, order.quantity) for one in items}
    left = sum(wanted.values()) if wanted is not None else whole(data, "quantity", 1, order.quantity)
    quantity, found = left, {}
    for voucher in orders.vouchers(db, order):
        most = left if wanted is None else wanted.get(voucher["code"], 0)
        free = voucher["quantity"] - voucher["used"] - voucher["refunded"] - voucher["held"]
        pieces = min(free, most, left)
        if pieces > 0:
            found[voucher["code"]] = pieces
            left -= pieces
    if left:
        raise Refused("NOT_ENOUGH", "可退数量不足", refundable=quantity - left)
    lines = _lines(db, order)
    for code in found:
        if lines[code].product.audit == "none":
            raise Refused("NOT_REFUNDABLE", "此产品售出不退")
        if system.clock.now() >= orders.refundable_until(order, lines[code]):
            raise Refused("REFUND_CLOSED", "已过可退时间")
    return found


def decide(
    system: Scenic,
    db: sqlite3.Connection,
    key: int,
    approve: bool,
    quantity: int,
    remark: str,
    *,
    tell: bool = True,
) -> None:
    """Audit a refund that waits: money back to the deposit, pieces back to the stock, and the platform is told.

    Raises Refused (DECIDED) for one that was audited.
    """
    row = db.execute("SELECT * FROM scenic_refunds WHERE id = ?", (key,)).fetchone()
    if row is None or row["state"] != PENDING:
        raise Refused("DECIDED", "没有待审核的这笔退票")
    order = orders.by_id(db, row["order_id"])
    left = min(quantity, row["asked"]) if approve else 0
    back, amount, fee, lines, given_back = left, 0, 0, _lines(db, order), {}
    for code, pieces in json.loads(row["share"]).items():
        given, line = min(pieces, left), lines[code]
        left -= given
        db.execute(
            "UPDATE scenic_vouchers SET held = held - ?, refunded = refunded + ? WHERE code = ?",
            (pieces, given, code),
        )
        if given:
            kept = line.settle * given * line.product.fee // 100
            given_back[code] = {"quantity": given, "amount": line.settle * given - kept}
            fee, amount = fee + kept, amount + line.settle * given - kept
            calendar.put_back(db, line.product.code, order.day.isoformat(), order.slot, given)
    state = DONE if back else REJECTED
    db.execute(
        "UPDATE scenic_refunds SET state = ?, quantity = ?, amount = ?, fee = ?, remark = ?, decided_at = ?,"
        " decide_at = NULL, given = ? WHERE id = ?",
        (state, back, amount, fee, remark[:200], system.clock.now(), json.dumps(given_back), key),
    )
    if back:
        flow(
            system, db, "refund", row["out_number"], order_id=order.id, quantity=back, amount=amount, fee=fee
        )
    if tell:
        now = db.execute("SELECT * FROM scenic_refunds WHERE id = ?", (key,)).fetchone()
        notices.add(system, db, "refund.audited", order, refund_json(db, now))


def decide_due(system: Scenic, db: sqlite3.Connection) -> None:
    """Refunds whose audit is due."""
    rows = db.execute(
        "SELECT * FROM scenic_refunds WHERE state = ? AND decide_at IS NOT NULL AND decide_at <= ?"
        " ORDER BY id LIMIT 50",
        (PENDING, system.clock.wall() + 0.001),
    ).fetchall()
    for row in rows:
        told = json.loads(row["decision"])
        decide(system, db, row["id"], told["approve"], told["quantity"], told["remark"])


def query(db: sqlite3.Connection, data: dict[str, Any]) -> dict[str, Any]:
    """refund.query {outRefundNo}. Raises Refused."""
    number = number_of(data, "outRefundNo")
    row = db.execute("SELECT * FROM scenic_refunds WHERE out_number = ?", (number,)).fetchone()
    if row is None:
        raise Refused("NO_REFUND", "没有这笔退票")
    return refund_json(db, row)


def refund_json(db: sqlite3.Connection, row: sqlite3.Row) -> dict[str, Any]:
    """A refund as the platform sees it."""
    order = orders.by_id(db, row["order_id"])
    return {
        "refundNo": row["number"], "outRefundNo": row["out_number"], "outOrderNo": order.out_number,
        "status": row["state"], "statusText": STATES[row["state"]], "askedQuantity": row["asked"],
        "reQuantity": row["quantity"], "refundAmount": row["amount"], "refundFee": row["fee"],
        "items": [{"code": code, **told} for code, told in json.loads(row["given"]).items()], "remark": row["remark"],
        "decidedAt": rfc3339(row["decided_at"]) if row["decided_at"] else "",
    }  # fmt: skip
