"""Businesses done at counters of the post, told to the platform signed, again and again until it answers."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
import time
from typing import Any

import httpx

from sandbox import faults
from sandbox.clock import Clock
from sandbox.map.keys import Application
from sandbox.store import Store

NAME = "postal_core"
KINDS = frozenset({"drop", "duplicate", "bad_signature", "stale"})
ANSWER_WITHIN = 8.0  # real seconds
MOST_TRIES = 30
SERVICES = {"savings": "储蓄", "insurance": "保险", "parcel": "寄递"}
SCHEMA = """
CREATE TABLE IF NOT EXISTS postal_core_messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    what TEXT NOT NULL, number TEXT NOT NULL, body TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0,
    status INTEGER, answer TEXT NOT NULL DEFAULT '', at REAL NOT NULL
);
"""


class Core:
    """The running system. `hook`: where the platform listens, up to the last part."""

    def __init__(self, application: Application, clock: Clock, store: Store, platform_url: str) -> None:
        self.application, self.clock, self.store = application, clock, store
        self.hook = f"{platform_url}/hooks/postal_points" if platform_url else ""
        self._client = httpx.AsyncClient(timeout=ANSWER_WITHIN, follow_redirects=False, trust_env=False)
        self._courier: asyncio.Task[None] | None = None

    async def tell(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        """Write a message down (`businesses`, `reversals`) and send it; the message with its answer."""
        with self.store.transaction() as db:
            fault = faults.take(db, system=NAME, operation=faults.NOTIFY, kinds=KINDS, subject=body["number"])
            row = db.execute(
                "INSERT INTO postal_core_messages (what, number, body, at) VALUES (?, ?, ?, ?)",
                (what, body["number"], json.dumps(body, ensure_ascii=False), self.clock.wall()),
            )
            key = int(row.lastrowid or 0)
        spoil = fault.kind if fault is not None else ""
        if spoil == "drop":
            return self.message(key)
        copies = int(fault.number("copies", 2)) if fault is not None and spoil == "duplicate" else 1
        await asyncio.gather(*(self.send(key, spoil) for _ in range(copies)))
        return self.message(key)

    async def send(self, key: int, spoil: str = "") -> dict[str, Any]:
        """Send a message (again)."""
        told = self.message(key)
        body = json.dumps(told["body"], ensure_ascii=False).encode()
        url = f"{self.hook}/{told['what']}"
        stamp = str(int(time.time()) - (3600 if spoil == "stale" else 0))
        nonce = secrets.token_hex(8)
        path = httpx.URL(url).path if self.hook else ""
        lines = b"\n".join((b"POST", path.encode(), stamp.encode(), nonce.encode(), body))
        signature = hmac.new(self.application.secret.encode(), lines, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json", "X-Postal-Key": self.application.key, "X-Postal-Timestamp": stamp,
            "X-Postal-Nonce": nonce,
            "X-Postal-Signature": signature[::-1] if spoil == "bad_signature" else signature,
        }  # fmt: skip
        status, answer = None, ""
        if self.hook:
            try:
                response = await self._client.post(url, content=body, headers=headers)
                status, answer = response.status_code, response.text[:2000]
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                answer = type(error).__name__
        with self.store.transaction() as db:
            db.execute(
                "UPDATE postal_core_messages SET tries = tries + 1, status = ?, answer = ? WHERE id = ?",
                (status, answer, key),
            )
        return self.message(key)

    def message(self, key: int) -> dict[str, Any]:
        """One message, as the control API shows it."""
        row = self.store.one("SELECT * FROM postal_core_messages WHERE id = ?", key)
        assert row is not None  # noqa: S101 - its key was given out by us
        return told_of(row)

    def messages(self, limit: int) -> list[dict[str, Any]]:
        """The newest first."""
        rows = self.store.all("SELECT * FROM postal_core_messages ORDER BY id DESC LIMIT ?", limit)
        return [told_of(row) for row in rows]

    async def start(self) -> None:
        """What has no answer is sent again, every two seconds."""
        self._courier = asyncio.create_task(self._again(), name="postal_core courier")

    async def stop(self) -> None:
        """Close the connections."""
        if self._courier is not None:
            self._courier.cancel()
            await asyncio.gather(self._courier, return_exceptions=True)
        await self._client.aclose()

    async def _again(self) -> None:
        while True:
            await asyncio.sleep(2)
            rows = self.store.all(
                "SELECT id FROM postal_core_messages WHERE tries < ? AND at < ? AND (status IS NULL OR status >= 500)"
                " ORDER BY id LIMIT 20",
                MOST_TRIES, self.clock.wall() - 2,
            )  # fmt: skip
            for row in rows if self.hook else ():
                await self.send(row["id"])


def told_of(row: Any) -> dict[str, Any]:
    """A message with its body and answer read."""
    told = {**dict(row), "body": json.loads(row["body"])}
    try:
        told["answer"] = json.loads(row["answer"])
    except ValueError:
        told["answer"] = {"text": row["answer"]}
    return told
