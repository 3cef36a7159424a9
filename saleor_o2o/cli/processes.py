"""A server of ours as a child process: started, asked whether it is well, stopped with all it started."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from saleor_o2o.embedded.paths import PROJECT_ROOT, tail

from .environment import child_environment
from .errors import CommandError

PR_SET_PDEATHSIG = 1
STOP_TIMEOUT = 15.0

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
# A supervisor talks to its own children on the loopback interface: no proxy has a say in it.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _die_with_parent() -> None:
    """In the child, before it runs: ask the kernel for SIGTERM when the supervisor dies, even by SIGKILL."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def http_ok(url: str, timeout: float = 5.0, json_body: bytes | None = None) -> bool:
    """Say whether an address of this machine answers 200 (to a POST when a body is given)."""
    request = urllib.request.Request(url, json_body, {"Content-Type": "application/json"})  # noqa: S310 - our own
    try:
        with _opener.open(request, timeout=timeout) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@dataclass
class Child:
    """One server process; `ready` says whether it serves, given what it has logged since it started."""

    title: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    ready: Callable[[str], bool]
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _log_start: int = 0

    def start(self) -> None:
        """Start it in a process group of its own, so that Ctrl-C reaches it through us, in order."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as stream:
            self._log_start = stream.tell()
            self.process = subprocess.Popen(  # noqa: S603 - our own program and arguments
                list(self.command),
                cwd=PROJECT_ROOT,
                env=child_environment(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )

    def exit_code(self) -> int | None:
        """Answer how it ended, None while it runs."""
        return self.process.poll() if self.process else None

    def logged(self) -> str:
        """Answer what it wrote since it was started."""
        try:
            with self.log.open("rb") as stream:
                stream.seek(self._log_start)
                return stream.read().decode("utf-8", "replace")
        except FileNotFoundError:
            return ""

    def wait_ready(self, timeout: float) -> None:
        """Wait until it serves; raises CommandError with the end of its log when it dies or stays silent."""
        deadline = time.monotonic() + timeout
        while True:
            code = self.exit_code()
            if code is not None:
                raise CommandError(f"{self.title}启动失败(退出码 {code}),日志 {self.log}:\n{tail(self.log)}")
            if self.ready(self.logged()):
                return
            if time.monotonic() > deadline:
                raise CommandError(
                    f"{self.title}在 {timeout:.0f} 秒内没有就绪,日志 {self.log}:\n{tail(self.log)}"
                )
            time.sleep(0.1)

    def stop(self) -> None:
        """Ask it to end, then end what is left of its group. Does nothing when it never started."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_TIMEOUT)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None


class Supervisor:
    """Keeps children running: one that dies is started again, ever later, and not for ever."""

    #: Seconds before the n-th restart of a child.
    BACKOFF = (1.0, 2.0, 5.0, 10.0, 30.0)
    #: After this long without a death a child is trusted again.
    FORGIVEN_AFTER = 300.0

    def __init__(self, children: Sequence[Child], say: Callable[[str], None]) -> None:
        self.children = list(children)
        self.say = say
        self._deaths: dict[int, int] = {}
        self._last: dict[int, float] = {}
        self._due: dict[int, float] = {}

    def look(self, now: float) -> None:
        """Look once at every child; raises CommandError when one has died too often."""
        for number, child in enumerate(self.children):
            if number in self._due:
                if now >= self._due[number]:
                    del self._due[number]
                    child.start()
                continue
            code = child.exit_code()
            if code is None:
                continue
            if now - self._last.get(number, now) > self.FORGIVEN_AFTER:
                self._deaths[number] = 0
            deaths = self._deaths.get(number, 0)
            if deaths >= len(self.BACKOFF):
                raise CommandError(f"{child.title}反复退出,已放弃。日志 {child.log}:\n{tail(child.log)}")
            delay = self.BACKOFF[deaths]
            self._deaths[number] = deaths + 1
            self._last[number] = now
            self._due[number] = now + delay
            # what it started must not outlive it
            child.stop()
            self.say(f"{child.title}意外退出(退出码 {code}),{delay:.0f} 秒后重启,日志 {child.log}")

    def run(self) -> None:
        """Watch until interrupted."""
        while True:
            self.look(time.monotonic())
            time.sleep(0.5)
