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
    system: WechatPay, db: sqlite3.Connection, kind: str, body: bytes, public_url: str
) -> dict[str, Any]:
    """Make the order, or find it again, and answer what its payer needs. Runs in the caller's transaction."""
    fields = parse_body(body)
    asked = _read(fields, kind, system.settings)
    _check_merchant(system, fields)
    fingerprint = _fingerprint(kind, body)
    now = system.clock.now()
    known = find(db, "out_trade_no", asked["out_trade_no"])
    order = _again(db, known, fingerprint, now) if known else _create(db, kind, asked, fingerprint, now)
    return _answer(order, public_url)


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
    asked["device_id"] = _scene(fields, required=kind == "h5")
    _detail(fields)
    return asked


def _scene(fields: Fields, *, required: bool) -> str:
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


def _detail(fields: Fields) -> None:
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


def _check_merchant(system: WechatPay, fields: Fields) -> None:
    if fields.needed("mchid", longest=32) != system.keys.mchid:
        raise ApiError("MCH_NOT_EXISTS")
    if fields.needed("appid", longest=32) != system.keys.appid:
        raise ApiError("APPID_MCHID_NOT_MATCH")


def _fingerprint(kind: str, body: bytes) -> str:
    data: Mapping[str, Any] = json.loads(body)
    given = {name: value for name, value in data.items() if value is not None}
    text = json.dumps([kind, given], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _create(db: sqlite3.Connection, kind: str, asked: dict[str, Any], fingerprint: str, now: float) -> Order:
    wanted = asked["time_expire"]
    expires = (
        now + PAYABLE_DAYS * DAY
        if wanted is None
        else min(max(wanted, now + MINUTE), now + LATEST_DAYS * DAY)
    )
    db.execute(
        "INSERT INTO wxp_orders (out_trade_no, kind, description, attach, notify_url, total,"
        " requested_openid, device_id, profit_sharing, time_expire, fingerprint, prepay_id, token,"
        " prepay_expires, state, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            asked["out_trade_no"],
            kind,
            asked["description"],
            asked["attach"],
            asked["notify_url"],
            asked["total"],
            asked["openid"],
            asked["device_id"],
            asked["profit_sharing"],
            expires,
            fingerprint,
            _prepay_id(now),
            random_text(9),
            now + LIFETIME[kind],
            TradeState.NOTPAY.value,
            now,
        ),
    )
    return _reload(db, asked["out_trade_no"])


def _again(db: sqlite3.Connection, order: Order, fingerprint: str, now: float) -> Order:
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
        (_prepay_id(now), random_text(9), now + LIFETIME[order.kind], order.out_trade_no),
    )
    return _reload(db, order.out_trade_no)


def _reload(db: sqlite3.Connection, out_trade_no: str) -> Order:
    order = find(db, "out_trade_no", out_trade_no)
    if order is None:
        raise LookupError(out_trade_no)
    return order


def _prepay_id(now: float) -> str:
    return f"wx{stamp(now, '%d%H%M%S')}{random_text(22).lower()}0000"


def _answer(order: Order, public_url: str) -> dict[str, Any]:
    if order.kind == "native":
        return {"code_url": f"weixin://wxpay/bizpayurl?pr={order.token}"}
    if order.kind == "h5":
        page = f"{public_url}/wechat_pay/cgi-bin/mmpayweb-bin/checkmweb"
        return {"h5_url": f"{page}?prepay_id={order.prepay_id}&package={order.token}"}
    return {"prepay_id": order.prepay_id}
