"""Giving back and changing tickets: by the network's own fee table, each once per own number."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from typing import Any

from sandbox.clock import CHINA
from sandbox.coach import orders, seats, telling
from sandbox.coach.memory import Network, Refused, by_own, same, serial
from sandbox.coach.orders import OWN, later, order_by_id, snapshot
from sandbox.coach.places import PLACES
from sandbox.coach.timetable import Shift
from sandbox.faults import Fault

#: A bus so many minutes behind its timetable is the station's fault.
LATE_BUS = 30
REJECTED = "车站不予退票，请旅客到发车站窗口办理"


def preview(net: Network, told: dict[str, Any], _fault: Fault | None = None) -> dict[str, Any]:
    """What would come back now: tickets, station (whether it is the station's fault). Raises Refused."""
    with net.store.transaction() as db:
        rows = _tickets(db, net, told)
        return {"lines": _lines(db, net, rows, station=bool(told.get("station")))}


def refund(net: Network, told: dict[str, Any], fault: Fault | None = None) -> dict[str, Any]:
    """Take tickets back: own, tickets (numbers), station. Raises Refused."""
    own = _own(told)
    digest = same([sorted(map(str, told.get("tickets") or [])), bool(told.get("station"))])
    with net.store.transaction() as db:
        known = by_own(db, "coach_refunds", net.net, own, digest)
        if known is not None:
            if known["state"] == "rejected":
                raise Refused("REFUND_REJECTED", reason=known["reason"])
            return refund_snapshot(db, net, known)
        rows = _tickets(db, net, told)
        lines = _lines(db, net, rows, station=bool(told.get("station")))
        kind = fault.kind if fault else ""
        cursor = db.execute(
            "INSERT INTO coach_refunds (net, out_no, digest, refund_no, order_id, station, state, lines, created_at)"
            " VALUES (?, ?, ?, '', ?, ?, 'working', ?, ?)",
            (net.net, own, digest, rows[0]["order_id"], int(bool(told.get("station"))), json.dumps(lines),
             net.clock.now()),
        )  # fmt: skip
        refund_id = int(cursor.lastrowid or 0)
        db.execute(
            "UPDATE coach_refunds SET refund_no = ? WHERE id = ?", (serial(net, "R", refund_id), refund_id)
        )
        for row in rows:
            db.execute("UPDATE coach_tickets SET state = 'refunding' WHERE id = ?", (row["id"],))
        result = kind if kind in ("refund_rejected", "partial_refund") else ""
        delay = net.clock.real(float(net.option("refund_delay", str(net.profile.refund_delay))))
        if fault is not None and kind == "late":
            delay = fault.number("delay", 3)
        if delay > 0:
            later(db, net, "refund", refund_id, result, delay)
        else:
            finish_refund(db, net, refund_id, result)
        done = _refund(db, refund_id)
        answer = refund_snapshot(db, net, done)
    if done["state"] == "rejected":
        raise Refused("REFUND_REJECTED", reason=done["reason"])
    return answer


def query_refund(net: Network, told: dict[str, Any], _fault: Fault | None = None) -> dict[str, Any]:
    """A refund by its own number. Raises Refused."""
    with net.store.transaction() as db:
        row = db.execute(
            "SELECT * FROM coach_refunds WHERE net = ? AND out_no = ?", (net.net, str(told.get("own", "")))
        ).fetchone()
        if row is None:
            raise Refused("NO_REFUND")
        return refund_snapshot(db, net, row)


def finish_refund(db: sqlite3.Connection, net: Network, refund_id: int, result: str) -> None:
    """The station answers a refund: as counted, refused (`refund_rejected`) or less than that (`partial_refund`)."""
    row = _refund(db, refund_id)
    if row["state"] != "working":
        return
    lines = json.loads(row["lines"])
    for at, line in enumerate(lines):
        line["state"] = "refunded"
        if result == "refund_rejected" or (result == "partial_refund" and at > 0):
            line |= {"state": "rejected", "amount": 0, "fee": 0}
        elif result == "partial_refund" and len(lines) == 1:
            line["fee"] += line["amount"] - line["amount"] // 2
            line["amount"] //= 2
        after = "refunded" if line["state"] == "refunded" else "issued"
        db.execute(
            "UPDATE coach_tickets SET state = ? WHERE net = ? AND ticket_no = ?",
            (after, net.net, line["ticket_no"]),
        )
    states = {line["state"] for line in lines}
    state = "rejected" if states == {"rejected"} else "partly" if len(states) > 1 else "refunded"
    db.execute(
        "UPDATE coach_refunds SET state = ?, reason = ?, lines = ?, done_at = ? WHERE id = ?",
        (state, "" if state == "refunded" else REJECTED, json.dumps(lines), net.clock.now(), refund_id),
    )
    event = telling.REFUND_REJECTED if state == "rejected" else telling.REFUNDED
    telling.tell(db, net, event, row["out_no"], refund_snapshot(db, net, _refund(db, refund_id)))


def change(net: Network, told: dict[str, Any], _fault: Fault | None = None) -> dict[str, Any]:
    """Put tickets on the bus of a lock: own, tickets (old numbers), lock_no, amount (fen more, or less), once a ticket.

    `missed`: after the departure, to a later bus of the same day. The tickets and the lock's passengers are matched in
    their order. Raises Refused.
    """
    own = _own(told)
    digest = same([told.get("tickets"), told.get("lock_no")])
    with net.store.transaction() as db:
        orders.sweep(db, net)
        known = by_own(db, "coach_changes", net.net, own, digest)
        if known is not None:
            return change_snapshot(db, net, known)
        old = _tickets(db, net, told)
        goal = db.execute(
            "SELECT * FROM coach_orders WHERE net = ? AND lock_no = ?",
            (net.net, str(told.get("lock_no", ""))),
        ).fetchone()
        if goal is None:
            raise Refused("NO_ORDER")
        if goal["state"] != "locked":
            raise Refused("LOCK_OVER")
        new = db.execute(
            "SELECT * FROM coach_tickets WHERE order_id = ? ORDER BY id", (goal["id"],)
        ).fetchall()
        _may_change(db, net, old, new, missed=bool(told.get("missed")))
        difference = sum(row["price"] for row in new) - sum(row["price"] for row in old)
        if told.get("amount") != difference:
            raise Refused("WRONG_AMOUNT", amount=difference)
        lines = []
        for before, after in zip(old, new, strict=True):
            more = after["price"] - before["price"]
            lines.append({"ref": after["ref"], "old": before["ticket_no"], "amount": more})
            db.execute("UPDATE coach_tickets SET state = 'changed' WHERE id = ?", (before["id"],))
            db.execute(
                "UPDATE coach_tickets SET replaces = ?, service = ?, settle = ? WHERE id = ?",
                (before["ticket_no"], before["service"], before["settle"] + more, after["id"]),
            )
        orders.give_numbers(db, net, goal["id"])
        db.execute(
            "UPDATE coach_orders SET state = 'issued', issue_no = ?, issued_at = ? WHERE id = ?",
            (f"change:{own}", net.clock.now(), goal["id"]),
        )
        cursor = db.execute(
            "INSERT INTO coach_changes (net, out_no, digest, change_no, order_id, old_order_id, lines, difference,"
            " created_at) VALUES (?, ?, ?, '', ?, ?, ?, ?, ?)",
            (net.net, own, digest, goal["id"], old[0]["order_id"], json.dumps(lines), difference, net.clock.now()),
        )  # fmt: skip
        change_id = int(cursor.lastrowid or 0)
        db.execute(
            "UPDATE coach_changes SET change_no = ? WHERE id = ?", (serial(net, "C", change_id), change_id)
        )
        row = db.execute("SELECT * FROM coach_changes WHERE id = ?", (change_id,)).fetchone()
        answer = change_snapshot(db, net, row)
        telling.tell(db, net, telling.CHANGED, own, answer)
    return answer


def query_change(net: Network, told: dict[str, Any], _fault: Fault | None = None) -> dict[str, Any]:
    """A change by its own number. Raises Refused."""
    with net.store.transaction() as db:
        row = db.execute(
            "SELECT * FROM coach_changes WHERE net = ? AND out_no = ?", (net.net, str(told.get("own", "")))
        ).fetchone()
        if row is None:
            raise Refused("NO_CHANGE")
        return change_snapshot(db, net, row)


def refund_snapshot(db: sqlite3.Connection, net: Network, row: sqlite3.Row) -> dict[str, Any]:
    """A refund as answers and call-backs tell it."""
    lines = json.loads(row["lines"])
    return {
        "own": row["out_no"], "refund_no": row["refund_no"], "state": row["state"], "reason": row["reason"],
        "station": bool(row["station"]), "lock_no": order_by_id(db, row["order_id"])["lock_no"], "lines": lines,
        "amount": sum(line["amount"] for line in lines) if row["state"] != "working" else 0,
    }  # fmt: skip


def change_snapshot(db: sqlite3.Connection, net: Network, row: sqlite3.Row) -> dict[str, Any]:
    """A change as answers and call-backs tell it: the new order, and what was paid more."""
    return {
        "own": row["out_no"], "change_no": row["change_no"], "difference": row["difference"],
        "order": snapshot(db, net, order_by_id(db, row["order_id"])),
    }  # fmt: skip


def _own(told: dict[str, Any]) -> str:
    own = told.get("own")
    if not isinstance(own, str) or not OWN.fullmatch(own):
        raise Refused("BAD_REQUEST", field="own")
    return own


def _refund(db: sqlite3.Connection, refund_id: int) -> sqlite3.Row:
    row: sqlite3.Row = db.execute("SELECT * FROM coach_refunds WHERE id = ?", (refund_id,)).fetchone()
    return row


_NOT = {"checked": "TICKET_USED", "refunded": "TICKET_REFUNDED", "refunding": "TICKET_REFUNDED",
        "changed": "TICKET_CHANGED"}  # fmt: skip


def _tickets(db: sqlite3.Connection, net: Network, told: dict[str, Any]) -> list[sqlite3.Row]:
    """The tickets somebody wants to give back or to change: all of one order, all unused. Raises Refused."""
    numbers = told.get("tickets")
    if not isinstance(numbers, list) or not numbers or len(set(map(str, numbers))) < len(numbers):
        raise Refused("BAD_REQUEST", field="tickets")
    rows = []
    for number in numbers:
        row = db.execute(
            "SELECT t.* FROM coach_tickets t JOIN coach_orders o ON o.id = t.order_id"
            " WHERE t.net = ? AND t.ticket_no = ? AND o.window = 0",
            (net.net, str(number)),
        ).fetchone()
        if row is None:
            raise Refused("NO_TICKET")
        if row["state"] in _NOT:
            raise Refused(_NOT[row["state"]])
        if row["collected"]:
            raise Refused("TICKET_COLLECTED")
        rows.append(row)
    if len({row["order_id"] for row in rows}) > 1:
        raise Refused("BAD_REQUEST", field="tickets")
    return rows


def _lines(
    db: sqlite3.Connection, net: Network, rows: list[sqlite3.Row], *, station: bool
) -> list[dict[str, Any]]:
    """What each ticket brings back. A cancelled bus costs nothing; nor does one that is late, if that is the reason."""
    lines = []
    for row in rows:
        shift = net.profile.by_key(datetime.fromisoformat(row["day"]).date(), row["shift"])
        status = seats.status_of(db, shift)
        if station and not status.cancelled and status.later < LATE_BUS:
            raise Refused("NOT_STATIONS_FAULT")
        if status.cancelled or station:
            fee, amount = 0, row["settle"]
        else:
            minutes = (shift.last(row["board"], status.later) - net.now()).total_seconds() / 60
            kept, before = net.profile.fee(row["price"], minutes), _before_change(db, net, row)
            if kept is None or before is None:
                raise Refused("TOO_LATE")
            kept = max(kept, before)
            fee, amount = kept, row["price"] - kept
        lines.append(
            {"ref": row["ref"], "ticket_no": row["ticket_no"], "price": row["price"], "fee": fee,
             "amount": amount, "state": "working"}
        )  # fmt: skip
    return lines


def _before_change(db: sqlite3.Connection, net: Network, row: sqlite3.Row) -> int | None:
    """What the ticket before the change would have cost when it was changed: changing first makes nothing cheaper."""
    if not row["replaces"]:
        return 0
    old = db.execute(
        "SELECT * FROM coach_tickets WHERE net = ? AND ticket_no = ?", (net.net, row["replaces"])
    ).fetchone()
    change_ = db.execute(
        "SELECT created_at FROM coach_changes WHERE net = ? AND order_id = ?", (net.net, row["order_id"])
    ).fetchone()
    shift = net.profile.by_key(datetime.fromisoformat(old["day"]).date(), old["shift"])
    status = seats.status_of(db, shift)
    if status.cancelled:
        return 0
    then = datetime.fromtimestamp(change_["created_at"], CHINA)
    return net.profile.fee(row["price"], (shift.last(old["board"], status.later) - then).total_seconds() / 60)


def _may_change(
    db: sqlite3.Connection, net: Network, old: list[sqlite3.Row], new: list[sqlite3.Row], *, missed: bool
) -> None:
    """Once, before its time, the same people, between the same towns; who missed a bus on its day. Raises Refused."""
    if any(row["replaces"] for row in old):
        raise Refused("CHANGED_ONCE")
    if len(old) != len(new):
        raise Refused("NOT_THE_SAME_PARTY")
    for before, after in zip(old, new, strict=True):
        if (before["kind"], before["id_number"]) != (after["kind"], after["id_number"]):
            raise Refused("NOT_THE_SAME_PARTY")
        was = net.profile.by_key(datetime.fromisoformat(before["day"]).date(), before["shift"])
        will = net.profile.by_key(datetime.fromisoformat(after["day"]).date(), after["shift"])
        if _towns(was, before) != _towns(will, after):
            raise Refused("ANOTHER_LINE")
        status = seats.status_of(db, was)
        minutes = (was.last(before["board"], status.later) - net.now()).total_seconds() / 60
        if missed:
            if before["day"] != after["day"] or minutes > 0:
                raise Refused("NOT_MISSED")
            continue
        if minutes < net.profile.change_until and not status.cancelled and status.later < LATE_BUS:
            raise Refused("TOO_LATE")


def _towns(shift: Shift, row: sqlite3.Row) -> tuple[str, str]:
    home, goal = (PLACES[shift.line.stops[row[at]][0]] for at in ("board", "alight"))
    return home.area, goal.area
