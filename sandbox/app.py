"""The ASGI program: `granian --interface asgi sandbox.app:app`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from sandbox.clock import Clock
from sandbox.coach.fangbian import assembly as coach_fangbian
from sandbox.coach.province import assembly as coach_province
from sandbox.control import Control
from sandbox.control_api import ControlError, refused
from sandbox.gate import assembly as gate
from sandbox.insurer import assembly as insurer
from sandbox.map import assembly as map_provider
from sandbox.official_account import assembly as official_account
from sandbox.pages import HERE, page
from sandbox.phone import Phone
from sandbox.postal_core import assembly as postal_core
from sandbox.realname import assembly as realname
from sandbox.scenic import assembly as scenic
from sandbox.settings import Settings, from_environment
from sandbox.sms import assembly as sms
from sandbox.store import Store
from sandbox.stripe import assembly as stripe
from sandbox.wechat_pay import assembly as wechat_pay

PARTS = (
    wechat_pay, map_provider, stripe, sms, realname, official_account, postal_core, coach_province, coach_fangbian,
    insurer, scenic, gate,
)  # fmt: skip


def create_app(settings: Settings) -> Starlette:
    """Build the program: opens the store, makes missing keys; the couriers start with the lifespan."""
    clock = Clock(settings.clock_ratio)
    store = Store(
        settings.directory / "sandbox.sqlite3", [schema for part in PARTS for schema in part.SCHEMAS]
    )
    systems = [part.build(settings, clock, store) for part in PARTS]
    control = Control(clock, store, systems)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        for system in systems:
            await system.start()
        yield
        for system in systems:
            await system.stop()
        store.close()

    async def healthz(request: Request) -> Response:
        store.one("SELECT 1")
        return JSONResponse({"status": "ok"})

    async def index(request: Request) -> Response:
        return page(
            request,
            "index.html",
            systems=[(system, system.summary()) for system in systems],
            clock=control.clock_state(),
            faults={
                system.name: {where: sorted(kinds) for where, kinds in system.faults.items()}
                for system in systems
            },
        )

    phone = [*Phone(store).routes(), *(route for system in systems for route in system.phone)]
    return Starlette(
        lifespan=lifespan,
        exception_handlers={ControlError: refused},
        routes=[
            Route("/", index, methods=["GET"]),
            Route("/healthz", healthz, methods=["GET"]),
            Mount("/_sim", routes=control.routes()),
            Mount("/phone", routes=phone),
            *(Mount(f"/{system.name}", routes=system.routes) for system in systems),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
    )


class _FromEnvironment:
    """Builds the program at the server's first call, so that importing this module touches no disk."""

    def __init__(self) -> None:
        self._app: Starlette | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app is None:
            self._app = create_app(from_environment())
        await self._app(scope, receive, send)


app = _FromEnvironment()
