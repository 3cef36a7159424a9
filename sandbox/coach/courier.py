"""One task per network: ends what takes time, lets locks go, brings call-backs and brings them again."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Protocol

import httpx

from sandbox import faults
from sandbox.coach import aftersale, orders
from sandbox.coach.memory import Network
from sandbox.coach.telling import SPOILING

logger = logging.getLogger("sandbox.coach")
ANSWER_WITHIN = 8.0  # real seconds
IDLE = 0.5
#: Sandbox seconds before the second, third … try.
RETRY_AFTER = (15, 30, 60, 180, 600, 1800, 3600, 3600, 7200, 21600)


class Wire(Protocol):
    """How a network dresses a call-back."""

    def notice(
        self, net: Network, key: int, event: str, data: dict[str, Any], spoil: str
    ) -> tuple[bytes, Mapping[str, str]]:
        """Body and headers."""

    def taken(self, status: int, body: bytes) -> bool:
        """Whether an answer says that it arrived."""


class Courier:
    """Runs with the program; what waits is in the store."""

    def __init__(self, net: Network, wire: Wire) -> None:
        self._net, self._wire = net, wire
        self._awake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._client = httpx.AsyncClient(timeout=ANSWER_WITHIN, follow_redirects=False, trust_env=False)
        net.wake = self._awake.set

    async def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._loop(), name=f"{self._net.profile.name} courier")

    async def stop(self) -> None:
        """Stop; what is unfinished stays in the store."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._client.aclose()

    async def send(self, key: int, copies: int = 1) -> list[int | None]:
        """A call-back once more, now; the statuses that came back."""
        row = self._net.store.one("SELECT * FROM coach_notices WHERE id = ? AND net = ?", key, self._net.net)
        if row is None:
            return []
        return [status for status, _taken in await asyncio.gather(*(self._post(row) for _ in range(copies)))]

    async def _loop(self) -> None:
        while True:
            self._awake.clear()
            try:
                self._finish_due()
                await asyncio.gather(*(self._deliver(row) for row in self._due()))
            except (sqlite3.Error, httpx.HTTPError):
                logger.exception("回调发送中断，稍后再试")
                await asyncio.sleep(1)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), self._sleep())

    def _finish_due(self) -> None:
        net = self._net
        with net.store.transaction() as db:
            orders.sweep(db, net)
            for row in db.execute(
                "SELECT * FROM coach_jobs WHERE net = ? AND due_at <= ? ORDER BY due_at", (net.net, net.clock.wall())
            ).fetchall():  # fmt: skip
                db.execute("DELETE FROM coach_jobs WHERE id = ?", (row["id"],))
                if row["kind"] == "lock":
                    orders.finish_lock(db, net, row["subject"])
                elif row["kind"] == "issue":
                    orders.finish_issue(db, net, row["subject"], row["result"])
                else:
                    aftersale.finish_refund(db, net, row["subject"], row["result"])

    def _due(self) -> list[sqlite3.Row]:
        if not self._net.hook:
            return []
        return self._net.store.all(
            "SELECT * FROM coach_notices WHERE net = ? AND state = 'pending' AND next_at <= ? ORDER BY next_at, id"
            " LIMIT 16",
            self._net.net, self._net.clock.wall() + 0.001,
        )  # fmt: skip

    def _sleep(self) -> float:
        store, net = self._net.store, self._net.net
        job = store.one("SELECT min(due_at) AS at FROM coach_jobs WHERE net = ?", net)
        notice = store.one(
            "SELECT min(next_at) AS at FROM coach_notices WHERE net = ? AND state = 'pending' AND ? != ''",
            net, self._net.hook,
        )  # fmt: skip
        due = [row["at"] for row in (job, notice) if row is not None and row["at"] is not None]
        return min(IDLE, max(0.005, min(due, default=float("inf")) - self._net.clock.wall()))

    async def _deliver(self, row: sqlite3.Row) -> None:
        net = self._net
        with net.store.transaction() as db:  # on its way: nobody else takes it meanwhile
            db.execute(
                "UPDATE coach_notices SET next_at = ? WHERE id = ?", (net.clock.wall() + 60, row["id"])
            )
        answers = await asyncio.gather(*(self._post(row) for _ in range(row["copies"])))
        taken = any(well for _status, well in answers)
        tries = row["tries"] + 1
        over = tries > len(RETRY_AFTER)
        state = "delivered" if taken else "failed" if over else "pending"
        at = None if taken or over else net.clock.wall() + net.clock.real(RETRY_AFTER[tries - 1])
        with net.store.transaction() as db:
            db.execute(
                "UPDATE coach_notices SET state = ?, tries = ?, next_at = ?, copies = 1, waits = 0 WHERE id = ?",
                (state, tries, at, row["id"]),
            )
            if taken:  # whoever waited to be overtaken goes now
                db.execute(
                    "UPDATE coach_notices SET next_at = ?, waits = 0 WHERE net = ? AND waits = 1 AND id < ?",
                    (net.clock.wall(), net.net, row["id"]),
                )
                self._awake.set()

    async def _post(self, row: sqlite3.Row) -> tuple[int | None, bool]:
        net = self._net
        with net.store.transaction() as db:
            fault = faults.take(
                db, system=net.profile.name, operation=faults.NOTIFY, kinds=SPOILING, path=row["event"],
                subject=row["number"],
            )  # fmt: skip
        spoil = fault.kind if fault else ""
        body, headers = self._wire.notice(net, row["id"], row["event"], json.loads(row["data"]), spoil)
        status, well, answer = None, False, ""
        try:
            response = await self._client.post(net.hook, content=body, headers=dict(headers))
            status, answer = response.status_code, response.text[:500]
            well = self._wire.taken(status, response.content)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            answer = type(error).__name__
        with net.store.transaction() as db:
            db.execute(
                "UPDATE coach_notices SET status = ?, answer = ? WHERE id = ?", (status, answer, row["id"])
            )
        return status, well
