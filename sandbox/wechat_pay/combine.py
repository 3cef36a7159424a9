"""Combined orders (合单): one payment by the payer, several trades, each with its own number and merchant."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from sandbox.clock import rfc3339
from sandbox.people import PEOPLE
from sandbox.wechat_pay import notifications, payments
from sandbox.wechat_pay.errors import ApiError, param_error
from sandbox.wechat_pay.fields import Fields, parse_body
from sandbox.wechat_pay.keys import Keys, Merchant
from sandbox.wechat_pay.orders import OUT_TRADE_NO, TRADE_TYPES, Order, TradeState, find, order_of
from sandbox.wechat_pay.prepay import (
    KINDS,
    LIFETIME,
    REENTRY,
    check_merchant,
    check_notify_url,
    fingerprint_of,
    insert,
    instructions,
    new_prepay_id,
    payable_until,
    read_scene,
)
from sandbox.wechat_pay.signing import random_text
from sandbox.wechat_pay.system import WechatPay

SCHEMA = """
CREATE TABLE IF NOT EXISTS wxp_combines (
    combine_no TEXT PRIMARY KEY, mchid TEXT NOT NULL, appid TEXT NOT NULL, kind TEXT NOT NULL,
    notify_url TEXT NOT NULL, requested_openid TEXT NOT NULL, fingerprint TEXT NOT NULL,
    prepay_id TEXT NOT NULL UNIQUE, token TEXT NOT NULL UNIQUE, prepay_expires REAL NOT NULL,
    time_expire REAL NOT NULL, created_at REAL NOT NULL
);
"""
MOST = 50


@dataclass(frozen=True, slots=True)
class Combine:
    """One number over several orders; paid, closed or unpaid as a whole."""

    combine_no: str
    mchid: str
    appid: str
    kind: str
    notify_url: str
    requested_openid: str
    fingerprint: str
    prepay_id: str
    token: str
    prepay_expires: float
    time_expire: float
    created_at: float
    orders: tuple[Order, ...]

    @property
    def is_paid(self) -> bool:
        """Whether the money arrived; all or nothing."""
        return self.orders[0].is_paid

    @property
    def state(self) -> TradeState:
        """The state of the whole before payment."""
        return self.orders[0].state

    @property
    def total(self) -> int:
        """Fen of all orders."""
        return sum(order.total for order in self.orders)


def find_combine(db: sqlite3.Connection, column: str, value: str) -> Combine | None:
    """By combine_no, prepay_id or token."""
    if column not in ("combine_no", "prepay_id", "token"):
        raise ValueError(f"a combined order is not found by {column}")
    row = db.execute(f"SELECT * FROM wxp_combines WHERE {column} = ?", (value,)).fetchone()  # noqa: S608
    if row is None:
        return None
    found = db.execute(
        "SELECT * FROM wxp_orders WHERE combine_no = ? ORDER BY rowid", (row["combine_no"],)
    ).fetchall()
    values = {name: row[name] for name in Combine.__dataclass_fields__ if name != "orders"}
    return Combine(**values, orders=tuple(order_of(one) for one in found))


def prepay(
    system: WechatPay, db: sqlite3.Connection, merchant: Merchant, kind: str, body: bytes, public_url: str
) -> dict[str, Any]:
    """Make the combined order, or find it again. Raises ApiError."""
    if kind not in KINDS:
        raise ApiError("RESOURCE_NOT_EXISTS", "接口不存在")
    fields = parse_body(body)
    number = fields.needed("combine_out_trade_no", shortest=6, longest=32, pattern=OUT_TRADE_NO)
    url = check_notify_url(fields.needed("notify_url", longest=255), system.settings)
    scene = read_scene(fields, required=kind == "h5")
    openid = fields.needed_part("combine_payer_info").needed("openid", longest=128) if kind == "jsapi" else ""
    wanted = fields.moment("time_expire")
    fields.moment("time_start")
    subs = _read_subs(fields, system.keys)
    check_merchant(merchant, fields, "combine_")
    appid = fields.needed("combine_appid", longest=32)
    fingerprint = fingerprint_of(f"combine:{kind}", body)
    now = system.clock.now()
    known = find_combine(db, "combine_no", number)
    if known:
        return _again(db, known, fingerprint, now, public_url)
    for sub in subs:
        if find(db, "out_trade_no", sub["out_trade_no"]):
            raise ApiError("OUT_TRADE_NO_USED", f"子单商户订单号重复：{sub['out_trade_no']}")
    prepay_id, token, expires = new_prepay_id(now), random_text(9), payable_until(wanted, now)
    db.execute(
        "INSERT INTO wxp_combines (combine_no, mchid, appid, kind, notify_url, requested_openid, fingerprint,"
        " prepay_id, token, prepay_expires, time_expire, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number, merchant.mchid, appid, kind, url, openid, fingerprint, prepay_id, token,
            now + LIFETIME[kind], expires, now,
        ),
    )  # fmt: skip
    for sub in subs:
        insert(
            db,
            {**sub, "appid": appid, "notify_url": "", "device_id": scene, "openid": openid},
            kind=kind,
            fingerprint=fingerprint,
            prepay_id=f"{prepay_id}-{sub['out_trade_no']}",
            token=f"{token}-{sub['out_trade_no']}",
            prepay_expires=now + LIFETIME[kind],
            time_expire=expires,
            now=now,
            combine_no=number,
        )
    return instructions(kind, token, prepay_id, public_url)


def _read_subs(fields: Fields, keys: Keys) -> list[dict[str, Any]]:
    parts = fields.parts("sub_orders", most=MOST)
    if not parts:
        raise param_error("/sub_orders", "必填")
    subs = []
    for part in parts:
        mchid = part.needed("mchid", longest=32)
        if mchid not in keys.merchants:
            raise ApiError("MCH_NOT_EXISTS", f"子单商户号不存在：{mchid}")
        amount = part.needed_part("amount")
        settle = part.part("settle_info")
        subs.append(
            {
                "mchid": mchid,
                "attach": part.needed("attach", longest=128),
                "out_trade_no": part.needed("out_trade_no", shortest=6, longest=32, pattern=OUT_TRADE_NO),
                "description": part.needed("description", longest=127),
                "total": amount.fen("total_amount"),
                "profit_sharing": settle.flag("profit_sharing") if settle else False,
            }
        )
        amount.choice("currency", ("CNY",), required=True)
    if len({sub["out_trade_no"] for sub in subs}) != len(subs):
        raise ApiError("INVALID_REQUEST", "子单商户订单号不能重复")
    return subs


def _again(
    db: sqlite3.Connection, known: Combine, fingerprint: str, now: float, public_url: str
) -> dict[str, Any]:
    if known.is_paid:
        raise ApiError("INVALID_REQUEST", "该订单已支付")
    if known.state is TradeState.CLOSED:
        raise ApiError("ORDER_CLOSED")
    if known.fingerprint != fingerprint:
        raise ApiError("INVALID_REQUEST", REENTRY)
    if now >= known.time_expire:
        raise ApiError("INVALID_REQUEST", "订单已超过支付截止时间")
    prepay_id, token = known.prepay_id, known.token
    if now >= known.prepay_expires:
        prepay_id, token = new_prepay_id(now), random_text(9)
        db.execute(
            "UPDATE wxp_combines SET prepay_id = ?, token = ?, prepay_expires = ? WHERE combine_no = ?",
            (prepay_id, token, now + LIFETIME[known.kind], known.combine_no),
        )
    return instructions(known.kind, token, prepay_id, public_url)


def query(db: sqlite3.Connection, merchant: Merchant, number: str) -> dict[str, Any]:
    """The combined order with its trades. Raises ApiError ORDER_NOT_EXIST."""
    found = find_combine(db, "combine_no", number)
    if found is None or found.mchid != merchant.mchid:
        raise ApiError("ORDER_NOT_EXIST")
    return combine_json(found)


def combine_json(found: Combine) -> dict[str, Any]:
    """The object of query and notification."""
    body: dict[str, Any] = {
        "combine_appid": found.appid,
        "combine_mchid": found.mchid,
        "combine_out_trade_no": found.combine_no,
        "sub_orders": [_sub_json(order) for order in found.orders],
    }
    if found.is_paid:
        body["combine_payer_info"] = {"openid": found.orders[0].openid}
    if found.orders[0].device_id:
        body["scene_info"] = {"device_id": found.orders[0].device_id}
    return body


def _sub_json(order: Order) -> dict[str, Any]:
    body: dict[str, Any] = {
        "mchid": order.mchid,
        "out_trade_no": order.out_trade_no,
        "trade_state": order.state.value,
        "attach": order.attach,
        "amount": {"total_amount": order.total, "currency": "CNY"},
    }
    if order.is_paid and order.paid_at is not None:
        body |= {
            "transaction_id": order.transaction_id,
            "trade_type": TRADE_TYPES[order.kind],
            "bank_type": order.bank_type,
            "success_time": rfc3339(order.paid_at),
        }
        body["amount"] |= {"payer_amount": order.total, "payer_currency": "CNY"}
    return body


def close(db: sqlite3.Connection, merchant: Merchant, number: str, body: bytes) -> None:
    """Close all trades at once; the list must be the one of the order. Raises ApiError."""
    fields = parse_body(body)
    if not merchant.owns(fields.needed("combine_appid", longest=32)):
        raise ApiError("APPID_MCHID_NOT_MATCH")
    given = {
        (part.needed("mchid", longest=32), part.needed("out_trade_no", shortest=6, longest=32))
        for part in fields.parts("sub_orders", most=MOST)
    }
    found = find_combine(db, "combine_no", number)
    if found is None or found.mchid != merchant.mchid:
        return
    if given != {(order.mchid, order.out_trade_no) for order in found.orders}:
        raise ApiError("INVALID_REQUEST", "请求关单的子单信息与下单时的子单信息不一致")
    if found.is_paid:
        raise ApiError("ORDERPAID")
    db.execute(
        "UPDATE wxp_orders SET state = ? WHERE combine_no = ? AND state = ?",
        (TradeState.CLOSED.value, number, TradeState.NOTPAY.value),
    )


def pay(
    system: WechatPay, db: sqlite3.Connection, found: Combine, *, openid: str = "", after_close: bool = False
) -> Combine:
    """Take the money of all trades and queue one notification. Raises PaymentRefused."""
    now = system.clock.now()
    reason = payments.refusal(found, now, openid)
    if reason and not (after_close and reason.code in ("CLOSED", "EXPIRED", "PREPAY_EXPIRED")):
        raise reason
    payer = openid or found.requested_openid or PEOPLE[0].openid
    for order in found.orders:
        payments.settle(db, order, payer, now)
    paid = find_combine(db, "combine_no", found.combine_no)
    if paid is None:
        raise LookupError(found.combine_no)
    notifications.create(
        system,
        db,
        event_type="TRANSACTION.SUCCESS",
        original_type="transaction",
        summary="支付成功",
        plain=combine_json(paid),
        url=paid.notify_url,
        mchid=paid.mchid,
        out_trade_no=paid.combine_no,
    )
    lines = [(system.keys.merchants[order.mchid].name, f"¥{order.total / 100:.2f}") for order in paid.orders]
    payments.tell_payer(db, payer, paid.total, [*lines, ("合单单号", paid.combine_no)], now)
    return paid
