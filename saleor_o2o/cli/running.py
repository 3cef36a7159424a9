"""Whether a demo runs in a data folder, and where it answers.

A lock file of the kernel says "running" (it cannot outlive its holder); a note beside it says where.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from saleor_o2o.embedded.paths import write_private


@dataclass(frozen=True)
class Running:
    """A demo that runs: its supervisor's process and its addresses."""

    pid: int
    base_url: str
    sandbox_url: str


def _lock_file(var: Path) -> Path:
    return var / "demo.lock"


def _note(var: Path) -> Path:
    return var / "demo.json"


@contextmanager
def claimed(var: Path) -> Iterator[bool]:
    """Claim the folder for a demo for the length of the block; gives False when another has it."""
    var.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(_lock_file(var), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        try:
            yield True
        finally:
            _note(var).unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def announce(var: Path, running: Running) -> None:
    """Leave the note; call with the folder claimed."""
    write_private(_note(var), json.dumps(asdict(running)))


def find(var: Path) -> Running | None:
    """Answer the demo that runs in this folder; None when none does."""
    if not _lock_file(var).exists():
        return None
    descriptor = os.open(_lock_file(var), os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        try:
            return Running(**json.loads(_note(var).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None  # it is still starting
    finally:
        os.close(descriptor)
    return None
