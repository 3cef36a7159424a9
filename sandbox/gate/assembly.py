"""Gates put together for the program."""

from __future__ import annotations

import sqlite3
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.control_api import Asked, ControlError, asked
from sandbox.gate.scanner import NAME, SCHEMA, Scanner
from sandbox.pages import page
from sandbox.settings import Settings
from sandbox.store import Store
from sandbox.systems import System

SCHEMAS = (SCHEMA,)


def build(settings: Settings, clock: Clock, store: Store) -> System:
    """Gates as a system of the program."""
    scanner = Scanner(store)
    said: dict[str, Any] = {}

    def people_of(data: Asked) -> int | None:
        return data.whole("people", 0, least=0, most=1000) or None

    async def devices(request: Request) -> Response:
        """POST devices {code, secret, url?, shift_ms?}: a device that the platform has registered; GET: all."""
        if request.method == "GET":
            return JSONResponse({"devices": scanner.all()})
        data = await asked(request)
        url = data.text("url") or settings.platform_url
        shift = data.whole("shift_ms", 0, least=-(10**10), most=10**10)
        return JSONResponse(scanner.set_up(data.text("code"), url, data.text("secret"), shift))

    async def network(request: Request) -> Response:
        """POST network {code, online}: plug it in or out."""
        data = await asked(request)
        return JSONResponse(scanner.network(data.text("code"), data.flag("online", True)))

    async def heartbeat(request: Request) -> Response:
        """POST heartbeat {code}."""
        return JSONResponse(await scanner.heartbeat((await asked(request)).text("code")))

    async def fetch(request: Request) -> Response:
        """POST list {code}: download the list."""
        return JSONResponse(await scanner.fetch((await asked(request)).text("code")))

    async def scan(request: Request) -> Response:
        """POST scan {code, text, people?}: somebody shows something."""
        data = await asked(request)
        return JSONResponse(await scanner.scan(data.text("code"), data.text("text"), people_of(data)))

    async def sync(request: Request) -> Response:
        """POST sync {code}: tell what was done alone."""
        return JSONResponse(await scanner.sync((await asked(request)).text("code")))

    async def desk(request: Request) -> Response:
        if request.method == "POST":
            form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
            said.clear()
            said.update(await _deed(scanner, form, settings.platform_url))
            return RedirectResponse(f"/{NAME}/", status_code=303)
        return page(request, f"{NAME}/index.html", devices=scanner.all(), said=said)

    def summary() -> dict[str, Any]:
        rows = store.all("SELECT online, count(*) AS n FROM gate_devices GROUP BY online")
        return {"devices": {("online" if row["online"] else "offline"): row["n"] for row in rows}}

    async def nothing() -> None:
        return None

    return System(
        name=NAME,
        title="检票闸机",
        speaks=(
            "在线检票、心跳、名单下载、脱机记录上传",
            "HMAC-SHA256 签名；Ed25519 验码",
            "断网照常检票",
            "操作：/gate/",
        ),
        routes=[Route("/", desk, methods=["GET", "POST"])],
        control=[
            Route("/devices", devices, methods=["GET", "POST"]),
            Route("/network", network, methods=["POST"]),
            Route("/heartbeat", heartbeat, methods=["POST"]),
            Route("/list", fetch, methods=["POST"]),
            Route("/scan", scan, methods=["POST"]),
            Route("/sync", sync, methods=["POST"]),
        ],
        phone=[],
        faults={},
        summary=summary,
        facts=lambda told: [
            ("在线", told["devices"].get("online", 0)),
            ("断网", told["devices"].get("offline", 0)),
        ],
        forget=_forget,
        rescale=lambda _db, _factor: None,
        wake=lambda: None,
        start=nothing,
        stop=nothing,
    )


async def _deed(scanner: Scanner, form: dict[str, str], url: str) -> dict[str, Any]:
    """What somebody did on the page; what went wrong is told there."""
    code, deed = form.get("code", "").strip()[:40], form.get("deed", "")
    try:
        if deed == "set_up":
            scanner.set_up(code, form.get("url", "").strip() or url, form.get("secret", "").strip(), 0)
            return await scanner.heartbeat(code)
        if deed in {"in", "out"}:
            return scanner.network(code, deed == "in") and {"status": "ok"}
        if deed == "scan":
            people = form.get("people", "").strip()
            return await scanner.scan(
                code, form.get("text", "").strip(), int(people) if people.isdecimal() else None
            )
        do = {"heartbeat": scanner.heartbeat, "list": scanner.fetch, "sync": scanner.sync}.get(deed)
        return await do(code) if do is not None else {}
    except ControlError as error:
        return {"status": "refused", "code": error.code, "message": str(error)}


def _forget(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM gate_log")
    db.execute("DELETE FROM gate_devices")
