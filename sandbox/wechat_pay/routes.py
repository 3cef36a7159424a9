"""WeChat Pay's address space under /wechat_pay."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from starlette.routing import BaseRoute, Route

from sandbox.wechat_pay.certificates import certificates
from sandbox.wechat_pay.close import close
from sandbox.wechat_pay.errors import ApiError
from sandbox.wechat_pay.gateway import Call, endpoint
from sandbox.wechat_pay.orders import find
from sandbox.wechat_pay.prepay import KINDS, prepay
from sandbox.wechat_pay.query import query
from sandbox.wechat_pay.refunds import apply, apply_abnormal, find_refund, query_refund
from sandbox.wechat_pay.system import WechatPay

# Where a fault may be ordered, beside "notify" and "*".
OPERATIONS = ("prepay", "query", "close", "refund", "refund_query", "abnormal_refund", "certificates")


def api_routes(system: WechatPay) -> list[BaseRoute]:
    """The documented calls; anything else is a signed 404."""
    orders, refunds = "/v3/pay/transactions", "/v3/refund/domestic/refunds"
    return [
        Route(
            f"{orders}/out-trade-no/{{number}}", endpoint(system, "query", _query, _number), methods=["GET"]
        ),
        Route(
            f"{orders}/id/{{number}}", endpoint(system, "query", _query_by_id, _order_of_id), methods=["GET"]
        ),
        Route(
            f"{orders}/out-trade-no/{{number}}/close",
            endpoint(system, "close", _close, _number),
            methods=["POST"],
        ),
        Route(f"{orders}/{{kind}}", endpoint(system, "prepay", _prepay, _body_number), methods=["POST"]),
        Route(refunds, endpoint(system, "refund", _refund, _body_number), methods=["POST"]),
        Route(
            f"{refunds}/{{number}}",
            endpoint(system, "refund_query", _query_refund, _order_of_refund),
            methods=["GET"],
        ),
        Route(
            f"{refunds}/{{refund_id}}/apply-abnormal-refund",
            endpoint(system, "abnormal_refund", _abnormal, _order_of_body_refund),
            methods=["POST"],
        ),
        Route("/v3/certificates", endpoint(system, "certificates", _certificates, _nothing), methods=["GET"]),
        Route(
            "/v3/{rest:path}",
            endpoint(system, "unknown", _unknown, _nothing),
            methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        ),
    ]


def _prepay(call: Call, db: sqlite3.Connection) -> dict[str, Any]:
    if call.path("kind") not in KINDS:
        raise ApiError("RESOURCE_NOT_EXISTS", "接口不存在")
    return prepay(call.system, db, call.path("kind"), call.body, call.public_url())


def _query(call: Call, db: sqlite3.Connection) -> dict[str, Any]:
    return query(
        call.system, db, "out_trade_no", call.path("number"), call.request.query_params.get("mchid", "")
    )


def _query_by_id(call: Call, db: sqlite3.Connection) -> dict[str, Any]:
    return query(
        call.system, db, "transaction_id", call.path("number"), call.request.query_params.get("mchid", "")
    )


def _close(call: Call, db: sqlite3.Connection) -> None:
    close(call.system, db, call.path("number"), call.body)


def _refund(call: Call, db: sqlite3.Connection) -> dict[str, Any]:
    return apply(call.system, db, call.body)


def _query_refund(call: Call, db: sqlite3.Connection) -> dict[str, Any]:
    return query_refund(db, call.path("number"))


def _abnormal(call: Call, db: sqlite3.Connection) -> dict[str, Any]:
    return apply_abnormal(call.system, db, call.path("refund_id"), call.body)


def _certificates(call: Call, db: sqlite3.Connection) -> dict[str, Any]:
    return certificates(call.system)


def _unknown(call: Call, db: sqlite3.Connection) -> None:
    raise ApiError("RESOURCE_NOT_EXISTS", "接口不存在")


def _nothing(call: Call, db: sqlite3.Connection) -> str:
    return ""


def _number(call: Call, db: sqlite3.Connection) -> str:
    return call.path("number")


def _order_of_id(call: Call, db: sqlite3.Connection) -> str:
    order = find(db, "transaction_id", call.path("number"))
    return order.out_trade_no if order else ""


def _order_of_refund(call: Call, db: sqlite3.Connection) -> str:
    refund = find_refund(db, call.path("number"))
    return refund.out_trade_no if refund else ""


def _order_of_body_refund(call: Call, db: sqlite3.Connection) -> str:
    refund = find_refund(db, _text(call, "out_refund_no"))
    return refund.out_trade_no if refund else ""


def _body_number(call: Call, db: sqlite3.Connection) -> str:
    number = _text(call, "out_trade_no")
    if number:
        return number
    order = find(db, "transaction_id", _text(call, "transaction_id"))
    return order.out_trade_no if order else ""


def _text(call: Call, name: str) -> str:
    """A string of the body that is not checked yet: only used to find the fault that is meant for it."""
    try:
        data = json.loads(call.body)
        value = data.get(name) if isinstance(data, dict) else None
    except (ValueError, RecursionError):
        return ""
    return value if isinstance(value, str) and value.isascii() else ""
