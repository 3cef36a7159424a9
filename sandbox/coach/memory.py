"""What the networks remember, and what every part of one is handed. One set of tables, rows by network."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sandbox.clock import CHINA, Clock
from sandbox.coach.profile import Profile
from sandbox.coach.timetable import Shift
from sandbox.map.keys import Application
from sandbox.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS coach_shifts (
    day TEXT NOT NULL, shift TEXT NOT NULL, cancelled INTEGER NOT NULL DEFAULT 0, later INTEGER NOT NULL DEFAULT 0,
    gate TEXT NOT NULL DEFAULT '', PRIMARY KEY (day, shift)
);
CREATE TABLE IF NOT EXISTS coach_added (day TEXT NOT NULL, shift TEXT NOT NULL, PRIMARY KEY (day, shift));
CREATE TABLE IF NOT EXISTS coach_fares (
    net TEXT NOT NULL, day TEXT NOT NULL, shift TEXT NOT NULL, raised INTEGER NOT NULL, PRIMARY KEY (net, day, shift)
);
CREATE TABLE IF NOT EXISTS coach_orders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    net TEXT NOT NULL, out_no TEXT NOT NULL, digest TEXT NOT NULL, lock_no TEXT NOT NULL, day TEXT NOT NULL,
    shift TEXT NOT NULL, board INTEGER NOT NULL, alight INTEGER NOT NULL, state TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '', locked_until REAL NOT NULL, mobile TEXT NOT NULL, issue_no TEXT,
    issued_at REAL, window INTEGER NOT NULL DEFAULT 0, created_at REAL NOT NULL, UNIQUE (net, out_no)
);
CREATE TABLE IF NOT EXISTS coach_tickets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    net TEXT NOT NULL, order_id INTEGER NOT NULL, ref TEXT NOT NULL, day TEXT NOT NULL, shift TEXT NOT NULL,
    board INTEGER NOT NULL, alight INTEGER NOT NULL, kind TEXT NOT NULL, seat INTEGER, name TEXT NOT NULL,
    id_type TEXT NOT NULL, id_number TEXT NOT NULL, price INTEGER NOT NULL, service INTEGER NOT NULL,
    settle INTEGER NOT NULL, state TEXT NOT NULL, ticket_no TEXT, pick_no TEXT, pick_code TEXT,
    replaces TEXT NOT NULL DEFAULT '', collected INTEGER NOT NULL DEFAULT 0, checked_at REAL
);
CREATE INDEX IF NOT EXISTS coach_tickets_bus ON coach_tickets (day, shift, state);
CREATE INDEX IF NOT EXISTS coach_tickets_order ON coach_tickets (order_id);
CREATE TABLE IF NOT EXISTS coach_refunds (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    net TEXT NOT NULL, out_no TEXT NOT NULL, digest TEXT NOT NULL, refund_no TEXT NOT NULL, order_id INTEGER NOT NULL,
    station INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', lines TEXT NOT NULL,
    done_at REAL, created_at REAL NOT NULL, UNIQUE (net, out_no)
);
CREATE TABLE IF NOT EXISTS coach_changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    net TEXT NOT NULL, out_no TEXT NOT NULL, digest TEXT NOT NULL, change_no TEXT NOT NULL, order_id INTEGER NOT NULL,
    old_order_id INTEGER NOT NULL, lines TEXT NOT NULL, difference INTEGER NOT NULL, created_at REAL NOT NULL,
    UNIQUE (net, out_no)
);
CREATE TABLE IF NOT EXISTS coach_kept (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    net TEXT NOT NULL, out_no TEXT NOT NULL, digest TEXT NOT NULL, day TEXT NOT NULL, shift TEXT NOT NULL,
    seats TEXT NOT NULL, reason TEXT NOT NULL, freed INTEGER NOT NULL DEFAULT 0, created_at REAL NOT NULL,
    UNIQUE (net, out_no)
);
CREATE TABLE IF NOT EXISTS coach_jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    net TEXT NOT NULL, kind TEXT NOT NULL, subject INTEGER NOT NULL, result TEXT NOT NULL, due_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS coach_notices (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    net TEXT NOT NULL, event TEXT NOT NULL, number TEXT NOT NULL, data TEXT NOT NULL, state TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, copies INTEGER NOT NULL DEFAULT 1, waits INTEGER NOT NULL DEFAULT 0,
    next_at REAL, status INTEGER, answer TEXT NOT NULL DEFAULT '', created_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS coach_calls (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    net TEXT NOT NULL, operation TEXT NOT NULL, number TEXT NOT NULL, code TEXT NOT NULL, at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS coach_options (
    net TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (net, name)
);
"""
#: Emptied by a reset, by network; options stay.
TABLES = ("coach_fares", "coach_orders", "coach_tickets", "coach_refunds", "coach_changes", "coach_kept",
          "coach_jobs", "coach_notices", "coach_calls")  # fmt: skip
#: Tickets that take a seat.
SEATED = ("held", "issued", "checked", "refunding")


class Refused(Exception):
    """The network does not do it. `code` is this package's word, each network has its own; `more` comes along."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.code = code
        self.more = more


@dataclass
class Network:
    """The running network. `hook`: where call-backs go; `wake`: the courier puts itself there."""

    profile: Profile
    application: Application
    clock: Clock
    store: Store
    hook: str
    wake: Callable[[], None] = field(default=lambda: None)

    @property
    def net(self) -> str:
        """Which rows are its own."""
        return self.profile.net

    def now(self) -> datetime:
        """The business moment, in China's time."""
        return datetime.fromtimestamp(self.clock.now(), CHINA)

    def option(self, name: str, default: str) -> str:
        """A rule that somebody changed."""
        row = self.store.one("SELECT value FROM coach_options WHERE net = ? AND name = ?", self.net, name)
        return str(row["value"]) if row else default

    def set_option(self, name: str, value: str) -> None:
        """Change a rule; it stays over a reset."""
        with self.store.transaction() as db:
            db.execute("INSERT OR REPLACE INTO coach_options VALUES (?, ?, ?)", (self.net, name, value))

    def stop_sale(self) -> int:
        """Minutes before departure at which its sale ends: by its rules, or as somebody said."""
        return int(self.option("stop_sale", str(self.profile.stop_sale)))

    def shifts(self, day: date) -> list[Shift]:
        """The buses of a day that it sells: of the timetable, then those that stations put on."""
        rows = self.store.all("SELECT shift FROM coach_added WHERE day = ? ORDER BY shift", day.isoformat())
        put_on = [self.profile.by_key(day, row["shift"]) for row in rows]
        return [*self.profile.shifts(day), *(one for one in put_on if self.net in one.line.nets)]

    def shift(self, day: date, code: str) -> Shift | None:
        """The bus with this code, if this network sells it."""
        return next((one for one in self.shifts(day) if self.profile.shift_code(one) == code), None)

    def opened(self) -> bool:
        """Whether it sells now: by its hours, or as somebody said (`always`, `never`)."""
        hours = self.option("hours", "own")
        return hours == "always" or (hours == "own" and self.profile.opened(self.now()))


def day_of(text: str) -> date:
    """YYYY-MM-DD. Raises Refused."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("BAD_REQUEST", field="date") from None


def same(told: Any) -> str:
    """What a repeated request must be the same in, as one text."""
    return json.dumps(told, sort_keys=True, ensure_ascii=False)


def serial(net: Network, prefix: str, number: int) -> str:
    """A number the network gives out: its letters, the day, and a counter."""
    return f"{prefix}{net.now():%Y%m%d}{number:08d}"


def by_own(db: sqlite3.Connection, table: str, net: str, out_no: str, digest: str) -> sqlite3.Row | None:
    """What an own number was used for before. Raises Refused when it was for something else."""
    sql = f"SELECT * FROM {table} WHERE net = ? AND out_no = ?"  # noqa: S608 - a table of ours
    row: sqlite3.Row | None = db.execute(sql, (net, out_no)).fetchone()
    if row is not None and row["digest"] != digest:
        raise Refused("NUMBER_REUSED")
    return row
