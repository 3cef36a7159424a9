"""Run the sandbox as a child process: for the demo, the journeys and the tests."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import httpx

STARTS_WITHIN = 30.0
STOPS_WITHIN = 10.0


def command(host: str, port: int) -> list[str]:
    """The server's command line; one worker, for the couriers and the faults live in one process."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "asgi", "--no-ws", "--workers", "1"),
        *("--workers-kill-timeout", "5", "--host", host, "--port", str(port), "sandbox.app:app"),
    ]


def free_port(host: str = "127.0.0.1") -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    directory: Path, *, port: int = 0, clock_ratio: float = 60.0, log: IO[bytes] | None = None
) -> Iterator[str]:
    """A sandbox on loopback with its data in `directory`; yields its address, stops it at the end.

    Raises RuntimeError when it does not come up.
    """
    number = port or free_port()
    base_url = f"http://127.0.0.1:{number}"
    environment = {
        **os.environ,
        "SANDBOX_DIR": str(directory),
        "SANDBOX_CLOCK": f"{clock_ratio:g}",
        "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
    }
    output = log if log is not None else subprocess.DEVNULL
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and program
        command("127.0.0.1", number), env=environment, stdout=output, stderr=subprocess.STDOUT
    )
    try:
        _wait(process, base_url)
        yield base_url
    finally:
        process.terminate()
        try:
            process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], base_url: str) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    with httpx.Client(trust_env=False, timeout=1) as client:
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise RuntimeError(f"the sandbox ended with code {process.returncode}")
            with suppress(httpx.HTTPError):
                if client.get(f"{base_url}/healthz").status_code == 200:
                    return
            time.sleep(0.1)
    raise RuntimeError(f"the sandbox did not answer within {STARTS_WITHIN:.0f} seconds")
