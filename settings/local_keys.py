"""Secrets of a laptop: made once, kept in the git-ignored data folder, never in the code."""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path


def local_keys(path: Path) -> dict[str, str]:
    """Read the keys in ``path``; make them first where there are none (mode 0600, atomic)."""
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = {
            "SECRET_KEY": secrets.token_urlsafe(50),
            "FIELD_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "BLIND_INDEX_KEY": secrets.token_urlsafe(32),
        }
        draft = path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(made, file)
        try:
            os.link(draft, path)  # the first of two starters wins; the other reads the winner's keys
        except FileExistsError:
            made = {}
        draft.unlink()
    keys: dict[str, str] = json.loads(path.read_text())
    return keys
