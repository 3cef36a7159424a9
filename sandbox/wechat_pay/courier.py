"""The worker: delivers notifications by the documented clock, ends refunds, makes late payments."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import suppress

import httpx

from sandbox import faults
from sandbox.wechat_pay import payments, refunds, sharing
from sandbox.wechat_pay.notifications import RETRY_AFTER, Notification, notification_of
from sandbox.wechat_pay.signing import Spoil, newest, signed_headers
from sandbox.wechat_pay.system import NAME, WechatPay

logger = logging.getLogger("sandbox.wechat_pay")

ANSWER_WITHIN = 5.0  # real seconds that the merchant has
LEASE = 15.0  # a notification in the air is sent again after this, should the process die meanwhile
AT_ONCE = 16
LONGEST_SLEEP = 5.0


class Courier:
    """One asyncio task. What it must not forget is in the store, so a restart goes on where it stopped."""

    def __init__(self, system: WechatPay) -> None:
        self._system = system
        self._awake = asyncio.Event()
        self._sending: set[asyncio.Task[None]] = set()
        self._loop_task: asyncio.Task[None] | None = None
        self._client = httpx.AsyncClient(timeout=ANSWER_WITHIN, follow_redirects=False, trust_env=False)

    async def start(self) -> None:
        """Begin; what a former process had in the air is due at once."""
        with self._system.store.transaction() as db:
            db.execute(
                "UPDATE wxp_notifications SET state = 'pending', next_at = ? WHERE state = 'sending'",
                (self._system.clock.wall(),),
            )
        self._system.wake = self._awake.set
        self._loop_task = asyncio.create_task(self._loop(), name="wechat_pay courier")

    async def stop(self) -> None:
        """Stop sending; what is unfinished stays in the store."""
        tasks = [*self._sending, *([self._loop_task] if self._loop_task else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._client.aclose()

    async def _loop(self) -> None:
        while True:
            self._awake.clear()
            try:
                for item in self._claim():
                    self._send_in_background(item, item.copies if item.attempts == 0 else 1)
            except sqlite3.OperationalError:
                logger.exception("沙箱数据库暂不可写，稍后再试")
                await asyncio.sleep(1)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), self._sleep())

    def _claim(self) -> list[Notification]:
        """Due notifications, no more than there are free hands for; each is leased before it is sent."""
        system, wall = self._system, self._system.clock.wall()
        with system.store.transaction() as db:
            payments.pay_late_ones(system, db)
            refunds.finish_due(system, db)
            sharing.finish_due(system, db)
            rows = db.execute(
                "SELECT * FROM wxp_notifications WHERE next_at IS NOT NULL AND next_at <= ?"
                " AND state IN ('pending', 'held', 'sending') ORDER BY next_at, rowid LIMIT ?",
                (wall + 0.001, max(0, AT_ONCE - len(self._sending))),
            ).fetchall()
            for row in rows:
                db.execute(
                    "UPDATE wxp_notifications SET state = 'sending', next_at = ? WHERE id = ?",
                    (wall + LEASE, row["id"]),
                )
        return [notification_of(row) for row in rows]

    def _sleep(self) -> float:
        if len(self._sending) >= AT_ONCE:
            return LONGEST_SLEEP  # the first free hand wakes the loop
        row = self._system.store.one(
            "SELECT min(at) AS at FROM ("
            "SELECT min(next_at) AS at FROM wxp_notifications WHERE next_at IS NOT NULL"
            " UNION ALL SELECT min(finish_at) FROM wxp_refunds WHERE finish_at IS NOT NULL"
            " UNION ALL SELECT min(finish_at) FROM wxp_shares WHERE finish_at IS NOT NULL"
            " UNION ALL SELECT min(finish_at) FROM wxp_share_returns WHERE finish_at IS NOT NULL"
            " UNION ALL SELECT min(late_pay_at) FROM wxp_orders WHERE late_pay_at IS NOT NULL)"
        )
        if row is None or row["at"] is None:
            return LONGEST_SLEEP
        return min(LONGEST_SLEEP, max(0.005, float(row["at"]) - self._system.clock.wall()))

    def _send_in_background(self, item: Notification, copies: int) -> None:
        task = asyncio.create_task(self._send(item, copies))
        self._sending.add(task)
        task.add_done_callback(self._sent)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        self._awake.set()
        if not task.cancelled() and (error := task.exception()):
            logger.error("通知发送中断，稍后重发", exc_info=error)

    async def send_now(self, item: Notification, copies: int) -> None:
        """Send by hand, whatever its state, and wait for the answers; the retry schedule goes on."""
        await asyncio.gather(*(self._attempt(item, "manual") for _ in range(copies)))

    async def _send(self, item: Notification, copies: int) -> None:
        accepted = await asyncio.gather(
            *(self._attempt(item, "schedule" if number == 0 else "duplicate") for number in range(copies))
        )
        clock, done = self._system.clock, item.attempts + 1
        with self._system.store.transaction() as db:
            if any(accepted):
                # A held notification goes out right behind the newer one that overtook it.
                db.execute(
                    "UPDATE wxp_notifications SET state = 'pending', next_at = ? WHERE state = 'held'"
                    " AND rowid < (SELECT rowid FROM wxp_notifications WHERE id = ?)",
                    (clock.wall(), item.id),
                )
            elif done > len(RETRY_AFTER):
                db.execute(
                    "UPDATE wxp_notifications SET state = 'failed', attempts = ?, next_at = NULL"
                    " WHERE id = ? AND state = 'sending'",
                    (done, item.id),
                )
            else:
                db.execute(
                    "UPDATE wxp_notifications SET state = 'pending', attempts = ?, next_at = ?"
                    " WHERE id = ? AND state = 'sending'",
                    (done, clock.wall() + clock.real(RETRY_AFTER[done - 1]), item.id),
                )

    async def _attempt(self, item: Notification, cause: str) -> bool:
        system = self._system
        with system.store.transaction() as db:
            fault = faults.take(
                db,
                system=NAME,
                operation=faults.NOTIFY,
                kinds={spoil.value for spoil in Spoil},
                path=item.url,
                subject=item.out_trade_no,
            )
        spoil = Spoil(fault.kind) if fault else None
        status, answer = await self._post(item, spoil)
        accepted = status in (200, 204)
        with system.store.transaction() as db:
            # After a reset the notification is gone, and its log with it.
            known = db.execute("SELECT 1 FROM wxp_notifications WHERE id = ?", (item.id,)).fetchone()
            if known:
                db.execute(
                    "INSERT INTO wxp_attempts (notification_id, at, cause, status, answer, fault)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    (item.id, system.clock.wall(), cause, status, answer, fault.kind if fault else ""),
                )
            if known and accepted:
                db.execute(
                    "UPDATE wxp_notifications SET state = 'delivered', next_at = NULL WHERE id = ?",
                    (item.id,),
                )
        return accepted

    async def _post(self, item: Notification, spoil: Spoil | None) -> tuple[int | None, str]:
        system = self._system
        mode = system.options().key_mode
        headers = {
            "Content-Type": "application/json",
            "Accept": "*/*",
            "User-Agent": "Mozilla/4.0",
            **signed_headers(item.body, newest(system.keys, mode), system.clock.wall(), spoil),
        }
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                response = await self._client.post(item.url, content=item.body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            return None, f"{type(error).__name__}: {error}"[:200]
        return response.status_code, response.text[:200]
