"""Delivers events, signed, and again later when they were not taken."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import sqlite3
from contextlib import suppress

import httpx

from sandbox import faults
from sandbox.stripe.events import SPOILING
from sandbox.stripe.memory import NAME, Stripe

logger = logging.getLogger("sandbox.stripe")
ANSWER_WITHIN = 10.0
#: Sandbox seconds before the second, third … try; Stripe goes on for three days.
RETRY_AFTER = (300, 1800, 7200, 18000, 36000, 36000, 43200, 43200)


class Courier:
    """One task that delivers what is due; what waits is in the store."""

    def __init__(self, stripe: Stripe) -> None:
        self._stripe = stripe
        self._awake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._client = httpx.AsyncClient(timeout=ANSWER_WITHIN, follow_redirects=False, trust_env=False)

    async def start(self) -> None:
        """Begin."""
        self._stripe.wake = self._awake.set  # type: ignore[method-assign]
        self._task = asyncio.create_task(self._loop(), name="stripe courier")

    async def stop(self) -> None:
        """Stop; what is unfinished stays in the store."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._client.aclose()
        await self._stripe.engine.stop()

    async def _loop(self) -> None:
        while True:
            self._awake.clear()
            try:
                rows = self._due()
                await asyncio.gather(*(self._deliver(row) for row in rows))
            except (sqlite3.Error, httpx.HTTPError):
                logger.exception("通知发送中断，稍后再试")
                await asyncio.sleep(1)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), self._sleep())

    def _due(self) -> list[sqlite3.Row]:
        return self._stripe.store.all(
            "SELECT d.*, e.body, e.type FROM str_deliveries d JOIN str_events e ON e.id = d.event_id"
            " WHERE d.state = 'pending' AND d.next_at <= ? ORDER BY d.next_at LIMIT 16",
            self._stripe.clock.wall() + 0.001,
        )

    def _sleep(self) -> float:
        row = self._stripe.store.one("SELECT min(next_at) AS at FROM str_deliveries WHERE state = 'pending'")
        if row is None or row["at"] is None:
            return 5.0
        return min(5.0, max(0.005, float(row["at"]) - self._stripe.clock.wall()))

    async def _deliver(self, row: sqlite3.Row) -> None:
        answers = await asyncio.gather(*(self.post(row) for _ in range(row["copies"])))
        taken = any(status is not None and 200 <= status < 300 for status in answers)
        done, clock = row["attempts"] + 1, self._stripe.clock
        over = done > len(RETRY_AFTER)
        state = "delivered" if taken else "failed" if over else "pending"
        at = None if taken or over else clock.wall() + clock.real(RETRY_AFTER[done - 1])
        with self._stripe.store.transaction() as db:
            db.execute(
                "UPDATE str_deliveries SET state = ?, attempts = ?, next_at = ?, status = ?, copies = 1 WHERE id = ?",
                (state, done, at, answers[0], row["id"]),
            )

    async def post(self, row: sqlite3.Row) -> int | None:
        """Deliver once; the status that came back."""
        body = str(row["body"]).encode()
        with self._stripe.store.transaction() as db:
            spoil = faults.take(
                db,
                system=NAME,
                operation=faults.NOTIFY,
                kinds=SPOILING,
                path=row["type"],
                subject=row["subject"],
            )
        kind = spoil.kind if spoil else ""
        stamp = int(self._stripe.clock.wall()) - (3600 if kind == "stale" else 0)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Stripe-Signature": signature(body, row["secret"], stamp, kind == "bad_signature"),
        }
        try:
            return (await self._client.post(row["url"], content=body, headers=headers)).status_code
        except (httpx.HTTPError, httpx.InvalidURL):
            return None


def signature(body: bytes, secret: str, stamp: int, wrong: bool = False) -> str:
    """The header Stripe-Signature: `t=…,v1=HMAC-SHA256(secret, t.body)`."""
    key = ("not-" if wrong else "") + secret
    digest = hmac.new(key.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"
