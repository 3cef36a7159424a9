"""The key and the private key of the platform's application, made once per directory."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

MANIFEST = "application.json"


@dataclass(frozen=True, slots=True)
class Application:
    """What the platform signs its questions with."""

    key: str
    secret: str


def ensure_application(directory: Path) -> Application:
    """The application of a directory, made at the first call; safe from several processes at once."""
    path = directory / MANIFEST
    if not path.exists():
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = directory / f".{MANIFEST}.{os.getpid()}"
        draft.write_text(json.dumps({"key": secrets.token_hex(16), "secret": secrets.token_hex(16)}))
        draft.chmod(0o600)
        try:
            os.link(draft, path)  # whoever comes first
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    known = json.loads(path.read_text())
    return Application(known["key"], known["secret"])
