"""Refunds: accepted at once, finished later; never more than was paid, never the same number twice."""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sandbox import faults, messages
from sandbox.clock import rfc3339, stamp
from sandbox.wechat_pay import notifications, sharing
from sandbox.wechat_pay.errors import ApiError, param_error
from sandbox.wechat_pay.fields import Fields, parse_body
from sandbox.wechat_pay.keys import Merchant
from sandbox.wechat_pay.orders import Order, TradeState, find
from sandbox.wechat_pay.prepay import check_notify_url
from sandbox.wechat_pay.signing import unseal_field
from sandbox.wechat_pay.system import NAME, WechatPay

SCHEMA = """
CREATE TABLE IF NOT EXISTS wxp_refunds (
    out_refund_no TEXT PRIMARY KEY, mchid TEXT NOT NULL, refund_id TEXT NOT NULL UNIQUE,
    out_trade_no TEXT NOT NULL REFERENCES wxp_orders, amount INTEGER NOT NULL CHECK (amount > 0),
    payer_amount INTEGER NOT NULL, reason TEXT NOT NULL, notify_url TEXT NOT NULL,
    funds_account TEXT NOT NULL, fingerprint TEXT NOT NULL, status TEXT NOT NULL,
    channel TEXT NOT NULL, account TEXT NOT NULL, planned TEXT NOT NULL,
    finish_at REAL, success_at REAL, created_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS wxp_refunds_order ON wxp_refunds (out_trade_no);
CREATE INDEX IF NOT EXISTS wxp_refunds_due ON wxp_refunds (finish_at) WHERE finish_at IS NOT NULL;
"""

OUT_REFUND_NO = r"[0-9A-Za-z_\-|*@]{1,64}"
MOST_PER_ORDER = 50
DAYS = 365
INTERVAL = 60  # sandbox seconds between two refunds of one order


class RefundStatus(StrEnum):
    """status in the API, refund_status in the notification."""

    PROCESSING = "PROCESSING"
    SUCCESS = "SUCCESS"
    ABNORMAL = "ABNORMAL"
    CLOSED = "CLOSED"


RESULTS = (RefundStatus.SUCCESS, RefundStatus.ABNORMAL, RefundStatus.CLOSED)
_SUMMARY = {
    RefundStatus.SUCCESS: "退款成功",
    RefundStatus.ABNORMAL: "退款异常",
    RefundStatus.CLOSED: "退款关闭",
}


@dataclass(frozen=True, slots=True)
class Refund:
    """One row. Amounts in fen; created_at and success_at in business epoch seconds, finish_at in real."""

    out_refund_no: str
    mchid: str
    refund_id: str
    out_trade_no: str
    amount: int
    payer_amount: int
    reason: str
    notify_url: str
    funds_account: str
    fingerprint: str
    status: RefundStatus
    channel: str
    account: str
    planned: RefundStatus
    finish_at: float | None
    success_at: float | None
    created_at: float


def refund_of(row: sqlite3.Row) -> Refund:
    """Refund from its row."""
    values = {name: row[name] for name in Refund.__dataclass_fields__}
    values["status"] = RefundStatus(values["status"])
    values["planned"] = RefundStatus(values["planned"])
    return Refund(**values)


def find_refund(db: sqlite3.Connection, out_refund_no: str) -> Refund | None:
    """The refund by the merchant's number."""
    row = db.execute("SELECT * FROM wxp_refunds WHERE out_refund_no = ?", (out_refund_no,)).fetchone()
    return refund_of(row) if row else None


def of_order(db: sqlite3.Connection, out_trade_no: str) -> list[Refund]:
    """All refunds of an order, oldest first."""
    rows = db.execute("SELECT * FROM wxp_refunds WHERE out_trade_no = ? ORDER BY rowid", (out_trade_no,))
    return [refund_of(row) for row in rows.fetchall()]


def apply(system: WechatPay, db: sqlite3.Connection, merchant: Merchant, body: bytes) -> dict[str, Any]:
    """Accept a refund, in the caller's transaction; the courier finishes it. Raises ApiError."""
    fields = parse_body(body)
    asked = _read(fields, system)
    order = _order(db, merchant, asked)
    fingerprint = hashlib.sha256(
        json.dumps(
            [order.out_trade_no, *(asked[name] for name in ("amount", "total", "reason", "notify_url"))]
        ).encode()
    ).hexdigest()
    known = find_refund(db, asked["out_refund_no"])
    if known:
        if known.fingerprint != fingerprint or known.mchid != merchant.mchid:
            raise ApiError("INVALID_REQUEST", "同一退款单号的请求参数与首次请求时不一致")
        return answer(order, known)
    earlier = of_order(db, order.out_trade_no)
    _check(system, order, earlier, asked, sharing.shared(db, order))
    now = system.clock.now()
    fault = faults.take(
        db, system=NAME, operation="refund", kinds={"refund_result"}, subject=order.out_trade_no
    )
    planned = str(fault.params.get("result", "SUCCESS")) if fault else RefundStatus.SUCCESS.value
    delay = system.clock.real(system.options().refund_delay)
    if fault:
        delay = fault.number("delay", delay)
    db.execute(
        "INSERT INTO wxp_refunds (out_refund_no, mchid, refund_id, out_trade_no, amount, payer_amount, reason,"
        " notify_url, funds_account, fingerprint, status, channel, account, planned, finish_at, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'ORIGINAL', '支付用户零钱', ?, ?, ?)",
        (
            asked["out_refund_no"],
            merchant.mchid,
            f"503{stamp(now, '%Y%m%d')}{secrets.randbelow(10**17):017d}",
            order.out_trade_no,
            asked["amount"],
            _payer_part(order, earlier, asked["amount"]),
            asked["reason"],
            asked["notify_url"],
            asked["funds_account"],
            fingerprint,
            RefundStatus.PROCESSING.value,
            planned,
            system.clock.wall() + delay,
            now,
        ),
    )
    db.execute(
        "UPDATE wxp_orders SET state = ? WHERE out_trade_no = ?",
        (TradeState.REFUND.value, order.out_trade_no),
    )
    made = find_refund(db, asked["out_refund_no"])
    if made is None:
        raise LookupError(asked["out_refund_no"])
    return answer(order, made)


def _read(fields: Fields, system: WechatPay) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "transaction_id": fields.text("transaction_id", longest=32),
        "out_trade_no": fields.text("out_trade_no", longest=32, shortest=6),
        "out_refund_no": fields.needed("out_refund_no", longest=64, pattern=OUT_REFUND_NO),
        "reason": fields.text("reason", longest=80, shortest=0) or "",
        "funds_account": fields.choice("funds_account", ("AVAILABLE", "UNSETTLED")) or "AVAILABLE",
    }
    url = fields.text("notify_url", longest=256)
    asked["notify_url"] = check_notify_url(url, system.settings) if url else ""
    if not asked["transaction_id"] and not asked["out_trade_no"]:
        raise param_error("/transaction_id", "与 out_trade_no 二选一必填")
    amount = fields.needed_part("amount")
    asked["amount"] = amount.fen("refund")
    asked["total"] = amount.fen("total")
    amount.choice("currency", ("CNY",), required=True)
    sources = amount.parts("from")
    for source in sources:
        source.choice("account", ("AVAILABLE", "UNAVAILABLE"), required=True)
    if sources and sum(source.fen("amount") or 0 for source in sources) != asked["amount"]:
        raise param_error("/amount/from", "出资金额之和应等于退款金额")
    for goods in fields.parts("goods_detail"):
        goods.needed("merchant_goods_id", longest=32)
        goods.fen("unit_price", least=0)
        goods.fen("refund_amount", least=0)
        goods.fen("refund_quantity")
    return asked


def _order(db: sqlite3.Connection, merchant: Merchant, asked: dict[str, Any]) -> Order:
    if asked["transaction_id"]:
        order = find(db, "transaction_id", asked["transaction_id"])
    else:
        order = find(db, "out_trade_no", asked["out_trade_no"])
    if order is None or order.mchid != merchant.mchid or not order.is_paid:
        raise ApiError("RESOURCE_NOT_EXISTS", "订单不存在或未支付")
    return order


def _check(
    system: WechatPay, order: Order, earlier: list[Refund], asked: dict[str, Any], shared: int
) -> None:
    now = system.clock.now()
    if asked["total"] != order.total:
        raise ApiError("INVALID_REQUEST", "订单金额与支付时不一致，请核实后再试")
    gone = sum(refund.amount for refund in earlier if refund.status is not RefundStatus.CLOSED)
    if asked["amount"] > order.total - gone:
        raise ApiError("INVALID_REQUEST", "申请退款金额大于订单剩余可退金额")
    if asked["amount"] > order.total - gone - shared:
        raise ApiError("NOT_ENOUGH", "可用余额不足，请先回退已分账的资金")
    if len(earlier) >= MOST_PER_ORDER:
        raise ApiError("INVALID_REQUEST", f"一笔订单最多退款{MOST_PER_ORDER}次")
    if order.paid_at is not None and now - order.paid_at > DAYS * 86400:
        raise ApiError("INVALID_REQUEST", "订单已超过可退款的最大期限")
    if earlier and system.options().refund_interval:
        passed = now - earlier[-1].created_at
        if 0 <= passed < system.clock.real(INTERVAL):
            raise ApiError("FREQUENCY_LIMITED", "同一订单的多次退款需间隔1分钟，请稍后重试")


def _payer_part(order: Order, earlier: list[Refund], amount: int) -> int:
    """Fen of this refund that go back to the payer: what the coupon paid goes back to its sponsor."""
    living = [refund for refund in earlier if refund.status is not RefundStatus.CLOSED]
    if sum(refund.amount for refund in living) + amount == order.total:
        return order.payer_total - sum(refund.payer_amount for refund in living)
    return amount * order.payer_total // order.total


def query_refund(db: sqlite3.Connection, out_refund_no: str, mchid: str = "") -> dict[str, Any]:
    """The refund object. Raises ApiError RESOURCE_NOT_EXISTS."""
    refund = find_refund(db, out_refund_no)
    order = find(db, "out_trade_no", refund.out_trade_no) if refund else None
    if refund is None or order is None or mchid not in ("", refund.mchid):
        raise ApiError("RESOURCE_NOT_EXISTS", "退款单不存在")
    return answer(order, refund)


def apply_abnormal(
    system: WechatPay, db: sqlite3.Connection, merchant: Merchant, refund_id: str, body: bytes, serial: str
) -> dict[str, Any]:
    """Send an abnormal refund to a bank card instead. Raises ApiError."""
    fields = parse_body(body)
    number = fields.needed("out_refund_no", longest=64, pattern=OUT_REFUND_NO)
    kind = fields.choice("type", ("USER_BANK_CARD", "MERCHANT_BANK_CARD"), required=True)
    if kind == "USER_BANK_CARD":
        for name, longest in (("bank_type", 16), ("bank_account", 1024), ("real_name", 1024)):
            fields.needed(name, longest=longest)
        if not serial:
            raise ApiError("PARAM_ERROR", "请求含敏感字段，请求头 Wechatpay-Serial 必填")
        for name in ("bank_account", "real_name"):
            if unseal_field(fields.needed(name, longest=1024), system.keys) is None:
                raise param_error(f"/{name}", "解密失败")
    refund = find_refund(db, number)
    order = find(db, "out_trade_no", refund.out_trade_no) if refund else None
    if refund is None or order is None or refund.refund_id != refund_id or refund.mchid != merchant.mchid:
        raise ApiError("RESOURCE_NOT_EXISTS", "退款单不存在")
    if refund.status is not RefundStatus.ABNORMAL:
        raise ApiError("INVALID_REQUEST", "只有退款异常的退款单才能发起异常退款")
    channel, account = (
        ("OTHER_BANKCARD", "用户银行卡") if kind == "USER_BANK_CARD" else ("ORIGINAL", "商户银行账户")
    )
    db.execute(
        "UPDATE wxp_refunds SET status = ?, planned = ?, channel = ?, account = ?, finish_at = ?"
        " WHERE out_refund_no = ?",
        (
            RefundStatus.PROCESSING.value,
            RefundStatus.SUCCESS.value,
            channel,
            account,
            system.clock.wall() + system.clock.real(system.options().refund_delay),
            number,
        ),
    )
    return query_refund(db, number)


def answer(order: Order, refund: Refund) -> dict[str, Any]:
    """The refund object of apply and query."""
    body: dict[str, Any] = {
        "refund_id": refund.refund_id,
        "out_refund_no": refund.out_refund_no,
        "transaction_id": order.transaction_id,
        "out_trade_no": order.out_trade_no,
        "channel": refund.channel,
        "user_received_account": refund.account,
        "create_time": rfc3339(refund.created_at),
        "status": refund.status.value,
        "funds_account": refund.funds_account,
        "amount": {
            "total": order.total,
            "refund": refund.amount,
            "from": [],
            "payer_total": order.payer_total,
            "payer_refund": refund.payer_amount,
            "settlement_refund": refund.amount,
            "settlement_total": order.total,
            "discount_refund": refund.amount - refund.payer_amount,
            "currency": "CNY",
            "refund_fee": 0,
        },
        "promotion_detail": [],
    }
    if refund.success_at is not None:
        body["success_time"] = rfc3339(refund.success_at)
    return body


def finish_due(system: WechatPay, db: sqlite3.Connection) -> int:
    """Bring every refund to its planned end whose time has come."""
    rows = db.execute(
        "SELECT * FROM wxp_refunds WHERE finish_at IS NOT NULL AND finish_at <= ? ORDER BY finish_at",
        (system.clock.wall(),),
    ).fetchall()
    for row in rows:
        refund = refund_of(row)
        finish(system, db, refund, refund.planned)
    return len(rows)


def finish(system: WechatPay, db: sqlite3.Connection, refund: Refund, result: RefundStatus) -> None:
    """End a refund with `result` and queue its notification, in the caller's transaction."""
    now = system.clock.now()
    success_at = now if result is RefundStatus.SUCCESS else None
    db.execute(
        "UPDATE wxp_refunds SET status = ?, finish_at = NULL, success_at = ? WHERE out_refund_no = ?",
        (result.value, success_at, refund.out_refund_no),
    )
    order = find(db, "out_trade_no", refund.out_trade_no)
    if order is None:
        raise LookupError(refund.out_trade_no)
    if all(other.status is RefundStatus.CLOSED for other in of_order(db, order.out_trade_no)):
        db.execute(
            "UPDATE wxp_orders SET state = ? WHERE out_trade_no = ?",
            (TradeState.SUCCESS.value, order.out_trade_no),
        )
    if result is RefundStatus.SUCCESS:
        _tell_payer(db, order, refund, now)
    if not refund.notify_url:
        return  # without an address in the request nobody is told: the merchant has to query
    plain: dict[str, Any] = {
        "mchid": order.mchid,
        "transaction_id": order.transaction_id,
        "out_trade_no": order.out_trade_no,
        "refund_id": refund.refund_id,
        "out_refund_no": refund.out_refund_no,
        "refund_status": result.value,
        "user_received_account": refund.account,
        "amount": {
            "total": order.total,
            "refund": refund.amount,
            "payer_total": order.payer_total,
            "payer_refund": refund.payer_amount,
        },
    }
    if success_at is not None:
        plain["success_time"] = rfc3339(success_at)
    notifications.create(
        system,
        db,
        event_type=f"REFUND.{result.value}",
        original_type="refund",
        summary=_SUMMARY[result],
        plain=plain,
        url=refund.notify_url,
        mchid=order.mchid,
        out_trade_no=order.out_trade_no,
        out_refund_no=refund.out_refund_no,
    )


def give_back_reversed(db: sqlite3.Connection, order: Order, now: float) -> None:
    """Tell the payer of a reversal: the money is back at once; there is no refund number."""
    messages.post(
        db,
        system=NAME,
        receiver=order.openid,
        title="交易撤销通知",
        headline=f"¥{order.payer_total / 100:.2f}",
        lines=[("退回金额", f"¥{order.payer_total / 100:.2f}"), ("商户单号", order.out_trade_no)],
        now=now,
    )


def _tell_payer(db: sqlite3.Connection, order: Order, refund: Refund, now: float) -> None:
    messages.post(
        db,
        system=NAME,
        receiver=order.openid,
        title="退款到账通知",
        headline=f"¥{refund.payer_amount / 100:.2f}",
        lines=[
            ("退款金额", f"¥{refund.payer_amount / 100:.2f}"),
            ("商品", order.description),
            ("退款方式", refund.account),
            ("退款单号", refund.out_refund_no),
            ("到账时间", stamp(now, "%Y-%m-%d %H:%M:%S")),
        ],
        now=now,
    )
