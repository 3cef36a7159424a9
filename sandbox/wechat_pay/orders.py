"""Orders as WeChat Pay keeps them: the table, the lookups, the transaction object of query and notify."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sandbox.clock import rfc3339

SCHEMA = """
CREATE TABLE IF NOT EXISTS wxp_orders (
    out_trade_no TEXT PRIMARY KEY, mchid TEXT NOT NULL, appid TEXT NOT NULL,
    combine_no TEXT NOT NULL DEFAULT '', kind TEXT NOT NULL, description TEXT NOT NULL, attach TEXT NOT NULL,
    notify_url TEXT NOT NULL,
    total INTEGER NOT NULL CHECK (total > 0), requested_openid TEXT NOT NULL, device_id TEXT NOT NULL,
    profit_sharing INTEGER NOT NULL, time_expire REAL NOT NULL, fingerprint TEXT NOT NULL,
    prepay_id TEXT NOT NULL UNIQUE, token TEXT NOT NULL UNIQUE, prepay_expires REAL NOT NULL,
    state TEXT NOT NULL, transaction_id TEXT UNIQUE, paid_at REAL, openid TEXT NOT NULL DEFAULT '',
    bank_type TEXT NOT NULL DEFAULT '', coupon INTEGER NOT NULL DEFAULT 0,
    fee INTEGER NOT NULL DEFAULT 0, cancelled INTEGER NOT NULL DEFAULT 0, late_pay_at REAL, created_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS wxp_orders_combine ON wxp_orders (combine_no) WHERE combine_no <> '';
CREATE INDEX IF NOT EXISTS wxp_orders_late ON wxp_orders (late_pay_at) WHERE late_pay_at IS NOT NULL;
"""

OUT_TRADE_NO = r"[0-9A-Za-z_\-|*]{6,32}"


class TradeState(StrEnum):
    """trade_state of a direct merchant's order."""

    NOTPAY = "NOTPAY"
    SUCCESS = "SUCCESS"
    REFUND = "REFUND"
    CLOSED = "CLOSED"
    # Of payment codes only: the payer is asked for the password; taken back; gone wrong.
    USERPAYING = "USERPAYING"
    REVOKED = "REVOKED"
    PAYERROR = "PAYERROR"


STATE_WORDS = {
    TradeState.NOTPAY: "订单未支付",
    TradeState.SUCCESS: "支付成功",
    TradeState.REFUND: "订单发生过退款，退款详情请查询退款单",
    TradeState.CLOSED: "订单已关闭",
    TradeState.USERPAYING: "需要用户输入支付密码",
    TradeState.REVOKED: "订单已撤销",
    TradeState.PAYERROR: "支付失败，请撤销订单",
}
TRADE_TYPES = {"jsapi": "JSAPI", "native": "NATIVE", "h5": "MWEB", "app": "APP", "code": "MICROPAY"}
#: WeChat keeps 0.6 % of what is paid, rounded to the fen.
FEE_PER_MILLE = 6


@dataclass(frozen=True, slots=True)
class Order:
    """One row. Amounts in fen; dates in business epoch seconds, late_pay_at in real ones."""

    out_trade_no: str
    mchid: str
    appid: str
    combine_no: str
    kind: str
    description: str
    attach: str
    notify_url: str
    total: int
    requested_openid: str
    device_id: str
    profit_sharing: bool
    time_expire: float
    fingerprint: str
    prepay_id: str
    token: str
    prepay_expires: float
    state: TradeState
    transaction_id: str | None
    paid_at: float | None
    openid: str
    bank_type: str
    coupon: int
    fee: int
    cancelled: int
    late_pay_at: float | None
    created_at: float

    @property
    def is_paid(self) -> bool:
        """Whether the money arrived, given back or not."""
        return self.state in (TradeState.SUCCESS, TradeState.REFUND)

    @property
    def payer_total(self) -> int:
        """Fen the payer really paid, after the coupon."""
        return self.total - self.coupon


def order_of(row: sqlite3.Row) -> Order:
    """Order from its row."""
    values = {name: row[name] for name in Order.__dataclass_fields__}
    values["state"] = TradeState(values["state"])
    values["profit_sharing"] = bool(values["profit_sharing"])
    return Order(**values)


def find(db: sqlite3.Connection, column: str, value: str) -> Order | None:
    """The order by out_trade_no, transaction_id, prepay_id or token."""
    if column not in ("out_trade_no", "transaction_id", "prepay_id", "token"):
        raise ValueError(f"an order is not found by {column}")
    row = db.execute(f"SELECT * FROM wxp_orders WHERE {column} = ?", (value,)).fetchone()  # noqa: S608
    return order_of(row) if row else None


def fee_of(total: int) -> int:
    """Fen that WeChat keeps of `total` fen."""
    return (total * FEE_PER_MILLE + 500) // 1000


def transaction(order: Order) -> dict[str, Any]:
    """The transaction object: the answer of a query, and the plaintext of a payment notification."""
    body: dict[str, Any] = {
        "appid": order.appid,
        "mchid": order.mchid,
        "out_trade_no": order.out_trade_no,
        "trade_state": order.state.value,
        "trade_state_desc": STATE_WORDS[order.state],
        "promotion_detail": [],
        "payer": {},
        "amount": {"total": order.total, "currency": "CNY", "payer_currency": "CNY"},
    }
    if order.device_id:
        body["scene_info"] = {"device_id": order.device_id}
    if not order.is_paid or order.paid_at is None:
        return body
    body |= {
        "transaction_id": order.transaction_id,
        "trade_type": TRADE_TYPES[order.kind],
        "bank_type": order.bank_type,
        "attach": order.attach,
        "success_time": rfc3339(order.paid_at),
        "payer": {"openid": order.openid},
    }
    body["amount"]["payer_total"] = order.payer_total
    if order.coupon:
        body["promotion_detail"] = [_promotion(order)]
    return body


def _promotion(order: Order) -> dict[str, Any]:
    return {
        "coupon_id": f"10900{order.created_at:.0f}",
        "name": "沙箱立减券",
        "scope": "GLOBAL",
        "type": "CASH",
        "amount": order.coupon,
        "stock_id": "931386",
        "wechatpay_contribute": order.coupon,
        "merchant_contribute": 0,
        "other_contribute": 0,
        "currency": "CNY",
    }
