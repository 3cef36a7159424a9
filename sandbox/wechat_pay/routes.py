"""WeChat Pay's address space under /wechat_pay."""

from __future__ import annotations

import json
from sqlite3 import Connection
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.wechat_pay import bills, codepay, combine, sharing, sharing_bill
from sandbox.wechat_pay.certificates import certificates
from sandbox.wechat_pay.close import close
from sandbox.wechat_pay.errors import ApiError
from sandbox.wechat_pay.gateway import Call, Said, Subject, Work, endpoint
from sandbox.wechat_pay.orders import find
from sandbox.wechat_pay.prepay import KINDS, prepay
from sandbox.wechat_pay.query import query
from sandbox.wechat_pay.refunds import apply, apply_abnormal, find_refund, query_refund
from sandbox.wechat_pay.system import WechatPay

# Where a fault may be ordered, beside "notify" and "*".
OPERATIONS = (
    "prepay", "codepay", "query", "close", "reverse", "refund", "refund_query", "abnormal_refund", "receiver", "share",
    "share_query", "share_return", "bill", "bill_file", "certificates",
)  # fmt: skip


def api_routes(system: WechatPay) -> list[BaseRoute]:
    """The documented calls; anything else is a signed 404."""

    def get(path: str, operation: str, work: Work, subject: Subject) -> Route:
        return Route(path, endpoint(system, operation, work, subject), methods=["GET"])

    def post(path: str, operation: str, work: Work, subject: Subject) -> Route:
        return Route(path, endpoint(system, operation, work, subject), methods=["POST"])

    orders, refunds, sharing = "/v3/pay/transactions", "/v3/refund/domestic/refunds", "/v3/profitsharing"
    combined = "/v3/combine-transactions"
    return [
        get(f"{orders}/out-trade-no/{{number}}", "query", _query, _number),
        get(f"{orders}/id/{{number}}", "query", _query_by_id, _order_of_id),
        post(f"{orders}/out-trade-no/{{number}}/close", "close", _close, _number),
        post(f"{orders}/out-trade-no/{{number}}/reverse", "reverse", _reverse, _number),
        post(f"{orders}/codepay", "codepay", _codepay, _body_number),
        post(f"{orders}/{{kind}}", "prepay", _prepay, _body_number),
        get(f"{combined}/out-trade-no/{{number}}", "query", _query_combined, _number),
        post(f"{combined}/out-trade-no/{{number}}/close", "close", _close_combined, _number),
        post(f"{combined}/{{kind}}", "prepay", _prepay_combined, _body_combine),
        post(refunds, "refund", _refund, _body_number),
        get(f"{refunds}/{{number}}", "refund_query", _query_refund, _order_of_refund),
        post(
            f"{refunds}/{{refund_id}}/apply-abnormal-refund",
            "abnormal_refund",
            _abnormal,
            _order_of_body_refund,
        ),
        post(f"{sharing}/receivers/add", "receiver", _add_receiver, _nothing),
        post(f"{sharing}/receivers/delete", "receiver", _delete_receiver, _nothing),
        post(f"{sharing}/orders", "share", _share, _body_number),
        post(f"{sharing}/orders/unfreeze", "share", _unfreeze, _body_number),
        get(f"{sharing}/orders/{{number}}", "share_query", _query_share, _nothing),
        get(f"{sharing}/transactions/{{number}}/amounts", "share_query", _amounts, _order_of_id),
        post(f"{sharing}/return-orders", "share_return", _return, _nothing),
        get(f"{sharing}/return-orders/{{number}}", "share_query", _query_return, _nothing),
        get("/v3/bill/tradebill", "bill", _trade_bill, _nothing),
        get("/v3/bill/fundflowbill", "bill", _flow_bill, _nothing),
        get(f"{sharing}/bills", "bill", _sharing_bill, _nothing),
        get("/v3/billdownload/file", "bill_file", _bill_file, _nothing),
        get("/v3/certificates", "certificates", _certificates, _nothing),
        Route(
            "/v3/{rest:path}",
            endpoint(system, "unknown", _unknown, _nothing),
            methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        ),
    ]


def _prepay(call: Call, db: Connection) -> dict[str, Any]:
    if call.path("kind") not in KINDS:
        raise ApiError("RESOURCE_NOT_EXISTS", "接口不存在")
    return prepay(call.system, db, call.merchant, call.path("kind"), call.body, call.public_url())


def _codepay(call: Call, db: Connection) -> dict[str, Any] | Said:
    paid = codepay.codepay(call.system, db, call.merchant, call.body)
    if paid is None:
        waiting = ApiError("USERPAYING")
        return Said(waiting.status, waiting.as_dict())
    return paid


def _reverse(call: Call, db: Connection) -> dict[str, Any]:
    return codepay.reverse(call.system, db, call.merchant, call.path("number"), call.body)


def _prepay_combined(call: Call, db: Connection) -> dict[str, Any]:
    return combine.prepay(call.system, db, call.merchant, call.path("kind"), call.body, call.public_url())


def _query_combined(call: Call, db: Connection) -> dict[str, Any]:
    return combine.query(db, call.merchant, call.path("number"))


def _close_combined(call: Call, db: Connection) -> None:
    combine.close(db, call.merchant, call.path("number"), call.body)


def _query(call: Call, db: Connection) -> dict[str, Any]:
    return query(db, call.merchant, "out_trade_no", call.path("number"), call.asked("mchid"))


def _query_by_id(call: Call, db: Connection) -> dict[str, Any]:
    return query(db, call.merchant, "transaction_id", call.path("number"), call.asked("mchid"))


def _close(call: Call, db: Connection) -> None:
    close(call.system, db, call.merchant, call.path("number"), call.body)


def _refund(call: Call, db: Connection) -> dict[str, Any]:
    return apply(call.system, db, call.merchant, call.body)


def _query_refund(call: Call, db: Connection) -> dict[str, Any]:
    return query_refund(db, call.path("number"), call.merchant.mchid)


def _abnormal(call: Call, db: Connection) -> dict[str, Any]:
    serial = call.request.headers.get("wechatpay-serial", "")
    return apply_abnormal(call.system, db, call.merchant, call.path("refund_id"), call.body, serial)


def _add_receiver(call: Call, db: Connection) -> dict[str, Any]:
    return sharing.add_receiver(call.system, db, call.merchant, call.body)


def _delete_receiver(call: Call, db: Connection) -> dict[str, Any]:
    return sharing.delete_receiver(db, call.merchant, call.body)


def _share(call: Call, db: Connection) -> dict[str, Any]:
    return sharing.share(call.system, db, call.merchant, call.body)


def _unfreeze(call: Call, db: Connection) -> dict[str, Any]:
    return sharing.unfreeze(call.system, db, call.merchant, call.body)


def _query_share(call: Call, db: Connection) -> dict[str, Any]:
    return sharing.query_share(db, call.merchant, call.path("number"), call.asked("transaction_id"))


def _amounts(call: Call, db: Connection) -> dict[str, Any]:
    return sharing.amounts(db, call.merchant, call.path("number"))


def _return(call: Call, db: Connection) -> dict[str, Any]:
    return sharing.give_back(call.system, db, call.merchant, call.body)


def _query_return(call: Call, db: Connection) -> dict[str, Any]:
    return sharing.query_return(db, call.merchant, call.path("number"))


def _trade_bill(call: Call, db: Connection) -> dict[str, Any]:
    query_params = dict(call.request.query_params)
    return bills.trade_bill(call.system, db, call.merchant, query_params, call.api_url())


def _flow_bill(call: Call, db: Connection) -> dict[str, Any]:
    query_params = dict(call.request.query_params)
    return bills.flow_bill(call.system, db, call.merchant, query_params, call.api_url())


def _sharing_bill(call: Call, db: Connection) -> dict[str, Any]:
    query_params = dict(call.request.query_params)
    return sharing_bill.sharing_bill(call.system, db, call.merchant, query_params, call.api_url())


def _bill_file(call: Call, db: Connection) -> Response:
    return bills.file(call.system, db, call.merchant, call.asked("token"))


def _certificates(call: Call, db: Connection) -> dict[str, Any]:
    return certificates(call.system, call.merchant)


def _unknown(call: Call, db: Connection) -> None:
    raise ApiError("RESOURCE_NOT_EXISTS", "接口不存在")


def _nothing(call: Call, db: Connection) -> str:
    return ""


def _number(call: Call, db: Connection) -> str:
    return call.path("number")


def _order_of_id(call: Call, db: Connection) -> str:
    order = find(db, "transaction_id", call.path("number"))
    return order.out_trade_no if order else ""


def _order_of_refund(call: Call, db: Connection) -> str:
    refund = find_refund(db, call.path("number"))
    return refund.out_trade_no if refund else ""


def _order_of_body_refund(call: Call, db: Connection) -> str:
    refund = find_refund(db, _text(call, "out_refund_no"))
    return refund.out_trade_no if refund else ""


def _body_number(call: Call, db: Connection) -> str:
    number = _text(call, "out_trade_no")
    if number:
        return number
    order = find(db, "transaction_id", _text(call, "transaction_id"))
    return order.out_trade_no if order else ""


def _body_combine(call: Call, db: Connection) -> str:
    return _text(call, "combine_out_trade_no")


def _text(call: Call, name: str) -> str:
    """A string of the body that is not checked yet: only used to find the fault that is meant for it."""
    try:
        data = json.loads(call.body)
        value = data.get(name) if isinstance(data, dict) else None
    except (ValueError, RecursionError):
        return ""
    return value if isinstance(value, str) and value.isascii() else ""
