"""What happens at the stations: buses are cancelled or late, tickets are fetched on paper and checked at the gate."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date
from typing import Any

from sandbox.coach import orders, telling
from sandbox.coach.memory import Network, Refused
from sandbox.coach.profile import NETWORKS
from sandbox.coach.timetable import Shift, added


def cancel(net: Network, shift: Shift) -> int:
    """停班, for both networks: what is locked or being issued fails, holders are told. Returns how many orders."""
    return _say(net, shift, cancelled=1, event=telling.SHIFT_CANCELLED)


def move(net: Network, shift: Shift, later: int, gate: str) -> int:
    """A bus goes so many minutes later, perhaps from another gate. Returns how many orders were told of it."""
    return _say(net, shift, cancelled=0, later=later, gate=gate, event=telling.SHIFT_CHANGED)


def reopen(net: Network, shift: Shift) -> None:
    """By its timetable again; nobody is told."""
    with net.store.transaction() as db:
        db.execute("DELETE FROM coach_shifts WHERE day = ? AND shift = ?", (shift.day.isoformat(), shift.key))


def add(net: Network, day: date, number: int, clock: str) -> Shift:
    """One more bus of a line on a day (加班车), leaving its first stop at a time of day; twice is the same.

    Nobody is told: it is in the next search. Raises Refused for no such line or time, and where the timetable has one
    then.
    """
    line = next((one for one in net.profile.lines if one.number == number), None)
    try:
        hours, rest = map(int, clock.split(":"))
    except ValueError:
        raise Refused("BAD_REQUEST", field="at") from None
    if not (0 <= hours < 24 and 0 <= rest < 60):
        raise Refused("BAD_REQUEST", field="at")
    if line is None or line.flow:
        raise Refused("NO_SHIFT")
    bus = added(line, day, 60 * hours + rest)
    if any(one.line == line and one.starts == bus.starts for one in net.profile.shifts(day)):
        raise Refused("BAD_REQUEST", field="at")
    with net.store.transaction() as db:
        db.execute("INSERT OR IGNORE INTO coach_added VALUES (?, ?)", (day.isoformat(), bus.key))
    return bus


def check(net: Network, ticket_no: str) -> dict[str, Any]:
    """A ticket passes the gate. Raises Refused."""
    with net.store.transaction() as db:
        row = _ticket(db, net, ticket_no)
        if row["state"] != "issued":
            raise Refused(
                {"checked": "TICKET_USED", "changed": "TICKET_CHANGED"}.get(row["state"], "TICKET_REFUNDED")
            )
        db.execute(
            "UPDATE coach_tickets SET state = 'checked', checked_at = ? WHERE id = ?", (net.clock.now(), row["id"])
        )  # fmt: skip
        order = orders.order_by_id(db, row["order_id"])
        data = orders.snapshot(db, net, order) | {"checked": ticket_no, "at": net.now()}
        telling.tell(db, net, telling.CHECKED, order["out_no"], data)
        return data


def collect(net: Network, ticket_no: str) -> None:
    """A paper ticket is printed: from now on it is given back at the window only; the agent is told. Raises Refused."""
    with net.store.transaction() as db:
        row = _ticket(db, net, ticket_no)
        if row["state"] != "issued":
            raise Refused("TICKET_USED")
        if row["collected"]:
            return
        db.execute("UPDATE coach_tickets SET collected = 1 WHERE id = ?", (row["id"],))
        order = orders.order_by_id(db, row["order_id"])
        data = orders.snapshot(db, net, order) | {"fetched": ticket_no, "at": net.now()}
        telling.tell(db, net, telling.COLLECTED, order["out_no"], data)


def _ticket(db: sqlite3.Connection, net: Network, ticket_no: str) -> sqlite3.Row:
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM coach_tickets WHERE net = ? AND ticket_no = ?", (net.net, ticket_no)
    ).fetchone()
    if row is None:
        raise Refused("NO_TICKET")
    return row


def _say(net: Network, shift: Shift, *, cancelled: int, event: str, later: int = 0, gate: str = "") -> int:
    day = shift.day.isoformat()
    told = 0
    with net.store.transaction() as db:
        db.execute(
            "INSERT OR REPLACE INTO coach_shifts VALUES (?, ?, ?, ?, ?)",
            (day, shift.key, cancelled, later, gate),
        )
        for profile in NETWORKS:
            one = net if profile.net == net.net else replace(net, profile=profile, wake=lambda: None)
            rows = db.execute(
                "SELECT * FROM coach_orders WHERE net = ? AND day = ? AND shift = ? AND window = 0"
                " AND state IN ('locking', 'locked', 'issuing', 'issued') ORDER BY id",
                (profile.net, day, shift.key),
            ).fetchall()
            for row in rows:
                if cancelled and row["state"] in ("locking", "locked"):
                    orders.free(db, row["id"])
                    orders.set_state(db, row["id"], "released", "班次停班")
                elif cancelled and row["state"] == "issuing":
                    orders.fail_issue(db, one, row, "班次停班")
                    continue
                told += 1
                again = orders.order_by_id(db, row["id"])
                telling.tell(
                    db, one, event, row["out_no"], orders.snapshot(db, one, again) | {"later": later}
                )
    return told
