"""How the core system signs what it tells: a key, and HMAC-SHA256 over method, path, time, a random word and the body.

Headers `X-Postal-Key`, `X-Postal-Timestamp`, `X-Postal-Nonce`, `X-Postal-Signature`, fresh for five minutes. The same
message again is harmless (each business counts once), so that words that were used are not kept.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

#: Seconds that the core system's clock may differ from ours, either way.
WINDOW = 300


@dataclass(frozen=True)
class Keys:
    """What the core system signs with; neither shows in a repr."""

    key: str = field(repr=False)
    secret: str = field(repr=False)


def load() -> Keys | None:
    """The keys in force: the environment's, else the sandbox's where allowed; None where there are none."""
    given = settings.O2O_POSTAL_POINTS
    if given["KEY"] and given["SECRET"]:
        return Keys(str(given["KEY"]), str(given["SECRET"]))
    if settings.O2O_SANDBOX_ALLOWED and settings.SANDBOX_URL:
        manifest = Path(settings.SANDBOX_DIR) / "postal_core" / "application.json"
        try:
            known = json.loads(manifest.read_text(encoding="utf-8"))
            return Keys(known["key"], known["secret"])
        except (OSError, ValueError, KeyError):
            return None
    return None


def signature(secret: str, method: str, path: str, stamp: str, nonce: str, body: bytes) -> str:
    """HMAC-SHA256 in hexadecimal over five lines."""
    lines = b"\n".join((method.encode(), path.encode(), stamp.encode(), nonce.encode(), body))
    return hmac.new(secret.encode(), lines, hashlib.sha256).hexdigest()


def problem(keys: Keys, method: str, path: str, headers: Mapping[str, str], body: bytes) -> str:
    """Why a message is not the core system's of now: BAD_SIGNATURE, STALE; empty for a genuine one."""
    stamp, nonce = headers.get("X-Postal-Timestamp", "")[:20], headers.get("X-Postal-Nonce", "")[:80]
    expected = signature(keys.secret, method, path, stamp, nonce, body)
    told = headers.get("X-Postal-Signature", "")[:128]
    known = hmac.compare_digest(headers.get("X-Postal-Key", "")[:80].encode(), keys.key.encode())
    if not hmac.compare_digest(expected.encode(), told.encode()) or not known:
        return "BAD_SIGNATURE"
    if not stamp.isascii() or not stamp.isdigit() or abs(time.time() - int(stamp)) > WINDOW:
        return "STALE"
    return ""
