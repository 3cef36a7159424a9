"""The register put together for the program."""

from __future__ import annotations

import sqlite3
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.faults import ANYWHERE
from sandbox.map.keys import ensure_application
from sandbox.pages import page
from sandbox.realname.desk import KINDS, NAME, SCHEMA, STRANGER, Desk
from sandbox.settings import Settings
from sandbox.store import Store
from sandbox.systems import System

SCHEMAS = (SCHEMA,)
OPERATIONS = ("ask", "find")


def build(settings: Settings, clock: Clock, store: Store) -> System:
    """The register as a system of the program. Makes its key when there is none."""
    system = Desk(ensure_application(settings.directory / NAME), clock, store)

    def summary() -> dict[str, Any]:
        counted = store.all("SELECT status, count(*) AS n FROM realname_checks GROUP BY status")
        return {"key": system.application.key, "checks": {row["status"]: row["n"] for row in counted}}

    def checks(limit: int) -> list[dict[str, Any]]:
        rows = store.all("SELECT * FROM realname_checks ORDER BY id DESC LIMIT ?", limit)
        return [dict(row) for row in rows]

    async def look(request: Request) -> Response:
        return page(request, "realname/index.html", checks=checks(60), stranger=STRANGER)

    async def list_checks(request: Request) -> Response:
        """GET checks: what was asked, newest first."""
        return JSONResponse({"checks": checks(500)})

    return System(
        name=NAME,
        title="实名核验",
        speaks=("姓名和身份证号是否一致、按编号查询", "HMAC-SHA256 签名、时间戳、防重放", "同一编号只核一次"),
        routes=[
            Route("/", look, methods=["GET"]),
            Route("/v1/checks", system.ask, methods=["POST"]),
            Route("/v1/checks/{number}", system.find, methods=["GET"]),
        ],
        control=[Route("/checks", list_checks, methods=["GET"])],
        phone=[],
        faults={ANYWHERE: KINDS, **dict.fromkeys(OPERATIONS, KINDS)},
        summary=summary,
        facts=lambda told: [
            ("Key", told["key"]),
            ("一致", told["checks"].get("matched", 0)),
            ("不一致", told["checks"].get("mismatched", 0)),
        ],
        forget=_forget,
        rescale=lambda _db, _factor: None,
        wake=lambda: None,
        start=_nothing,
        stop=_nothing,
    )


def _forget(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM realname_checks")
    db.execute("DELETE FROM realname_persons")
    db.execute("DELETE FROM realname_nonces")


async def _nothing() -> None:
    """A register has no courier to start."""
