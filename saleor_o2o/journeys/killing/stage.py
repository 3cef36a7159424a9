"""The process from which web and worker are forked: `python -m saleor_o2o.journeys.killing.stage PORT BOARD LOG`.

It loads the platform once, keeps the web's address open, and obeys lines on its standard input: `start ROLE`,
`kill ROLE`, `alive ROLE`, `open SHOP …` (build shops, by dotted
names). Each is answered by one line. It ends with its input, and takes its processes with it.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

from saleor_o2o.cli.processes import PR_SET_PDEATHSIG, _libc
from saleor_o2o.embedded.ports import LOOPBACK

from .board import Board
from .points import Points, watch, watch_answers

WEB, WORKER = "web", "worker"


def move_clock(board: Board) -> None:
    """Have the platform's clock be ahead by what the board says; call before Django is set up."""
    from django.utils import timezone

    stock_now = timezone.now

    def now() -> datetime:
        return stock_now() + timedelta(seconds=board.clock())

    timezone.now = now


class Stage:
    """The open address, and the process of each role."""

    def __init__(self, port: int, board: Board, log: Path) -> None:
        self.board = board
        self.log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.listening = socket.create_server((LOOPBACK, port), backlog=128)
        self.port = port
        self.pids: dict[str, int] = {}

    def start(self, role: str) -> str:
        """Fork a process of a role that has none."""
        if self.alive(role) == "yes":
            return "running"
        work: Callable[[], None] = {WEB: self._web, WORKER: self._worker}[role]
        self.pids[role] = self._fork(work)
        return str(self.pids[role])

    def kill(self, role: str) -> str:
        """End a role's process as the kernel would, at once."""
        if self.alive(role) == "yes":
            os.kill(self.pids[role], signal.SIGKILL)
            os.waitpid(self.pids.pop(role), 0)
        return "killed"

    def alive(self, role: str) -> str:
        """Say whether a role's process runs; one that is dead is taken off the list."""
        pid = self.pids.get(role)
        if pid is None:
            return "no"
        if os.waitpid(pid, os.WNOHANG)[0] == 0:
            return "yes"
        del self.pids[role]
        return "no"

    def open(self, *shops: str) -> str:
        """Build shops in a process of its own: what this one forks must not share a connection."""

        def build() -> None:
            from django.utils.module_loading import import_string

            for shop in shops:
                import_string(shop)()

        _pid, status = os.waitpid(self._fork(build), 0)
        return "open" if status == 0 else "failed"

    def _fork(self, work: Callable[[], None]) -> int:
        parent = os.getpid()
        pid = os.fork()
        if pid:
            return pid
        code = 1
        try:
            if _libc is not None:
                _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() == parent:
                sys.stdin.close()
                work()
                code = 0
        except BaseException:  # noqa: BLE001 - the child must never return into the parent's code
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)

    def _web(self) -> None:
        from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

        from saleor_o2o.wsgi import application

        class Quiet(WSGIRequestHandler):
            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        points = Points(WEB, self.board, self.log)
        watch(points)
        server = ThreadedWSGIServer((LOOPBACK, self.port), Quiet, bind_and_activate=False)
        server.socket.close()
        server.socket = self.listening
        server.server_name, server.server_port = LOOPBACK, self.port
        server.setup_environ()
        server.set_app(watch_answers(points, application))
        server.serve_forever(poll_interval=60)

    def _worker(self) -> NoReturn:
        from saleor_o2o.celery import app

        watch(Points(WORKER, self.board, self.log))
        # solo: the process that dies is the whole worker, with all it had reserved
        worker = app.Worker(
            pool="solo",
            loglevel="WARNING",
            quiet=True,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        worker.start()
        raise SystemExit(worker.exitcode or 1)


def _load() -> None:
    """Load once what every process that is forked needs: a worker alone takes two seconds over it."""

    import saleor_o2o.wsgi  # noqa: F401
    from saleor_o2o.celery import app

    # A connection to the database for each task would be most of what a task costs here. Celery reads this when it
    # loads the tasks, which is before any worker is.
    app.conf.update(CELERY_DB_REUSE_MAX=1_000_000)
    app.loader.import_default_modules()
    app.finalize()
    from saleor.plugins.manager import get_plugins_manager

    get_plugins_manager()


def main(argv: list[str]) -> int:
    """Load the platform, say so, and obey."""
    board = Board(Path(argv[1]))
    move_clock(board)
    _load()
    stage = Stage(int(argv[0]), board, Path(argv[2]))
    obey: dict[str, Callable[..., str]] = {
        "start": stage.start,
        "kill": stage.kill,
        "alive": stage.alive,
        "open": stage.open,
    }
    from django.db import connections

    connections.close_all()
    print("ready", flush=True)
    try:
        for line in sys.stdin:
            word, *rest = line.split()
            print(obey[word](*rest), flush=True)
    finally:
        for role in list(stage.pids):
            stage.kill(role)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
