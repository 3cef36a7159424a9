"""Promises, with which GraphQL's answers are put together: one that is cut short does not hold its worker for ever."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .registry import Stage, adaptation


@adaptation(
    Stage.APPS,
    "An interrupt in a promise's callback is swallowed and leaves the thread's queue marked as being worked on: "
    "from then on whoever waits there waits for ever",
)
def promises_cut_short() -> None:
    from promise import async_instance
    from promise.schedulers.immediate import ImmediateScheduler

    def call(_self: Any, work: Callable[[], None]) -> None:
        done = False
        try:
            work()
            done = True
        except Exception:  # noqa: BLE001, S110 - as stock: a callback's own errors went to its promise
            pass
        finally:
            if not done:
                async_instance.normal_queue.clear()
                async_instance.late_queue.clear()
                async_instance.reset()

    def wait(_self: Any, promise: Any, _timeout: float | None = None) -> None:
        # Everything runs in this thread: what its queues did not bring, nobody will bring.
        if promise.is_pending:
            raise RuntimeError("a promise was lost: its callbacks were cut short")

    ImmediateScheduler.call = call
    ImmediateScheduler.wait = wait
