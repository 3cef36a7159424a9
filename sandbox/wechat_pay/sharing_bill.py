"""The bill of profit sharing (分账账单): what came to its end on a day, a line per receiver and per return.

Column names are a choice of ours, after what merchants show of the file: the documentation names none.
"""

from __future__ import annotations

import sqlite3
from datetime import date, datetime
from typing import Any

from sandbox.clock import CHINA, stamp
from sandbox.wechat_pay.bills import csv_text, day_of, offer, yuan
from sandbox.wechat_pay.errors import ApiError
from sandbox.wechat_pay.keys import Merchant
from sandbox.wechat_pay.system import WechatPay

HEADER = (
    "分账时间,分账发起方,分账方,微信订单号,微信分账/回退单号,微信分账明细单号,商户系统分账/回退单号,订单金额,分账接收方,分账金额,"
    "业务类型,处理状态,分账描述,备注"
)
SUMMARY = "分账总笔数,分账总金额,回退总笔数,回退总金额"


def sharing_bill(
    system: WechatPay, db: sqlite3.Connection, merchant: Merchant, query: dict[str, str], base_url: str
) -> dict[str, Any]:
    """Where the profit-sharing bill of a day can be fetched. Raises ApiError."""
    given, back = _of_day(db, merchant, day_of(system, query))
    if not given and not back:
        raise ApiError("NO_STATEMENT_EXIST")
    rows = [
        [_at(row), merchant.mchid, merchant.mchid, row["transaction_id"], row["order_id"], row["detail_id"],
         row["out_order_no"], yuan(row["total"]), row["account"], yuan(row["amount"]), "分账", "处理完成",
         row["description"].replace(",", "，"), ""]
        for row in given
    ]  # fmt: skip
    rows += [
        [_at(row), merchant.mchid, merchant.mchid, row["transaction_id"], row["return_id"], row["return_id"],
         row["out_return_no"], yuan(row["total"]), row["return_mchid"], yuan(row["amount"]), "分账回退", "处理完成",
         row["description"].replace(",", "，"), ""]
        for row in back
    ]  # fmt: skip
    sums = [str(len(given)), yuan(sum(row["amount"] for row in given)), str(len(back)),
            yuan(sum(row["amount"] for row in back))]  # fmt: skip
    return offer(system, db, merchant, query, csv_text(HEADER, rows, SUMMARY, sums), base_url)


def _of_day(
    db: sqlite3.Connection, merchant: Merchant, day: date
) -> tuple[list[sqlite3.Row], list[sqlite3.Row]]:
    start = datetime(day.year, day.month, day.day, tzinfo=CHINA).timestamp()
    span = (merchant.mchid, start, start + 86400)
    given = db.execute(
        "SELECT l.*, s.order_id, s.transaction_id, o.total FROM wxp_share_lines l"
        " JOIN wxp_shares s USING (out_order_no)"
        " JOIN wxp_orders o ON o.transaction_id = s.transaction_id WHERE s.mchid = ? AND l.result = 'SUCCESS'"
        " AND l.finished_at >= ? AND l.finished_at < ? ORDER BY l.finished_at, l.rowid",
        span,
    ).fetchall()
    back = db.execute(
        "SELECT r.*, s.transaction_id, o.total FROM wxp_share_returns r JOIN wxp_shares s USING (out_order_no)"
        " JOIN wxp_orders o ON o.transaction_id = s.transaction_id WHERE r.mchid = ? AND r.result = 'SUCCESS'"
        " AND r.finished_at >= ? AND r.finished_at < ? ORDER BY r.finished_at, r.rowid",
        span,
    ).fetchall()
    return given, back


def _at(row: sqlite3.Row) -> str:
    return stamp(row["finished_at"], "%Y-%m-%d %H:%M:%S")


def age(db: sqlite3.Connection, days: int) -> None:
    """Move what was shared so many days into the past."""
    for table in ("wxp_share_lines", "wxp_share_returns"):
        db.execute(f"UPDATE {table} SET finished_at = finished_at - ?", (days * 86400,))  # noqa: S608
