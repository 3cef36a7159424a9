"""WeChat Pay put together for the program."""

from __future__ import annotations

import sqlite3
from typing import Any

from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.faults import ANYWHERE, NOTIFY
from sandbox.settings import Settings
from sandbox.store import Store
from sandbox.systems import System
from sandbox.wechat_pay import bills, codepay, combine, notifications, orders, refunds, sharing, system
from sandbox.wechat_pay.control import WechatPayControl, options_json
from sandbox.wechat_pay.control_merchant import MerchantControl
from sandbox.wechat_pay.courier import Courier
from sandbox.wechat_pay.gateway import ANSWERING, REFUSING
from sandbox.wechat_pay.keys import ensure_keys
from sandbox.wechat_pay.notifications import SHAPING
from sandbox.wechat_pay.phone import WechatPayPhone
from sandbox.wechat_pay.routes import OPERATIONS, api_routes
from sandbox.wechat_pay.signing import Spoil
from sandbox.wechat_pay.system import NAME, WechatPay

SCHEMAS = (
    system.OPTIONS_SCHEMA, orders.SCHEMA, refunds.SCHEMA, notifications.SCHEMA, codepay.SCHEMA, combine.SCHEMA,
    sharing.SCHEMA, bills.SCHEMA,
)  # fmt: skip
TABLES = (
    "wxp_attempts",
    "wxp_notifications",
    "wxp_refunds",
    "wxp_orders",
    "wxp_codes",
    "wxp_combines",
    "wxp_share_returns",
    "wxp_share_lines",
    "wxp_shares",
    "wxp_receivers",
    "wxp_bills",
)  # children first

FAULTS = {
    ANYWHERE: REFUSING | ANSWERING,
    **dict.fromkeys(OPERATIONS, REFUSING | ANSWERING),
    "close": REFUSING | ANSWERING | {"pay_after_close"},
    "refund": REFUSING | ANSWERING | {"refund_result"},
    "codepay": REFUSING | ANSWERING | {"userpaying", "slow"},
    "reverse": REFUSING | ANSWERING | {"still_paying"},
    "share": REFUSING | ANSWERING | {"share_closed"},
    "share_return": REFUSING | ANSWERING | {"return_failed"},
    "bill_file": REFUSING | ANSWERING | {"corrupt"},
    NOTIFY: SHAPING | {spoil.value for spoil in Spoil},
}


def build(settings: Settings, clock: Clock, store: Store) -> System:
    """WeChat Pay as a system of the program. Makes its keys when there are none."""
    pay = WechatPay(settings, clock, store, ensure_keys(settings.directory / NAME))
    courier = Courier(pay)
    phone = WechatPayPhone(pay)

    def summary() -> dict[str, Any]:
        counts = {
            table.removeprefix("wxp_"): store.all(f"SELECT count(*) AS n FROM {table}")[0]["n"]  # noqa: S608
            for table in TABLES
        }
        return {
            "mchid": pay.keys.mchid,
            "appid": pay.keys.appid,
            "merchant_serial_no": pay.keys.merchant_serial,
            "platform_serial_no": pay.keys.platform_serial,
            "public_key_id": pay.keys.public_key_id,
            "others": [
                f"{one.mchid} {one.name}" for one in pay.keys.merchants.values() if one is not pay.keys.main
            ],
            "options": options_json(pay.options()),
            "counts": counts,
        }

    return System(
        name=NAME,
        title="微信支付",
        speaks=(
            "下单：Native、JSAPI、小程序、H5、App，合单，付款码（验密、撤销）",
            "查询、关单、退款、查询退款、异常退款",
            "分账：接收方、请求、查询、解冻、回退、动账通知",
            "交易账单与资金账单（SHA1、GZIP）",
            "支付与退款通知（签名、AES-256-GCM、15 次重试）",
            "平台证书与微信支付公钥两种验签方式",
        ),
        routes=[
            *api_routes(pay),
            Route("/cgi-bin/mmpayweb-bin/checkmweb", phone.h5, methods=["GET"]),
        ],
        control=[*WechatPayControl(pay, courier).routes(), *MerchantControl(pay).routes()],
        phone=phone.routes(),
        faults=FAULTS,
        summary=summary,
        facts=_facts,
        forget=_forget,
        rescale=lambda db, factor: _rescale(db, clock.wall(), factor),
        wake=lambda: pay.wake(),
        start=courier.start,
        stop=courier.stop,
    )


def _facts(summary: dict[str, Any]) -> list[tuple[str, Any]]:
    return [
        ("商户号", summary["mchid"]),
        ("AppID", summary["appid"]),
        ("商户证书序列号", summary["merchant_serial_no"]),
        ("平台证书序列号", summary["platform_serial_no"]),
        ("微信支付公钥", summary["public_key_id"]),
        ("其他商户", "、".join(summary["others"])),
    ]


def _forget(db: sqlite3.Connection) -> None:
    for table in TABLES:
        db.execute(f"DELETE FROM {table}")  # noqa: S608


def _rescale(db: sqlite3.Connection, wall: float, factor: float) -> None:
    """Waiting retries and refunds keep their place on the sandbox's clock."""
    db.execute(
        "UPDATE wxp_notifications SET next_at = ? + (next_at - ?) * ?"
        " WHERE state = 'pending' AND next_at > ?",
        (wall, wall, factor, wall),
    )
    db.execute(
        "UPDATE wxp_refunds SET finish_at = ? + (finish_at - ?) * ? WHERE finish_at > ?",
        (wall, wall, factor, wall),
    )
    for table in ("wxp_shares", "wxp_share_returns"):
        db.execute(
            f"UPDATE {table} SET finish_at = ? + (finish_at - ?) * ? WHERE finish_at > ?",  # noqa: S608
            (wall, wall, factor, wall),
        )
