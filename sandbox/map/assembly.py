"""The map put together for the program."""

from __future__ import annotations

import sqlite3
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.control_api import asked
from sandbox.faults import ANYWHERE
from sandbox.map import gazetteer
from sandbox.map.answers import around, geocode, reverse
from sandbox.map.gateway import INFO, KINDS, NAME, SCHEMA, Map, endpoint
from sandbox.map.keys import ensure_application
from sandbox.pages import page
from sandbox.settings import Settings
from sandbox.store import Store
from sandbox.systems import System

SCHEMAS = (SCHEMA,)
OPERATIONS = {
    "geocode": ("/v3/geocode/geo", geocode),
    "reverse": ("/v3/geocode/regeo", reverse),
    "search": ("/v3/place/around", around),
}


def build(settings: Settings, clock: Clock, store: Store) -> System:
    """The map as a system of the program. Makes its key when there is none."""
    system = Map(ensure_application(settings.directory / NAME), clock, store)

    def summary() -> dict[str, Any]:
        counted = store.all("SELECT infocode, count(*) AS n FROM map_questions GROUP BY infocode")
        return {
            "key": system.application.key,
            "quota": system.quota(),
            "questions": {row["infocode"]: row["n"] for row in counted},
        }

    def questions(limit: int) -> list[dict[str, Any]]:
        rows = store.all("SELECT * FROM map_questions ORDER BY id DESC LIMIT ?", limit)
        return [dict(row) for row in rows]

    async def look(request: Request) -> Response:
        return page(
            request, "map/index.html", summary=summary(), questions=questions(50), info=INFO,
            districts=gazetteer.DISTRICTS, places=gazetteer.PLACES,
        )  # fmt: skip

    async def list_questions(request: Request) -> Response:
        """GET questions: what was asked, newest first."""
        return JSONResponse({"questions": questions(500)})

    async def set_options(request: Request) -> Response:
        """POST options {quota}: questions answered per day, 0 for no end."""
        data = await asked(request)
        system.set_quota(data.whole("quota", system.quota(), least=0, most=1_000_000))
        return JSONResponse({"quota": system.quota()})

    return System(
        name=NAME,
        title="地图（高德 Web 服务）",
        speaks=("地理编码、逆地理编码、周边搜索", "Key 与数字签名校验", "日配额、限流、繁忙等 infocode"),
        routes=[
            Route("/", look, methods=["GET"]),
            *(
                Route(path, endpoint(system, name, work), methods=["GET"])
                for name, (path, work) in OPERATIONS.items()
            ),
        ],
        control=[
            Route("/questions", list_questions, methods=["GET"]),
            Route("/options", set_options, methods=["POST"]),
        ],
        phone=[],
        faults={ANYWHERE: KINDS, **dict.fromkeys(OPERATIONS, KINDS)},
        summary=summary,
        facts=lambda told: [
            ("Key", told["key"]),
            ("每日配额", told["quota"] or "不限"),
            ("已答", told["questions"].get("10000", 0)),
        ],
        forget=_forget,
        rescale=lambda _db, _factor: None,
        wake=lambda: None,
        start=_nothing,
        stop=_nothing,
    )


def _forget(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM map_questions")
    db.execute("DELETE FROM map_options")


async def _nothing() -> None:
    """A map has no courier to start."""
