"""What systems have in common that are asked with a key and a signature: the check, and faults around an answer.

`X-Sms-Key`, `-Timestamp`, `-Nonce`, `-Signature` for the system `sms`, and so on by its name: HMAC-SHA256 over method,
path, timestamp, nonce and body, a line each; fresh for five minutes; each nonce once.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import sqlite3
import time

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from sandbox.faults import Fault
from sandbox.map.keys import Application
from sandbox.store import Store

KINDS = frozenset({"http_500", "http_429", "error", "timeout", "answer_lost", "not_json"})
DEFAULT_DELAY = 8.0  # real seconds, longer than the platform waits
FRESH = 300


def nonces(name: str) -> str:
    """The table of a system's used nonces, for its schema."""
    return f"CREATE TABLE IF NOT EXISTS {name}_nonces (nonce TEXT PRIMARY KEY, seen_at REAL NOT NULL);"


def check(
    request: Request, body: bytes, name: str, application: Application, store: Store
) -> Response | None:
    """A refusal for a question that is not signed as it should be, is old, or was asked before; else None."""
    wrong = flaw(request, body, name, f"x-{name}", application, store)
    return JSONResponse({"status": "refused", "code": wrong}, status_code=401) if wrong else None


def flaw(
    request: Request, body: bytes, name: str, prefix: str, application: Application, store: Store
) -> str:
    """What is wrong with a question's signature in the headers `<prefix>-key` and so on; empty when nothing is."""
    head = request.headers
    stamp, nonce = head.get(f"{prefix}-timestamp", ""), head.get(f"{prefix}-nonce", "")
    path = request.url.path.removeprefix(f"/{name}")
    lines = b"\n".join((request.method.encode(), path.encode(), stamp.encode(), nonce.encode(), body))
    expected = hmac.new(application.secret.encode(), lines, hashlib.sha256).hexdigest()
    fresh = stamp.isascii() and stamp.isdecimal() and abs(time.time() - int(stamp[:12])) <= FRESH
    signed = hmac.compare_digest(expected.encode(), head.get(f"{prefix}-signature", "").encode())
    if head.get(f"{prefix}-key") != application.key or not signed or not fresh:
        return "BAD_SIGNATURE"
    return "" if first_time(store, name, nonce) else "REPLAYED"


def first_time(store: Store, name: str, nonce: str) -> bool:
    """Whether a nonce was never used with this system before; it is used now."""
    with store.transaction() as db:
        db.execute(f"DELETE FROM {name}_nonces WHERE seen_at < ?", (time.time() - 2 * FRESH,))  # noqa: S608 - our name
        try:
            db.execute(f"INSERT INTO {name}_nonces VALUES (?, ?)", (nonce[:64], time.time()))  # noqa: S608 - our name
        except sqlite3.IntegrityError:
            return False
    return True


async def before(fault: Fault | None) -> Response | None:
    """What strikes before anything is done."""
    if fault is None:
        return None
    if fault.kind == "timeout" and not fault.params.get("done", True):
        await asyncio.sleep(fault.number("delay", DEFAULT_DELAY))
        return PlainTextResponse("Gateway Timeout", status_code=504)
    if fault.kind == "http_500":
        return PlainTextResponse("Internal Server Error", status_code=500)
    if fault.kind == "http_429":
        return PlainTextResponse("Too Many Requests", status_code=429)
    return None


async def after(fault: Fault | None, answer: Response) -> Response:
    """What strikes after it was done: late, lost, unreadable."""
    if fault is None:
        return answer
    if fault.kind == "timeout":
        await asyncio.sleep(fault.number("delay", DEFAULT_DELAY))
    if fault.kind == "answer_lost":
        return PlainTextResponse("Bad Gateway", status_code=502)
    if fault.kind == "not_json":
        return PlainTextResponse("<html>maintenance</html>")
    return answer
