"""Stripe put together for the program."""

from __future__ import annotations

import sqlite3
from typing import Any

from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.faults import ANYWHERE, NOTIFY
from sandbox.settings import Settings
from sandbox.store import Store
from sandbox.stripe.control import StripeControl
from sandbox.stripe.courier import Courier
from sandbox.stripe.engine import Engine
from sandbox.stripe.events import SHAPING, SPOILING
from sandbox.stripe.gateway import ANSWERING, OPERATIONS, REFUSING, Gateway
from sandbox.stripe.memory import NAME, SCHEMA, TABLES, Stripe, ensure_account
from sandbox.stripe.pages import Pages
from sandbox.systems import System

SCHEMAS = (SCHEMA,)


def build(settings: Settings, clock: Clock, store: Store) -> System:
    """Stripe as a system of the program. Makes its keys when there are none; localstripe starts at the first call."""
    directory = settings.directory / NAME
    stripe = Stripe(settings, clock, store, Engine(directory), ensure_account(directory))
    courier, pages, gateway = Courier(stripe), Pages(stripe), Gateway(stripe)

    def summary() -> dict[str, Any]:
        counted = store.all("SELECT count(*) AS n FROM str_intents")[0]["n"]
        endpoints = [row["url"] for row in store.all("SELECT url FROM str_endpoints")]
        return {
            "publishable_key": stripe.account["publishable_key"],
            "intents": counted,
            "endpoints": endpoints,
        }

    def rescale(db: sqlite3.Connection, factor: float) -> None:
        wall = clock.wall()
        db.execute(
            "UPDATE str_deliveries SET next_at = ? + (next_at - ?) * ? WHERE state = 'pending' AND next_at > ?",
            (wall, wall, factor, wall),
        )

    return System(
        name=NAME,
        title="Stripe（银行卡）",
        speaks=(
            "PaymentIntent：扣款、授权与请款、取消、3-D Secure 验证",
            "退款（部分、全额、撤销授权），幂等键",
            "Webhook（Stripe-Signature、重试、重复、迟到、丢失）",
            "测试卡：拒付代码、验证失败、慢、答复丢失",
        ),
        routes=[
            Route("/", pages.index, methods=["GET"]),
            Route("/challenge/{intent_id}", pages.ask, methods=["GET"]),
            Route("/challenge/{intent_id}", pages.answer, methods=["POST"]),
            Route("/v1/{path:path}", gateway.answer, methods=["GET", "POST", "DELETE"]),
        ],
        control=StripeControl(stripe, courier).routes(),
        phone=[],
        faults={
            ANYWHERE: REFUSING | ANSWERING,
            **dict.fromkeys(OPERATIONS, REFUSING | ANSWERING),
            NOTIFY: SHAPING | SPOILING,
        },
        summary=summary,
        facts=lambda told: [
            ("公钥", told["publishable_key"]),
            ("付款笔数", told["intents"]),
            ("通知地址", "、".join(told["endpoints"]) or "还没有登记"),
        ],
        forget=_forget,
        rescale=rescale,
        wake=lambda: stripe.wake(),
        start=courier.start,
        stop=courier.stop,
    )


def _forget(db: sqlite3.Connection) -> None:
    """Payments are forgotten by the layer; localstripe keeps its own, which nobody can name any more."""
    for table in TABLES:
        db.execute(f"DELETE FROM {table}")  # noqa: S608
