"""The core system put together for the program."""

from __future__ import annotations

import re
import secrets
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.control_api import ControlError, asked
from sandbox.faults import NOTIFY
from sandbox.map.keys import ensure_application
from sandbox.pages import page
from sandbox.postal_core.core import KINDS, NAME, SCHEMA, SERVICES, Core
from sandbox.settings import Settings
from sandbox.store import Store
from sandbox.systems import System

SCHEMAS = (SCHEMA,)
_AMOUNT = re.compile(r"\d{1,10}(\.\d{1,2})?")


def build(settings: Settings, clock: Clock, store: Store) -> System:
    """The core system as a system of the program. Makes its key when there is none."""
    core = Core(ensure_application(settings.directory / NAME), clock, store, settings.platform_url)

    def deed(told: dict[str, str], days_ago: float = 0) -> dict[str, Any]:
        """What a clerk types, as the core system tells it."""
        if told.get("service") not in SERVICES:
            raise ControlError("BAD_VALUE", "service 应为 savings、insurance 或 parcel")
        if not _AMOUNT.fullmatch(told.get("amount", "")):
            raise ControlError("BAD_VALUE", "amount 应为以元为单位的文本")
        body: dict[str, Any] = {
            "service": told["service"], "number": told.get("number") or f"HX{secrets.token_hex(7).upper()}",
            "amount": told["amount"], "unit": told.get("unit", ""),
            "happened_at": (datetime.now(UTC) - timedelta(days=days_ago)).isoformat(),
        }  # fmt: skip
        return body | {name: told[name] for name in ("mobile", "id_number", "card") if told.get(name)}

    async def businesses(request: Request) -> Response:
        """POST businesses {service, amount, unit, number?, mobile?, id_number?, card?, days_ago?}: done and told."""
        data = await asked(request)
        names = ("service", "number", "amount", "unit", "mobile", "id_number", "card")
        told = {name: data.text(name) for name in names}
        body = deed(told, data.number("days_ago", 0, least=0, most=4000))
        return JSONResponse(await core.tell("businesses", body))

    async def reversals(request: Request) -> Response:
        """POST reversals {service, number}: taken back and told."""
        data = await asked(request)
        body = {"service": data.text("service"), "number": data.text("number")}
        return JSONResponse(await core.tell("reversals", body))

    async def send(request: Request) -> Response:
        """POST send {id}: a message once more."""
        data = await asked(request)
        key = data.whole("id", 0, least=1, most=2**31)
        if store.one("SELECT id FROM postal_core_messages WHERE id = ?", key) is None:
            raise ControlError("NOT_FOUND", "没有这条消息", 404)
        return JSONResponse(await core.send(key))

    async def server(request: Request) -> Response:
        """POST server {url}: where the platform listens."""
        data = await asked(request)
        core.hook = data.text("url").rstrip("/")
        return JSONResponse({"url": core.hook})

    async def list_messages(request: Request) -> Response:
        """GET messages: what was told, newest first."""
        return JSONResponse({"messages": core.messages(500)})

    async def desk(request: Request) -> Response:
        if request.method == "POST":
            form = parse_qsl((await request.body()).decode("utf-8", "replace"))
            told = {name: value.strip()[:60] for name, value in form}
            if told.get("deed") == "reverse":
                body = {"service": told.get("service", ""), "number": told.get("number", "")}
                await core.tell("reversals", body)
            else:
                await core.tell("businesses", deed(told))
            return RedirectResponse(f"/{NAME}/", status_code=303)
        return page(
            request, f"{NAME}/index.html", messages=core.messages(60), services=SERVICES, hook=core.hook
        )

    def summary() -> dict[str, Any]:
        counted = store.all("SELECT what, count(*) AS n FROM postal_core_messages GROUP BY what")
        return {"key": core.application.key, "messages": {row["what"]: row["n"] for row in counted}}

    return System(
        name=NAME,
        title="邮政业务系统",
        speaks=(
            "储蓄、保险、寄递业务上报和冲正",
            "HMAC-SHA256 签名、时间戳",
            "没有应答就一直重报",
            "办理业务：/postal_core/",
        ),
        routes=[Route("/", desk, methods=["GET", "POST"])],
        control=[
            Route("/businesses", businesses, methods=["POST"]),
            Route("/reversals", reversals, methods=["POST"]),
            Route("/send", send, methods=["POST"]),
            Route("/server", server, methods=["POST"]),
            Route("/messages", list_messages, methods=["GET"]),
        ],
        phone=[],
        faults={NOTIFY: KINDS},
        summary=summary,
        facts=lambda told: [
            ("Key", told["key"]),
            ("已报业务", told["messages"].get("businesses", 0)),
            ("已报冲正", told["messages"].get("reversals", 0)),
        ],
        forget=_forget,
        rescale=lambda _db, _factor: None,
        wake=lambda: None,
        start=core.start,
        stop=core.stop,
    )


def _forget(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM postal_core_messages")
