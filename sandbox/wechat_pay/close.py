"""Close an unpaid order. Unknown and already closed orders answer as if it had just been done."""

from __future__ import annotations

import re
import sqlite3

from sandbox import faults
from sandbox.wechat_pay.errors import ApiError, param_error
from sandbox.wechat_pay.fields import parse_body
from sandbox.wechat_pay.keys import Merchant
from sandbox.wechat_pay.orders import OUT_TRADE_NO, TradeState, find
from sandbox.wechat_pay.system import NAME, WechatPay


def close(
    system: WechatPay, db: sqlite3.Connection, merchant: Merchant, out_trade_no: str, body: bytes
) -> None:
    """Close the order, in the caller's transaction. Raises ApiError ORDERPAID when the money has arrived."""
    mchid = parse_body(body).needed("mchid", longest=32)
    if not re.fullmatch(OUT_TRADE_NO, out_trade_no):
        raise param_error("/out_trade_no", "格式错误", out_trade_no, location="path")
    if mchid != merchant.mchid:
        raise ApiError("MCH_NOT_EXISTS")
    order = find(db, "out_trade_no", out_trade_no)
    if order is None or order.mchid != mchid or order.state in (TradeState.CLOSED, TradeState.REVOKED):
        return
    if order.combine_no:
        raise ApiError("INVALID_REQUEST", "合单支付订单只能使用合单关单接口")
    if order.kind == "code":
        raise ApiError("INVALID_REQUEST", "付款码支付订单请使用撤销接口")
    if order.is_paid:
        raise ApiError("ORDERPAID")
    fault = faults.take(db, system=NAME, operation="close", kinds={"pay_after_close"}, subject=out_trade_no)
    late = system.clock.wall() + fault.number("delay", 1.0) if fault else None
    db.execute(
        "UPDATE wxp_orders SET state = ?, late_pay_at = ? WHERE out_trade_no = ?",
        (TradeState.CLOSED.value, late, out_trade_no),
    )
