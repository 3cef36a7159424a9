"""/scenic/: a gate, a desk for refunds, stock and prices, and what was told to whom."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sandbox.control_api import Asked, ControlError
from sandbox.pages import form, page
from sandbox.scenic import gate, notices, orders, refunds
from sandbox.scenic.catalogue import PRODUCTS, SPOT
from sandbox.scenic.control import set_product, set_stock
from sandbox.scenic.memory import Refused, Scenic, balance


class Pages:
    """The page and what its buttons do."""

    def __init__(self, system: Scenic) -> None:
        self._system = system

    async def index(self, request: Request) -> Response:
        """GET: everything at a glance. POST: one button, then the page again with what came of it."""
        if request.method == "POST":
            words, good = self._act(await form(request))
            query = urlencode({"words": words, "good": "1" if good else ""})
            return RedirectResponse(f"/scenic/?{query}", status_code=303)
        store, system = self._system.store, self._system
        with store.transaction() as db:
            rows = db.execute("SELECT * FROM scenic_orders ORDER BY id DESC LIMIT 40").fetchall()
            back = db.execute("SELECT * FROM scenic_refunds ORDER BY id DESC LIMIT 30").fetchall()
            shown = [orders.order_json(system, db, orders.order_of(row)) for row in rows]
            refunds_shown = [refunds.refund_json(db, row) for row in back]
            left = balance(db)
        uses = store.all(
            "SELECT u.*, v.traveller FROM scenic_uses u JOIN scenic_vouchers v ON v.code = u.code"
            " ORDER BY u.id DESC LIMIT 20"
        )
        told = store.all("SELECT * FROM scenic_notices ORDER BY id DESC LIMIT 30")
        heard = store.all("SELECT * FROM scenic_received ORDER BY id DESC LIMIT 20")
        return page(
            request, "scenic/index.html", orders=shown, refunds=refunds_shown, uses=[dict(row) for row in uses],
            notices=[notices.shown(row) for row in told], kinds=notices.KINDS, products=PRODUCTS, spots=SPOT,
            received=[dict(row) for row in heard], hook=system.hook(), balance=left, today=system.today().isoformat(),
            words=request.query_params.get("words", "")[:200], good=bool(request.query_params.get("good")),
        )  # fmt: skip

    def _act(self, told: dict[str, str]) -> tuple[str, bool]:
        try:
            with self._system.store.transaction() as db:
                return self._done(db, told), True
        except Refused as no:
            return no.message, False
        except ControlError as no:
            return no.message, False

    def _done(self, db: Any, told: dict[str, str]) -> str:
        deed = told.get("deed", "")
        if deed == "consume":
            code = told.get("code", "").strip().removeprefix("SCENIC:")
            used = gate.consume(
                self._system, db, code, _number(told.get("quantity", "")), told.get("gate", "")
            )
            who = f"（{used['traveller']}）" if used["traveller"] else ""
            return f"请进：{used['people']} 人{who}，还剩 {used['left']} 份"
        if deed == "reverse":
            gate.reverse(self._system, db, _number(told.get("use", "")))
            return "已撤销这次入园"
        if deed in ("approve", "reject"):
            row = db.execute(
                "SELECT id FROM scenic_refunds WHERE number = ?", (told.get("number", ""),)
            ).fetchone()
            quantity = _number(told.get("quantity", "")) or 1000
            refunds.decide(
                self._system, db, row["id"] if row else 0, deed == "approve", quantity, told.get("remark", "")
            )
            return "已同意退票" if deed == "approve" else "已拒绝退票"
        asked: dict[str, Any] = {
            "product": told.get("product", ""),
            "day": told.get("day", ""),
            "slot": told.get("slot", ""),
        }
        if deed == "stock":
            asked |= {name: _number(told[name]) for name in ("total", "settle") if told.get(name)}
            now = set_stock(self._system, db, Asked(asked))
            return f"共 {now['total']} 份，已售 {now['taken']} 份，结算价 {now['settle'] / 100:.2f} 元"
        if deed in ("on", "off"):
            set_product(self._system, db, Asked({"product": asked["product"], "on_sale": deed == "on"}))
            return "已上架" if deed == "on" else "已下架"
        raise ControlError("BAD_VALUE", "没有这个按钮")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
