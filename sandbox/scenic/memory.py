"""What the distributor remembers, and the parts that its files share."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sandbox.clock import CHINA, Clock
from sandbox.map.keys import Application
from sandbox.settings import Settings
from sandbox.store import Store

NAME = "scenic"
LOCK_SECONDS = 15 * 60
BALANCE = 5_000_000_00  # fen that the platform has deposited at the beginning

SCHEMA = """
CREATE TABLE IF NOT EXISTS scenic_nonces (nonce TEXT PRIMARY KEY, seen_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS scenic_options (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS scenic_products (
    code TEXT PRIMARY KEY, on_sale INTEGER NOT NULL DEFAULT 1, percent INTEGER NOT NULL DEFAULT 100,
    changed_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS scenic_stock (
    product TEXT NOT NULL, day TEXT NOT NULL, slot TEXT NOT NULL, total INTEGER NOT NULL,
    taken INTEGER NOT NULL DEFAULT 0, settle INTEGER, PRIMARY KEY (product, day, slot), CHECK (taken >= 0)
);
CREATE TABLE IF NOT EXISTS scenic_orders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    number TEXT NOT NULL UNIQUE, out_number TEXT NOT NULL UNIQUE, pay_number TEXT UNIQUE, amend_number TEXT UNIQUE,
    digest TEXT NOT NULL, state TEXT NOT NULL, day TEXT NOT NULL, slot TEXT NOT NULL, lines TEXT NOT NULL,
    contact TEXT NOT NULL, mobile TEXT NOT NULL, created_at REAL NOT NULL, locked_until REAL NOT NULL, paid_at REAL,
    issued_at REAL, confirm_at REAL, fails INTEGER NOT NULL DEFAULT 0, amended TEXT NOT NULL DEFAULT '',
    sent TEXT NOT NULL DEFAULT '[]', copies INTEGER NOT NULL DEFAULT 1
);
CREATE TABLE IF NOT EXISTS scenic_vouchers (
    code TEXT PRIMARY KEY, order_id INTEGER NOT NULL, line INTEGER NOT NULL, traveller TEXT NOT NULL DEFAULT '',
    id_number TEXT NOT NULL DEFAULT '',
    quantity INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0, refunded INTEGER NOT NULL DEFAULT 0,
    held INTEGER NOT NULL DEFAULT 0, CHECK (used + refunded + held <= quantity)
);
CREATE INDEX IF NOT EXISTS scenic_vouchers_of ON scenic_vouchers (order_id);
CREATE TABLE IF NOT EXISTS scenic_uses (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    code TEXT NOT NULL, order_id INTEGER NOT NULL, quantity INTEGER NOT NULL, gate TEXT NOT NULL, at REAL NOT NULL,
    reversed_at REAL
);
CREATE TABLE IF NOT EXISTS scenic_refunds (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    number TEXT NOT NULL UNIQUE, out_number TEXT NOT NULL UNIQUE, digest TEXT NOT NULL, order_id INTEGER NOT NULL,
    state TEXT NOT NULL, asked INTEGER NOT NULL, quantity INTEGER NOT NULL DEFAULT 0, amount INTEGER NOT NULL DEFAULT 0,
    fee INTEGER NOT NULL DEFAULT 0, share TEXT NOT NULL, reason TEXT NOT NULL, remark TEXT NOT NULL DEFAULT '',
    created_at REAL NOT NULL, decided_at REAL, decide_at REAL, decision TEXT NOT NULL DEFAULT '',
    given TEXT NOT NULL DEFAULT '{}'
);
CREATE TABLE IF NOT EXISTS scenic_flows (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL, order_id INTEGER, number TEXT NOT NULL, quantity INTEGER NOT NULL, amount INTEGER NOT NULL,
    fee INTEGER NOT NULL, at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS scenic_files (
    token TEXT PRIMARY KEY, name TEXT NOT NULL, content BLOB NOT NULL, expires REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS scenic_notices (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    number TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, subject TEXT NOT NULL, data TEXT NOT NULL, state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, copies INTEGER NOT NULL DEFAULT 1, next_at REAL, status INTEGER,
    answer TEXT NOT NULL DEFAULT '', at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS scenic_received (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    number TEXT NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL, signed INTEGER NOT NULL, answered INTEGER NOT NULL,
    at REAL NOT NULL
);
"""
TABLES = (
    "nonces", "products", "stock", "orders", "vouchers", "uses", "refunds", "flows", "files", "notices", "received",
)  # fmt: skip

#: Options that people change, with what they are at the beginning. refund_seconds: how long a refund waits for its
#: audit (sandbox seconds; 0: until somebody decides). audit: "" as the product says, instant or manual for all.
OPTIONS: dict[str, Any] = {"refund_seconds": 1800, "audit": "", "hook": "", "lock_seconds": LOCK_SECONDS}


@dataclass
class Scenic:
    """The distributor's parts. `wake`: look at once what is due."""

    settings: Settings
    clock: Clock
    store: Store
    application: Application
    wake: Callable[[], None] = field(default=lambda: None)

    def option(self, name: str) -> Any:
        """A rule as it stands."""
        row = self.store.one("SELECT value FROM scenic_options WHERE name = ?", name)
        return json.loads(row["value"]) if row else OPTIONS[name]

    def set_option(self, name: str, value: Any) -> None:
        """Change a rule."""
        with self.store.transaction() as db:
            db.execute(
                "INSERT INTO scenic_options VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, json.dumps(value, ensure_ascii=False)),
            )

    def hook(self) -> str:
        """Where the platform listens; "" when nobody told."""
        url = str(self.option("hook"))
        if url or not self.settings.platform_url:
            return url
        return f"{self.settings.platform_url}/hooks/ticketing/distributor"

    def today(self) -> date:
        """The business day in China."""
        return datetime.fromtimestamp(self.clock.now(), CHINA).date()

    def new_number(self, prefix: str) -> str:
        """A number of the distributor's own."""
        return f"{prefix}{self.today():%Y%m%d}{secrets.randbelow(10**10):010d}"


class Refused(Exception):
    """The distributor says no: a stable code, words, and what else helps (the price as it is now …)."""

    def __init__(self, code: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.code, self.message, self.more = code, message, more


def day_of(text: Any, name: str = "date") -> date:
    """A day told as 2026-12-01. Raises Refused."""
    try:
        return date.fromisoformat(str(text)) if len(str(text)) == 10 else _no_day(name)
    except ValueError:
        return _no_day(name)


def _no_day(name: str) -> date:
    raise Refused("BAD_PARAM", f"{name} 应为 YYYY-MM-DD")


def midnight(day: date) -> float:
    """The first second of a day in China."""
    return datetime(day.year, day.month, day.day, tzinfo=CHINA).timestamp()


def after(day: date, days: int) -> date:
    """So many days later."""
    return day + timedelta(days=days)


def flow(
    system: Scenic, db: sqlite3.Connection, kind: str, number: str, *,
    order_id: int | None = None, quantity: int = 0, amount: int = 0, fee: int = 0,
) -> None:  # fmt: skip
    """A line of the deposit account: payments below zero, refunds and deposits above."""
    db.execute(
        "INSERT INTO scenic_flows (kind, order_id, number, quantity, amount, fee, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (kind, order_id, number, quantity, amount, fee, system.clock.now()),
    )


def balance(db: sqlite3.Connection) -> int:
    """Fen left on the deposit account."""
    return BALANCE + int(db.execute("SELECT coalesce(sum(amount), 0) FROM scenic_flows").fetchone()[0])
