"""Delivers notices with their retry clock; ends late confirmations and audits that are due."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from contextlib import suppress

import httpx

from sandbox import faults
from sandbox.scenic import notices, ordering, refunds, signing
from sandbox.scenic.memory import NAME, Scenic

logger = logging.getLogger("sandbox.scenic")
ANSWER_WITHIN = 8.0  # real seconds
LONGEST_SLEEP = 5.0


class Courier:
    """One task; what waits is in the store, so that a restart goes on."""

    def __init__(self, system: Scenic) -> None:
        self._system = system
        self._awake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._client = httpx.AsyncClient(timeout=ANSWER_WITHIN, follow_redirects=False, trust_env=False)

    async def start(self) -> None:
        """Begin."""
        self._system.wake = self._awake.set
        self._task = asyncio.create_task(self._loop(), name="scenic courier")

    async def stop(self) -> None:
        """Stop; what is unfinished stays in the store."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._client.aclose()

    async def _loop(self) -> None:
        while True:
            self._awake.clear()
            try:
                with self._system.store.transaction() as db:
                    ordering.expire(self._system, db)
                    ordering.confirm_due(self._system, db)
                    refunds.decide_due(self._system, db)
                if self._system.hook():
                    await asyncio.gather(*(self._deliver(row) for row in self._due()))
            except (sqlite3.Error, httpx.HTTPError):
                logger.exception("通知发送中断，稍后再试")
                await asyncio.sleep(1)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), self._sleep())

    def _due(self) -> list[sqlite3.Row]:
        return self._system.store.all(
            "SELECT * FROM scenic_notices WHERE state IN ('pending', 'held') AND next_at <= ?"
            " ORDER BY next_at, id LIMIT 16",
            self._system.clock.wall() + 0.001,
        )

    def _sleep(self) -> float:
        hooked = "SELECT min(next_at) AS at FROM scenic_notices WHERE state IN ('pending', 'held') UNION ALL "
        row = self._system.store.one(
            f"SELECT min(at) AS at FROM ({hooked if self._system.hook() else ''}"  # noqa: S608 - our own words
            "SELECT min(confirm_at) AS at FROM scenic_orders WHERE state = 'ISSUING'"
            " UNION ALL SELECT min(decide_at) FROM scenic_refunds WHERE state = 'PENDING')"
        )
        if row is None or row["at"] is None:
            return LONGEST_SLEEP
        return min(LONGEST_SLEEP, max(0.005, float(row["at"]) - self._system.clock.wall()))

    async def _deliver(self, row: sqlite3.Row) -> None:
        taken = any(await asyncio.gather(*(self.post(row) for _ in range(row["copies"]))))
        done, clock = row["attempts"] + 1, self._system.clock
        over = done > len(notices.RETRY_AFTER)
        state = "delivered" if taken else "failed" if over else "pending"
        at = None if taken or over else clock.wall() + clock.real(notices.RETRY_AFTER[done - 1])
        with self._system.store.transaction() as db:
            db.execute(
                "UPDATE scenic_notices SET state = ?, attempts = ?, next_at = ?, copies = 1 WHERE id = ?",
                (state, done, at, row["id"]),
            )
            if taken:  # what was held goes out right behind the newer one that overtook it
                db.execute(
                    "UPDATE scenic_notices SET state = 'pending', next_at = ? WHERE state = 'held' AND id < ?",
                    (clock.wall(), row["id"]),
                )

    async def post(self, row: sqlite3.Row) -> bool:
        """Deliver once; whether it was taken (HTTP 200 and code 0)."""
        with self._system.store.transaction() as db:
            spoil = faults.take(
                db,
                system=NAME,
                operation=faults.NOTIFY,
                kinds=notices.SPOILING,
                path=row["kind"],
                subject=row["subject"],
            )
        body = signing.envelope(
            self._system.application,
            json.loads(row["data"]),
            method=row["kind"],
            spoil=spoil.kind if spoil else "",
        )
        try:
            response = await self._client.post(self._system.hook(), json=body)
            status, answer = response.status_code, response.text[:500]
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            status, answer = None, type(error).__name__
        with self._system.store.transaction() as db:
            db.execute(
                "UPDATE scenic_notices SET status = ?, answer = ? WHERE id = ?", (status, answer, row["id"])
            )
        return status == 200 and _code(answer) == "0"


def _code(answer: str) -> str:
    try:
        told = json.loads(answer)
    except (ValueError, RecursionError):
        return ""
    return str(told.get("code", "")) if isinstance(told, dict) else ""
