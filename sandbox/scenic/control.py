"""/_sim/scenic: the gate, the auditor of refunds and the person who keeps prices, driven by tests and journeys."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.control_api import Asked, ControlError, asked
from sandbox.scenic import calendar, gate, notices, orders, refunds
from sandbox.scenic.catalogue import PRODUCT
from sandbox.scenic.channel import Channel
from sandbox.scenic.courier import Courier
from sandbox.scenic.memory import BALANCE, OPTIONS, Refused, Scenic, balance, day_of, flow


class ScenicControl:
    """Control routes."""

    def __init__(self, system: Scenic, courier: Courier, channel: Channel) -> None:
        self._system, self._courier, self._channel = system, courier, channel

    def routes(self) -> list[BaseRoute]:
        """All of them."""
        return [
            Route("/server", self.server, methods=["POST"]),
            Route("/options", self.options, methods=["GET", "POST"]),
            Route("/orders", self.orders, methods=["GET"]),
            Route("/orders/{number}", self.order, methods=["GET"]),
            Route("/consume", self.consume, methods=["POST"]),
            Route("/reverse", self.reverse, methods=["POST"]),
            Route("/refunds", self.refunds, methods=["GET"]),
            Route("/refunds/decide", self.decide, methods=["POST"]),
            Route("/stock", self.stock, methods=["POST"]),
            Route("/product", self.product, methods=["POST"]),
            Route("/balance", self.balance, methods=["POST"]),
            Route("/notices", self.notices, methods=["GET"]),
            Route("/notices/send", self.send, methods=["POST"]),
            Route("/channel", self.channel, methods=["POST"]),
            Route("/channel/ask", self.ask, methods=["POST"]),
            Route("/received", self.received, methods=["GET"]),
        ]

    def _do(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        try:
            with self._system.store.transaction() as db:
                return work(db)
        except Refused as no:
            raise ControlError(no.code, no.message, 409) from no

    async def server(self, request: Request) -> Response:
        """POST server {url}: where the platform listens, for notices."""
        url = (await asked(request)).text("url")
        self._system.set_option("hook", url)
        self._system.wake()
        return JSONResponse({"url": url})

    async def options(self, request: Request) -> Response:
        """GET, POST options {refund_seconds?, audit?, lock_seconds?}."""
        if request.method == "POST":
            data = await asked(request)
            if "refund_seconds" in data.data:
                self._system.set_option(
                    "refund_seconds", data.number("refund_seconds", 0, least=0, most=10**7)
                )
            if "lock_seconds" in data.data:
                self._system.set_option("lock_seconds", data.number("lock_seconds", 0, least=1, most=86400))
            if "audit" in data.data:
                self._system.set_option("audit", data.choice("audit", "", ("", "instant", "manual")))
        return JSONResponse({name: self._system.option(name) for name in OPTIONS})

    async def orders(self, request: Request) -> Response:
        """GET orders: newest first."""
        rows = self._system.store.all("SELECT * FROM scenic_orders ORDER BY id DESC LIMIT 200")
        told = self._do(
            lambda db: [orders.order_json(self._system, db, orders.order_of(row)) for row in rows]
        )
        return JSONResponse({"orders": told})

    async def order(self, request: Request) -> Response:
        """GET orders/{our number}: with its vouchers, refunds, entries, and how often it was created."""
        number = request.path_params["number"]

        def told(db: sqlite3.Connection) -> dict[str, Any]:
            order = orders.get(db, {"outOrderNo": number})
            row = db.execute("SELECT copies FROM scenic_orders WHERE id = ?", (order.id,)).fetchone()
            back = db.execute(
                "SELECT * FROM scenic_refunds WHERE order_id = ? ORDER BY id", (order.id,)
            ).fetchall()
            uses = db.execute(
                "SELECT * FROM scenic_uses WHERE order_id = ? ORDER BY id", (order.id,)
            ).fetchall()
            return orders.order_json(self._system, db, order) | {
                "copies": row["copies"], "refunds": [refunds.refund_json(db, one) for one in back],
                "uses": [dict(one) for one in uses],
            }  # fmt: skip

        return JSONResponse(self._do(told))

    async def consume(self, request: Request) -> Response:
        """POST consume {code, quantity?, gate?}: somebody comes to the gate. quantity 0: all that is left."""
        data = await asked(request)
        code, gate_name = data.text("code"), data.text("gate", "正门1号闸机")
        quantity = data.whole("quantity", 0, least=0, most=1000)
        return JSONResponse(self._do(lambda db: gate.consume(self._system, db, code, quantity, gate_name)))

    async def reverse(self, request: Request) -> Response:
        """POST reverse {use}: an entry is taken back."""
        use = (await asked(request)).whole("use", 0, least=1, most=2**31)
        return JSONResponse(self._do(lambda db: gate.reverse(self._system, db, use)))

    async def refunds(self, request: Request) -> Response:
        """GET refunds: newest first."""
        rows = self._system.store.all("SELECT * FROM scenic_refunds ORDER BY id DESC LIMIT 200")
        return JSONResponse({"refunds": self._do(lambda db: [refunds.refund_json(db, row) for row in rows])})

    async def decide(self, request: Request) -> Response:
        """POST refunds/decide {number (ours or theirs), approve?, quantity?, remark?}."""
        data = await asked(request)
        number, approve = data.text("number"), data.flag("approve", True)
        quantity, remark = data.whole("quantity", 1000, least=1, most=1000), data.text("remark")

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            row = db.execute(
                "SELECT * FROM scenic_refunds WHERE ? IN (number, out_number)", (number,)
            ).fetchone()
            refunds.decide(self._system, db, row["id"] if row else 0, approve, quantity, remark)
            return refunds.refund_json(
                db, db.execute("SELECT * FROM scenic_refunds WHERE id = ?", (row["id"],)).fetchone()
            )

        return JSONResponse(self._do(work))

    async def stock(self, request: Request) -> Response:
        """POST stock {product, day, slot?, total?, settle?}: another stock or price of a day; the platform is told."""
        data = await asked(request)
        return JSONResponse(self._do(lambda db: set_stock(self._system, db, data)))

    async def product(self, request: Request) -> Response:
        """POST product {product, on_sale?, percent?}: taken off or put on sale, all its prices changed; told."""
        data = await asked(request)
        return JSONResponse(self._do(lambda db: set_product(self._system, db, data)))

    async def balance(self, request: Request) -> Response:
        """POST balance {amount}: what is on the deposit account from now on, in fen."""
        amount = (await asked(request)).whole("amount", BALANCE, least=0, most=10**12)

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            flow(self._system, db, "deposit", self._system.new_number("DP"), amount=amount - balance(db))
            return {"balance": balance(db)}

        return JSONResponse(self._do(work))

    async def notices(self, request: Request) -> Response:
        """GET notices?subject=: oldest first."""
        subject = request.query_params.get("subject", "")
        rows = self._system.store.all(
            "SELECT * FROM scenic_notices WHERE ? IN ('', subject) ORDER BY id LIMIT 500", subject
        )
        return JSONResponse({"notices": [notices.shown(row) for row in rows]})

    async def send(self, request: Request) -> Response:
        """POST notices/send {id, copies?}: deliver again and wait; whether each was taken."""
        data = await asked(request)
        row = self._system.store.one(
            "SELECT * FROM scenic_notices WHERE id = ?", data.whole("id", 0, least=1, most=2**31)
        )
        if row is None:
            raise ControlError("NOT_FOUND", "没有这条通知", 404)
        copies = data.whole("copies", 1, least=1, most=20)
        return JSONResponse({"taken": [await self._courier.post(row) for _ in range(copies)]})

    async def channel(self, request: Request) -> Response:
        """POST channel {key, secret, status?, fails?}: what the pretended channel signs and checks with, and answers;
        `fails`: so many notices are answered with 500 first."""
        data = await asked(request)
        self._channel.key, self._channel.secret = data.text("key"), data.text("secret")
        self._channel.status = data.whole("status", 200, least=200, most=599)
        self._channel.fails = data.whole("fails", 0, least=0, most=1000)
        return JSONResponse({"key": self._channel.key, "status": self._channel.status})

    async def ask(self, request: Request) -> Response:
        """POST channel/ask {url, method, data}: the pretended channel asks the platform; the checked answer."""
        data = await asked(request)
        told = data.data.get("data", {})
        if not isinstance(told, dict):
            raise ControlError("BAD_VALUE", "data 应为对象")
        return JSONResponse(await self._channel.ask(data.text("url"), data.text("method"), told))

    async def received(self, request: Request) -> Response:
        """GET received: what the pretended channel was told by the platform, oldest first."""
        rows = self._system.store.all("SELECT * FROM scenic_received ORDER BY id LIMIT 500")
        return JSONResponse({"received": [{**dict(row), "data": json.loads(row["data"])} for row in rows]})


def set_stock(system: Scenic, db: sqlite3.Connection, data: Asked) -> dict[str, Any]:
    """Another stock or settlement price of a day (and slot). Raises ControlError, Refused."""
    product = PRODUCT.get(data.text("product"))
    if product is None:
        raise ControlError("BAD_VALUE", "没有这个产品")
    day, slot = day_of(data.text("day"), "day"), data.text("slot")
    if slot not in (product.slots or ("",)):
        raise ControlError("BAD_VALUE", "没有这个时段")
    before = calendar.place_of(db, product, day, slot)
    total = data.whole("total", before.total, least=0, most=10**6)
    settle = data.whole("settle", before.settle, least=0, most=10**9)
    db.execute(
        "INSERT INTO scenic_stock (product, day, slot, total, settle) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (product, day, slot) DO UPDATE SET total = excluded.total, settle = excluded.settle",
        (product.code, day.isoformat(), slot, total, settle),
    )
    if total != before.total:
        notices.add_change(system, db, product.code, "STOCK")
    if settle != before.settle:
        notices.add_change(system, db, product.code, "PRICE")
    now = calendar.place_of(db, product, day, slot)
    return {"total": now.total, "taken": now.taken, "settle": now.settle}


def set_product(system: Scenic, db: sqlite3.Connection, data: Asked) -> dict[str, Any]:
    """Put on or off sale, or change all prices by per cent. Raises ControlError."""
    code = data.text("product")
    if code not in PRODUCT:
        raise ControlError("BAD_VALUE", "没有这个产品")
    row = db.execute("SELECT * FROM scenic_products WHERE code = ?", (code,)).fetchone()
    was = (bool(row["on_sale"]), int(row["percent"])) if row else (True, 100)
    on_sale, percent = data.flag("on_sale", was[0]), data.whole("percent", was[1], least=1, most=1000)
    db.execute(
        "INSERT INTO scenic_products VALUES (?, ?, ?, ?) ON CONFLICT (code) DO UPDATE SET on_sale = excluded.on_sale,"
        " percent = excluded.percent, changed_at = excluded.changed_at",
        (code, on_sale, percent, system.clock.now()),
    )
    if on_sale != was[0]:
        notices.add_change(system, db, code, "ON_SALE" if on_sale else "OFF_SALE")
    if percent != was[1]:
        notices.add_change(system, db, code, "PRICE")
    return {"product": code, "on_sale": on_sale, "percent": percent}
