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
    """Every line: kind (issue, refund, change, agency, agency_back), number (the network's), own, ticket_no,
    old_ticket, fee, at, and amount: fen that the agent owes. `agency`: what the network pays its agent for a ticket, a
    share of its fare without the parts that are others' (option `agency`, per cent), and takes back with it."""
    begins = datetime(day.year, day.month, day.day, tzinfo=CHINA).timestamp()
    within = (net.net, begins, begins + 86400)
    found: list[dict[str, Any]] = []
    issued = net.store.all(
        "SELECT t.*, o.lock_no, o.issue_no, o.issued_at FROM coach_tickets t JOIN coach_orders o ON o.id = t.order_id"
        " WHERE o.net = ? AND o.issued_at >= ? AND o.issued_at < ? AND o.window = 0 AND t.replaces = ''"
        " AND t.ticket_no IS NOT NULL ORDER BY t.id",
        *within,
    )
    fares = _fares(net, [row["ticket_no"] for row in issued])
    for row in issued:
        found.append(
            _line("issue", row["lock_no"], row["issue_no"], row["ticket_no"], "", row["settle"], 0, row["issued_at"])
        )  # fmt: skip
        found += _agency(
            net, "agency", row["lock_no"], row["ticket_no"], fares[row["ticket_no"]], row["issued_at"]
        )
    for row in net.store.all(
        "SELECT * FROM coach_changes WHERE net = ? AND created_at >= ? AND created_at < ? ORDER BY id",
        *within,
    ):
        new = net.store.all("SELECT ticket_no, ref FROM coach_tickets WHERE order_id = ?", row["order_id"])
        by_ref = {one["ref"]: one["ticket_no"] for one in new}
        fares = _fares(net, [*by_ref.values(), *(line["old"] for line in json.loads(row["lines"]))])
        for line in json.loads(row["lines"]):
            number = by_ref[line["ref"]]
            found.append(
                _line("change", row["change_no"], row["out_no"], number, line["old"], line["amount"], 0,
                      row["created_at"])
            )  # fmt: skip
            for kind, ticket in (("agency_back", line["old"]), ("agency", number)):
                found += _agency(net, kind, row["change_no"], ticket, fares[ticket], row["created_at"])
    for row in net.store.all(
        "SELECT * FROM coach_refunds WHERE net = ? AND done_at >= ? AND done_at < ? ORDER BY id", *within
    ):
        lines = json.loads(row["lines"])
        fares = _fares(net, [line["ticket_no"] for line in lines])
        for line in lines:
            if line["state"] == "refunded":
                found.append(
                    _line("refund", row["refund_no"], row["out_no"], line["ticket_no"], "", -line["amount"],
                          line["fee"], row["done_at"])
                )  # fmt: skip
                fare = fares[line["ticket_no"]]
                found += _agency(
                    net, "agency_back", row["refund_no"], line["ticket_no"], fare, row["done_at"]
                )
    return found


def _agency(net: Network, kind: str, number: str, ticket: str, fare: int, at: float) -> list[dict[str, Any]]:
    """The line of what the agent earns by a ticket; none where the network pays nothing."""
    percent = int(net.option("agency", "0"))
    amount = (fare * percent + 50) // 100
    return (
        [_line(kind, number, "", ticket, "", -amount if kind == "agency" else amount, 0, at)]
        if amount
        else []
    )


def _fares(net: Network, tickets: list[str]) -> dict[str, int]:
    """What tickets cost at the window without fuel and station, in fen."""
    if not tickets:
        return {}
    marks = ", ".join("?" * len(tickets))
    sql = f"SELECT * FROM coach_tickets WHERE net = ? AND ticket_no IN ({marks})"  # noqa: S608 - marks alone
    found = {}
    for row in net.store.all(sql, net.net, *tickets):
        shift = net.profile.by_key(date.fromisoformat(row["day"]), row["shift"])
        parts = net.profile.parts(shift, row["board"], row["alight"], row["kind"])
        found[row["ticket_no"]] = row["price"] - sum(parts.values())
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
