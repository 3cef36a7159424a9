"""/_sim/wechat_pay, the rest: payment codes, shares, keys that change, days that pass."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.control_api import ControlError, asked
from sandbox.people import PEOPLE, person
from sandbox.wechat_pay import bills, codepay, payments, sharing, sharing_bill
from sandbox.wechat_pay.keys import ROTATABLE, forget_rotations, rotate
from sandbox.wechat_pay.orders import find, transaction
from sandbox.wechat_pay.system import WechatPay


class MerchantControl:
    """Endpoints for tests, journeys and the control panel."""

    def __init__(self, system: WechatPay) -> None:
        self._system = system

    def routes(self) -> list[BaseRoute]:
        """Routes under /_sim/wechat_pay."""
        return [
            Route("/code", self.code, methods=["GET"]),
            Route("/password", self.password, methods=["POST"]),
            Route("/shares", self.shares, methods=["GET"]),
            Route("/rotate", self.rotate, methods=["POST"]),
            Route("/age", self.age, methods=["POST"]),
            Route("/merchants", self.merchants, methods=["GET"]),
        ]

    async def code(self, request: Request) -> Response:
        """GET code?openid=: the payment code on this person's phone in this minute."""
        who = person(request.query_params.get("openid", PEOPLE[0].openid))
        return JSONResponse({"openid": who.openid, "auth_code": codepay.code_of(self._system, who)})

    async def password(self, request: Request) -> Response:
        """POST password {out_trade_no, right?}: the payer types the password, or turns away."""
        data = await asked(request)
        try:
            with self._system.store.transaction() as db:
                order = find(db, "out_trade_no", data.text("out_trade_no"))
                if order is None:
                    raise ControlError("NOT_FOUND", "没有这个订单", 404)
                order = codepay.answer_password(self._system, db, order, right=data.flag("right", True))
        except payments.PaymentRefused as error:
            raise ControlError(error.code, error.message, 409) from error
        return JSONResponse(transaction(order))

    async def shares(self, request: Request) -> Response:
        """GET shares: requests with their receivers, and returns; newest first."""
        with self._system.store.transaction() as db:
            rows = db.execute("SELECT out_order_no FROM wxp_shares ORDER BY rowid DESC LIMIT 100").fetchall()
            requests = [sharing.share_json(db, row["out_order_no"]) for row in rows]
            backs = db.execute("SELECT * FROM wxp_share_returns ORDER BY rowid DESC LIMIT 100").fetchall()
            receivers = db.execute("SELECT * FROM wxp_receivers ORDER BY rowid").fetchall()
        return JSONResponse(
            {
                "shares": requests,
                "returns": [sharing.return_json(row) for row in backs],
                "receivers": [
                    {name: row[name] for name in ("mchid", "type", "account", "relation_type")}
                    for row in receivers
                ],
            }
        )

    async def rotate(self, request: Request) -> Response:
        """POST rotate {what: merchant|apiv3|platform|public, mchid?}: a new key beside the old one; none: forget
        all."""
        data = await asked(request)
        what = data.choice("what", "merchant", (*ROTATABLE, "none"))
        if what == "none":
            forget_rotations(self._system.keys)
            return JSONResponse({"what": what})
        mchid = data.text("mchid") or self._system.keys.mchid
        if mchid not in self._system.keys.merchants:
            raise ControlError("NOT_FOUND", "没有这个商户", 404)
        made = rotate(self._system.keys, what, mchid)
        made.pop("apiv3_key", None)  # read it from rotations.json: no secret in an answer
        return JSONResponse(made)

    async def age(self, request: Request) -> Response:
        """POST age {days}: what happened moves into the past, as if so many days had gone by."""
        days = (await asked(request)).whole("days", 1, least=1, most=400)
        with self._system.store.transaction() as db:
            bills.age(db, days)
            sharing_bill.age(db, days)
        return JSONResponse({"days": days})

    async def merchants(self, request: Request) -> Response:
        """GET merchants: who has an account here, and where its keys are."""
        keys = self._system.keys
        return JSONResponse(
            {
                "merchants": [
                    {
                        "mchid": one.mchid,
                        "name": one.name,
                        "serials": list(one.certificates),
                        "directory": str(one.directory),
                    }
                    for one in keys.merchants.values()
                ]
            }
        )
