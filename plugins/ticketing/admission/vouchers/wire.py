"""How a device signs what it asks: HMAC-SHA256 with its own secret over method, path, time and body, a line each.

Headers `X-Gate-Device`, `X-Gate-Timestamp` (milliseconds since 1970 by the device's clock), `X-Gate-Signature`. A
question once asked may be asked again by anybody who saw it, and gets the same answer: requests carry numbers.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

#: Milliseconds that a device's clock may be off from what was measured at its last heartbeat.
DRIFT = 120_000


def signature(secret: str, method: str, path: str, stamp: str, body: bytes) -> str:
    """Hexadecimal."""
    lines = b"\n".join((method.encode(), path.encode(), stamp.encode(), body))
    return hmac.new(secret.encode(), lines, hashlib.sha256).hexdigest()


def stamp_of(headers: Mapping[str, str]) -> int | None:
    """The device's time in milliseconds; None for what is none."""
    told = headers.get("X-Gate-Timestamp", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) <= 14 else None


def genuine(secret: str, method: str, path: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether it was signed with the secret."""
    expected = signature(secret, method, path, headers.get("X-Gate-Timestamp", "")[:14], body)
    told = headers.get("X-Gate-Signature", "")[:80]
    return hmac.compare_digest(expected.encode(), told.encode())
