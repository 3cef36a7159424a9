"""Locking, asking, releasing and issuing: each once per own number of the agent."""

from __future__ import annotations

import re
import secrets
import sqlite3
from datetime import datetime, timedelta
from typing import Any

from sandbox.clock import CHINA
from sandbox.coach import seats, telling
from sandbox.coach.memory import Network, Refused, by_own, same, serial
from sandbox.coach.places import PLACES
from sandbox.coach.profile import FREE, FULL, HALF
from sandbox.coach.timetable import Shift
from sandbox.faults import Fault

DEAR = 200  # fen that a fare jumps by when it is ordered to
OWN = re.compile(r"[A-Za-z0-9_-]{4,40}")
RESIDENT = frozenset({"id_card", "temporary", "household"})
ID_TYPES = RESIDENT | {
    "birth", "passport", "hk_macau", "taiwan", "residence", "exit_permit", "foreigner", "military",
}  # fmt: skip
_RESIDENT = re.compile(r"\d{17}[\dX]")
#: What a released or failed order was not any more.
OVER = frozenset({"released", "expired", "issue_failed", "lock_failed"})


def lock(net: Network, told: dict[str, Any], fault: Fault | None = None) -> dict[str, Any]:
    """Hold seats: own, date, shift, from, to, minutes?, mobile, passengers (ref, kind, name, id_type, id_number,
    settle, seat?). The same number and content answers the same. Raises Refused."""
    own, party = _own(told), _party(net, told)
    digest = same({name: told.get(name) for name in ("date", "shift", "from", "to", "passengers")})
    with net.store.transaction() as db:
        sweep(db, net)
        known = by_own(db, "coach_orders", net.net, own, digest)
        if known is not None:
            return snapshot(db, net, known)
    if not net.opened():
        raise Refused("OUT_OF_HOURS")
    shift, board, alight = seats.stretch(net, told)
    if fault is not None and fault.kind == "price_changed":
        with net.store.transaction() as db:
            seats.raise_fare(db, net, shift, DEAR)
    with net.store.transaction() as db:
        why_not = seats.on_sale(db, net, shift, board)
        if why_not:
            raise Refused(why_not)
        chosen = _choose(db, net, shift, board, alight, party, fault)
        prices = _prices(db, net, shift, board, alight, party)
        minutes = min(int(told.get("minutes") or net.profile.lock_minutes), net.profile.lock_minutes)
        until = net.now() + timedelta(minutes=max(1, minutes))
        late = fault is not None and fault.kind == "late"
        order_id = _write(
            db, net, own, digest, shift, board, alight, until, str(told.get("mobile", "")), locking=late
        )
        for passenger, seat, price in zip(party, chosen, prices, strict=True):
            _ticket(db, net, order_id, shift, board, alight, passenger, seat, price)
        row = order_by_id(db, order_id)
        if fault is not None and late:
            later(db, net, "lock", order_id, "", fault.number("delay", 3))
        else:
            telling.tell(db, net, telling.LOCKED, own, snapshot(db, net, row))
        return snapshot(db, net, row)


def query(net: Network, told: dict[str, Any], _fault: Fault | None = None) -> dict[str, Any]:
    """An order by own number (`own`), by its lock's (`lock_no`) or its issue's (`issue_own`). Raises Refused."""
    with net.store.transaction() as db:
        sweep(db, net)
        return snapshot(db, net, _find(db, net, told))


def release(net: Network, told: dict[str, Any], _fault: Fault | None = None) -> dict[str, Any]:
    """Give a lock back; done twice is done once. Raises Refused for what is issued."""
    with net.store.transaction() as db:
        sweep(db, net)
        row = _find(db, net, told)
        if row["state"] in ("locked", "locking"):
            free(db, row["id"])
            set_state(db, row["id"], "released", "代理释放")
            telling.tell(
                db, net, telling.RELEASED, row["out_no"], snapshot(db, net, order_by_id(db, row["id"]))
            )
        elif row["state"] not in OVER:
            raise Refused("CANNOT_RELEASE")
        return snapshot(db, net, order_by_id(db, row["id"]))


def issue(net: Network, told: dict[str, Any], fault: Fault | None = None) -> dict[str, Any]:
    """Make tickets of a lock: own (of this call), lock_no, amount (fen that the agent owes). Raises Refused."""
    own = _own(told)
    with net.store.transaction() as db:
        sweep(db, net)
        row = _find(db, net, {"lock_no": told.get("lock_no")})
        used = db.execute(
            "SELECT id FROM coach_orders WHERE net = ? AND issue_no = ?", (net.net, own)
        ).fetchone()
        if used is not None and used["id"] != row["id"]:
            raise Refused("NUMBER_REUSED")
        if row["issue_no"]:
            if row["issue_no"] != own:
                raise Refused("ALREADY_ISSUED")
            if row["state"] != "issue_failed":
                return snapshot(db, net, row)
            raise Refused("ISSUE_FAILED")
        if row["state"] != "locked":
            raise Refused("LOCK_OVER")
        owed = db.execute(
            "SELECT sum(settle) AS n FROM coach_tickets WHERE order_id = ?", (row["id"],)
        ).fetchone()["n"]
        if told.get("amount") != owed:
            raise Refused("WRONG_AMOUNT", amount=owed)
        if not net.opened():
            raise Refused("OUT_OF_HOURS")
        db.execute(
            "UPDATE coach_orders SET state = 'issuing', issue_no = ?, issued_at = ? WHERE id = ?",
            (own, net.clock.now(), row["id"]),
        )
        kind = fault.kind if fault else ""
        result = "failed" if kind == "issue_failed" else ""
        delay = net.clock.real(float(net.option("issue_delay", str(net.profile.issue_delay))))
        if fault is not None and kind == "late":
            delay = fault.number("delay", 3)
        if delay > 0:
            later(db, net, "issue", row["id"], result, delay)
        else:
            finish_issue(db, net, row["id"], result)
        done = order_by_id(db, row["id"])
        answer = snapshot(db, net, done)
    if done["state"] == "issue_failed":
        raise Refused("ISSUE_FAILED")
    return answer


def finish_lock(db: sqlite3.Connection, net: Network, order_id: int) -> None:
    """A lock that took its time is there, unless it was given back meanwhile."""
    row = order_by_id(db, order_id)
    if row["state"] == "locking":
        set_state(db, order_id, "locked", "")
        telling.tell(db, net, telling.LOCKED, row["out_no"], snapshot(db, net, order_by_id(db, order_id)))


def finish_issue(db: sqlite3.Connection, net: Network, order_id: int, result: str) -> None:
    """Tickets are made, or it failed and the seats are free again."""
    row = order_by_id(db, order_id)
    if row["state"] != "issuing":
        return
    if result == "failed":
        fail_issue(db, net, row, "车站出票失败")
        return
    give_numbers(db, net, order_id)
    set_state(db, order_id, "issued", "")
    telling.tell(db, net, telling.ISSUED, row["out_no"], snapshot(db, net, order_by_id(db, order_id)))


def fail_issue(db: sqlite3.Connection, net: Network, row: sqlite3.Row, why: str) -> None:
    """No tickets after all."""
    free(db, row["id"])
    set_state(db, row["id"], "issue_failed", why)
    telling.tell(db, net, telling.ISSUE_FAILED, row["out_no"], snapshot(db, net, order_by_id(db, row["id"])))


def give_numbers(db: sqlite3.Connection, net: Network, order_id: int) -> None:
    """Ticket numbers, and what they are fetched with at the station: by ticket, or by order, as the network does."""
    prefix = "50" if net.profile.pick_each else "FB"
    digits = "".join(str(secrets.randbelow(10)) for _ in range(6))
    shared = (f"{order_id:08d}", digits)
    for ticket in db.execute(
        "SELECT id FROM coach_tickets WHERE order_id = ? ORDER BY id", (order_id,)
    ).fetchall():
        pick = shared
        if net.profile.pick_each:
            pick = (f"{ticket['id']:010d}", f"{secrets.randbelow(10**6):06d}")
        db.execute(
            "UPDATE coach_tickets SET state = 'issued', ticket_no = ?, pick_no = ?, pick_code = ? WHERE id = ?",
            (serial(net, prefix, ticket["id"]), *pick, ticket["id"]),
        )


def sweep(db: sqlite3.Connection, net: Network) -> int:
    """Let locks go whose time is over. Returns how many."""
    rows = db.execute(
        "SELECT * FROM coach_orders WHERE net = ? AND state IN ('locked', 'locking') AND locked_until <= ?",
        (net.net, net.clock.now()),
    ).fetchall()
    for row in rows:
        free(db, row["id"])
        set_state(db, row["id"], "expired", "锁票超时")
        telling.tell(db, net, telling.RELEASED, row["out_no"], snapshot(db, net, order_by_id(db, row["id"])))
    return len(rows)


def snapshot(db: sqlite3.Connection, net: Network, row: sqlite3.Row) -> dict[str, Any]:
    """An order with its tickets, as answers and call-backs tell it."""
    profile = net.profile
    tickets = db.execute(
        "SELECT * FROM coach_tickets WHERE order_id = ? ORDER BY id", (row["id"],)
    ).fetchall()
    shift = profile.by_key(datetime.fromisoformat(row["day"]).date(), row["shift"])
    status = seats.status_of(db, shift)
    home, goal = PLACES[shift.line.stops[row["board"]][0]], PLACES[shift.line.stops[row["alight"]][0]]
    return {
        "own": row["out_no"], "lock_no": row["lock_no"], "issue_own": row["issue_no"] or "", "state": row["state"],
        "reason": row["reason"], "locked_until": datetime.fromtimestamp(row["locked_until"], CHINA),
        "shift": profile.shift_code(shift), "date": row["day"], "from": profile.codes[home.key],
        "from_name": profile.called(home), "to": profile.codes[goal.key], "to_name": profile.goal(goal),
        "departs": shift.departs(row["board"], status.later), "gate": status.gate, "cancelled": status.cancelled,
        "address": home.address, "total": sum(ticket["settle"] for ticket in tickets),
        "tickets": [
            {
                "ref": ticket["ref"], "kind": ticket["kind"], "price": ticket["price"], "service": ticket["service"],
                "settle": ticket["settle"], "state": ticket["state"], "seat": str(ticket["seat"] or ""),
                "ticket_no": ticket["ticket_no"] or "", "pick_no": ticket["pick_no"] or "",
                "pick_code": ticket["pick_code"] or "", "replaces": ticket["replaces"],
                "collected": bool(ticket["collected"]), "name": ticket["name"],
            }
            for ticket in tickets
        ],
    }  # fmt: skip


def order_by_id(db: sqlite3.Connection, order_id: int) -> sqlite3.Row:
    """One order that is there."""
    row: sqlite3.Row = db.execute("SELECT * FROM coach_orders WHERE id = ?", (order_id,)).fetchone()
    return row


def set_state(db: sqlite3.Connection, order_id: int, state: str, reason: str) -> None:
    """Move an order."""
    db.execute("UPDATE coach_orders SET state = ?, reason = ? WHERE id = ?", (state, reason, order_id))


def free(db: sqlite3.Connection, order_id: int) -> None:
    """Its seats can be sold again."""
    db.execute("UPDATE coach_tickets SET state = 'freed' WHERE order_id = ?", (order_id,))


def later(db: sqlite3.Connection, net: Network, kind: str, subject: int, result: str, delay: float) -> None:
    """Something is finished after so many real seconds."""
    db.execute(
        "INSERT INTO coach_jobs (net, kind, subject, result, due_at) VALUES (?, ?, ?, ?, ?)",
        (net.net, kind, subject, result, net.clock.wall() + delay),
    )
    net.wake()


def at_window(net: Network, shift: Shift, count: int) -> list[int]:
    """Sell seats of the network to somebody at the station's window, as many as there are. Returns their numbers."""
    end = len(shift.line.stops) - 1
    with net.store.transaction() as db:
        sweep(db, net)
        chosen = seats.free_seats(db, net, shift, 0, end)[:count]
        if not chosen:
            return []
        own = f"WINDOW-{secrets.token_hex(8)}"
        order_id = _write(db, net, own, "", shift, 0, end, net.now(), "", locking=False)
        price = net.profile.fare(shift, 0, end, FULL, seats.raised(db, net, shift))
        for at, seat in enumerate(chosen):
            who = {"ref": f"w{at}", "kind": FULL, "name": "窗口旅客", "id_type": "id_card", "id_number": ""}
            _ticket(db, net, order_id, shift, 0, end, who, None if shift.line.flow else seat, price)
        give_numbers(db, net, order_id)
        db.execute(
            "UPDATE coach_orders SET state = 'issued', window = 1, issued_at = ? WHERE id = ?",
            (net.clock.now(), order_id),
        )
    return chosen


def _own(told: dict[str, Any]) -> str:
    own = told.get("own")
    if not isinstance(own, str) or not OWN.fullmatch(own):
        raise Refused("BAD_REQUEST", field="own")
    return own


def _party(net: Network, told: dict[str, Any]) -> list[dict[str, Any]]:
    """The passengers as they were told, checked one by one and together."""
    party = told.get("passengers")
    if not isinstance(party, list) or not party or not all(isinstance(one, dict) for one in party):
        raise Refused("BAD_REQUEST", field="passengers")
    for one in party:
        if one.get("kind") not in (FULL, HALF, FREE) or not str(one.get("name") or "").strip():
            raise Refused("BAD_PASSENGER")
        if one["kind"] == FREE:
            continue
        if one.get("id_type") not in ID_TYPES or not one.get("id_number"):
            raise Refused("BAD_PASSENGER")
        if one["id_type"] in RESIDENT and not _RESIDENT.fullmatch(str(one["id_number"])):
            raise Refused("BAD_PASSENGER")
    kinds = [one["kind"] for one in party]
    if (HALF in kinds and not net.profile.sells_half) or (FREE in kinds and not net.profile.sells_free):
        raise Refused("KIND_NOT_SOLD")
    if kinds.count(FREE) > kinds.count(FULL):
        raise Refused("CHILD_ALONE")
    if len(party) - kinds.count(FREE) > net.profile.most_passengers:
        raise Refused("TOO_MANY", most=net.profile.most_passengers)
    adults = [one["id_number"] for one in party if one["kind"] == FULL]
    if len(set(adults)) < len(adults) or len({str(one.get("ref")) for one in party}) < len(party):
        raise Refused("SAME_PASSENGER")
    return party


def _choose(
    db: sqlite3.Connection, net: Network, shift: Shift, board: int, alight: int,
    party: list[dict[str, Any]], fault: Fault | None,
) -> list[int | None]:  # fmt: skip
    """A seat for everybody who needs one, in the party's order. Raises Refused."""
    needed = [one for one in party if one["kind"] != FREE]
    if len(party) - len(needed) > seats.children_left(db, net, shift, board, alight):
        raise Refused("CHILD_QUOTA")
    for one in needed:
        there = db.execute(
            "SELECT 1 FROM coach_tickets WHERE day = ? AND shift = ? AND id_number = ? AND kind = 'full'"
            " AND state IN ('held', 'issued', 'checked') AND ? = 'full'",
            (shift.day.isoformat(), shift.key, one["id_number"], one["kind"]),
        ).fetchone()
        if there is not None:
            raise Refused("SAME_PASSENGER")
    free_ones = seats.free_seats(db, net, shift, board, alight)
    if len(free_ones) < len(needed) or (fault is not None and fault.kind == "sold_out"):
        raise Refused("NO_SEATS", left=0 if fault else len(free_ones))
    if shift.line.flow:
        return [None for _ in party]
    wishes = [int(one["seat"]) for one in needed if str(one.get("seat") or "").isdecimal()]
    chosen = iter(seats.choose(free_ones, len(needed), wishes))
    return [None if one["kind"] == FREE else next(chosen) for one in party]


def _prices(
    db: sqlite3.Connection, net: Network, shift: Shift, board: int, alight: int, party: list[dict[str, Any]]
) -> list[int]:
    """What each pays now. Raises Refused when the agent expected something else."""
    more = seats.raised(db, net, shift)
    prices = [net.profile.fare(shift, board, alight, one["kind"], more) for one in party]
    settles = [seats.settle(net, one["kind"], price) for one, price in zip(party, prices, strict=True)]
    if any(one.get("settle") != settle for one, settle in zip(party, settles, strict=True)):
        raise Refused("PRICE_CHANGED", settles=settles)
    return prices


def _write(
    db: sqlite3.Connection, net: Network, own: str, digest: str, shift: Shift, board: int, alight: int,
    until: datetime, mobile: str, *, locking: bool,
) -> int:  # fmt: skip
    cursor = db.execute(
        "INSERT INTO coach_orders (net, out_no, digest, lock_no, day, shift, board, alight, state, locked_until,"
        " mobile, created_at) VALUES (?, ?, ?, '', ?, ?, ?, ?, ?, ?, ?, ?)",
        (net.net, own, digest, shift.day.isoformat(), shift.key, board, alight, "locking" if locking else "locked",
         until.timestamp(), mobile, net.clock.now()),
    )  # fmt: skip
    order_id = int(cursor.lastrowid or 0)
    db.execute("UPDATE coach_orders SET lock_no = ? WHERE id = ?", (serial(net, "L", order_id), order_id))
    return order_id


def _ticket(
    db: sqlite3.Connection, net: Network, order_id: int, shift: Shift, board: int, alight: int,
    who: dict[str, Any], seat: int | None, price: int,
) -> None:  # fmt: skip
    kind = who["kind"]
    db.execute(
        "INSERT INTO coach_tickets (net, order_id, ref, day, shift, board, alight, kind, seat, name, id_type,"
        " id_number, price, service, settle, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'held')",
        (net.net, order_id, str(who.get("ref") or ""), shift.day.isoformat(), shift.key, board, alight, kind, seat,
         str(who["name"]), str(who.get("id_type") or ""), str(who.get("id_number") or ""), price,
         seats.service(net, kind), seats.settle(net, kind, price)),
    )  # fmt: skip


def _find(db: sqlite3.Connection, net: Network, told: dict[str, Any]) -> sqlite3.Row:
    for name, column in (("lock_no", "lock_no"), ("issue_own", "issue_no"), ("own", "out_no")):
        value = told.get(name)
        if isinstance(value, str) and value:
            sql = f"SELECT * FROM coach_orders WHERE net = ? AND {column} = ?"  # noqa: S608 - a column of ours
            row: sqlite3.Row | None = db.execute(sql, (net.net, value)).fetchone()
            if row is not None:
                return row
    raise Refused("NO_ORDER")
