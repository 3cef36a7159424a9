"""POST /scenic/openapi: the envelope checked, the operation done in one transaction, the answer signed; faults."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from sandbox import faults, signed
from sandbox.faults import Fault
from sandbox.scenic import calendar, ordering, orders, refunds, signing, statement
from sandbox.scenic.catalogue import PRODUCT, PRODUCTS
from sandbox.scenic.memory import NAME, Refused, Scenic, balance, day_of

COMMON = signed.KINDS | {"down"}
#: Operation → what else can go wrong there.
OPERATIONS: dict[str, frozenset[str]] = {
    "product.list": frozenset(), "product.get": frozenset(), "calendar.get": frozenset(), "order.check": frozenset(),
    "order.create": frozenset({"sold_out", "price_changed"}),
    "order.pay": frozenset({"late_confirm", "confirm_failed"}), "order.query": frozenset(), "order.cancel": frozenset(),
    "order.refund": frozenset({"refund_rejected", "refund_late", "partial_refund"}), "refund.query": frozenset(),
    "order.amend": frozenset(), "order.resend": frozenset(), "statement.get": frozenset(), "balance.get": frozenset(),
}  # fmt: skip
_PAGE = 100


class Gateway:
    """The platform's calls."""

    def __init__(self, system: Scenic) -> None:
        self._system = system

    async def answer(self, request: Request) -> Response:
        """Answer one call."""
        system = self._system
        fields = signing.read(await request.body())
        if fields is None:
            return self._told("MALFORMED", "请求体应为值是字符串的 JSON 对象", {}, 400)
        why = signing.wrong(fields, system.application)
        if why:
            return self._told(why, "账号、签名或时间戳不正确", {}, 401)
        method = fields.get("method", "")
        data = signing.read_data(fields)
        with system.store.transaction() as db:
            if signing.replayed(db, fields.get("nonce", "")):
                return self._told("REPLAYED", "随机串重复", {}, 401)
            if method not in OPERATIONS or data is None:
                return self._told("BAD_PARAM", "没有这个接口，或 data 不是 JSON 对象", {}, 400)
            fault = faults.take(
                db,
                system=NAME,
                operation=method,
                kinds=COMMON | OPERATIONS[method],
                subject=str(data.get("outOrderNo", "")),
            )
        if fault is not None and fault.kind == "down":
            return PlainTextResponse("Service Unavailable", status_code=503)
        broken = await signed.before(fault)
        if broken is not None:
            return broken
        if fault is not None and fault.kind == "error":
            code, words = fault.params.get("code", "SYSTEM_BUSY"), fault.params.get("message", "系统繁忙")
            return self._told(str(code), str(words), {})
        return await signed.after(fault, self._done(request, method, data, fault))

    def _done(self, request: Request, method: str, data: dict[str, Any], fault: Fault | None) -> Response:
        base = self._system.settings.public_url or str(request.base_url).rstrip("/").removesuffix("/scenic")
        try:
            with self._system.store.transaction() as db:
                told = self._work(db, method, data, fault, base)
        except Refused as no:
            return self._told(no.code, no.message, no.more)
        return self._told("0", "成功", told)

    def _work(
        self, db: sqlite3.Connection, method: str, data: dict[str, Any], fault: Fault | None, base: str
    ) -> dict[str, Any]:
        system = self._system
        spoil = fault.kind if fault is not None and fault.kind in OPERATIONS[method] else ""
        params = fault.params if fault is not None else {}
        if method == "order.create":
            return ordering.create(system, db, data, spoil)
        if method == "order.pay":
            return ordering.pay(system, db, data, spoil, float(params.get("delay", 60)))
        if method == "order.refund":
            return refunds.ask(system, db, data, spoil, params)
        if method == "statement.get":
            return statement.get(system, db, data, base)
        plain: dict[str, Callable[[], dict[str, Any]]] = {
            "product.list": lambda: _products(db, data),
            "product.get": lambda: _product(db, data),
            "calendar.get": lambda: _calendar(system, db, data),
            "order.check": lambda: ordering.check(system, db, data),
            "order.query": lambda: _query(system, db, data),
            "order.cancel": lambda: ordering.cancel(system, db, data),
            "refund.query": lambda: refunds.query(db, data),
            "order.amend": lambda: ordering.amend(system, db, data),
            "order.resend": lambda: ordering.resend(system, db, data),
            "balance.get": lambda: {"balance": balance(db)},
        }
        return plain[method]()

    def _told(self, code: str, message: str, data: dict[str, Any], status: int = 200) -> Response:
        body = signing.envelope(self._system.application, data, code=code, message=message)
        return JSONResponse(body, status_code=status)


def _products(db: sqlite3.Connection, data: dict[str, Any]) -> dict[str, Any]:
    number = data.get("page", 1)
    size = data.get("size", _PAGE)
    if not all(isinstance(value, int) and 1 <= value <= 10_000 for value in (number, size)):
        raise Refused("BAD_PARAM", "page、size 应为正整数")
    start = (number - 1) * min(size, _PAGE)
    found = PRODUCTS[start : start + min(size, _PAGE)]
    return {"total": len(PRODUCTS), "products": [calendar.product_json(db, product) for product in found]}


def _product(db: sqlite3.Connection, data: dict[str, Any]) -> dict[str, Any]:
    product = PRODUCT.get(str(data.get("productCode")))
    if product is None:
        raise Refused("NO_PRODUCT", "产品不存在")
    return calendar.product_json(db, product)


def _calendar(system: Scenic, db: sqlite3.Connection, data: dict[str, Any]) -> dict[str, Any]:
    ordering.expire(system, db)
    product = calendar.product_of(db, data.get("productCode"))
    first, last = day_of(data.get("from"), "from"), day_of(data.get("to"), "to")
    return {"productCode": product.code, "days": calendar.calendar_json(system, db, product, first, last)}


def _query(system: Scenic, db: sqlite3.Connection, data: dict[str, Any]) -> dict[str, Any]:
    ordering.expire(system, db)
    return orders.order_json(system, db, orders.get(db, data, *orders.NUMBERS))
