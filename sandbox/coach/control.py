"""/_sim/coach_<network>/…: what people and tests do at the stations, and what the network has in its books."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.coach import aftersale, daily, orders, seats, station
from sandbox.coach.courier import Courier
from sandbox.coach.memory import Network, Refused, day_of
from sandbox.coach.refusals import words
from sandbox.coach.timetable import Shift
from sandbox.control_api import Asked, ControlError, Handler, asked


class CoachControl:
    """Endpoints of one network."""

    def __init__(self, net: Network, courier: Courier) -> None:
        self._net, self._courier = net, courier

    def routes(self) -> list[BaseRoute]:
        """All of them."""
        posts: dict[str, Handler] = {
            "/shifts/cancel": self.cancel, "/shifts/move": self.move, "/shifts/reopen": self.reopen,
            "/shifts/add": self.add,
            "/sell": self.sell, "/check": self.check, "/collect": self.collect, "/notices/send": self.send,
            "/options": self.options, "/server": self.server, "/age": self.age,
        }  # fmt: skip
        gets: dict[str, Handler] = {
            "/shifts": self.shifts, "/orders": self.orders, "/orders/{number}": self.order, "/refunds": self.refunds,
            "/notices": self.notices, "/calls": self.calls, "/options": self.options,
        }  # fmt: skip
        return [
            *(Route(path, _plainly(work), methods=["POST"]) for path, work in posts.items()),
            *(Route(path, _plainly(work), methods=["GET"]) for path, work in gets.items()),
        ]

    async def shifts(self, request: Request) -> Response:
        """GET shifts?date=&from=&to=: as a search answers, but at any hour."""
        told = {name: request.query_params.get(name, "") for name in ("date", "from", "to")}
        return _json(seats.search(self._net, told))

    async def cancel(self, request: Request) -> Response:
        """POST shifts/cancel {date, shift}: the bus does not go; both networks tell of it."""
        return _json({"told": station.cancel(self._net, self._shift(await asked(request)))})

    async def move(self, request: Request) -> Response:
        """POST shifts/move {date, shift, minutes, gate?}: the bus goes later."""
        data = await asked(request)
        later = data.whole("minutes", 30, least=0, most=720)
        return _json({"told": station.move(self._net, self._shift(data), later, data.text("gate")[:20])})

    async def reopen(self, request: Request) -> Response:
        """POST shifts/reopen {date, shift}: by its timetable again."""
        station.reopen(self._net, self._shift(await asked(request)))
        return _json({"reopened": True})

    async def add(self, request: Request) -> Response:
        """POST shifts/add {date, line, at: HH:MM}: the station puts one more bus on (加班车); both networks sell it."""
        data = await asked(request)
        number, clock = data.whole("line", 0, least=0, most=99), data.text("at")
        bus = station.add(self._net, day_of(data.text("date")), number, clock)
        return _json({"shift": self._net.profile.shift_code(bus), "departs": bus.departs()})

    async def sell(self, request: Request) -> Response:
        """POST sell {date, shift, count}: seats sold at the station's window; the numbers."""
        data = await asked(request)
        count = data.whole("count", 1, least=1, most=1000)
        return _json({"seats": orders.at_window(self._net, self._shift(data), count)})

    async def check(self, request: Request) -> Response:
        """POST check {ticket_no}: through the gate."""
        return _json(station.check(self._net, (await asked(request)).text("ticket_no")))

    async def collect(self, request: Request) -> Response:
        """POST collect {ticket_no}: printed on paper at the station."""
        station.collect(self._net, (await asked(request)).text("ticket_no"))
        return _json({"collected": True})

    async def orders(self, request: Request) -> Response:
        """GET orders: newest first, with their tickets."""
        return _json({"orders": self.newest(200)})

    async def order(self, request: Request) -> Response:
        """GET orders/{number}: one by the agent's number, its lock's or its issue's."""
        number = request.path_params["number"]
        told = {"own": number, "lock_no": number, "issue_own": number}
        return _json(orders.query(self._net, told))

    async def refunds(self, request: Request) -> Response:
        """GET refunds: newest first."""
        with self._net.store.transaction() as db:
            rows = db.execute(
                "SELECT * FROM coach_refunds WHERE net = ? ORDER BY id DESC LIMIT 200", (self._net.net,)
            ).fetchall()
            return _json({"refunds": [aftersale.refund_snapshot(db, self._net, row) for row in rows]})

    async def notices(self, request: Request) -> Response:
        """GET notices?number=&event=: call-backs with their last answers, oldest first."""
        number, event = (request.query_params.get(name, "") for name in ("number", "event"))
        return _json({"notices": self.told(number, event, 500)})

    async def send(self, request: Request) -> Response:
        """POST notices/send {id or number, event?, copies?}: again, now; the statuses that came back."""
        data = await asked(request)
        key, number = data.whole("id", 0, least=0, most=2**31), data.text("number")
        copies = data.whole("copies", 1, least=1, most=20)
        keys = [key] if key else [one["id"] for one in self.told(number, data.text("event"), 500) if number]
        if not keys:
            raise ControlError("NOT_FOUND", "没有这条回调", 404)
        return _json(
            {"statuses": [status for one in keys for status in await self._courier.send(one, copies)]}
        )

    async def calls(self, request: Request) -> Response:
        """GET calls?operation=&number=: what was asked and how it ended, oldest first."""
        operation, number = (request.query_params.get(name, "") for name in ("operation", "number"))
        rows = self._net.store.all(
            "SELECT operation, number, code FROM coach_calls WHERE net = ? AND ? IN ('', operation)"
            " AND ? IN ('', number) ORDER BY id LIMIT 1000",
            self._net.net, operation, number,
        )  # fmt: skip
        return _json({"calls": [dict(row) for row in rows]})

    async def options(self, request: Request) -> Response:
        """GET, POST options {hours?: own, always, never; issue_delay?, refund_delay?: seconds of the sandbox; agency?:
        per cent of the fare that the network pays its agent; stop_sale?: minutes before departure}."""
        net, profile = self._net, self._net.profile
        data = await asked(request) if request.method == "POST" else Asked({})
        if "hours" in data.data:
            net.set_option("hours", data.choice("hours", "own", ("own", "always", "never")))
        for name in ("issue_delay", "refund_delay"):
            if name in data.data:
                net.set_option(name, str(data.number(name, 0, least=0, most=86400)))
        for name, most in (("agency", 100), ("stop_sale", 240)):
            if name in data.data:
                net.set_option(name, str(data.whole(name, 0, least=0, most=most)))
        return _json(
            {
                "hours": net.option("hours", "own"), "open": net.opened(),
                "issue_delay": float(net.option("issue_delay", str(profile.issue_delay))),
                "agency": int(net.option("agency", "0")), "stop_sale": net.stop_sale(),
                "refund_delay": float(net.option("refund_delay", str(profile.refund_delay))),
            }
        )  # fmt: skip

    async def server(self, request: Request) -> Response:
        """POST server {url}: where call-backs go."""
        self._net.hook = (await asked(request)).text("url").rstrip("/")
        self._net.wake()
        return _json({"url": self._net.hook})

    async def age(self, request: Request) -> Response:
        """POST age {days}: what has happened was so many days before; a bill is there at once."""
        daily.age(self._net, (await asked(request)).whole("days", 1, least=1, most=400))
        return _json({"aged": True})

    def newest(self, limit: int) -> list[dict[str, Any]]:
        """Orders, the newest first."""
        with self._net.store.transaction() as db:
            orders.sweep(db, self._net)
            rows = db.execute(
                "SELECT * FROM coach_orders WHERE net = ? ORDER BY id DESC LIMIT ?", (self._net.net, limit)
            ).fetchall()
            return [orders.snapshot(db, self._net, row) for row in rows]

    def told(self, number: str, event: str, limit: int) -> list[dict[str, Any]]:
        """The last call-backs, oldest first."""
        rows = self._net.store.all(
            "SELECT * FROM coach_notices WHERE net = ? AND ? IN ('', number) AND ? IN ('', event)"
            " ORDER BY id DESC LIMIT ?",
            self._net.net, number, event, limit,
        )  # fmt: skip
        return [_notice(row) for row in reversed(rows)]

    def _shift(self, data: Asked) -> Shift:
        found = self._net.shift(day_of(data.text("date")), data.text("shift"))
        if found is None:
            raise Refused("NO_SHIFT")
        return found


def _notice(row: sqlite3.Row) -> dict[str, Any]:
    shown = {name: row[name] for name in ("id", "event", "number", "state", "tries", "status", "answer")}
    return shown | {"data": json.loads(row["data"])}


def _json(told: dict[str, Any]) -> Response:
    return Response(json.dumps(told, ensure_ascii=False, default=str), media_type="application/json")


def _plainly(work: Handler) -> Handler:
    """A network's refusal as the control API says it."""

    async def answer(request: Request) -> Response:
        try:
            return await work(request)
        except Refused as refused:
            raise ControlError(refused.code, words(refused.code, refused.more), 409) from None

    return answer
