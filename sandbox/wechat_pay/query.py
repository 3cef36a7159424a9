"""Query an order by the merchant's number or by WeChat's."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox.wechat_pay.errors import ApiError, param_error
from sandbox.wechat_pay.keys import Merchant
from sandbox.wechat_pay.orders import find, transaction


def query(db: sqlite3.Connection, merchant: Merchant, column: str, number: str, mchid: str) -> dict[str, Any]:
    """The transaction object. column: out_trade_no or transaction_id. Raises ApiError ORDER_NOT_EXIST."""
    if not mchid:
        raise param_error("/mchid", "必填", location="query")
    if not 6 <= len(number) <= 32:
        raise param_error(f"/{column}", "长度应为6～32个字符", number, location="path")
    if mchid != merchant.mchid:
        raise ApiError("MCH_NOT_EXISTS")
    order = find(db, column, number)
    if (
        order is None or order.mchid != mchid or order.combine_no
    ):  # a combined one is asked for by its own call
        raise ApiError("ORDER_NOT_EXIST")
    return transaction(order)
