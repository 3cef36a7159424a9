"""What a day's dealings come to between the network and its agent, ticket by ticket."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

from sandbox.clock import CHINA
from sandbox.coach.memory import Network, Refused, day_of
from sandbox.faults import Fault


def daily(net: Network, told: dict[str, Any], _fault: Fault | None = None) -> dict[str, Any]:
    """The lines of a finished day. Raises Refused for today and later, and for days long ago."""
    day = day_of(str(told.get("date", "")))
    today = net.now().date()
    if day >= today:
        raise Refused("NOT_READY")
    if day < today - timedelta(days=400):
        raise Refused("BAD_REQUEST", field="date")
    return {"date": day.isoformat(), "lines": lines_of(net, day)}


def lines_of(net: Network, day: date) -> list[dict[str, Any]]:
    """Every line: kind (issue, refund, change), number (the network's), own, ticket_no, old_ticket, fee, at, and
    amount: fen that the agent owes."""
    begins = datetime(day.year, day.month, day.day, tzinfo=CHINA).timestamp()
    within = (net.net, begins, begins + 86400)
    found: list[dict[str, Any]] = []
    for row in net.store.all(
        "SELECT t.*, o.lock_no, o.issue_no, o.issued_at FROM coach_tickets t JOIN coach_orders o ON o.id = t.order_id"
        " WHERE o.net = ? AND o.issued_at >= ? AND o.issued_at < ? AND o.window = 0 AND t.replaces = ''"
        " AND t.ticket_no IS NOT NULL ORDER BY t.id",
        *within,
    ):
        found.append(
            _line("issue", row["lock_no"], row["issue_no"], row["ticket_no"], "", row["settle"], 0, row["issued_at"])
        )  # fmt: skip
    for row in net.store.all(
        "SELECT * FROM coach_changes WHERE net = ? AND created_at >= ? AND created_at < ? ORDER BY id",
        *within,
    ):
        new = net.store.all("SELECT ticket_no, ref FROM coach_tickets WHERE order_id = ?", row["order_id"])
        by_ref = {one["ref"]: one["ticket_no"] for one in new}
        for line in json.loads(row["lines"]):
            number = by_ref[line["ref"]]
            found.append(
                _line("change", row["change_no"], row["out_no"], number, line["old"], line["amount"], 0,
                      row["created_at"])
            )  # fmt: skip
    for row in net.store.all(
        "SELECT * FROM coach_refunds WHERE net = ? AND done_at >= ? AND done_at < ? ORDER BY id", *within
    ):
        for line in json.loads(row["lines"]):
            if line["state"] == "refunded":
                found.append(
                    _line("refund", row["refund_no"], row["out_no"], line["ticket_no"], "", -line["amount"],
                          line["fee"], row["done_at"])
                )  # fmt: skip
    return found


def age(net: Network, days: int) -> None:
    """What has happened was so many days before: its bill is there at once."""
    with net.store.transaction() as db:
        for table, column in (
            ("coach_orders", "issued_at"), ("coach_changes", "created_at"), ("coach_refunds", "done_at"),
        ):  # fmt: skip
            sql = f"UPDATE {table} SET {column} = {column} - ? WHERE net = ?"  # noqa: S608 - our own words
            db.execute(sql, (86400 * days, net.net))


def _line(
    kind: str, number: str, own: str, ticket: str, old: str, amount: int, fee: int, at: float
) -> dict[str, Any]:
    return {
        "kind": kind, "number": number, "own": own or "", "ticket_no": ticket, "old_ticket": old, "amount": amount,
        "fee": fee, "at": datetime.fromtimestamp(at, CHINA),
    }  # fmt: skip
