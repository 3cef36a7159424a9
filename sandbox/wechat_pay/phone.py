"""The payer's phone: what is to be paid, the cashier page, the result."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.clock import stamp
from sandbox.pages import form, owner, page
from sandbox.wechat_pay import payments, refunds
from sandbox.wechat_pay.control import invoked, token_of
from sandbox.wechat_pay.orders import Order, order_of
from sandbox.wechat_pay.system import WechatPay

MERCHANT = "重庆邮政便民生活"
KIND_WORDS = {"native": "扫码支付", "jsapi": "公众号支付", "h5": "手机网页支付", "app": "App支付"}
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
        ]

    async def home(self, request: Request) -> Response:
        """What this person may pay, and what is done."""
        me = owner(request)
        now = self._system.clock.now()
        waiting = self._orders(
            "state = 'NOTPAY' AND requested_openid IN ('', ?) AND time_expire > ? AND prepay_expires > ?",
            me.openid,
            now,
            now,
        )
        done = self._orders("state IN ('SUCCESS', 'REFUND') AND openid = ?", me.openid)
        return page(request, "wechat_pay/home.html", tab="home", waiting=waiting, done=done, kinds=KIND_WORDS)

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
                payments.cancel(db, order)
            return RedirectResponse(back or "/phone/", status_code=303)
        try:
            with self._system.store.transaction() as db:
                payments.pay(self._system, db, order, openid=owner(request).openid)
        except payments.PaymentRefused:
            return RedirectResponse(
                f"/phone/pay?{urlencode({'pr': order.token, 'back': back})}", status_code=303
            )
        self._system.wake()
        query = f"?{urlencode({'back': back})}" if back else ""
        return RedirectResponse(f"/phone/orders/{order.out_trade_no}{query}", status_code=303)

    async def result(self, request: Request) -> Response:
        """How an order stands."""
        row = self._system.store.one(
            "SELECT * FROM wxp_orders WHERE out_trade_no = ?", request.path_params["number"]
        )
        if row is None:
            return self._nothing(request)
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
            merchant=MERCHANT,
            kind=KIND_WORDS[order.kind],
            refunds=returned,
            back=safe_back(request.query_params.get("back", "")),
        )

    def _cashier(self, request: Request, order: Order, back: str) -> Response:
        me, now = owner(request), self._system.clock.now()
        if order.is_paid:
            return RedirectResponse(f"/phone/orders/{order.out_trade_no}", status_code=303)
        problem = payments.refusal(order, now, me.openid)
        return page(
            request,
            "wechat_pay/pay.html",
            tab="home",
            order=order,
            merchant=MERCHANT,
            kind=KIND_WORDS[order.kind],
            problem=problem.message if problem else "",
            until=stamp(min(order.time_expire, order.prepay_expires), "%m月%d日 %H:%M"),
            back=safe_back(back),
        )

    def _nothing(self, request: Request) -> Response:
        return page(request, "wechat_pay/nothing.html", 404, tab="home", words="没有找到这个支付码对应的订单")

    def _by_token(self, token: str) -> Order | None:
        row = self._system.store.one("SELECT * FROM wxp_orders WHERE token = ?", token)
        return order_of(row) if row else None

    def _orders(self, where: str, *values: object) -> list[Order]:
        sql = f"SELECT * FROM wxp_orders WHERE {where} ORDER BY created_at DESC, rowid DESC LIMIT {LISTED}"  # noqa: S608
        return [order_of(row) for row in self._system.store.all(sql, *values)]


def safe_back(url: str) -> str:
    """The shop's own page to return to; empty unless it is a plain http(s) address."""
    try:
        return url if urlsplit(url).scheme in ("http", "https") else ""
    except ValueError:
        return ""
