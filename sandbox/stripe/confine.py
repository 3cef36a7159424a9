"""Run a Python program of others confined: `python confine.py FOLDER MODULE [arguments]`.

It listens on 127.0.0.1 only, whatever it asks for, and what it writes to /tmp goes to FOLDER. Knows nothing of the
program it runs; runs in that program's own process and imports nothing of ours.
"""

from __future__ import annotations

import builtins
import runpy
import socket
import sys
from pathlib import Path
from typing import Any

LOOPBACK = "127.0.0.1"


class _LoopbackSocket(socket.socket):
    """A socket that can be bound to this machine only."""

    def __init__(self, family: int = -1, *rest: Any, **named: Any) -> None:
        super().__init__(socket.AF_INET if family == socket.AF_INET6 else family, *rest, **named)

    def bind(self, address: Any) -> None:
        super().bind((LOOPBACK, address[1]) if isinstance(address, tuple) else address)


def main(folder: Path, module: str, arguments: list[str]) -> None:
    """Confine this process, then become the program."""
    open_anywhere = builtins.open

    def open_inside(file: Any, *rest: Any, **named: Any) -> Any:
        path = str(file)
        inside = folder / path.removeprefix("/tmp/") if path.startswith("/tmp/") else file  # noqa: S108
        return open_anywhere(inside, *rest, **named)

    builtins.open = open_inside
    socket.socket = _LoopbackSocket  # type: ignore[misc]
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
