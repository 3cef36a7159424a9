"""Bills (对账单): made from the trades as they are, hashed, gzipped on request, downloadable for five minutes."""

from __future__ import annotations

import gzip
import hashlib
import re
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from sandbox import faults
from sandbox.clock import CHINA, stamp
from sandbox.wechat_pay import refunds
from sandbox.wechat_pay.errors import ApiError, param_error
from sandbox.wechat_pay.keys import Merchant
from sandbox.wechat_pay.orders import TRADE_TYPES, Order, fee_of, order_of
from sandbox.wechat_pay.signing import random_text
from sandbox.wechat_pay.system import NAME, WechatPay

SCHEMA = """
CREATE TABLE IF NOT EXISTS wxp_bills (
    token TEXT PRIMARY KEY, mchid TEXT NOT NULL, content BLOB NOT NULL, gzipped INTEGER NOT NULL, expires REAL NOT NULL
);
"""
BILL_TYPES = ("ALL", "SUCCESS", "REFUND")
ACCOUNTS = ("BASIC", "OPERATION", "FEES")
READY_HOUR, KEPT_DAYS, URL_SECONDS = 9, 92, 300

ALL = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,"
    "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
_NO_REFUND = {
    "微信退款单号",
    "商户退款单号",
    "退款金额",
    "充值券退款金额",
    "退款类型",
    "退款状态",
    "申请退款金额",
}
SUCCESS = ",".join(name for name in ALL.split(",") if name not in _NO_REFUND)
REFUND = ALL.replace("代金券金额,", "代金券金额,退款申请时间,退款成功时间,")
SUMMARY = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
SUMMARY_SUCCESS = "总交易单数,应结订单总金额,手续费总金额,订单总金额"
FLOW = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,"
    "业务凭证号"
)
FLOW_SUMMARY = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"


def trade_bill(
    system: WechatPay, db: sqlite3.Connection, merchant: Merchant, query: dict[str, str], base_url: str
) -> dict[str, Any]:
    """Where the trade bill of a day can be fetched. Raises ApiError."""
    day = day_of(system, query)
    kind = query.get("bill_type", "ALL")
    if kind not in BILL_TYPES:
        raise param_error("/bill_type", f"应为 {'、'.join(BILL_TYPES)} 之一", kind, location="query")
    orders, back = _of_day(db, merchant, day)
    if kind == "REFUND":
        orders = []
    if kind == "SUCCESS":
        back = []
    if not orders and not back:
        raise ApiError("NO_STATEMENT_EXIST")
    return offer(system, db, merchant, query, _trade_text(kind, orders, back), base_url)


def flow_bill(
    system: WechatPay, db: sqlite3.Connection, merchant: Merchant, query: dict[str, str], base_url: str
) -> dict[str, Any]:
    """Where the fund-flow bill of a day can be fetched. Raises ApiError."""
    day = day_of(system, query)
    account = query.get("account_type", "BASIC")
    if account not in ACCOUNTS:
        raise param_error("/account_type", f"应为 {'、'.join(ACCOUNTS)} 之一", account, location="query")
    orders, back = _of_day(db, merchant, day)
    if account != "BASIC" or (not orders and not back):
        raise ApiError("NO_STATEMENT_EXIST")
    return offer(system, db, merchant, query, _flow_text(orders, back), base_url)


def file(system: WechatPay, db: sqlite3.Connection, merchant: Merchant, token: str) -> Response:
    """The file behind a token; unsigned. Raises ApiError for a token that is unknown or too old."""
    row = db.execute("SELECT * FROM wxp_bills WHERE token = ?", (token,)).fetchone()
    if row is None or row["mchid"] != merchant.mchid or row["expires"] < system.clock.wall():
        raise ApiError("INVALID_REQUEST", "账单下载链接已失效，请重新申请")
    content = bytes(row["content"])
    if faults.take(db, system=NAME, operation="bill_file", kinds={"corrupt"}, subject=""):
        content = content.replace(b"0.", b"1.", 1) if b"0." in content else content + b"x"
    body = gzip.compress(content, mtime=0) if row["gzipped"] else content
    return Response(body, media_type="application/x-gzip" if row["gzipped"] else "text/plain; charset=utf-8")


def day_of(system: WechatPay, query: dict[str, str]) -> date:
    """The day that is asked for. Raises ApiError."""
    text = query.get("bill_date", "")
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            raise ValueError
        day = date.fromisoformat(text)
    except ValueError:
        raise param_error("/bill_date", "格式应为 yyyy-MM-dd", text, location="query") from None
    now = datetime.fromtimestamp(system.clock.now(), CHINA)
    if day >= now.date() or day < now.date() - timedelta(days=KEPT_DAYS):
        raise ApiError("INVALID_REQUEST", "只能下载三个月内、昨天及以前的账单")
    if day == now.date() - timedelta(days=1) and now.hour < READY_HOUR and system.options().bill_hour:
        raise ApiError("STATEMENT_CREATING")
    return day


def _of_day(
    db: sqlite3.Connection, merchant: Merchant, day: date
) -> tuple[list[Order], list[tuple[Order, refunds.Refund]]]:
    start = datetime(day.year, day.month, day.day, tzinfo=CHINA).timestamp()
    until = start + 86400
    paid = db.execute(
        "SELECT * FROM wxp_orders WHERE mchid = ? AND paid_at >= ? AND paid_at < ? AND state <> 'REVOKED'"
        " ORDER BY paid_at",
        (merchant.mchid, start, until),
    ).fetchall()
    gone = db.execute(
        "SELECT * FROM wxp_refunds WHERE mchid = ? AND created_at >= ? AND created_at < ? ORDER BY created_at",
        (merchant.mchid, start, until),
    ).fetchall()
    back = []
    for row in gone:
        refund = refunds.refund_of(row)
        order = db.execute(
            "SELECT * FROM wxp_orders WHERE out_trade_no = ?", (refund.out_trade_no,)
        ).fetchone()
        back.append((order_of(order), refund))
    return [order_of(row) for row in paid], back


def _trade_text(kind: str, orders: Sequence[Order], back: Sequence[tuple[Order, refunds.Refund]]) -> str:
    header = {"ALL": ALL, "SUCCESS": SUCCESS, "REFUND": REFUND}[kind]
    names = header.split(",")
    rows = [_values(order) for order in orders] + [_back_values(order, refund) for order, refund in back]
    fees = sum(order.fee for order in orders) - sum(fee_of(refund.amount) for _order, refund in back)
    paid = sum(order.total for order in orders)
    gone = sum(refund.amount for _order, refund in back)
    settled = sum(order.payer_total for order in orders)
    summary = [str(len(rows)), yuan(settled), yuan(gone), "0.00", _fee(fees), yuan(paid), yuan(gone)]
    names_below = SUMMARY
    if kind == "SUCCESS":
        summary = [str(len(rows)), yuan(settled), _fee(fees), yuan(paid)]
        names_below = SUMMARY_SUCCESS
    return csv_text(header, [[row[name] for name in names] for row in rows], names_below, summary)


def _values(order: Order) -> dict[str, str]:
    return {
        "交易时间": stamp(order.paid_at or 0, "%Y-%m-%d %H:%M:%S"), "公众账号ID": order.appid, "商户号": order.mchid,
        "特约商户号": "0", "设备号": order.device_id, "微信订单号": order.transaction_id or "",
        "商户订单号": order.out_trade_no, "用户标识": order.openid, "交易类型": TRADE_TYPES[order.kind],
        "交易状态": "SUCCESS", "付款银行": order.bank_type, "货币种类": "CNY", "应结订单金额": yuan(order.payer_total),
        "代金券金额": yuan(order.coupon), "微信退款单号": "0", "商户退款单号": "0", "退款金额": "0.00",
        "充值券退款金额": "0.00", "退款类型": "", "退款状态": "", "商品名称": order.description.replace(",", "，"),
        "商户数据包": order.attach, "手续费": _fee(order.fee), "费率": "0.60%", "订单金额": yuan(order.total),
        "申请退款金额": "0.00", "费率备注": "",
    }  # fmt: skip


def _back_values(order: Order, refund: refunds.Refund) -> dict[str, str]:
    at = stamp(refund.created_at, "%Y-%m-%d %H:%M:%S")
    return _values(order) | {
        "交易时间": at, "交易状态": "REFUND", "应结订单金额": "0.00", "代金券金额": "0.00",
        "微信退款单号": refund.refund_id, "商户退款单号": refund.out_refund_no, "退款金额": yuan(refund.amount),
        "退款类型": "ORIGINAL", "退款状态": refund.status.value, "手续费": _fee(-fee_of(refund.amount)),
        "订单金额": "0.00", "申请退款金额": yuan(refund.amount), "退款申请时间": at,
        "退款成功时间": stamp(refund.success_at, "%Y-%m-%d %H:%M:%S") if refund.success_at else "",
    }  # fmt: skip


def _flow_text(orders: Sequence[Order], back: Sequence[tuple[Order, refunds.Refund]]) -> str:
    """In the order of time; the balance starts at nothing each day (choose)."""
    events: list[tuple[float, str, str, str, str, int, str]] = []
    for order in orders:
        at, number = order.paid_at or 0, order.transaction_id or ""
        events.append((at, number, "交易", "交易", "收入", order.total, order.out_trade_no))
        if order.fee:
            events.append(
                (at, number, "扣除交易手续费", "扣除交易手续费", "支出", order.fee, order.out_trade_no)
            )
    for _order, refund in back:
        net = refund.amount - fee_of(refund.amount)
        events.append(
            (refund.created_at, refund.refund_id, "退款", "退款", "支出", net, refund.out_refund_no)
        )
    rows, balance = [], 0
    for position, (at, number, name, kind, way, fen, proof) in enumerate(
        sorted(events, key=lambda one: one[0]), 1
    ):
        balance += fen if way == "收入" else -fen
        rows.append(
            [
                stamp(at, "%Y-%m-%d %H:%M:%S"), number, f"{number[-20:]}{position:06d}", name, kind, way, yuan(fen),
                yuan(balance), "system", "", proof,
            ]
        )  # fmt: skip
    income = [event[5] for event in events if event[4] == "收入"]
    outgo = [event[5] for event in events if event[4] == "支出"]
    summary = [str(len(rows)), str(len(income)), yuan(sum(income)), str(len(outgo)), yuan(sum(outgo))]
    return csv_text(FLOW, rows, FLOW_SUMMARY, summary)


def csv_text(header: str, rows: Iterable[Sequence[str]], names: str, summary: Sequence[str]) -> str:
    """A bill as WeChat writes it: lines behind back-ticks, then the sums."""
    lines = [header, *(",".join(f"`{value}" for value in row) for row in rows), names]
    return "\ufeff" + "\r\n".join([*lines, ",".join(f"`{value}" for value in summary)]) + "\r\n"


def yuan(fen: int) -> str:
    """Fen as bills write money."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _fee(fen: int) -> str:
    """Fees are written with five decimals."""
    return f"{yuan(fen)}000"


def offer(
    system: WechatPay,
    db: sqlite3.Connection,
    merchant: Merchant,
    query: dict[str, str],
    text: str,
    base_url: str,
) -> dict[str, Any]:
    """Keep a file for five minutes and say where it is. Raises ApiError."""
    tar = query.get("tar_type", "")
    if tar not in ("", "GZIP"):
        raise param_error("/tar_type", "应为 GZIP", tar, location="query")
    content, token = text.encode(), random_text(43)
    db.execute("DELETE FROM wxp_bills WHERE expires < ?", (system.clock.wall(),))
    db.execute(
        "INSERT INTO wxp_bills (token, mchid, content, gzipped, expires) VALUES (?, ?, ?, ?, ?)",
        (token, merchant.mchid, content, tar == "GZIP", system.clock.wall() + URL_SECONDS),
    )
    return {
        "hash_type": "SHA1",
        "hash_value": hashlib.sha1(content, usedforsecurity=False).hexdigest(),
        "download_url": f"{base_url}/v3/billdownload/file?{urlencode({'token': token})}",
    }


def age(db: sqlite3.Connection, days: int) -> None:
    """Move everything so many days into the past: what was paid today is in a bill at once."""
    seconds = days * 86400
    db.execute("UPDATE wxp_orders SET created_at = created_at - ?, paid_at = paid_at - ?", (seconds, seconds))
    db.execute(
        "UPDATE wxp_refunds SET created_at = created_at - ?, success_at = success_at - ?", (seconds, seconds)
    )
    db.execute("UPDATE wxp_shares SET created_at = created_at - ?", (seconds,))
