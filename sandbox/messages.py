"""What arrives on the phones: receipts, refund notices, later text messages and templates."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from sandbox.clock import stamp
from sandbox.store import Store


@dataclass(frozen=True, slots=True)
class Message:
    """One card in the message list of a phone."""

    system: str
    title: str
    headline: str
    lines: list[tuple[str, str]]
    at: str


def post(
    db: sqlite3.Connection,
    *,
    system: str,
    receiver: str,
    title: str,
    headline: str,
    lines: list[tuple[str, str]],
    now: float,
) -> None:
    """Put a card on the phone of `receiver` (an openid). `headline` is the large line, such as the amount."""
    db.execute(
        "INSERT INTO messages (system, receiver, title, headline, lines, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (system, receiver, title, headline, json.dumps(lines, ensure_ascii=False), now),
    )


def received(store: Store, receiver: str, limit: int = 50) -> list[Message]:
    """The newest cards of one phone."""
    rows = store.all("SELECT * FROM messages WHERE receiver = ? ORDER BY id DESC LIMIT ?", receiver, limit)
    return [
        Message(
            system=row["system"],
            title=row["title"],
            headline=row["headline"],
            lines=[(str(name), str(value)) for name, value in json.loads(row["lines"])],
            at=stamp(row["created_at"], "%m月%d日 %H:%M"),
        )
        for row in rows
    ]
