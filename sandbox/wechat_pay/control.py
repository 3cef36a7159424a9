"""/_sim/wechat_pay: play the payer, look into the books, send notifications by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.clock import rfc3339
from sandbox.control_api import Asked, ControlError, asked
from sandbox.wechat_pay import notifications, payments, refunds
from sandbox.wechat_pay.courier import Courier
from sandbox.wechat_pay.orders import Order, find, order_of, transaction
from sandbox.wechat_pay.signing import KeyMode, verify_pay_sign
from sandbox.wechat_pay.system import Options, WechatPay


class WechatPayControl:
    """Endpoints for tests, journeys and the control panel."""

    def __init__(self, system: WechatPay, courier: Courier) -> None:
        self._system = system
        self._courier = courier

    def routes(self) -> list[BaseRoute]:
        """Routes under /_sim/wechat_pay."""
        return [
            Route("/pay", self.pay, methods=["POST"]),
            Route("/cancel", self.cancel, methods=["POST"]),
            Route("/jsapi", self.jsapi, methods=["POST"]),
            Route("/orders", self.orders, methods=["GET"]),
            Route("/orders/{number}", self.order, methods=["GET"]),
            Route("/refunds", self.refunds, methods=["GET"]),
            Route("/refunds/finish", self.finish_refund, methods=["POST"]),
            Route("/notifications", self.notifications, methods=["GET"]),
            Route("/notifications/send", self.send, methods=["POST"]),
            Route("/options", self.read_options, methods=["GET"]),
            Route("/options", self.set_options, methods=["POST"]),
        ]

    async def pay(self, request: Request) -> Response:
        """POST pay {out_trade_no | code_url | h5_url | prepay_id, openid?, coupon?, after_close?}."""
        data = await asked(request)
        try:
            with self._system.store.transaction() as db:
                order = payments.pay(
                    self._system,
                    db,
                    _found(locate(self._system, data)),
                    openid=data.text("openid"),
                    coupon=data.whole("coupon", 0, least=0, most=10**12),
                    after_close=data.flag("after_close", False),
                )
        except payments.PaymentRefused as error:
            raise ControlError(error.code, error.message, 409) from error
        self._system.wake()
        return JSONResponse(self._order_json(order))

    async def cancel(self, request: Request) -> Response:
        """POST cancel {out_trade_no …}: the payer turns away; the order stays payable."""
        data = await asked(request)
        with self._system.store.transaction() as db:
            order = _found(locate(self._system, data))
            payments.cancel(db, order)
        return JSONResponse(self._order_json(_found(self._by_number(order.out_trade_no))))

    async def jsapi(self, request: Request) -> Response:
        """POST jsapi {appId, timeStamp, nonceStr, package, signType, paySign, openid?, cancel?}.

        Plays WeixinJSBridge: checks the merchant's signature, then pays. Answers {err_msg, err_desc}.
        """
        data = await asked(request)
        names = ("appId", "timeStamp", "nonceStr", "package", "signType", "paySign")
        problem, order = invoked(self._system, {name: data.text(name) for name in names})
        if problem or order is None:
            return _bridge("fail", problem)
        if data.flag("cancel", False):
            with self._system.store.transaction() as db:
                payments.cancel(db, order)
            return _bridge("cancel", "")
        try:
            with self._system.store.transaction() as db:
                payments.pay(self._system, db, order, openid=data.text("openid"))
        except payments.PaymentRefused as error:
            return _bridge("fail", error.message)
        self._system.wake()
        return _bridge("ok", "")

    async def orders(self, request: Request) -> Response:
        """GET orders?state=: newest first."""
        state = request.query_params.get("state", "")
        rows = self._system.store.all(
            "SELECT * FROM wxp_orders WHERE ? IN ('', state) ORDER BY created_at DESC, rowid DESC LIMIT 500",
            state,
        )
        return JSONResponse({"orders": [self._order_json(order_of(row)) for row in rows]})

    async def order(self, request: Request) -> Response:
        """GET orders/{out_trade_no}: with its refunds and notifications."""
        order = _found(self._by_number(request.path_params["number"]))
        body = self._order_json(order)
        body["refunds"] = self._refunds("out_trade_no = ?", order.out_trade_no)
        body["notifications"] = self._notifications("out_trade_no = ?", [order.out_trade_no])
        return JSONResponse(body)

    async def refunds(self, request: Request) -> Response:
        """GET refunds?out_trade_no=."""
        number = request.query_params.get("out_trade_no", "")
        return JSONResponse({"refunds": self._refunds("? IN ('', out_trade_no)", number)})

    async def finish_refund(self, request: Request) -> Response:
        """POST refunds/finish {out_refund_no, result}: end it now, whatever was planned."""
        data = await asked(request)
        result = refunds.RefundStatus(data.choice("result", "SUCCESS", tuple(refunds.RESULTS)))
        with self._system.store.transaction() as db:
            refund = refunds.find_refund(db, data.text("out_refund_no"))
            if refund is None:
                raise ControlError("NOT_FOUND", "没有这个退款单", 404)
            if refund.status is not refunds.RefundStatus.PROCESSING:
                raise ControlError("WRONG_STATE", "退款单已有结果", 409)
            refunds.finish(self._system, db, refund, result)
            body = refunds.query_refund(db, refund.out_refund_no)
        self._system.wake()
        return JSONResponse(body)

    async def notifications(self, request: Request) -> Response:
        """GET notifications?out_trade_no=&event_type=&state=: the last 500, oldest first."""
        values = [request.query_params.get(name, "") for name in ("out_trade_no", "event_type", "state")]
        where = "? IN ('', out_trade_no) AND ? IN ('', event_type) AND ? IN ('', state)"
        return JSONResponse({"notifications": self._notifications(where, values)})

    async def send(self, request: Request) -> Response:
        """POST notifications/send {id | out_trade_no, event_type?, out_refund_no?, copies?}: at once."""
        data = await asked(request)
        copies = data.whole("copies", 1, least=1, most=50)
        values = [data.text(name) for name in ("id", "out_trade_no", "event_type", "out_refund_no")]
        if not values[0] and not values[1]:
            raise ControlError("BAD_VALUE", "id 与 out_trade_no 至少给出一个")
        rows = self._system.store.all(
            "SELECT * FROM wxp_notifications WHERE ? IN ('', id) AND ? IN ('', out_trade_no)"
            " AND ? IN ('', event_type) AND ? IN ('', out_refund_no) ORDER BY rowid",
            *values,
        )
        if not rows:
            raise ControlError("NOT_FOUND", "没有符合条件的通知", 404)
        items = [notifications.notification_of(row) for row in rows]
        for item in items:
            await self._courier.send_now(item, copies)
        marks = ", ".join("?" * len(items))
        return JSONResponse(
            {"notifications": self._notifications(f"id IN ({marks})", [item.id for item in items])}
        )

    async def read_options(self, request: Request) -> Response:
        """GET options."""
        return JSONResponse(options_json(self._system.options()))

    async def set_options(self, request: Request) -> Response:
        """POST options {key_mode?, refund_interval?, refund_delay?}."""
        data = await asked(request)
        old = self._system.options()
        new = replace(
            old,
            key_mode=KeyMode(
                data.choice("key_mode", old.key_mode.value, tuple(mode.value for mode in KeyMode))
            ),
            refund_interval=data.flag("refund_interval", old.refund_interval),
            refund_delay=data.number("refund_delay", old.refund_delay, least=0, most=10 * 86400),
        )
        self._system.save_options(new)
        return JSONResponse(options_json(new))

    def _by_number(self, number: str) -> Order | None:
        row = self._system.store.one("SELECT * FROM wxp_orders WHERE out_trade_no = ?", number)
        return order_of(row) if row else None

    def _order_json(self, order: Order) -> dict[str, Any]:
        return {
            **transaction(order, self._system.keys),
            "kind": order.kind,
            "description": order.description,
            "notify_url": order.notify_url,
            "prepay_id": order.prepay_id,
            "time_expire": rfc3339(order.time_expire),
            "cancelled": order.cancelled,
            "created_at": rfc3339(order.created_at),
        }

    def _refunds(self, where: str, value: str) -> list[dict[str, Any]]:
        with self._system.store.transaction() as db:
            sql = f"SELECT out_refund_no FROM wxp_refunds WHERE {where} ORDER BY rowid DESC LIMIT 500"  # noqa: S608
            newest = [row["out_refund_no"] for row in db.execute(sql, (value,)).fetchall()]
            return [refunds.query_refund(db, number) for number in reversed(newest)]

    def _notifications(self, where: str, values: Sequence[object]) -> list[dict[str, Any]]:
        with self._system.store.transaction() as db:
            sql = f"SELECT * FROM wxp_notifications WHERE {where} ORDER BY rowid DESC LIMIT 500"  # noqa: S608
            newest = db.execute(sql, tuple(values)).fetchall()
            return [notifications.as_dict(db, notifications.notification_of(row)) for row in reversed(newest)]


def options_json(options: Options) -> dict[str, Any]:
    """Options for the control API."""
    return {
        "key_mode": options.key_mode.value,
        "refund_interval": options.refund_interval,
        "refund_delay": options.refund_delay,
    }


def locate(system: WechatPay, data: Asked) -> Order | None:
    """The order a payer means: by number, by what the prepay call answered, or by the token in it."""
    for name in ("out_trade_no", "prepay_id"):
        if data.text(name):
            row = system.store.one(f"SELECT * FROM wxp_orders WHERE {name} = ?", data.text(name))  # noqa: S608
            return order_of(row) if row else None
    token = token_of(data.text("code_url") or data.text("h5_url"))
    row = system.store.one("SELECT * FROM wxp_orders WHERE token = ?", token)
    return order_of(row) if row else None


def token_of(text: str) -> str:
    """The token inside a code_url or an h5_url; the text itself when it is neither."""
    try:
        asked_for = parse_qs(urlsplit(text.strip()).query)
    except ValueError:
        return text.strip()
    found = asked_for.get("pr") or asked_for.get("package")
    return found[0] if found else text.strip()


def invoked(system: WechatPay, params: dict[str, str]) -> tuple[str, Order | None]:
    """Check WeixinJSBridge parameters: (problem or "", the order)."""
    if params.get("signType") != "RSA":
        return "signType 应为 RSA", None
    lines = [params.get(name, "") for name in ("appId", "timeStamp", "nonceStr", "package")]
    if params.get("appId") != system.keys.appid:
        return "appId 与商户不匹配", None
    if not verify_pay_sign(lines, params.get("paySign", ""), system.keys):
        return "支付验证签名失败", None
    with system.store.transaction() as db:
        order = find(db, "prepay_id", params.get("package", "").removeprefix("prepay_id="))
    if order is None or order.kind != "jsapi":
        return "prepay_id 不存在", None
    return "", order


def _found(order: Order | None) -> Order:
    if order is None:
        raise ControlError("NOT_FOUND", "没有这个订单", 404)
    return order


def _bridge(outcome: str, words: str) -> Response:
    return JSONResponse({"err_msg": f"get_brand_wcpay_request:{outcome}", "err_desc": words})
