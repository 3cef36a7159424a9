"""The payer's phone: what is to be paid, the cashier page, the result."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.clock import stamp
from sandbox.pages import form, owner, page
from sandbox.wechat_pay import codepay, combine, payments, refunds
from sandbox.wechat_pay.barcode import code128c
from sandbox.wechat_pay.control import by_token, invoked, pay_whole, token_of
from sandbox.wechat_pay.orders import Order, TradeState, order_of
from sandbox.wechat_pay.system import WechatPay

MERCHANT = "重庆邮政便民生活"
KIND_WORDS = {
    "native": "扫码支付",
    "jsapi": "公众号支付",
    "h5": "手机网页支付",
    "app": "App支付",
    "code": "付款码支付",
}
LISTED = 40


class WechatPayPhone:
    """Pages under /phone, and the H5 cashier that h5_url points to."""

    def __init__(self, system: WechatPay) -> None:
        self._system = system

    def routes(self) -> list[BaseRoute]:
        """Routes under /phone."""
        return [
            Route("/", self.home, methods=["GET"]),
            Route("/scan", self.scan, methods=["GET"]),
            Route("/pay", self.cashier, methods=["GET"]),
            Route("/pay", self.act, methods=["POST"]),
            Route("/jsapi", self.jsapi, methods=["GET"]),
            Route("/orders/{number}", self.result, methods=["GET"]),
            Route("/code", self.code, methods=["GET"]),
            Route("/barcode.svg", self.barcode, methods=["GET"]),
            Route("/password", self.password, methods=["POST"]),
        ]

    async def home(self, request: Request) -> Response:
        """What this person may pay, and what is done."""
        me = owner(request)
        now = self._system.clock.now()
        waiting: list[Order | combine.Combine] = list(self._combined(me.openid, now))
        waiting += self._orders(
            "combine_no = '' AND state = 'NOTPAY' AND requested_openid IN ('', ?) AND time_expire > ?"
            " AND prepay_expires > ?",
            me.openid,
            now,
            now,
        )
        done = self._orders("state IN ('SUCCESS', 'REFUND') AND openid = ?", me.openid)
        asking = self._orders("state = 'USERPAYING' AND requested_openid = ?", me.openid)
        return page(
            request,
            "wechat_pay/home.html",
            tab="home",
            waiting=waiting,
            done=done,
            asking=asking,
            kinds=KIND_WORDS,
            names=self._names(),
        )

    async def scan(self, request: Request) -> Response:
        """Paste a code_url: see its QR code and go on to pay."""
        code = request.query_params.get("code", "").strip()
        order = self._by_token(token_of(code)) if code else None
        return page(request, "wechat_pay/scan.html", tab="scan", code=code[:500], order=order)

    async def cashier(self, request: Request) -> Response:
        """The page with the pay button: /phone/pay?pr=… or ?prepay_id=…"""
        order = self._by_token(request.query_params.get("pr", ""))
        if order is None:
            return self._nothing(request)
        return self._cashier(request, order, request.query_params.get("back", ""))

    async def h5(self, request: Request) -> Response:
        """Where h5_url points to: the cashier, with the way back to the shop."""
        order = self._by_token(request.query_params.get("package", ""))
        if order is None or order.prepay_id != request.query_params.get("prepay_id", ""):
            return self._nothing(request)
        values = {"pr": order.token, "back": request.query_params.get("redirect_url", "")}
        return RedirectResponse(f"/phone/pay?{urlencode(values)}", status_code=303)

    async def jsapi(self, request: Request) -> Response:
        """WeixinJSBridge's counterpart: the six parameters in the address, checked, then the cashier."""
        problem, order = invoked(self._system, dict(request.query_params))
        if problem or order is None:
            return page(request, "wechat_pay/nothing.html", 400, tab="home", words=problem)
        values = {"pr": order.token, "back": request.query_params.get("back", "")}
        return RedirectResponse(f"/phone/pay?{urlencode(values)}", status_code=303)

    async def act(self, request: Request) -> Response:
        """Pay or turn away."""
        fields = await form(request)
        order = self._by_token(fields.get("pr", ""))
        if order is None:
            return self._nothing(request)
        back = safe_back(fields.get("back", ""))
        if fields.get("action") != "pay":
            with self._system.store.transaction() as db:
                for one in order.orders if isinstance(order, combine.Combine) else (order,):
                    payments.cancel(db, one)
            return RedirectResponse(back or "/phone/", status_code=303)
        try:
            with self._system.store.transaction() as db:
                pay_whole(self._system, db, order, owner(request).openid)
        except payments.PaymentRefused:
            return RedirectResponse(
                f"/phone/pay?{urlencode({'pr': order.token, 'back': back})}", status_code=303
            )
        self._system.wake()
        query = f"?{urlencode({'back': back})}" if back else ""
        return RedirectResponse(f"/phone/orders/{_number(order)}{query}", status_code=303)

    async def result(self, request: Request) -> Response:
        """How an order stands."""
        row = self._system.store.one(
            "SELECT * FROM wxp_orders WHERE out_trade_no = ?", request.path_params["number"]
        )
        if row is None:
            return self._combined_result(request, request.path_params["number"])
        order = order_of(row)
        if not order.is_paid:
            return self._cashier(request, order, request.query_params.get("back", ""))
        with self._system.store.transaction() as db:
            returned = refunds.of_order(db, order.out_trade_no)
        return page(
            request,
            "wechat_pay/result.html",
            tab="home",
            order=order,
            merchant=self._names()[order.mchid],
            kind=KIND_WORDS[order.kind],
            parts=(),
            refunds=returned,
            back=safe_back(request.query_params.get("back", "")),
        )

    async def code(self, request: Request) -> Response:
        """The payment code: bars, square and number, new each minute; the password when it is asked for."""
        me = owner(request)
        asking = self._orders("state = 'USERPAYING' AND requested_openid = ?", me.openid)
        with self._system.store.transaction() as db:
            used = db.execute(
                "SELECT out_trade_no FROM wxp_codes WHERE auth_code = ?", (codepay.code_of(self._system, me),)
            ).fetchone()
        paid = self._orders("out_trade_no = ?", used["out_trade_no"]) if used else []
        return page(
            request,
            "wechat_pay/code.html",
            tab="code",
            code=codepay.code_of(self._system, me),
            left=int(60 - self._system.clock.now() % 60),
            asking=asking,
            paid=[order for order in paid if order.is_paid],
            names=self._names(),
        )

    async def barcode(self, request: Request) -> Response:
        """A number as a Code 128 in SVG."""
        try:
            return Response(code128c(request.query_params.get("text", "")[:40]), media_type="image/svg+xml")
        except ValueError:
            return Response("text 应为偶数个数字", status_code=400)

    async def password(self, request: Request) -> Response:
        """The password was typed, or the payer turned away."""
        fields = await form(request)
        orders = self._orders(
            "out_trade_no = ? AND requested_openid = ?", fields.get("number", ""), owner(request).openid
        )
        if not orders:
            return self._nothing(request)
        right = fields.get("action") == "pay"
        try:
            with self._system.store.transaction() as db:
                order = codepay.answer_password(self._system, db, orders[0], right=right)
        except payments.PaymentRefused as error:
            return page(request, "wechat_pay/nothing.html", 409, tab="code", words=error.message)
        return RedirectResponse(
            f"/phone/orders/{order.out_trade_no}" if order.is_paid else "/phone/code", status_code=303
        )

    def _combined_result(self, request: Request, number: str) -> Response:
        with self._system.store.transaction() as db:
            found = combine.find_combine(db, "combine_no", number)
            returned = [
                one
                for order in (found.orders if found else ())
                for one in refunds.of_order(db, order.out_trade_no)
            ]
        if found is None:
            return self._nothing(request)
        if not found.is_paid:
            return self._cashier(request, found, request.query_params.get("back", ""))
        names = self._names()
        return page(
            request,
            "wechat_pay/result.html",
            tab="home",
            order=_Shown(found),
            merchant=MERCHANT,
            kind=f"{KIND_WORDS[found.kind]} · 合单",
            parts=[(names[order.mchid], order.total) for order in found.orders],
            refunds=returned,
            back=safe_back(request.query_params.get("back", "")),
        )

    def _names(self) -> dict[str, str]:
        return {one.mchid: one.name for one in self._system.keys.merchants.values()}

    def _combined(self, openid: str, now: float) -> list[combine.Combine]:
        rows = self._system.store.all(
            "SELECT combine_no FROM wxp_combines WHERE requested_openid IN ('', ?) AND time_expire > ?"
            " AND prepay_expires > ? ORDER BY created_at DESC LIMIT 40",
            openid,
            now,
            now,
        )
        with self._system.store.transaction() as db:
            found = [combine.find_combine(db, "combine_no", row["combine_no"]) for row in rows]
        return [one for one in found if one is not None and one.state is TradeState.NOTPAY]

    def _cashier(self, request: Request, order: Order | combine.Combine, back: str) -> Response:
        me, now = owner(request), self._system.clock.now()
        if order.is_paid:
            return RedirectResponse(f"/phone/orders/{_number(order)}", status_code=303)
        problem = payments.refusal(order, now, me.openid)
        return page(
            request,
            "wechat_pay/pay.html",
            tab="home",
            order=order,
            number=_number(order),
            parts=[(self._names()[one.mchid], one.description, one.total) for one in order.orders]
            if isinstance(order, combine.Combine)
            else [],
            merchant=MERCHANT if isinstance(order, combine.Combine) else self._names()[order.mchid],
            kind=KIND_WORDS[order.kind],
            problem=problem.message if problem else "",
            until=stamp(min(order.time_expire, order.prepay_expires), "%m月%d日 %H:%M"),
            back=safe_back(back),
        )

    def _nothing(self, request: Request) -> Response:
        return page(request, "wechat_pay/nothing.html", 404, tab="home", words="没有找到这个支付码对应的订单")

    def _by_token(self, token: str) -> Order | combine.Combine | None:
        with self._system.store.transaction() as db:
            return by_token(db, token) if token else None

    def _orders(self, where: str, *values: object) -> list[Order]:
        sql = f"SELECT * FROM wxp_orders WHERE {where} ORDER BY created_at DESC, rowid DESC LIMIT {LISTED}"  # noqa: S608
        return [order_of(row) for row in self._system.store.all(sql, *values)]


class _Shown:
    """A paid combined order as the page of a result shows it."""

    def __init__(self, found: combine.Combine) -> None:
        first = found.orders[0]
        self.payer_total = self.total = found.total
        self.coupon, self.paid_at = 0, first.paid_at
        self.description = "、".join(order.description for order in found.orders)
        self.transaction_id = "、".join(order.transaction_id or "" for order in found.orders)
        self.out_trade_no = found.combine_no


def _number(order: Order | combine.Combine) -> str:
    return order.combine_no if isinstance(order, combine.Combine) else order.out_trade_no


def safe_back(url: str) -> str:
    """The shop's own page to return to; empty unless it is a plain http(s) address."""
    try:
        return url if urlsplit(url).scheme in ("http", "https") else ""
    except ValueError:
        return ""
