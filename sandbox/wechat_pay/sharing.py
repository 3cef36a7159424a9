"""Profit sharing (分账): receivers, requests, returns; frozen money, a ratio, a minute, thirty days."""

from __future__ import annotations

import secrets
import sqlite3
from typing import Any

from sandbox import faults
from sandbox.clock import rfc3339, stamp
from sandbox.wechat_pay import notifications
from sandbox.wechat_pay.errors import ApiError, param_error
from sandbox.wechat_pay.fields import Fields, parse_body
from sandbox.wechat_pay.keys import Merchant
from sandbox.wechat_pay.orders import Order, find
from sandbox.wechat_pay.prepay import fingerprint_of
from sandbox.wechat_pay.signing import unseal_field
from sandbox.wechat_pay.system import NAME, WechatPay

SCHEMA = """
CREATE TABLE IF NOT EXISTS wxp_receivers (
    mchid TEXT NOT NULL, type TEXT NOT NULL, account TEXT NOT NULL, name TEXT NOT NULL,
    relation_type TEXT NOT NULL, custom_relation TEXT NOT NULL, PRIMARY KEY (mchid, type, account)
);
CREATE TABLE IF NOT EXISTS wxp_shares (
    out_order_no TEXT PRIMARY KEY, order_id TEXT NOT NULL UNIQUE, mchid TEXT NOT NULL,
    transaction_id TEXT NOT NULL, unfreezes INTEGER NOT NULL, fingerprint TEXT NOT NULL, state TEXT NOT NULL,
    finish_at REAL, created_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS wxp_shares_trade ON wxp_shares (transaction_id);
CREATE TABLE IF NOT EXISTS wxp_share_lines (
    detail_id TEXT PRIMARY KEY, out_order_no TEXT NOT NULL REFERENCES wxp_shares, type TEXT NOT NULL,
    account TEXT NOT NULL, amount INTEGER NOT NULL, description TEXT NOT NULL, result TEXT NOT NULL,
    fail_reason TEXT NOT NULL, planned TEXT NOT NULL, finished_at REAL
);
CREATE TABLE IF NOT EXISTS wxp_share_returns (
    out_return_no TEXT PRIMARY KEY, return_id TEXT NOT NULL UNIQUE, mchid TEXT NOT NULL, out_order_no TEXT NOT NULL,
    order_id TEXT NOT NULL, return_mchid TEXT NOT NULL, amount INTEGER NOT NULL, description TEXT NOT NULL,
    fingerprint TEXT NOT NULL, result TEXT NOT NULL, fail_reason TEXT NOT NULL, planned TEXT NOT NULL,
    finish_at REAL, created_at REAL NOT NULL, finished_at REAL
);
"""
TYPES = ("MERCHANT_ID", "PERSONAL_OPENID")
RELATIONS = (
    "STORE", "STAFF", "STORE_OWNER", "PARTNER", "HEADQUARTER", "BRAND", "DISTRIBUTOR", "USER", "SUPPLIER", "CUSTOM"
)  # fmt: skip
NUMBER = r"[0-9A-Za-z_\-|*@]{1,64}"
MOST_REQUESTS = MOST_RECEIVERS = 50
FROZEN_DAYS, RETURN_DAYS = 30, 180


def add_receiver(
    system: WechatPay, db: sqlite3.Connection, merchant: Merchant, body: bytes
) -> dict[str, Any]:
    """Make somebody known who may get a share; again is the same. Raises ApiError."""
    fields = parse_body(body)
    _check_appid(merchant, fields)
    kind = fields.choice("type", TYPES, required=True) or ""
    account = fields.needed("account", longest=64)
    relation = fields.choice("relation_type", RELATIONS, required=True) or ""
    custom = fields.text("custom_relation", longest=10) or ""
    if relation == "CUSTOM" and not custom:
        raise param_error("/custom_relation", "必填")
    sealed = fields.text("name", longest=1024) or ""
    name = unseal_field(sealed, system.keys) if sealed else ""
    if name is None:
        raise param_error("/name", "解密失败")
    if kind == "MERCHANT_ID":
        if not name:
            raise param_error("/name", "必填")
        known = system.keys.merchants.get(account)
        if known is None:
            raise ApiError("INVALID_REQUEST", "分账接收方商户号不存在")
        if known.name != name:
            raise ApiError("INVALID_REQUEST", "分账接收方全称与商户号不匹配")
    db.execute(
        "INSERT OR REPLACE INTO wxp_receivers (mchid, type, account, name, relation_type, custom_relation)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (merchant.mchid, kind, account, name, relation, custom),
    )
    answer = {"type": kind, "account": account, "relation_type": relation}
    return answer | ({"custom_relation": custom} if custom else {}) | ({"name": sealed} if sealed else {})


def delete_receiver(db: sqlite3.Connection, merchant: Merchant, body: bytes) -> dict[str, Any]:
    """Forget a receiver; an unknown one is forgotten already. Raises ApiError."""
    fields = parse_body(body)
    _check_appid(merchant, fields)
    kind, account = fields.choice("type", TYPES, required=True) or "", fields.needed("account", longest=64)
    db.execute(
        "DELETE FROM wxp_receivers WHERE mchid = ? AND type = ? AND account = ?",
        (merchant.mchid, kind, account),
    )
    return {"type": kind, "account": account}


def share(system: WechatPay, db: sqlite3.Connection, merchant: Merchant, body: bytes) -> dict[str, Any]:
    """Give shares of a paid order away. Raises ApiError."""
    fields = parse_body(body)
    number = fields.needed("out_order_no", longest=64, pattern=NUMBER)
    order = _order(db, merchant, fields.needed("transaction_id", longest=32))
    unfreezes = fields.flag("unfreeze_unsplit")
    wanted = [_receiver(part) for part in fields.parts("receivers", most=MOST_RECEIVERS)]
    if not wanted:
        raise param_error("/receivers", "必填")
    fingerprint = fingerprint_of("share", body)
    if (again := _again(db, merchant, number, fingerprint)) is not None:
        return again
    _check_order(system, db, order)
    for kind, account, _amount, _words in wanted:
        if (kind, account) != ("MERCHANT_ID", merchant.mchid) and not db.execute(
            "SELECT 1 FROM wxp_receivers WHERE mchid = ? AND type = ? AND account = ?",
            (merchant.mchid, kind, account),
        ).fetchone():
            raise ApiError("INVALID_REQUEST", "分账接收方关系不存在，请先添加分账接收方")
    total = sum(amount for _kind, _account, amount, _words in wanted)
    if total > unsplit(db, order):
        raise ApiError("NOT_ENOUGH", "分账金额不足")
    most = order.total * system.options().sharing_ratio // 10000
    if total + shared(db, order) > most:
        raise ApiError("INVALID_REQUEST", "分账金额超出最大分账比例")
    fault = faults.take(
        db, system=NAME, operation="share", kinds={"share_closed"}, subject=order.out_trade_no
    )
    _write(
        system, db, merchant, order, number, unfreezes, fingerprint, wanted, "CLOSED" if fault else "SUCCESS"
    )
    return share_json(db, number)


def unfreeze(system: WechatPay, db: sqlite3.Connection, merchant: Merchant, body: bytes) -> dict[str, Any]:
    """Free what is left for the merchant itself; no more shares after that. Raises ApiError."""
    fields = parse_body(body)
    number = fields.needed("out_order_no", longest=64, pattern=NUMBER)
    order = _order(db, merchant, fields.needed("transaction_id", longest=32))
    words = fields.needed("description", longest=80)
    fingerprint = fingerprint_of("unfreeze", body)
    if (again := _again(db, merchant, number, fingerprint)) is not None:
        return again
    _check_order(system, db, order)
    left = unsplit(db, order)
    if left <= 0:
        raise ApiError("INVALID_REQUEST", "订单没有待分账的资金")
    _write(
        system, db, merchant, order, number, True, fingerprint,
        [("MERCHANT_ID", merchant.mchid, left, words)], "SUCCESS",
    )  # fmt: skip
    return share_json(db, number)


def query_share(
    db: sqlite3.Connection, merchant: Merchant, number: str, transaction_id: str
) -> dict[str, Any]:
    """How a request stands. Raises ApiError."""
    if not transaction_id:
        raise param_error("/transaction_id", "必填", location="query")
    row = db.execute("SELECT * FROM wxp_shares WHERE out_order_no = ?", (number,)).fetchone()
    if row is None or row["mchid"] != merchant.mchid or row["transaction_id"] != transaction_id:
        raise ApiError("RESOURCE_NOT_EXISTS", "分账单不存在")
    return share_json(db, number)


def amounts(db: sqlite3.Connection, merchant: Merchant, transaction_id: str) -> dict[str, Any]:
    """What is still frozen and can be shared. Raises ApiError."""
    order = _order(db, merchant, transaction_id)
    return {"transaction_id": transaction_id, "unsplit_amount": unsplit(db, order)}


def give_back(system: WechatPay, db: sqlite3.Connection, merchant: Merchant, body: bytes) -> dict[str, Any]:
    """A merchant returns a share. Raises ApiError."""
    fields = parse_body(body)
    number = fields.needed("out_return_no", longest=64, pattern=NUMBER)
    column = "order_id" if fields.text("order_id", longest=64) else "out_order_no"
    which = fields.needed(column, longest=64)
    giver = fields.needed("return_mchid", longest=32)
    amount = fields.fen("amount") or 0
    words = fields.needed("description", longest=80)
    row = db.execute(f"SELECT * FROM wxp_shares WHERE {column} = ?", (which,)).fetchone()  # noqa: S608
    if row is None or row["mchid"] != merchant.mchid:
        raise ApiError("RESOURCE_NOT_EXISTS", "分账单不存在")
    fingerprint = fingerprint_of("return", body)
    known = db.execute("SELECT * FROM wxp_share_returns WHERE out_return_no = ?", (number,)).fetchone()
    if known:
        if known["fingerprint"] != fingerprint or known["mchid"] != merchant.mchid:
            raise ApiError("INVALID_REQUEST", "回退单号已存在，请求参数与原请求不一致")
        return return_json(known)
    now = system.clock.now()
    if now - row["created_at"] > RETURN_DAYS * 86400:
        raise ApiError("INVALID_REQUEST", "分账已超过可回退的期限")
    got = db.execute(
        "SELECT coalesce(sum(amount), 0) AS n FROM wxp_share_lines WHERE out_order_no = ? AND account = ?"
        " AND type = 'MERCHANT_ID' AND result = 'SUCCESS'",
        (row["out_order_no"], giver),
    ).fetchone()["n"]
    gone = db.execute(
        "SELECT coalesce(sum(amount), 0) AS n FROM wxp_share_returns WHERE out_order_no = ? AND return_mchid = ?"
        " AND result <> 'FAILED'",
        (row["out_order_no"], giver),
    ).fetchone()["n"]
    if amount > got - gone:
        raise ApiError("INVALID_REQUEST", "回退金额超过可回退的金额")
    fault = faults.take(db, system=NAME, operation="share_return", kinds={"return_failed"}, subject="")
    db.execute(
        "INSERT INTO wxp_share_returns (out_return_no, return_id, mchid, out_order_no, order_id, return_mchid, amount,"
        " description, fingerprint, result, fail_reason, planned, finish_at, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'PROCESSING', '', ?, ?, ?)",
        (
            number, _number("3108", now), merchant.mchid, row["out_order_no"], row["order_id"], giver, amount, words,
            fingerprint, "FAILED" if fault else "SUCCESS",
            system.clock.wall() + system.clock.real(system.options().sharing_delay), now,
        ),
    )  # fmt: skip
    return return_json(
        db.execute("SELECT * FROM wxp_share_returns WHERE out_return_no = ?", (number,)).fetchone()
    )


def query_return(db: sqlite3.Connection, merchant: Merchant, number: str) -> dict[str, Any]:
    """How a return stands. Raises ApiError."""
    row = db.execute("SELECT * FROM wxp_share_returns WHERE out_return_no = ?", (number,)).fetchone()
    if row is None or row["mchid"] != merchant.mchid:
        raise ApiError("RESOURCE_NOT_EXISTS", "回退单不存在")
    return return_json(row)


def shared(db: sqlite3.Connection, order: Order) -> int:
    """Fen of the order that others have or are getting, less what they returned."""
    if not order.transaction_id:
        return 0
    given = db.execute(
        "SELECT coalesce(sum(line.amount), 0) AS n FROM wxp_share_lines AS line JOIN wxp_shares USING (out_order_no)"
        " WHERE transaction_id = ? AND result <> 'CLOSED' AND line.account <> ?",
        (order.transaction_id, order.mchid),
    ).fetchone()["n"]
    returned = db.execute(
        "SELECT coalesce(sum(back.amount), 0) AS n FROM wxp_share_returns AS back"
        " JOIN wxp_shares USING (out_order_no) WHERE transaction_id = ? AND result = 'SUCCESS'",
        (order.transaction_id,),
    ).fetchone()["n"]
    return int(given - returned)


def unsplit(db: sqlite3.Connection, order: Order) -> int:
    """Fen that are still frozen: nothing once the rest was freed."""
    if not order.profit_sharing:
        return 0
    freed = db.execute(
        "SELECT 1 FROM wxp_shares WHERE transaction_id = ? AND unfreezes = 1", (order.transaction_id,)
    ).fetchone()
    refunded = db.execute(
        "SELECT coalesce(sum(amount), 0) AS n FROM wxp_refunds WHERE out_trade_no = ? AND status <> 'CLOSED'",
        (order.out_trade_no,),
    ).fetchone()["n"]
    return 0 if freed else max(0, order.total - order.fee - shared(db, order) - int(refunded))


def _order(db: sqlite3.Connection, merchant: Merchant, transaction_id: str) -> Order:
    order = find(db, "transaction_id", transaction_id)
    if order is None or order.mchid != merchant.mchid or not order.is_paid:
        raise ApiError("RESOURCE_NOT_EXISTS", "订单不存在或未支付")
    return order


def _check_order(system: WechatPay, db: sqlite3.Connection, order: Order) -> None:
    if not order.profit_sharing:
        raise ApiError("INVALID_REQUEST", "非分账订单不支持分账")
    age = system.clock.now() - (order.paid_at or 0)
    if 0 <= age < system.clock.real(60):
        raise ApiError("INVALID_REQUEST", "订单处理中，请稍后重试")
    if age > FROZEN_DAYS * 86400:
        raise ApiError("INVALID_REQUEST", "订单已超过分账期限，资金已解冻")
    count = db.execute(
        "SELECT count(*) AS n FROM wxp_shares WHERE transaction_id = ?", (order.transaction_id,)
    ).fetchone()["n"]
    if count >= MOST_REQUESTS:
        raise ApiError("RULE_LIMIT", f"一笔订单最多发起{MOST_REQUESTS}次分账")


def _receiver(part: Fields) -> tuple[str, str, int, str]:
    kind = part.choice("type", TYPES, required=True) or ""
    return (
        kind, part.needed("account", longest=64), part.fen("amount") or 0, part.needed("description", longest=80)
    )  # fmt: skip


def _again(
    db: sqlite3.Connection, merchant: Merchant, number: str, fingerprint: str
) -> dict[str, Any] | None:
    row = db.execute("SELECT * FROM wxp_shares WHERE out_order_no = ?", (number,)).fetchone()
    if row is None:
        return None
    if row["fingerprint"] != fingerprint or row["mchid"] != merchant.mchid:
        raise ApiError("INVALID_REQUEST", "分账接收方与原请求不一致")
    return share_json(db, number)


def _write(
    system: WechatPay,
    db: sqlite3.Connection,
    merchant: Merchant,
    order: Order,
    number: str,
    unfreezes: bool,
    fingerprint: str,
    wanted: list[tuple[str, str, int, str]],
    planned: str,
) -> None:
    now = system.clock.now()
    db.execute(
        "INSERT INTO wxp_shares (out_order_no, order_id, mchid, transaction_id, unfreezes, fingerprint, state,"
        " finish_at, created_at) VALUES (?, ?, ?, ?, ?, ?, 'PROCESSING', ?, ?)",
        (
            number, _number("3008", now), merchant.mchid, order.transaction_id, unfreezes, fingerprint,
            system.clock.wall() + system.clock.real(system.options().sharing_delay), now,
        ),
    )  # fmt: skip
    for kind, account, amount, words in wanted:
        db.execute(
            "INSERT INTO wxp_share_lines (detail_id, out_order_no, type, account, amount, description, result,"
            " fail_reason, planned) VALUES (?, ?, ?, ?, ?, ?, 'PENDING', '', ?)",
            (_number("3601", now), number, kind, account, amount, words, planned),
        )


def _number(prefix: str, now: float) -> str:
    return f"{prefix}{stamp(now, '%Y%m%d')}{secrets.randbelow(10**16):016d}"


def _lines(db: sqlite3.Connection, number: str) -> list[sqlite3.Row]:
    return db.execute(
        "SELECT * FROM wxp_share_lines WHERE out_order_no = ? ORDER BY rowid", (number,)
    ).fetchall()


def share_json(db: sqlite3.Connection, number: str) -> dict[str, Any]:
    """The object of request and query."""
    row = db.execute("SELECT * FROM wxp_shares WHERE out_order_no = ?", (number,)).fetchone()
    receivers = []
    for line in _lines(db, number):
        one = {
            "type": line["type"], "account": line["account"], "amount": line["amount"],
            "description": line["description"], "result": line["result"], "detail_id": line["detail_id"],
            "create_time": rfc3339(row["created_at"]), "finish_time": rfc3339(line["finished_at"] or row["created_at"]),
        }  # fmt: skip
        if line["fail_reason"]:
            one["fail_reason"] = line["fail_reason"]
        receivers.append(one)
    return {
        "transaction_id": row["transaction_id"],
        "out_order_no": number,
        "order_id": row["order_id"],
        "state": row["state"],
        "receivers": receivers,
    }


def return_json(row: sqlite3.Row) -> dict[str, Any]:
    """The object of return and query."""
    body = {
        name: row[name]
        for name in (
            "order_id", "out_order_no", "out_return_no", "return_id", "return_mchid", "amount", "description", "result"
        )
    }  # fmt: skip
    body |= {
        "create_time": rfc3339(row["created_at"]),
        "finish_time": rfc3339(row["finished_at"] or row["created_at"]),
    }
    return body | ({"fail_reason": row["fail_reason"]} if row["fail_reason"] else {})


def finish_due(system: WechatPay, db: sqlite3.Connection) -> int:
    """End the requests and returns whose time has come; tell the receivers who are merchants."""
    wall, now = system.clock.wall(), system.clock.now()
    shares = db.execute("SELECT * FROM wxp_shares WHERE finish_at <= ?", (wall,)).fetchall()
    for row in shares:
        db.execute(
            "UPDATE wxp_share_lines SET result = planned, finished_at = ?, fail_reason = CASE planned"
            " WHEN 'CLOSED' THEN 'ACCOUNT_ABNORMAL' ELSE '' END WHERE out_order_no = ?",
            (now, row["out_order_no"]),
        )
        db.execute(
            "UPDATE wxp_shares SET state = 'FINISHED', finish_at = NULL WHERE out_order_no = ?",
            (row["out_order_no"],),
        )
        for line in _lines(db, row["out_order_no"]):
            if (
                line["result"] == "SUCCESS"
                and line["type"] == "MERCHANT_ID"
                and line["account"] != row["mchid"]
            ):
                _tell(system, db, row, line["account"], line["amount"], line["description"], now)
    backs = db.execute("SELECT * FROM wxp_share_returns WHERE finish_at <= ?", (wall,)).fetchall()
    for row in backs:
        db.execute(
            "UPDATE wxp_share_returns SET result = planned, finish_at = NULL, finished_at = ?, fail_reason ="
            " CASE planned WHEN 'FAILED' THEN 'BALANCE_NOT_ENOUGH' ELSE '' END WHERE out_return_no = ?",
            (now, row["out_return_no"]),
        )
    return len(shares) + len(backs)


def _tell(
    system: WechatPay,
    db: sqlite3.Connection,
    row: sqlite3.Row,
    account: str,
    amount: int,
    words: str,
    now: float,
) -> None:
    """Notify a merchant who receives, at the address it set on WeChat's pages (option `sharing_notify_url`)."""
    url = system.options().sharing_notify_url
    order = find(db, "transaction_id", row["transaction_id"])
    if not url or account not in system.keys.merchants or order is None:
        return
    notifications.create(
        system,
        db,
        event_type="TRANSACTION.SUCCESS",
        original_type="profitsharing",
        summary="分账",
        plain={
            "mchid": row["mchid"],
            "transaction_id": row["transaction_id"],
            "order_id": row["order_id"],
            "out_order_no": row["out_order_no"],
            "receiver": {"type": "MERCHANT_ID", "account": account, "amount": amount, "description": words},
            "success_time": rfc3339(now),
        },
        url=url,
        mchid=account,
        out_trade_no=order.out_trade_no,
    )


def _check_appid(merchant: Merchant, fields: Fields) -> None:
    if not merchant.owns(fields.needed("appid", longest=32)):
        raise ApiError("APPID_MCHID_NOT_MATCH")
