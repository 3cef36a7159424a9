"""/_sim: the control API that belongs to no single system: state, clock, faults, reset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from sandbox.clock import Clock, rfc3339
from sandbox.control_api import Asked, ControlError, asked
from sandbox.faults import ANYWHERE, NOTIFY, Faults
from sandbox.store import Store
from sandbox.systems import System

_YEAR = 366 * 86400


class Control:
    """Endpoints over the shared clock, store and faults."""

    def __init__(self, clock: Clock, store: Store, systems: list[System]) -> None:
        self._clock = clock
        self._store = store
        self._faults = Faults(store)
        self._systems: Mapping[str, System] = {system.name: system for system in systems}

    def routes(self) -> list[BaseRoute]:
        """All control routes, those of the systems mounted by name."""
        return [
            Route("/", self.state, methods=["GET"]),
            Route("/clock", self.read_clock, methods=["GET"]),
            Route("/clock", self.set_clock, methods=["POST"]),
            Route("/faults", self.list_faults, methods=["GET"]),
            Route("/faults", self.add_fault, methods=["POST"]),
            Route("/faults", self.remove_faults, methods=["DELETE"]),
            Route("/faults/{fault_id:int}", self.remove_faults, methods=["DELETE"]),
            Route("/reset", self.reset, methods=["POST"]),
            *(Mount(f"/{system.name}", routes=system.control) for system in self._systems.values()),
        ]

    def clock_state(self) -> dict[str, Any]:
        """The clock as JSON."""
        clock = self._clock
        return {"ratio": clock.ratio, "offset_seconds": clock.offset, "now": rfc3339(clock.now())}

    async def state(self, request: Request) -> Response:
        """GET /_sim/: everything at a glance."""
        systems = {system.name: system.summary() for system in self._systems.values()}
        faults = [fault.as_dict() for fault in self._faults.list()]
        return JSONResponse({"clock": self.clock_state(), "systems": systems, "faults": faults})

    async def read_clock(self, request: Request) -> Response:
        """GET /_sim/clock."""
        return JSONResponse(self.clock_state())

    async def set_clock(self, request: Request) -> Response:
        """POST /_sim/clock {ratio?, offset_seconds?}: what already waits is moved by the new ratio."""
        data = await asked(request)
        ratio = data.number("ratio", self._clock.ratio, least=0.001, most=100_000)
        offset = data.number("offset_seconds", self._clock.offset, least=-_YEAR * 10, most=_YEAR * 10)
        with self._store.transaction() as db:
            for system in self._systems.values():
                system.rescale(db, self._clock.ratio / ratio)
        self._clock.ratio, self._clock.offset = ratio, offset
        for system in self._systems.values():
            system.wake()
        return JSONResponse(self.clock_state())

    async def list_faults(self, request: Request) -> Response:
        """GET /_sim/faults."""
        return JSONResponse({"faults": [fault.as_dict() for fault in self._faults.list()]})

    async def add_fault(self, request: Request) -> Response:
        """POST /_sim/faults {where|path, kind, times?, out_trade_no?, …}."""
        data = await asked(request)
        system = self._systems.get(data.text("system", "wechat_pay"))
        if system is None:
            raise ControlError("UNKNOWN_SYSTEM", f"system 应为 {'、'.join(self._systems)} 之一")
        where, kind = data.text("where", ANYWHERE), data.text("kind")
        known = system.faults.get(where)
        if known is None:
            raise ControlError("UNKNOWN_WHERE", f"where 应为 {'、'.join(system.faults)} 之一")
        if kind not in known:
            raise ControlError("UNKNOWN_KIND", f"{where} 处的 kind 应为 {'、'.join(sorted(known))} 之一")
        times = None if data.data.get("times", 1) is None else data.whole("times", 1, least=1, most=1_000_000)
        fault = self._faults.add(
            system=system.name,
            operation=where,
            path=data.text("path"),
            kind=kind,
            subject=data.text("out_trade_no"),
            times=times,
            params=_params(data, where),
            now=self._clock.wall(),
        )
        return JSONResponse(fault.as_dict(), status_code=201)

    async def remove_faults(self, request: Request) -> Response:
        """DELETE /_sim/faults or /_sim/faults/{id}."""
        return JSONResponse({"removed": self._faults.remove(request.path_params.get("fault_id"))})

    async def reset(self, request: Request) -> Response:
        """POST /_sim/reset: forget orders, messages, faults, the clock's offset; keys and options stay."""
        with self._store.transaction() as db:
            for system in self._systems.values():
                system.forget(db)
            db.execute("DELETE FROM faults")
            db.execute("DELETE FROM messages")
        self._clock.offset = 0.0
        return JSONResponse({"reset": True})


def _params(data: Asked, where: str) -> dict[str, Any]:
    """What a fault needs beyond its kind; only what was given is kept."""
    params: dict[str, Any] = {}
    if "delay" in data.data:
        params["delay"] = data.number("delay", 0, least=0, most=86400)
    if "done" in data.data:
        params["done"] = data.flag("done", True)
    if "copies" in data.data:
        params["copies"] = data.whole("copies", 2, least=2, most=50)
    if "quantity" in data.data:
        params["quantity"] = data.whole("quantity", 1, least=0, most=1000)
    if "answer" in data.data:
        params["answer"] = data.choice("answer", "drop", ("drop", "http_500"))
    if "result" in data.data:
        params["result"] = data.choice("result", "SUCCESS", ("SUCCESS", "ABNORMAL", "CLOSED"))
    for name in ("code", "message"):
        if name in data.data and where != NOTIFY:
            params[name] = data.text(name)
    return params
