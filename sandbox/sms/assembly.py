"""The gateway put together for the program."""

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
from sandbox.settings import Settings
from sandbox.sms.gateway import KINDS, NAME, REFUSED_MOBILE, SCHEMA, Sms
from sandbox.store import Store
from sandbox.systems import System

SCHEMAS = (SCHEMA,)
OPERATIONS = ("send", "find")


def build(settings: Settings, clock: Clock, store: Store) -> System:
    """The gateway as a system of the program. Makes its key when there is none."""
    system = Sms(ensure_application(settings.directory / NAME), clock, store)

    def summary() -> dict[str, Any]:
        counted = store.all("SELECT status, count(*) AS n FROM sms_messages GROUP BY status")
        return {"key": system.application.key, "messages": {row["status"]: row["n"] for row in counted}}

    def messages(mobile: str, limit: int) -> list[dict[str, Any]]:
        if mobile:
            rows = store.all(
                "SELECT * FROM sms_messages WHERE mobile = ? ORDER BY id DESC LIMIT ?", mobile, limit
            )
        else:
            rows = store.all("SELECT * FROM sms_messages ORDER BY id DESC LIMIT ?", limit)
        return [dict(row) for row in rows]

    async def look(request: Request) -> Response:
        mobile = request.query_params.get("mobile", "").strip()[:20]
        phones = store.all(
            "SELECT mobile, count(*) AS n FROM sms_messages GROUP BY mobile ORDER BY max(id) DESC LIMIT 40"
        )
        return page(
            request, "sms/index.html", mobile=mobile, messages=messages(mobile, 60), summary=summary(),
            phones=[dict(row) for row in phones], refused=REFUSED_MOBILE,
        )  # fmt: skip

    async def list_messages(request: Request) -> Response:
        """GET messages?mobile=: what was sent, newest first."""
        return JSONResponse({"messages": messages(request.query_params.get("mobile", ""), 500)})

    return System(
        name=NAME,
        title="短信平台",
        speaks=(
            "发送、按编号查询",
            "HMAC-SHA256 签名、时间戳、防重放",
            "同一编号只发一条",
            "各手机收到的短信：/sms/",
        ),
        routes=[
            Route("/", look, methods=["GET"]),
            Route("/v1/messages", system.send, methods=["POST"]),
            Route("/v1/messages/{number}", system.find, methods=["GET"]),
        ],
        control=[Route("/messages", list_messages, methods=["GET"])],
        phone=[],
        faults={ANYWHERE: KINDS, **dict.fromkeys(OPERATIONS, KINDS)},
        summary=summary,
        facts=lambda told: [
            ("Key", told["key"]),
            ("已发", told["messages"].get("accepted", 0)),
            ("被拒", told["messages"].get("refused", 0)),
        ],
        forget=_forget,
        rescale=lambda _db, _factor: None,
        wake=lambda: None,
        start=_nothing,
        stop=_nothing,
    )


def _forget(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM sms_messages")
    db.execute("DELETE FROM sms_nonces")


async def _nothing() -> None:
    """A gateway has no courier to start."""
