"""What the layer remembers beside localstripe: cards of payment methods, challenges, answers, events, endpoints."""

from __future__ import annotations

import json
import secrets
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.clock import Clock
from sandbox.settings import Settings
from sandbox.store import Store
from sandbox.stripe.engine import Engine

NAME = "stripe"
API_VERSION = "2020-08-27"

SCHEMA = """
CREATE TABLE IF NOT EXISTS str_methods (id TEXT PRIMARY KEY, number TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS str_intents (
    id TEXT PRIMARY KEY, number TEXT NOT NULL, card TEXT NOT NULL, fields TEXT NOT NULL,
    challenge TEXT NOT NULL DEFAULT '', error TEXT NOT NULL DEFAULT '', created_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS str_answers (
    key TEXT PRIMARY KEY, asked TEXT NOT NULL, status INTEGER, body TEXT NOT NULL DEFAULT '', at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS str_endpoints (id TEXT PRIMARY KEY, url TEXT NOT NULL, secret TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS str_events (
    id TEXT PRIMARY KEY, type TEXT NOT NULL, object_id TEXT NOT NULL, body TEXT NOT NULL, created_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS str_deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL, url TEXT NOT NULL, secret TEXT NOT NULL,
    copies INTEGER NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, next_at REAL,
    status INTEGER, subject TEXT NOT NULL
)
"""
TABLES = (
    "str_deliveries",
    "str_events",
    "str_answers",
    "str_intents",
    "str_methods",
)  # endpoints stay, as keys do


@dataclass
class Stripe:
    """The layer's parts, handed to all of its endpoints."""

    settings: Settings
    clock: Clock
    store: Store
    engine: Engine
    account: dict[str, str]

    def wake(self) -> None:
        """Look at once for what is to be delivered; the courier puts itself here."""


def ensure_account(directory: Path) -> dict[str, str]:
    """The account's keys, made at the first start: `secret_key`, `publishable_key` (mode 0600)."""
    path = directory / "account.json"
    if not path.is_file():
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = {
            "secret_key": f"sk_test_{secrets.token_hex(24)}",
            "publishable_key": f"pk_test_{secrets.token_hex(24)}",
        }
        draft = path.with_suffix(f".{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(made))
        draft.replace(path)
    account: dict[str, str] = json.loads(path.read_text())
    return account


@dataclass
class Overlay:
    """What the layer knows of an intent: the shop's number, the card, the fields it took, where the challenge is."""

    id: str
    number: str
    card: str
    fields: dict[str, Any]
    challenge: str
    error: dict[str, Any]
    created_at: float


def overlay_of(row: sqlite3.Row) -> Overlay:
    """A row as an overlay."""
    return Overlay(
        id=row["id"],
        number=row["number"],
        card=row["card"],
        fields=json.loads(row["fields"]),
        challenge=row["challenge"],
        error=json.loads(row["error"]) if row["error"] else {},
        created_at=row["created_at"],
    )


def find_overlay(store: Store, intent_id: str) -> Overlay | None:
    """The overlay of an intent."""
    row = store.one("SELECT * FROM str_intents WHERE id = ?", intent_id)
    return overlay_of(row) if row else None


def save_overlay(store: Store, overlay: Overlay) -> None:
    """Write it back."""
    with store.transaction() as db:
        db.execute(
            "INSERT INTO str_intents (id, number, card, fields, challenge, error, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET challenge = excluded.challenge,"
            " error = excluded.error, fields = excluded.fields",
            (
                overlay.id,
                overlay.number,
                overlay.card,
                json.dumps(overlay.fields),
                overlay.challenge,
                json.dumps(overlay.error) if overlay.error else "",
                overlay.created_at,
            ),
        )
