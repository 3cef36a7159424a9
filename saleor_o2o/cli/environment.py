"""What every command prepares before Django loads: `.env`, the embedded services, the variables."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from saleor_o2o.embedded import Profile, Services
from saleor_o2o.embedded.paths import PROJECT_ROOT

#: Addresses for commands that read settings but never connect.
NOWHERE = {
    "DATABASE_URL": "postgres://nobody@127.0.0.1:9/nowhere",
    "REDIS_URL": "redis://127.0.0.1:9/0",
}


class Stopped(KeyboardInterrupt):
    """We were asked to end (SIGTERM, SIGHUP): the same way out as Ctrl-C."""


def stop_on_signals() -> None:
    """Let SIGTERM and SIGHUP unwind the stack as Ctrl-C does.

    A shell script starts its background jobs deaf to SIGINT: we listen all the same, or `kill -INT` would
    be lost. `nohup` is respected.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        raise Stopped(number)

    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, stop)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, stop)


@contextmanager
def unhurried() -> Iterator[None]:
    """Let the block finish: a second Ctrl-C does not cut cleaning up short."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def read_dot_env() -> None:
    """Put what the project's `.env` says into the environment; what is set already stays."""
    path = PROJECT_ROOT / ".env"
    if path.is_file():
        import environ

        environ.Env.read_env(path)


def child_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Answer the environment of a process of ours: it finds our packages wherever it starts."""
    environment = {**os.environ, **(extra or {})}
    paths = [path for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path]
    if str(PROJECT_ROOT) not in paths:
        environment["PYTHONPATH"] = os.pathsep.join([str(PROJECT_ROOT), *paths])
    environment["PYTHONUNBUFFERED"] = "1"
    return environment


def python(*arguments: str) -> list[str]:
    """Answer a command line of our Python; the current folder does not shadow our packages."""
    return [sys.executable, "-P", *arguments]


def run_foreground(command: Sequence[str], extra: Mapping[str, str], cwd: Path = PROJECT_ROOT) -> int:
    """Run a command in front, as a shell does; answers its exit code (128 + signal when killed).

    An interruption is handed on, the command's own end awaited, and then KeyboardInterrupt raised.
    """
    process = subprocess.Popen(list(command), cwd=cwd, env=child_environment(extra))  # noqa: S603
    interruption: KeyboardInterrupt | None = None
    while True:
        try:
            code = process.wait()
            break
        except Stopped as stopped:
            interruption = stopped
            process.terminate()
        except KeyboardInterrupt as interrupt:
            if interruption is None and not _terminal_reaches_children():
                process.send_signal(signal.SIGINT)
            interruption = interrupt
    if interruption is not None:
        raise interruption
    return 128 - code if code < 0 else code


def _terminal_reaches_children() -> bool:
    """Say whether Ctrl-C goes to our whole process group; a second SIGINT would cut pytest's end short."""
    try:
        with Path("/dev/tty").open("rb") as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False


@contextmanager
def embedded_environment(profile: Profile, *, keep: bool = False) -> Iterator[dict[str, str]]:
    """Give the block `DATABASE_URL` and `REDIS_URL`; embedded services run as long as it does.

    They are stopped after it when nobody else uses them and nobody asked to keep them.
    """
    given = {name: os.environ[name] for name in NOWHERE if os.environ.get(name)}
    if len(given) == len(NOWHERE):
        yield given
        return
    services = Services(profile)
    services.ensure(database="DATABASE_URL" not in given, broker="REDIS_URL" not in given, keep=keep)
    try:
        found: dict[str, str] = {}
        if "DATABASE_URL" not in given:
            found["DATABASE_URL"] = services.postgres.url()
        if "REDIS_URL" not in given:
            found["REDIS_URL"] = services.valkey.url()
        yield {**given, **found}
    finally:
        with unhurried():
            services.leave()


def settings_module(default: str = "settings.development") -> str:
    """Answer the settings that a command uses, and say so to Django."""
    return os.environ.setdefault("DJANGO_SETTINGS_MODULE", default)
