"""The distributor put together for the program."""

from __future__ import annotations

import sqlite3
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.faults import ANYWHERE, NOTIFY
from sandbox.map.keys import ensure_application
from sandbox.scenic import notices, statement
from sandbox.scenic.catalogue import PRODUCTS, SPOTS
from sandbox.scenic.channel import Channel
from sandbox.scenic.control import ScenicControl
from sandbox.scenic.courier import Courier
from sandbox.scenic.gateway import COMMON, OPERATIONS, Gateway
from sandbox.scenic.memory import NAME, SCHEMA, TABLES, Scenic, balance
from sandbox.scenic.pages import Pages
from sandbox.settings import Settings
from sandbox.store import Store
from sandbox.systems import System

SCHEMAS = (SCHEMA,)


def build(settings: Settings, clock: Clock, store: Store) -> System:
    """The distributor as a system of the program. Makes its key when there is none."""
    system = Scenic(settings, clock, store, ensure_application(settings.directory / NAME))
    courier, channel, pages = Courier(system), Channel(system), Pages(system)

    def summary() -> dict[str, Any]:
        counted = store.all("SELECT state, count(*) AS n FROM scenic_orders GROUP BY state")
        with store.transaction() as db:
            left = balance(db)
        return {
            "key": system.application.key, "orders": {row["state"]: row["n"] for row in counted}, "balance": left,
            "hook": system.hook(),
        }  # fmt: skip

    def rescale(db: sqlite3.Connection, factor: float) -> None:
        wall = clock.wall()
        for table, column in (
            ("scenic_orders", "confirm_at"), ("scenic_refunds", "decide_at"), ("scenic_notices", "next_at")
        ):  # fmt: skip
            db.execute(
                f"UPDATE {table} SET {column} = ? + ({column} - ?) * ? WHERE {column} > ?",  # noqa: S608 - our names
                (wall, wall, factor, wall),
            )

    async def download(request: Request) -> Response:
        return statement.download(system, request)

    return System(
        name=NAME,
        title="景区票务分销",
        speaks=(
            f"{len(SPOTS)} 个景区、{len(PRODUCTS)} 种票：产品、三个月价格日历、分时库存",
            "预判、锁票、付款、查询、取消、退票（审核、部分）、改期、补发短信、日账单",
            "HMAC-SHA256 信封；出票、核销、退票审核、产品变更通知",
            "闸机、退票审核、改库存：/scenic/",
        ),
        routes=[
            Route("/", pages.index, methods=["GET", "POST"]),
            Route("/openapi", Gateway(system).answer, methods=["POST"]),
            Route("/statements/{token}", download, methods=["GET"]),
            Route("/channel/hook", channel.hear, methods=["POST"]),
        ],
        control=ScenicControl(system, courier, channel).routes(),
        phone=[],
        faults={
            ANYWHERE: COMMON,
            **{name: COMMON | kinds for name, kinds in OPERATIONS.items()},
            NOTIFY: notices.SHAPING | notices.SPOILING,
        },
        summary=summary,
        facts=lambda told: [
            ("账号", told["key"]),
            ("订单", sum(told["orders"].values())),
            ("预存款余额（元）", f"{told['balance'] / 100:,.2f}"),
            ("通知地址", told["hook"] or "没有配置"),
        ],
        forget=_forget,
        rescale=rescale,
        wake=lambda: system.wake(),
        start=courier.start,
        stop=courier.stop,
    )


def _forget(db: sqlite3.Connection) -> None:
    """Orders, stock and notices; the rules stay, as keys do."""
    for table in TABLES:
        db.execute(f"DELETE FROM scenic_{table}")  # noqa: S608 - our names
