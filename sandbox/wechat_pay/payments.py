"""The payer's side of an order: pay it, or turn away."""

from __future__ import annotations

import secrets
import sqlite3
from typing import Protocol

from sandbox import messages
from sandbox.clock import stamp
from sandbox.people import PEOPLE
from sandbox.wechat_pay import notifications
from sandbox.wechat_pay.orders import Order, TradeState, fee_of, find, order_of, transaction
from sandbox.wechat_pay.system import NAME, WechatPay


class PaymentRefused(Exception):
    """The payer's phone says no; `code` is stable, the text is for the phone."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)


class Payable(Protocol):
    """An order, or several under one number."""

    @property
    def is_paid(self) -> bool: ...
    @property
    def state(self) -> TradeState: ...
    @property
    def time_expire(self) -> float: ...
    @property
    def prepay_expires(self) -> float: ...
    @property
    def requested_openid(self) -> str: ...


def refusal(order: Payable, now: float, openid: str = "") -> PaymentRefused | None:
    """Why this order cannot be paid at this moment, or None."""
    if order.is_paid:
        return PaymentRefused("ALREADY_PAID", "该订单已支付，请勿重复支付")
    if order.state in (TradeState.CLOSED, TradeState.REVOKED, TradeState.PAYERROR):
        return PaymentRefused("CLOSED", "该订单已关闭")
    if now >= order.time_expire:
        return PaymentRefused("EXPIRED", "订单已超过支付截止时间")
    if now >= order.prepay_expires:
        return PaymentRefused("PREPAY_EXPIRED", "支付链接已过期，请回到商家重新发起支付")
    if openid and order.requested_openid and openid != order.requested_openid:
        return PaymentRefused("OPENID_MISMATCH", "当前微信号与下单的微信号不一致")
    return None


def pay(
    system: WechatPay,
    db: sqlite3.Connection,
    order: Order,
    *,
    openid: str = "",
    coupon: int = 0,
    after_close: bool = False,
) -> Order:
    """Take the money and queue the notification, in the caller's transaction; wake the courier after it.

    openid: the payer, by default the one the order was made for. coupon: fen that a coupon pays.
    after_close: the payer was already at the password screen, so a closed or expired order does not stop it.
    Raises PaymentRefused.
    """
    now = system.clock.now()
    reason = refusal(order, now, openid)
    if reason and not (after_close and reason.code in ("CLOSED", "EXPIRED", "PREPAY_EXPIRED")):
        raise reason
    if not 0 <= coupon < order.total:
        raise PaymentRefused("COUPON", "优惠金额应小于订单金额")
    payer = openid or order.requested_openid or PEOPLE[0].openid
    paid = settle(db, order, payer, now, coupon)
    if paid.kind != "code":  # of a payment code WeChat notifies nobody: the answer and the query tell
        notifications.create(
            system,
            db,
            event_type="TRANSACTION.SUCCESS",
            original_type="transaction",
            summary="支付成功",
            plain=transaction(paid),
            url=paid.notify_url,
            mchid=paid.mchid,
            out_trade_no=paid.out_trade_no,
        )
    tell_payer(
        db,
        payer,
        paid.payer_total,
        [("商品", paid.description), ("商户单号", paid.out_trade_no)],
        now,
    )
    return paid


def settle(db: sqlite3.Connection, order: Order, payer: str, now: float, coupon: int = 0) -> Order:
    """Take the money of one order; tells nobody."""
    db.execute(
        "UPDATE wxp_orders SET state = ?, transaction_id = ?, paid_at = ?, openid = ?, bank_type = 'OTHERS',"
        " coupon = ?, fee = ?, late_pay_at = NULL WHERE out_trade_no = ?",
        (
            TradeState.SUCCESS.value,
            transaction_id(now),
            now,
            payer,
            coupon,
            fee_of(order.total),
            order.out_trade_no,
        ),
    )
    paid = find(db, "out_trade_no", order.out_trade_no)
    if paid is None or paid.paid_at is None:
        raise LookupError(order.out_trade_no)
    return paid


def tell_payer(
    db: sqlite3.Connection, payer: str, fen: int, lines: list[tuple[str, str]], now: float
) -> None:
    """The receipt on the payer's phone."""
    words = f"¥{fen / 100:.2f}"
    messages.post(
        db,
        system=NAME,
        receiver=payer,
        title="微信支付凭证",
        headline=words,
        lines=[("付款金额", words), *lines, ("支付时间", stamp(now, "%Y-%m-%d %H:%M:%S"))],
        now=now,
    )


def transaction_id(now: float) -> str:
    """A new transaction number: 28 digits, with the day inside."""
    return f"420000{secrets.randbelow(10**4):04d}{stamp(now, '%Y%m%d')}{secrets.randbelow(10**10):010d}"


def cancel(db: sqlite3.Connection, order: Order) -> None:
    """The payer turned away. The order stays payable; WeChat tells nobody."""
    db.execute(
        "UPDATE wxp_orders SET cancelled = cancelled + 1 WHERE out_trade_no = ?", (order.out_trade_no,)
    )


def pay_late_ones(system: WechatPay, db: sqlite3.Connection) -> int:
    """Make the payments whose payer stood at the password screen while the order was closed."""
    rows = db.execute(
        "SELECT * FROM wxp_orders WHERE late_pay_at IS NOT NULL AND late_pay_at <= ?", (system.clock.wall(),)
    ).fetchall()
    for row in rows:
        pay(system, db, order_of(row), after_close=True)
    return len(rows)
