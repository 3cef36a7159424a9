"""Payment codes (付款码): the shop scans the payer's phone; WeChat asks for the password where it must."""

from __future__ import annotations

import hashlib
import hmac
import re
import sqlite3
from typing import Any

from sandbox import faults
from sandbox.people import PEOPLE, Person
from sandbox.wechat_pay import payments, refunds
from sandbox.wechat_pay.errors import ApiError, param_error
from sandbox.wechat_pay.fields import Fields, parse_body
from sandbox.wechat_pay.keys import Merchant
from sandbox.wechat_pay.orders import OUT_TRADE_NO, Order, TradeState, find, transaction
from sandbox.wechat_pay.prepay import (
    DAY,
    check_merchant,
    fingerprint_of,
    insert,
    new_prepay_id,
    read_detail,
    reload,
)
from sandbox.wechat_pay.signing import random_text
from sandbox.wechat_pay.system import NAME, WechatPay

SCHEMA = """
CREATE TABLE IF NOT EXISTS wxp_codes (
    auth_code TEXT PRIMARY KEY, out_trade_no TEXT NOT NULL, openid TEXT NOT NULL, used_at REAL NOT NULL
);
"""
#: 18 digits that begin with 10 to 15; a phone shows a new one each minute.
AUTH_CODE = r"1[0-5]\d{16}"
MINUTE = 60
REVERSIBLE_DAYS = 7


def code_of(system: WechatPay, person: Person, minutes_ago: int = 0) -> str:
    """What the phone of `person` shows in this minute (business clock)."""
    minute = int(system.clock.now() // MINUTE) - minutes_ago
    digest = hmac.new(
        system.keys.apiv3_key.encode(), f"{person.openid}\0{minute}".encode(), hashlib.sha256
    ).hexdigest()
    return f"13{int(digest[:24], 16) % 10**16:016d}"


def owner_of(system: WechatPay, auth_code: str) -> Person | None:
    """Whose phone shows the code now, or showed it in the minute before."""
    for person in PEOPLE:
        if auth_code in (code_of(system, person), code_of(system, person, 1)):
            return person
    return None


def codepay(
    system: WechatPay, db: sqlite3.Connection, merchant: Merchant, body: bytes
) -> dict[str, Any] | None:
    """Charge the phone whose code was scanned; None when it is asked for the password. Raises ApiError.

    The same number with the same words is the same order, whatever became of it.
    """
    fields = parse_body(body)
    asked = _read(fields)
    check_merchant(merchant, fields)
    asked |= {"mchid": merchant.mchid, "appid": fields.needed("appid", longest=32)}
    fingerprint = fingerprint_of("code", body)
    known = find(db, "out_trade_no", asked["out_trade_no"])
    if known:
        return _again(known, merchant, fingerprint)
    person = owner_of(system, asked["auth_code"])
    used = db.execute("SELECT 1 FROM wxp_codes WHERE auth_code = ?", (asked["auth_code"],)).fetchone()
    if used:
        raise ApiError("AUTH_CODE_USED")
    if person is None:
        raise ApiError("AUTH_CODE_EXPIRED")
    now = system.clock.now()
    asked |= {"openid": person.openid, "notify_url": ""}
    insert(
        db,
        asked,
        kind="code",
        fingerprint=fingerprint,
        prepay_id=new_prepay_id(now),
        token=random_text(9),
        prepay_expires=now + DAY,
        time_expire=now + DAY,
        now=now,
    )
    db.execute(
        "INSERT INTO wxp_codes (auth_code, out_trade_no, openid, used_at) VALUES (?, ?, ?, ?)",
        (asked["auth_code"], asked["out_trade_no"], person.openid, now),
    )
    order = reload(db, asked["out_trade_no"])
    slow = faults.take(
        db, system=NAME, operation="codepay", kinds={"userpaying", "slow"}, subject=order.out_trade_no
    )
    if slow or order.total > system.options().password_above:
        late = system.clock.wall() + slow.number("delay", 8.0) if slow and slow.kind == "slow" else None
        db.execute(
            "UPDATE wxp_orders SET state = ?, late_pay_at = ? WHERE out_trade_no = ?",
            (TradeState.USERPAYING.value, late, order.out_trade_no),
        )
        return None
    return transaction(payments.pay(system, db, order, openid=person.openid))


def _read(fields: Fields) -> dict[str, Any]:
    fields.needed("appid", longest=32)
    fields.needed("mchid", longest=32)
    asked: dict[str, Any] = {
        "description": fields.needed("description", longest=127),
        "out_trade_no": fields.needed("out_trade_no", shortest=6, longest=32, pattern=OUT_TRADE_NO),
        "attach": fields.text("attach", longest=128, shortest=0) or "",
        "auth_code": fields.needed_part("payer").needed("auth_code", longest=32),
    }
    if not re.fullmatch(AUTH_CODE, asked["auth_code"]):
        raise ApiError("AUTH_CODE_INVALID")
    fields.text("goods_tag", longest=32, shortest=0)
    fields.flag("support_fapiao")
    amount = fields.needed_part("amount")
    asked["total"] = amount.fen("total")
    amount.choice("currency", ("CNY",))
    scene = fields.needed_part("scene_info")
    asked["device_id"] = scene.text("device_id", longest=32, shortest=0) or ""
    scene.text("device_ip", longest=45, shortest=0)
    store = scene.needed_part("store_info")
    if not store.text("id", longest=32) and not store.text("out_id", longest=32):
        raise param_error("/scene_info/store_info", "id 与 out_id 至少填一个")
    settle = fields.part("settle_info")
    asked["profit_sharing"] = settle.flag("profit_sharing") if settle else False
    read_detail(fields)
    return asked


def _again(order: Order, merchant: Merchant, fingerprint: str) -> dict[str, Any] | None:
    if order.mchid != merchant.mchid or order.kind != "code":
        raise ApiError("OUT_TRADE_NO_USED")
    if order.fingerprint != fingerprint:
        raise ApiError("INVALID_REQUEST", "请求重入时，参数与首次请求时不一致")
    if order.is_paid:
        return transaction(order)
    if order.state is TradeState.USERPAYING:
        return None
    raise ApiError("ORDER_CLOSED")


def answer_password(system: WechatPay, db: sqlite3.Connection, order: Order, *, right: bool) -> Order:
    """The payer types the password, or turns away. Raises PaymentRefused where nothing is asked any more."""
    if order.state is not TradeState.USERPAYING:
        raise payments.refusal(order, system.clock.now()) or payments.PaymentRefused("CLOSED", "该订单已结束")
    if right:
        return payments.pay(system, db, order, openid=order.requested_openid)
    db.execute(
        "UPDATE wxp_orders SET state = ?, late_pay_at = NULL WHERE out_trade_no = ?",
        (TradeState.PAYERROR.value, order.out_trade_no),
    )
    return reload(db, order.out_trade_no)


def reverse(
    system: WechatPay, db: sqlite3.Connection, merchant: Merchant, number: str, body: bytes
) -> dict[str, Any]:
    """Take a payment code's order back: unpaid it can never be paid, paid money returns. Raises ApiError."""
    check_merchant(merchant, parse_body(body))
    order = find(db, "out_trade_no", number)
    answer = {"appid": merchant.appid, "mchid": merchant.mchid, "out_trade_no": number}
    if order is None or order.mchid != merchant.mchid:
        return answer  # like a closing: what never came can never be paid
    if order.kind != "code":
        raise ApiError("INVALID_REQUEST", "只有付款码支付订单可以撤销")
    if order.state is TradeState.REFUND:
        raise ApiError("INVALID_REQUEST", "订单已发生退款，不能撤销")
    if faults.take(db, system=NAME, operation="reverse", kinds={"still_paying"}, subject=number):
        raise ApiError("USERPAYING", "正在支付中不能发起撤销")
    if order.is_paid:
        if system.clock.now() - (order.paid_at or 0) > REVERSIBLE_DAYS * 86400:
            raise ApiError("INVALID_REQUEST", "订单已超过可撤销的期限，请使用退款")
        refunds.give_back_reversed(db, order, system.clock.now())
    db.execute(
        "UPDATE wxp_orders SET state = ?, late_pay_at = NULL WHERE out_trade_no = ?",
        (TradeState.REVOKED.value, number),
    )
    return answer
