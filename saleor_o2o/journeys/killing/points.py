"""The steps at which a process may die. Installed in the processes of the stage alone."""

from __future__ import annotations

import os
import re
import signal
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from .board import ANY, Board

_WRITE = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?', re.IGNORECASE)
#: What differs from trial to trial in an address: numbers of ours, and Stripe's (`pi_7JmXTwzWcs`).
_NUMBERS = re.compile(r"(?<=/)(?:[^/]*\d{4}[^/]*|[a-z]{2,3}_[0-9A-Za-z]{8,})")
#: What a killed process wrote down last.
KILLED, PASSED = "KILLED", "PASSED"


class Points:
    """Counts what this process passes, and ends it where the board says so."""

    def __init__(self, role: str, board: Board, log: int) -> None:
        self._role = role
        self._board = board
        self._log = log
        self._trial = 0
        self._counts: Counter[str] = Counter()
        self._guard = threading.Lock()

    def passes(self, point: str) -> None:
        """A step is reached; this call may not come back."""
        with self._guard:
            orders = self._board.read()
            if orders.trial != self._trial:
                self._trial = orders.trial
                self._counts.clear()
            self._counts[point] += 1
            self._counts[ANY] += 1
            if orders.noting:
                self._write(PASSED, point)
            aim = orders.aim
            if aim is None or aim.role != self._role or self._counts[aim.point] != aim.nth:
                return
            if aim.point in (point, ANY):
                self._write(KILLED, point)
                os.kill(os.getpid(), signal.SIGKILL)

    def _write(self, what: str, point: str) -> None:
        line = f"{what}\t{self._trial}\t{self._role}\t{point}\t{self._counts[point]}\n"
        os.write(self._log, line.encode())


def watch(points: Points) -> None:
    """Have every write, commit, call outside and task of this process pass `points`."""
    _watch_statements(points)
    _watch_commits(points)
    _watch_calls(points)
    _watch_tasks(points)


def watch_answers(points: Points, application: Callable[..., Any]) -> Callable[..., Any]:
    """The WSGI program, which passes a point when its work is done and its answer not yet sent."""

    def answering(environ: dict[str, Any], start_response: Any) -> Any:
        answer = application(environ, start_response)
        points.passes(f"answer {environ['PATH_INFO']}")
        return answer

    return answering


def _watch_statements(points: Points) -> None:
    from django.db.backends.signals import connection_created

    def stands(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        found = _WRITE.match(sql)
        if found is None:
            return execute(sql, params, many, context)
        connection, table = context["connection"], found[1]
        points.passes(f"before writing {table}")
        answer = execute(sql, params, many, context)
        if connection.in_atomic_block:
            connection.__dict__.setdefault("_o2o_written", []).append(table)
        else:
            points.passes(f"written {table}")
        return answer

    def connected(connection: Any, **_kwargs: Any) -> None:
        if stands not in connection.execute_wrappers:  # a connection that was closed and is opened again
            connection.execute_wrappers.append(stands)

    connection_created.connect(connected, weak=False)


def _watch_commits(points: Points) -> None:
    from django.db.backends.base import base

    wrapper: Any = base.BaseDatabaseWrapper
    stock_commit, stock_rollback = wrapper._commit, wrapper._rollback

    def commit(self: Any) -> None:
        written = self.__dict__.pop("_o2o_written", [])
        if not written:
            stock_commit(self)
            return
        label = _label(written)
        points.passes(f"before commit of {label}")
        stock_commit(self)
        points.passes(f"committed {label}")

    def rollback(self: Any) -> None:
        self.__dict__.pop("_o2o_written", None)
        stock_rollback(self)

    wrapper._commit, wrapper._rollback = commit, rollback


def _label(tables: list[str]) -> str:
    """What a transaction is about: the first of our tables that it wrote, or the first of any."""
    ours = [table for table in tables if table.startswith("o2o_") and not table.startswith("o2o_kernel_")]
    return (ours or tables)[0]


def _watch_calls(points: Points) -> None:
    from requests.sessions import Session

    stock_send = Session.send

    def send(self: Any, request: Any, **kwargs: Any) -> Any:
        path = _NUMBERS.sub("…", request.path_url.partition("?")[0])
        points.passes(f"before {request.method} {path}")
        answer = stock_send(self, request, **kwargs)
        points.passes(f"answered {request.method} {path}")
        return answer

    Session.send = send  # type: ignore[method-assign]
    _watch_calls_of_suppliers(points)


def _watch_calls_of_suppliers(points: Points) -> None:
    """Suppliers of tickets are asked through httpx."""
    from httpx import Client

    stock_send = Client.send

    def send(self: Any, request: Any, **kwargs: Any) -> Any:
        path = _NUMBERS.sub("…", request.url.path)
        points.passes(f"before {request.method} {path}")
        answer = stock_send(self, request, **kwargs)
        points.passes(f"answered {request.method} {path}")
        return answer

    Client.send = send  # type: ignore[method-assign]


def _watch_tasks(points: Points) -> None:
    from celery import signals

    def sends(sender: str, **_kwargs: Any) -> None:
        points.passes(f"before sending task {sender}")

    def sent(sender: str, **_kwargs: Any) -> None:
        points.passes(f"sent task {sender}")

    def begins(sender: Any, **_kwargs: Any) -> None:
        points.passes(f"before task {sender.name}")

    def done(sender: Any, **_kwargs: Any) -> None:
        points.passes(f"done task {sender.name}")

    signals.before_task_publish.connect(sends, weak=False)
    signals.after_task_publish.connect(sent, weak=False)
    signals.task_prerun.connect(begins, weak=False)
    signals.task_postrun.connect(done, weak=False)
