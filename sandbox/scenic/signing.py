"""Envelopes: `data` is a JSON text, `sign` is HMAC-SHA256 over all other fields, sorted, `name=value` joined by `&`.

Questions, answers and notices are all made so. A timestamp counts for five minutes, a nonce once.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import sqlite3
import time
from typing import Any

from sandbox.map.keys import Application

FRESH = 300


def sign(fields: dict[str, str], secret: str) -> str:
    """The signature of an envelope's fields."""
    text = "&".join(f"{name}={fields[name]}" for name in sorted(fields) if name != "sign")
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def envelope(application: Application, data: Any, *, spoil: str = "", **fields: str) -> dict[str, str]:
    """A signed envelope around `data`. spoil: bad_signature, stale."""
    stamp = int(time.time()) - (3600 if spoil == "stale" else 0)
    made = {
        **fields, "account": application.key, "data": json.dumps(data, ensure_ascii=False), "timestamp": str(stamp),
        "nonce": secrets.token_hex(12),
    }  # fmt: skip
    made["sign"] = sign(made, application.secret)
    if spoil == "bad_signature":
        made["sign"] = made["sign"][::-1]
    return made


def read(body: bytes) -> dict[str, str] | None:
    """The fields of an envelope; None for what is none."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or not all(isinstance(value, str) for value in told.values()):
        return None
    return told


def wrong(fields: dict[str, str], application: Application) -> str:
    """Why an envelope cannot be believed: BAD_ACCOUNT, BAD_SIGN, STALE; "" when it can."""
    if fields.get("account") != application.key:
        return "BAD_ACCOUNT"
    expected = sign(fields, application.secret)
    try:
        told = fields.get("sign", "").encode()
        stamp = fields.get("timestamp", "")
    except UnicodeEncodeError:
        return "BAD_SIGN"
    if not hmac.compare_digest(expected.encode(), told):
        return "BAD_SIGN"
    fresh = stamp.isascii() and stamp.isdecimal() and abs(time.time() - int(stamp[:12])) <= FRESH
    return "" if fresh else "STALE"


def replayed(db: sqlite3.Connection, nonce: str) -> bool:
    """Whether the nonce was there before; it is remembered."""
    db.execute("DELETE FROM scenic_nonces WHERE seen_at < ?", (time.time() - 2 * FRESH,))
    try:
        db.execute("INSERT INTO scenic_nonces VALUES (?, ?)", (nonce[:64], time.time()))
    except sqlite3.IntegrityError:
        return True
    return not nonce


def read_data(fields: dict[str, str]) -> dict[str, Any] | None:
    """The object in an envelope; None for what is none."""
    try:
        told = json.loads(fields.get("data", ""))
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None
