"""/_sim/wechat_pay: play the payer, look into the books, send notifications by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from sqlite3 import Connection
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.clock import rfc3339
from sandbox.control_api import Asked, ControlError, asked
from sandbox.wechat_pay import combine, notifications, payments, refunds
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
            openid, after_close = data.text("openid"), data.flag("after_close", False)
            coupon = data.whole("coupon", 0, least=0, most=10**12)
            with self._system.store.transaction() as db:
                order = _found(locate(db, data))
                if isinstance(order, combine.Combine):
                    order = combine.pay(self._system, db, order, openid=openid, after_close=after_close)
                else:
                    order = payments.pay(
                        self._system, db, order, openid=openid, coupon=coupon, after_close=after_close
                    )
        except payments.PaymentRefused as error:
            raise ControlError(error.code, error.message, 409) from error
        self._system.wake()
        return JSONResponse(self._order_json(order))

    async def cancel(self, request: Request) -> Response:
        """POST cancel {out_trade_no …}: the payer turns away; the order stays payable."""
        data = await asked(request)
        with self._system.store.transaction() as db:
            order = _found(locate(db, data))
            for one in order.orders if isinstance(order, combine.Combine) else (order,):
                payments.cancel(db, one)
            order = _found(locate(db, data))
        return JSONResponse(self._order_json(order))

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
            return _bridge("cancel", "")
        try:
            with self._system.store.transaction() as db:
                pay_whole(self._system, db, order, data.text("openid"))
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
        number = request.path_params["number"]
        with self._system.store.transaction() as db:
            order = _found(locate(db, Asked({"out_trade_no": number})))
        body = self._order_json(order)
        numbers = (
            [one.out_trade_no for one in order.orders] if isinstance(order, combine.Combine) else [number]
        )
        body["refunds"] = [refund for one in numbers for refund in self._refunds("out_trade_no = ?", one)]
        body["notifications"] = self._notifications("out_trade_no = ?", [number])
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
        """POST options: any of the options."""
        data = await asked(request)
        old = self._system.options()
        new = replace(
            old,
            key_mode=KeyMode(
                data.choice("key_mode", old.key_mode.value, tuple(mode.value for mode in KeyMode))
            ),
            refund_interval=data.flag("refund_interval", old.refund_interval),
            refund_delay=data.number("refund_delay", old.refund_delay, least=0, most=10 * 86400),
            password_above=data.whole("password_above", old.password_above, least=0, most=10**12),
            sharing_ratio=data.whole("sharing_ratio", old.sharing_ratio, least=0, most=10000),
            sharing_delay=data.number("sharing_delay", old.sharing_delay, least=0, most=10 * 86400),
            sharing_notify_url=data.text("sharing_notify_url", old.sharing_notify_url),
            bill_hour=data.flag("bill_hour", old.bill_hour),
        )
        self._system.save_options(new)
        return JSONResponse(options_json(new))

    def _order_json(self, order: Order | combine.Combine) -> dict[str, Any]:
        if isinstance(order, combine.Combine):
            return {
                **combine.combine_json(order),
                "trade_state": order.state.value,
                "kind": order.kind,
                "notify_url": order.notify_url,
                "prepay_id": order.prepay_id,
                "time_expire": rfc3339(order.time_expire),
                "amount": {"total": order.total, "currency": "CNY"},
            }
        return {
            **transaction(order),
            "combine_out_trade_no": order.combine_no,
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
        "password_above": options.password_above,
        "sharing_ratio": options.sharing_ratio,
        "sharing_delay": options.sharing_delay,
        "sharing_notify_url": options.sharing_notify_url,
        "bill_hour": options.bill_hour,
    }


def locate(db: Connection, data: Asked) -> Order | combine.Combine | None:
    """The order a payer means: by number, by what the prepay call answered, or by the token in it."""
    if data.text("out_trade_no"):
        number = data.text("out_trade_no")
        return find(db, "out_trade_no", number) or combine.find_combine(db, "combine_no", number)
    if data.text("prepay_id"):
        return by_prepay_id(db, data.text("prepay_id"))
    return by_token(db, token_of(data.text("code_url") or data.text("h5_url")))


def by_prepay_id(db: Connection, prepay_id: str) -> Order | combine.Combine | None:
    """An order, single or combined, by what prepay answered."""
    return find(db, "prepay_id", prepay_id) or combine.find_combine(db, "prepay_id", prepay_id)


def by_token(db: Connection, token: str) -> Order | combine.Combine | None:
    """An order, single or combined, by the token inside its link."""
    return find(db, "token", token) or combine.find_combine(db, "token", token)


def pay_whole(system: WechatPay, db: Connection, order: Order | combine.Combine, openid: str) -> None:
    """Pay an order or a combined one. Raises PaymentRefused."""
    if isinstance(order, combine.Combine):
        combine.pay(system, db, order, openid=openid)
    else:
        payments.pay(system, db, order, openid=openid)


def token_of(text: str) -> str:
    """The token inside a code_url or an h5_url; the text itself when it is neither."""
    try:
        asked_for = parse_qs(urlsplit(text.strip()).query)
    except ValueError:
        return text.strip()
    found = asked_for.get("pr") or asked_for.get("package")
    return found[0] if found else text.strip()


def invoked(system: WechatPay, params: dict[str, str]) -> tuple[str, Order | combine.Combine | None]:
    """Check WeixinJSBridge parameters: (problem or "", the order)."""
    if params.get("signType") != "RSA":
        return "signType 应为 RSA", None
    lines = [params.get(name, "") for name in ("appId", "timeStamp", "nonceStr", "package")]
    with system.store.transaction() as db:
        order = by_prepay_id(db, params.get("package", "").removeprefix("prepay_id="))
    if order is None or order.kind != "jsapi":
        return "prepay_id 不存在", None
    if params.get("appId") != order.appid:
        return "appId 与下单时不一致", None
    if not verify_pay_sign(lines, params.get("paySign", ""), system.keys.merchants[order.mchid]):
        return "支付验证签名失败", None
    return "", order


def _found(order: Order | combine.Combine | None) -> Order | combine.Combine:
    if order is None:
        raise ControlError("NOT_FOUND", "没有这个订单", 404)
    return order


def _bridge(outcome: str, words: str) -> Response:
    return JSONResponse({"err_msg": f"get_brand_wcpay_request:{outcome}", "err_desc": words})
