"""What is left of a bus: seats by stretch, children without one, the state of the bus, what it costs."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sandbox.coach.memory import SEATED, Network, Refused, by_own, day_of, same
from sandbox.coach.places import PLACES, Place
from sandbox.coach.profile import FREE, FULL, HALF, RESERVED
from sandbox.coach.timetable import Shift

#: States of a seat, as station systems number them.
FREE_SEAT, RESERVED_SEAT, NOT_SOLD, SOLD = 2, 3, 4, 5


@dataclass(frozen=True, slots=True)
class Status:
    """How a bus runs today."""

    cancelled: bool
    later: int
    gate: str


def status_of(db: sqlite3.Connection, shift: Shift) -> Status:
    """As the station said last."""
    row = db.execute(
        "SELECT * FROM coach_shifts WHERE day = ? AND shift = ?", (shift.day.isoformat(), shift.key)
    ).fetchone()
    gate = f"{shift.line.number % 9 + 1}号检票口"
    if row is None:
        return Status(False, 0, gate)
    return Status(bool(row["cancelled"]), row["later"], row["gate"] or gate)


def raised(db: sqlite3.Connection, net: Network, shift: Shift) -> int:
    """By how much a fare was changed in this network, fen."""
    row = db.execute(
        "SELECT raised FROM coach_fares WHERE net = ? AND day = ? AND shift = ?",
        (net.net, shift.day.isoformat(), shift.key),
    ).fetchone()
    return int(row["raised"]) if row else 0


def raise_fare(db: sqlite3.Connection, net: Network, shift: Shift, by: int) -> None:
    """Make a bus dearer from now on."""
    db.execute(
        "INSERT INTO coach_fares VALUES (?, ?, ?, ?) ON CONFLICT (net, day, shift) DO UPDATE SET raised = raised + ?",
        (net.net, shift.day.isoformat(), shift.key, by, by),
    )


def _taken(db: sqlite3.Connection, shift: Shift, board: int, alight: int, net: str = "") -> list[sqlite3.Row]:
    """Tickets that are somewhere between two stops; of one network or of both."""
    sql = (
        f"SELECT seat, board, alight, kind FROM coach_tickets WHERE state IN {SEATED}"  # noqa: S608 - our own words
        " AND day = ? AND shift = ? AND board < ? AND alight > ? AND ? IN ('', net)"
    )
    return db.execute(
        sql,
        (shift.day.isoformat(), shift.key, alight, board, net),
    ).fetchall()


def free_seats(db: sqlite3.Connection, net: Network, shift: Shift, board: int, alight: int) -> list[int]:
    """Numbers nobody has on the whole stretch; a flow's are only counted, from 1."""
    if shift.line.flow:
        rows = [one for one in _taken(db, shift, board, alight, net.net) if one["kind"] != FREE]
        most = max(
            (sum(one["board"] <= stop < one["alight"] for one in rows) for stop in range(board, alight)),
            default=0,
        )
        return list(range(1, max(0, net.profile.quota(shift) - most) + 1))
    gone = {one["seat"] for one in _taken(db, shift, board, alight)} | kept(db, shift)
    return [seat for seat in net.profile.own_seats(shift) if seat not in gone]


def kept(db: sqlite3.Connection, shift: Shift) -> set[int]:
    """Seats that somebody of a station keeps on the whole way (工作票)."""
    rows = db.execute(
        "SELECT seats FROM coach_kept WHERE day = ? AND shift = ? AND freed = 0",
        (shift.day.isoformat(), shift.key),
    )
    return {seat for row in rows for seat in json.loads(row["seats"])}


def states(db: sqlite3.Connection, net: Network, shift: Shift, board: int, alight: int) -> dict[int, int]:
    """The seat plan of a bus on a stretch as a network sees it; a flow has none."""
    if shift.line.flow:
        return {}
    sold = {one["seat"] for one in _taken(db, shift, board, alight)}
    reserved = kept(db, shift) | set(range(1, RESERVED + 1))
    own = set(net.profile.own_seats(shift))

    def state(seat: int) -> int:
        if seat in sold:
            return SOLD
        return RESERVED_SEAT if seat in reserved else FREE_SEAT if seat in own else NOT_SOLD

    return {seat: state(seat) for seat in range(1, shift.line.seats + 1)}


def keep(net: Network, told: dict[str, Any]) -> dict[str, Any]:
    """Keep seats of a bus for nobody yet: own, date, shift, from, to, seats, reason. The same number is the same.

    Raises Refused: SEAT_GONE where one of them is not free on the whole way.
    """
    shift, _board, _alight = stretch(net, told)
    own, wanted = str(told.get("own", "")), told.get("seats")
    if not own or not isinstance(wanted, list) or not wanted:
        raise Refused("BAD_REQUEST", field="seats")
    if not all(isinstance(one, str) and one.isascii() and one.isdecimal() for one in wanted):
        raise Refused("BAD_REQUEST", field="seats")
    chosen = sorted({int(one) for one in wanted})
    digest = same([shift.key, shift.day.isoformat(), chosen])
    with net.store.transaction() as db:
        if by_own(db, "coach_kept", net.net, own, digest) is None:
            if shift.line.flow or not set(chosen) <= set(
                free_seats(db, net, shift, 0, len(shift.line.stops) - 1)
            ):
                raise Refused("SEAT_GONE")
            db.execute(
                "INSERT INTO coach_kept (net, out_no, digest, day, shift, seats, reason, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (net.net, own, digest, shift.day.isoformat(), shift.key, json.dumps(chosen),
                 str(told.get("reason", ""))[:100], net.clock.now()),
            )  # fmt: skip
    return {"own": own, "seats": chosen}


def let_go(net: Network, told: dict[str, Any]) -> dict[str, Any]:
    """Kept seats are sold again: own. Twice is the same. Raises Refused: NO_KEPT."""
    own = str(told.get("own", ""))
    with net.store.transaction() as db:
        row = db.execute("SELECT * FROM coach_kept WHERE net = ? AND out_no = ?", (net.net, own)).fetchone()
        if row is None:
            raise Refused("NO_KEPT")
        db.execute("UPDATE coach_kept SET freed = 1 WHERE id = ?", (row["id"],))
    return {"own": own, "seats": json.loads(row["seats"])}


def children_left(db: sqlite3.Connection, net: Network, shift: Shift, board: int, alight: int) -> int:
    """How many children without a seat still may ride: a tenth of the seats."""
    rows = [one for one in _taken(db, shift, board, alight) if one["kind"] == FREE]
    return max(0, net.profile.children(shift) - len(rows))


def choose(free: list[int], count: int, wishes: list[int]) -> list[int]:
    """Seats for a party: as wished where all are free, else the first ones side by side, else the first ones."""
    if wishes and len(set(wishes)) == count and set(wishes) <= set(free):
        return wishes
    for at in range(len(free) - count + 1):
        if free[at + count - 1] - free[at] == count - 1:
            return free[at : at + count]
    return free[:count]


def find_stop(net: Network, shift: Shift, code: str) -> int:
    """Which stop of a bus a code is. Raises Refused."""
    place = net.profile.places.get(code)
    at = shift.line.at(place.key) if place else None
    if at is None:
        raise Refused("NO_STOP")
    return at


def stretch(net: Network, told: dict[str, Any]) -> tuple[Shift, int, int]:
    """The bus and the two stops that a request is about: `date`, `shift`, `from`, `to`. Raises Refused."""
    day = day_of(str(told.get("date", "")))
    shift = net.shift(day, str(told.get("shift", "")))
    if shift is None:
        raise Refused("NO_SHIFT")
    board = find_stop(net, shift, str(told.get("from", "")))
    alight = find_stop(net, shift, str(told.get("to", "")))
    if board >= alight or shift.line.stops[board][0] not in shift.line.boards:
        raise Refused("NO_STOP")
    return shift, board, alight


def on_sale(db: sqlite3.Connection, net: Network, shift: Shift, board: int) -> str:
    """Why a bus is not sold now; empty when it is."""
    now = net.now()
    status = status_of(db, shift)
    if not net.profile.in_presale(shift.day, now.date()):
        return "NOT_IN_PRESALE"
    if status.cancelled:
        return "SHIFT_CANCELLED"
    if now >= shift.last(board, status.later) - timedelta(minutes=net.stop_sale()):
        return "STOPPED_SALE"
    return ""


def describe(db: sqlite3.Connection, net: Network, shift: Shift, board: int, alight: int) -> dict[str, Any]:
    """One row of a search: the bus between two stops."""
    profile, line = net.profile, shift.line
    status, more = status_of(db, shift), raised(db, net, shift)
    why_not = on_sale(db, net, shift, board)
    free = len(free_seats(db, net, shift, board, alight))
    prices = {kind: profile.fare(shift, board, alight, kind, more) for kind in (FULL, HALF, FREE)}
    home, goal = PLACES[line.stops[board][0]], PLACES[line.stops[alight][0]]
    return {
        "shift": profile.shift_code(shift), "date": shift.day.isoformat(), "flow": line.flow, "extra": shift.extra,
        "from": profile.codes[home.key], "from_name": profile.called(home),
        "to": profile.codes[goal.key], "to_name": profile.goal(goal),
        "terminal": profile.goal(PLACES[line.stops[-1][0]]),
        "departs": shift.departs(board, status.later), "last": shift.last(board, status.later),
        "arrives": shift.arrives(alight, status.later), "later": status.later,
        "vehicle": line.vehicle, "seats": line.seats, "kilometres": line.kilometres(board, alight),
        "left": 0 if why_not else free, "children_left": 0 if why_not else children_left(db, net, shift, board, alight),
        "prices": prices, "parts": {kind: profile.parts(shift, board, alight, kind) for kind in prices},
        "services": {kind: service(net, kind) for kind in prices},
        "settles": {kind: settle(net, kind, price) for kind, price in prices.items()},
        "gate": status.gate, "state": why_not or "ON_SALE", "stop_sale": net.stop_sale(),
        "half": profile.sells_half, "free": profile.sells_free, "seat_states": states(db, net, shift, board, alight),
    }  # fmt: skip


def service(net: Network, kind: str) -> int:
    """The service charge of a ticket; children without a seat pay none."""
    return 0 if kind == FREE else net.profile.service


def settle(net: Network, kind: str, price: int) -> int:
    """What the agent owes for a ticket: the fare and the network's part of the service charge."""
    charge = service(net, kind)
    return price + charge - charge * net.profile.share // 100


def search(net: Network, told: dict[str, Any]) -> dict[str, Any]:
    """Buses from a station on a day to every stop that fits `to`: a code, or how a name or its initials begin."""
    place = net.profile.places.get(str(told.get("from", "")))
    if place is None or place not in net.profile.stations:
        raise Refused("NO_STATION")
    day = day_of(str(told.get("date", "")))
    if not net.profile.in_presale(day, net.now().date()):
        raise Refused("NOT_IN_PRESALE")
    wanted = str(told.get("to", "")).strip().lower()
    found: list[dict[str, Any]] = []
    with net.store.transaction() as db:
        for shift in net.shifts(day):
            board = shift.line.at(place.key)
            if board is None or place.key not in shift.line.boards:
                continue
            for alight in range(board + 1, len(shift.line.stops)):
                if _fits(net, PLACES[shift.line.stops[alight][0]], wanted):
                    found.append(describe(db, net, shift, board, alight))
    found.sort(key=lambda one: (one["departs"], one["shift"], one["kilometres"]))
    return {"shifts": found}


def _fits(net: Network, place: Place, wanted: str) -> bool:
    if not wanted:
        return True
    names = (net.profile.goal(place), place.area, place.city, place.name, place.initials)
    return net.profile.codes[place.key].lower() == wanted or any(
        name.lower().startswith(wanted) for name in names
    )


def left(net: Network, told: dict[str, Any]) -> dict[str, Any]:
    """One bus between two stops as it is now, with the seats that are free."""
    shift, board, alight = stretch(net, told)
    with net.store.transaction() as db:
        row = describe(db, net, shift, board, alight)
        free = [] if shift.line.flow or row["left"] == 0 else free_seats(db, net, shift, board, alight)
    return {**row, "free_seats": free}


def stations(net: Network, _told: dict[str, Any]) -> dict[str, Any]:
    """Where one may get on, with each station's rules."""
    profile = net.profile
    return {
        "stations": [
            {
                "code": profile.codes[place.key], "name": profile.called(place), "city": place.city, "area": place.area,
                "initials": place.initials, "address": place.address, "lng": place.lng, "lat": place.lat,
                "presale_days": profile.presale_days, "stop_sale": net.stop_sale(), "opens": profile.opens,
                "closes": profile.closes, "most": profile.most_passengers, "half": profile.sells_half,
                "free": profile.sells_free, "service": profile.service, "change_until": profile.change_until,
                "tiers": [
                    {"from_minutes": tier.from_minutes, "percent": tier.percent, "least": tier.least}
                    for tier in profile.tiers
                ],
            }
            for place in profile.stations
        ]
    }  # fmt: skip


def stops(net: Network, told: dict[str, Any]) -> dict[str, Any]:
    """Where one gets to from a station, by line, with the kilometres."""
    place = net.profile.places.get(str(told.get("from", "")))
    if place is None or place not in net.profile.stations:
        raise Refused("NO_STATION")
    found = []
    for line in net.profile.lines:
        board = line.at(place.key)
        if board is None or place.key not in line.boards:
            continue
        found += [
            {
                "line": line.number, "code": net.profile.codes[key], "name": net.profile.goal(PLACES[key]),
                "initials": PLACES[key].initials, "kilometres": line.kilometres(board, alight),
            }
            for alight, (key, _km) in enumerate(line.stops) if alight > board
        ]  # fmt: skip
    return {"stops": found}
