"""The gate every question passes: key, signature, daily quota, ordered faults; then the work."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from sandbox import faults
from sandbox.clock import Clock, stamp
from sandbox.faults import Fault
from sandbox.map.keys import Application
from sandbox.store import Store

NAME = "map"
KINDS = frozenset({"http_500", "http_429", "error", "timeout", "not_json"})
DEFAULT_DELAY = 6.0  # real seconds, longer than the platform waits

SCHEMA = """
CREATE TABLE IF NOT EXISTS map_questions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    operation TEXT NOT NULL, asked TEXT NOT NULL, infocode TEXT NOT NULL, asked_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS map_options (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

INFO = {
    "10000": "OK", "10001": "INVALID_USER_KEY", "10002": "SERVICE_NOT_AVAILABLE", "10003": "DAILY_QUERY_OVER_LIMIT",
    "10004": "ACCESS_TOO_FREQUENT", "10005": "INVALID_USER_IP", "10006": "INVALID_USER_DOMAIN",
    "10007": "INVALID_USER_SIGNATURE", "10008": "INVALID_USER_SCODE", "10009": "USERKEY_PLAT_NOMATCH",
    "10010": "IP_QUERY_OVER_LIMIT", "10012": "INSUFFICIENT_PRIVILEGES", "10013": "USER_KEY_RECYCLED",
    "10014": "QPS_HAS_EXCEEDED_THE_LIMIT", "10016": "SERVER_IS_BUSY", "10017": "RESOURCE_UNAVAILABLE",
    "10020": "CKQPS_HAS_EXCEEDED_THE_LIMIT", "10021": "CUQPS_HAS_EXCEEDED_THE_LIMIT",
    "10044": "USER_DAILY_QUERY_OVER_LIMIT", "20000": "INVALID_PARAMS", "20001": "MISSING_REQUIRED_PARAMS",
    "20002": "ILLEGAL_REQUEST", "20003": "UNKNOWN_ERROR", "20800": "OUT_OF_SERVICE",
    "30000": "ENGINE_RESPONSE_DATA_ERROR", "30001": "ENGINE_RESPONSE_DATA_ERROR", "40000": "QUOTA_PLAN_RUN_OUT",
    "40002": "SERVICE_EXPIRED",
}  # fmt: skip


class MapError(Exception):
    """A question that gets no answer; infocode says why."""

    def __init__(self, infocode: str) -> None:
        super().__init__(infocode)
        self.infocode = infocode


@dataclass(frozen=True, slots=True)
class Map:
    """The running system."""

    application: Application
    clock: Clock
    store: Store

    def quota(self) -> int:
        """Questions answered per day of the sandbox; 0 means without end."""
        row = self.store.one("SELECT value FROM map_options WHERE name = 'quota'")
        return int(row["value"]) if row else 0

    def set_quota(self, quota: int) -> None:
        """Change the daily quota."""
        with self.store.transaction() as db:
            db.execute("INSERT OR REPLACE INTO map_options VALUES ('quota', ?)", (str(quota),))


Work = Callable[[Mapping[str, str]], dict[str, Any]]


def endpoint(system: Map, operation: str, work: Work) -> Callable[[Request], Awaitable[Response]]:
    """A Starlette endpoint for one operation."""

    async def answer(request: Request) -> Response:
        asked = dict(request.query_params)
        subject = asked.get("address") or asked.get("location") or ""
        try:
            check_signature(asked, system.application)
            with system.store.transaction() as db:
                fault = faults.take(db, system=NAME, operation=operation, kinds=KINDS, subject=subject)
                if fault is None:
                    _within_quota(system, db)
            if fault and (broken := await _suffer(fault)):
                _note(system, operation, subject, fault.kind)
                return broken
            found = work(asked)
        except MapError as error:
            _note(system, operation, subject, error.infocode)
            return JSONResponse({"status": "0", "info": INFO[error.infocode], "infocode": error.infocode})
        _note(system, operation, subject, "10000")
        return JSONResponse({"status": "1", "info": "OK", "infocode": "10000", **found})

    return answer


def check_signature(asked: Mapping[str, str], application: Application) -> None:
    """Raise MapError for another key, or a `sig` that is missing or wrong."""
    if asked.get("key") != application.key:
        raise MapError("10001")
    text = "&".join(f"{name}={asked[name]}" for name in sorted(asked) if name != "sig")
    expected = hashlib.md5((text + application.secret).encode(), usedforsecurity=False).hexdigest()
    if not hmac.compare_digest(expected.encode(), asked.get("sig", "").lower().encode()):
        raise MapError("10007")


def _within_quota(system: Map, db: sqlite3.Connection) -> None:
    row = db.execute("SELECT value FROM map_options WHERE name = 'quota'").fetchone()
    quota = int(row["value"]) if row else 0
    if not quota:
        return
    today = stamp(system.clock.now(), "%Y-%m-%d")
    answered = db.execute("SELECT asked_at FROM map_questions WHERE infocode = '10000'").fetchall()
    if sum(stamp(one["asked_at"], "%Y-%m-%d") == today for one in answered) >= quota:
        raise MapError("10044")


async def _suffer(fault: Fault) -> Response | None:
    if fault.kind == "timeout":
        await asyncio.sleep(fault.number("delay", DEFAULT_DELAY))
    if fault.kind == "error":
        code = str(fault.params.get("code", "10016"))
        raise MapError(code if code in INFO else "10016")
    if fault.kind == "http_500":
        return PlainTextResponse("Internal Server Error", status_code=500)
    if fault.kind == "http_429":
        return PlainTextResponse("Too Many Requests", status_code=429)
    if fault.kind == "not_json":
        return PlainTextResponse("<html>maintenance</html>")
    return None


def _note(system: Map, operation: str, asked: str, infocode: str) -> None:
    with system.store.transaction() as db:
        db.execute(
            "INSERT INTO map_questions (operation, asked, infocode, asked_at) VALUES (?, ?, ?, ?)",
            (operation, asked[:120], infocode, system.clock.now()),
        )
