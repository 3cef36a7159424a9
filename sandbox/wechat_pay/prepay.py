"""Prepay in its four forms: native, jsapi, h5, app. The same number with the same words is the same order."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import sqlite3
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sandbox.clock import stamp
from sandbox.settings import Settings
from sandbox.wechat_pay.errors import ApiError, param_error
from sandbox.wechat_pay.fields import Fields, parse_body
from sandbox.wechat_pay.keys import Merchant
from sandbox.wechat_pay.orders import OUT_TRADE_NO, Order, TradeState, find
from sandbox.wechat_pay.signing import random_text
from sandbox.wechat_pay.system import WechatPay

MINUTE, HOUR, DAY = 60, 3600, 86400
KINDS = ("jsapi", "native", "h5", "app")
LIFETIME = {"jsapi": 2 * HOUR, "native": 2 * HOUR, "app": 2 * HOUR, "h5": 5 * MINUTE}
PAYABLE_DAYS = 7  # an order without time_expire
LATEST_DAYS = 15  # a later time_expire is moved here
REENTRY = "请求重入时，参数与首次请求时不一致"


def prepay(
    system: WechatPay, db: sqlite3.Connection, merchant: Merchant, kind: str, body: bytes, public_url: str
) -> dict[str, Any]:
    """Make the order, or find it again, and answer what its payer needs. Runs in the caller's transaction."""
    fields = parse_body(body)
    asked = _read(fields, kind, system.settings)
    check_merchant(merchant, fields)
    asked |= {"mchid": merchant.mchid, "appid": fields.needed("appid", longest=32)}
    fingerprint = fingerprint_of(kind, body)
    now = system.clock.now()
    known = find(db, "out_trade_no", asked["out_trade_no"])
    order = (
        _again(db, known, merchant.mchid, fingerprint, now)
        if known
        else _create(db, kind, asked, fingerprint, now)
    )
    return instructions(order.kind, order.token, order.prepay_id, public_url)


def _read(fields: Fields, kind: str, settings: Settings) -> dict[str, Any]:
    fields.needed("appid", longest=32)
    fields.needed("mchid", longest=32)
    asked: dict[str, Any] = {
        "description": fields.needed("description", longest=127),
        "out_trade_no": fields.needed("out_trade_no", shortest=6, longest=32, pattern=OUT_TRADE_NO),
        "time_expire": fields.moment("time_expire"),
        "attach": fields.text("attach", longest=128, shortest=0) or "",
        "notify_url": check_notify_url(fields.needed("notify_url", longest=255), settings),
    }
    fields.text("goods_tag", longest=32, shortest=0)
    fields.flag("support_fapiao")
    fields.words("limit_pay", longest=32)
    amount = fields.needed_part("amount")
    asked["total"] = amount.fen("total")
    amount.choice("currency", ("CNY",))
    asked["openid"] = ""
    if kind == "jsapi":
        asked["openid"] = fields.needed_part("payer").needed("openid", longest=128)
    settle = fields.part("settle_info")
    asked["profit_sharing"] = settle.flag("profit_sharing") if settle else False
    asked["device_id"] = read_scene(fields, required=kind == "h5")
    read_detail(fields)
    return asked


def read_scene(fields: Fields, *, required: bool) -> str:
    """Check the scene; its device."""
    scene = fields.part("scene_info", required=required)
    if scene is None:
        return ""
    address = scene.needed("payer_client_ip", longest=45)
    try:
        ipaddress.ip_address(address)
    except ValueError:
        raise param_error("/scene_info/payer_client_ip", "不是正确的IP地址", address) from None
    store = scene.part("store_info")
    if store:
        store.needed("id", longest=32)
        for name, longest in (("name", 256), ("area_code", 32), ("address", 512)):
            store.text(name, longest=longest, shortest=0)
    h5 = scene.part("h5_info", required=required)
    if h5:
        h5.needed("type", longest=32)
        for name, longest in (("app_name", 64), ("app_url", 128), ("bundle_id", 128), ("package_name", 128)):
            h5.text(name, longest=longest, shortest=0)
    return scene.text("device_id", longest=32, shortest=0) or ""


def read_detail(fields: Fields) -> None:
    """Check the goods of the order."""
    detail = fields.part("detail")
    if detail is None:
        return
    detail.fen("cost_price", least=0, required=False)
    detail.text("invoice_id", longest=32, shortest=0)
    for goods in detail.parts("goods_detail"):
        goods.needed("merchant_goods_id", longest=32)
        goods.text("wechatpay_goods_id", longest=32, shortest=0)
        goods.text("goods_name", longest=256, shortest=0)
        goods.fen("quantity")
        goods.fen("unit_price", least=0)


def check_notify_url(url: str, settings: Settings) -> str:
    """https without a query; plain http only to the hosts of the demo. Raises ApiError PARAM_ERROR."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise param_error("/notify_url", "不是正确的地址", url) from None
    if parts.scheme not in ("https", "http") or not host:
        raise param_error("/notify_url", "应为https地址", url)
    if parts.scheme == "http" and host not in settings.http_hosts:
        raise param_error("/notify_url", "应为https地址", url)
    if "?" in url or "#" in url or parts.username is not None:
        raise param_error("/notify_url", "不能携带参数", url)
    return url


def check_merchant(merchant: Merchant, fields: Fields, prefix: str = "") -> None:
    """The body's merchant is the one who signed, and the appid is its own. Raises ApiError."""
    if fields.needed(f"{prefix}mchid", longest=32) != merchant.mchid:
        raise ApiError("MCH_NOT_EXISTS")
    if not merchant.owns(fields.needed(f"{prefix}appid", longest=32)):
        raise ApiError("APPID_MCHID_NOT_MATCH")


def fingerprint_of(kind: str, body: bytes) -> str:
    """The same for the same request."""
    data: Mapping[str, Any] = json.loads(body)
    given = {name: value for name, value in data.items() if value is not None}
    text = json.dumps([kind, given], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def payable_until(wanted: float | None, now: float) -> float:
    """Until when an order can be paid: what was asked for, within the documented bounds."""
    if wanted is None:
        return now + PAYABLE_DAYS * DAY
    return min(max(wanted, now + MINUTE), now + LATEST_DAYS * DAY)


def _create(db: sqlite3.Connection, kind: str, asked: dict[str, Any], fingerprint: str, now: float) -> Order:
    insert(
        db,
        asked,
        kind=kind,
        fingerprint=fingerprint,
        prepay_id=new_prepay_id(now),
        token=random_text(9),
        prepay_expires=now + LIFETIME[kind],
        time_expire=payable_until(asked["time_expire"], now),
        now=now,
    )
    return reload(db, asked["out_trade_no"])


def insert(
    db: sqlite3.Connection,
    asked: dict[str, Any],
    *,
    kind: str,
    fingerprint: str,
    prepay_id: str,
    token: str,
    prepay_expires: float,
    time_expire: float,
    now: float,
    combine_no: str = "",
) -> None:
    """Write an order that nobody has paid."""
    values = {
        **{name: asked[name] for name in COLUMNS},
        "combine_no": combine_no,
        "kind": kind,
        "requested_openid": asked["openid"],
        "time_expire": time_expire,
        "fingerprint": fingerprint,
        "prepay_id": prepay_id,
        "token": token,
        "prepay_expires": prepay_expires,
        "state": TradeState.NOTPAY.value,
        "created_at": now,
    }
    marks = ", ".join("?" * len(values))
    sql = f"INSERT INTO wxp_orders ({', '.join(values)}) VALUES ({marks})"  # noqa: S608
    db.execute(sql, tuple(values.values()))


COLUMNS = (
    "out_trade_no", "mchid", "appid", "description", "attach", "notify_url", "total", "device_id", "profit_sharing"
)  # fmt: skip


def _again(db: sqlite3.Connection, order: Order, mchid: str, fingerprint: str, now: float) -> Order:
    if order.mchid != mchid or order.combine_no or order.kind == "code":
        raise ApiError("OUT_TRADE_NO_USED")
    if order.is_paid:
        raise ApiError("INVALID_REQUEST", "该订单已支付")
    if order.state is TradeState.CLOSED:
        raise ApiError("ORDER_CLOSED")
    if order.fingerprint != fingerprint:
        raise ApiError("INVALID_REQUEST", REENTRY)
    if now >= order.time_expire:
        raise ApiError("INVALID_REQUEST", "订单已超过支付截止时间")
    if now < order.prepay_expires:
        return order
    db.execute(
        "UPDATE wxp_orders SET prepay_id = ?, token = ?, prepay_expires = ? WHERE out_trade_no = ?",
        (new_prepay_id(now), random_text(9), now + LIFETIME[order.kind], order.out_trade_no),
    )
    return reload(db, order.out_trade_no)


def reload(db: sqlite3.Connection, out_trade_no: str) -> Order:
    """The order as it is now."""
    order = find(db, "out_trade_no", out_trade_no)
    if order is None:
        raise LookupError(out_trade_no)
    return order


def new_prepay_id(now: float) -> str:
    """A number as prepay answers it."""
    return f"wx{stamp(now, '%d%H%M%S')}{random_text(22).lower()}0000"


def instructions(kind: str, token: str, prepay_id: str, public_url: str) -> dict[str, Any]:
    """What the payer's device needs."""
    if kind == "native":
        return {"code_url": f"weixin://wxpay/bizpayurl?pr={token}"}
    if kind == "h5":
        page = f"{public_url}/wechat_pay/cgi-bin/mmpayweb-bin/checkmweb"
        return {"h5_url": f"{page}?prepay_id={prepay_id}&package={token}"}
    return {"prepay_id": prepay_id}
