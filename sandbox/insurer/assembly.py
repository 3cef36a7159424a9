"""The insurer put together for the program."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.faults import ANYWHERE
from sandbox.insurer.desk import KINDS, NAME, SCHEMA, UNWANTED, Desk
from sandbox.map.keys import ensure_application
from sandbox.pages import page
from sandbox.settings import Settings
from sandbox.store import Store
from sandbox.systems import System

SCHEMAS = (SCHEMA,)
OPERATIONS = ("issue", "find", "endorse", "cancel")


def build(settings: Settings, clock: Clock, store: Store) -> System:
    """The insurer as a system of the program. Makes its key when there is none."""
    system = Desk(ensure_application(settings.directory / NAME), clock, store)

    def summary() -> dict[str, Any]:
        counted = store.all("SELECT state, count(*) AS n FROM insurer_policies GROUP BY state")
        return {"key": system.application.key, "policies": {row["state"]: row["n"] for row in counted}}

    def policies(limit: int) -> list[dict[str, Any]]:
        rows = store.all("SELECT * FROM insurer_policies ORDER BY id DESC LIMIT ?", limit)
        return [dict(row) for row in rows]

    async def look(request: Request) -> Response:
        return page(request, "insurer/index.html", policies=policies(60), unwanted=UNWANTED)

    async def list_policies(request: Request) -> Response:
        """GET policies: what was taken in, newest first."""
        return JSONResponse({"policies": policies(500)})

    return System(
        name=NAME,
        title="票务保险",
        speaks=(
            "投保、按投保单号查保单号、改到别的行程（批改）、退保",
            "HMAC-SHA256 签名、时间戳、防重放",
            "同一投保单号只承保一次",
        ),
        routes=[
            Route("/", look, methods=["GET"]),
            Route("/v1/policies", system.issue, methods=["POST"]),
            Route("/v1/policies/{number}", system.find, methods=["GET"]),
            Route("/v1/policies/{number}/endorse", system.endorse, methods=["POST"]),
            Route("/v1/policies/{number}/cancel", system.cancel, methods=["POST"]),
        ],
        control=[Route("/policies", list_policies, methods=["GET"])],
        phone=[],
        faults={ANYWHERE: KINDS, **dict.fromkeys(OPERATIONS, KINDS)},
        summary=summary,
        facts=lambda told: [
            ("Key", told["key"]),
            ("已承保", told["policies"].get("in_force", 0)),
            ("承保中", told["policies"].get("working", 0)),
        ],
        forget=_forget,
        rescale=_rescale,
        wake=lambda: None,
        start=_nothing,
        stop=_nothing,
    )


def _rescale(db: sqlite3.Connection, factor: float) -> None:
    """What is not issued yet is issued sooner or later by as much."""
    now = time.time()
    db.execute(
        "UPDATE insurer_policies SET due_at = ? + (due_at - ?) / ? WHERE state = 'working'",
        (now, now, factor),
    )


def _forget(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM insurer_policies")
    db.execute("DELETE FROM insurer_nonces")


async def _nothing() -> None:
    """An insurer has no courier to start."""
