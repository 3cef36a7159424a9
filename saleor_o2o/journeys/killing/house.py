"""The parts of a kill test in one folder: broker, sandbox, and the stage with its web and worker."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

import httpx
import redis
from celery import Celery

from saleor_o2o.cli.environment import child_environment, python, unhurried
from saleor_o2o.cli.processes import Child, http_ok
from saleor_o2o.embedded.paths import tail
from saleor_o2o.embedded.ports import LOOPBACK, free_port
from saleor_o2o.embedded.valkey import Valkey
from sandbox.client import SandboxClient

from .board import Aim, Board, Orders
from .stage import WEB, WORKER

#: Seconds of the sandbox that pass in one of ours: its couriers try again at once.
SANDBOX_CLOCK = "600"
QUEUE, RESERVED, RESERVED_INDEX = "celery", "unacked", "unacked_index"
ROLES = (WEB, WORKER)
#: What builds the shop of goods, by its dotted name.
SHOP = "saleor_o2o.journeys.killing.shop.open_shop"


class StageFailed(RuntimeError):
    """The stage or the shop did not come up; the text is the end of its log."""


@dataclass
class House:
    """What runs. `clock`: seconds that the platform's clock is ahead."""

    folder: Path
    sandbox: SandboxClient
    broker: Any
    board: Board
    stage: subprocess.Popen[str]
    http: httpx.Client
    tasks: Celery
    orders: Orders = field(default_factory=Orders)
    clock: float = 0.0
    lost: list[bytes] = field(default_factory=list)
    #: Who is logged in, by name.
    tokens: dict[str, str] = field(default_factory=dict)
    _one_at_a_time: threading.RLock = field(default_factory=threading.RLock, repr=False)

    # -- the processes ----------------------------------------------------------------------

    def tell(self, words: str) -> str:
        """Say a line to the stage; its answer."""
        assert self.stage.stdin is not None  # noqa: S101 - both are pipes
        assert self.stage.stdout is not None  # noqa: S101
        with self._one_at_a_time:
            self.stage.stdin.write(f"{words}\n")
            self.stage.stdin.flush()
            answer = self.stage.stdout.readline().strip()
        if not answer:
            raise StageFailed(tail(self.folder / "stage.log"))
        return answer

    def revive(self) -> list[str]:
        """Start what is dead; which roles that were. What a dead worker had reserved is out of sight for a while."""
        with self._one_at_a_time:
            dead = [role for role in ROLES if self.tell(f"alive {role}") == "no"]
            if dead and self.orders.aim is not None:
                self.command(Orders(self.orders.trial, None, self.orders.noting))  # one dies once
            for role in dead:
                if role == WORKER:
                    self.lost += cast("list[bytes]", self.broker.hvals(RESERVED))
                    self.broker.delete(RESERVED, RESERVED_INDEX)
                self.tell(f"start {role}")
            return dead

    def give_back_reserved(self) -> None:
        """The broker's patience is over: what a dead worker had reserved is handed out again."""
        for reserved in self.lost:
            self.broker.rpush(QUEUE, json.dumps(json.loads(reserved)[0]))
        self.lost.clear()

    def post(self, body: dict[str, Any], headers: dict[str, str]) -> dict[str, Any] | None:
        """One GraphQL operation's answer; None when the line broke before it came."""
        try:
            answer: dict[str, Any] = self.http.post("/graphql/", json=body, headers=headers).json()
        except httpx.TransportError:
            return None
        return answer

    # -- the board ----------------------------------------------------------------------------

    def command(self, orders: Orders) -> None:
        """Put orders in force for all processes."""
        self.orders = orders
        self.board.write(orders, self.clock)

    def aim(self, aim: Aim | None) -> None:
        """Say where a process dies next."""
        self.command(Orders(self.orders.trial, aim, self.orders.noting))

    def wait(self, seconds: float) -> None:
        """Let time pass for the platform and for the world."""
        self.clock += seconds
        self.board.write(self.orders, self.clock)
        self.sandbox.set_clock(offset_seconds=self.clock)

    def passed(self) -> list[list[str]]:
        """What the processes have written down: (what, trial, role, point, number)."""
        text = (self.folder / "points.log").read_text(encoding="utf-8")
        return [line.split("\t") for line in text.splitlines()]

    def stripe_events(self) -> list[dict[str, Any]]:
        """What Stripe has told us or is about to, oldest first."""
        return list(self.sandbox.call("GET", "/stripe/events")["events"])

    # -- quiet -----------------------------------------------------------------------------------

    def has_work(self) -> bool:
        """True while tasks wait or are worked on."""
        waiting, reserved = self.broker.pipeline().llen(QUEUE).hlen(RESERVED).execute()
        return bool(waiting or reserved)


@contextmanager
def house(
    database_url: str, say: Callable[[str], None] = lambda _text: None, shops: Sequence[str] = (SHOP,)
) -> Iterator[House]:
    """A house on an empty, migrated database; all else is its own and gone afterwards. Raises StageFailed.

    `shops`: what is built in it first, by dotted names.
    """
    folder = Path(tempfile.mkdtemp(prefix="o2o-kill-"))
    valkey = Valkey(folder, "valkey", volatile=True)
    sandbox_port = free_port()
    sandbox_url = f"http://{LOOPBACK}:{sandbox_port}"
    sandbox = _sandbox(folder, sandbox_port)
    stage: subprocess.Popen[str] | None = None
    try:
        valkey.start()
        sandbox.start()
        began = time.monotonic()
        board = Board(folder / "board")
        url = f"http://{LOOPBACK}:{free_port()}"
        stage = _stage(folder, url, database_url, valkey.url(), sandbox_url)
        sandbox.wait_ready(60)
        if stage.stdout is None or not stage.stdout.readline():
            raise StageFailed(tail(folder / "stage.log"))
        # no connection is kept: a dead process must be found out by the request that it dies in
        limits = httpx.Limits(max_keepalive_connections=0)
        client = httpx.Client(base_url=url, timeout=60, trust_env=False, limits=limits)
        with SandboxClient(sandbox_url) as control, client:
            found = House(
                folder, control, redis.Redis.from_url(valkey.url()), board, stage,
                client, Celery(broker=valkey.url(), set_as_current=False),
            )  # fmt: skip
            if found.tell(" ".join(("open", *shops))) != "open":
                raise StageFailed(tail(folder / "stage.log"))
            found.revive()
            say(f"舞台就绪（{time.monotonic() - began:.0f} 秒）")
            yield found
            found.tasks.close()
    except StageFailed:
        shutil.copy(folder / "stage.log", Path(tempfile.gettempdir()) / "o2o-kill-stage.log")
        raise
    finally:
        with unhurried():
            if stage is not None:
                _end(stage)
            sandbox.stop()
            valkey.stop()
            shutil.rmtree(folder, ignore_errors=True)


def with_database(url: str, name: str) -> str:
    """The same server's address with another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _sandbox(folder: Path, port: int) -> Child:
    command = python(
        "-m", "granian", "--interface", "asgi", "--host", LOOPBACK, "--port", str(port), "--no-ws"
    )
    return Child(
        title="沙箱",
        command=[*command, "--workers-kill-timeout", "5s", "sandbox.app:app"],
        environment={"SANDBOX_DIR": str(folder / "sandbox"), "SANDBOX_CLOCK": SANDBOX_CLOCK},
        log=folder / "sandbox.log",
        ready=lambda _: http_ok(f"http://{LOOPBACK}:{port}/healthz"),
    )


def _stage(
    folder: Path, url: str, database_url: str, redis_url: str, sandbox_url: str
) -> subprocess.Popen[str]:
    environment = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "DEBUG": "False",
        "ALLOWED_CLIENT_HOSTS": "127.0.0.1,localhost",
        "DJANGO_SETTINGS_MODULE": "settings.development",
        "O2O_VAR_DIR": str(folder),
        "SANDBOX_DIR": str(folder / "sandbox"),
        "O2O_SANDBOX_URL": sandbox_url,
        "O2O_PUBLIC_URL": url,
        "PYTHONWARNINGS": "ignore",
        "CELERY_SKIP_CHECKS": "1",  # Django's checks, at each start of a worker: tests/ and the lint make them
    }
    command = [sys.executable, "-P", "-m", "saleor_o2o.journeys.killing.stage"]
    with (folder / "stage.log").open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own program
            [*command, url.rpartition(":")[2], str(folder / "board"), str(folder / "points.log")],
            env=child_environment({**os.environ, **environment}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )


def _end(stage: subprocess.Popen[str]) -> None:
    """Close its input: it takes its processes with it."""
    if stage.stdin is not None:
        stage.stdin.close()
    try:
        stage.wait(15)
    except subprocess.TimeoutExpired:
        stage.kill()
        stage.wait()
    if stage.stdout is not None:
        stage.stdout.close()
