"""A network put together for the program; the two packages beside say which one."""

from __future__ import annotations

import sqlite3
from typing import Any, Protocol

from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.coach import courier as couriers
from sandbox.coach.control import CoachControl
from sandbox.coach.courier import Courier
from sandbox.coach.gateway import Dress, fault_table
from sandbox.coach.memory import TABLES, Network
from sandbox.coach.pages import Pages
from sandbox.coach.profile import Profile
from sandbox.map.keys import ensure_application
from sandbox.settings import Settings
from sandbox.store import Store
from sandbox.systems import System


class Wire(Dress, couriers.Wire, Protocol):
    """What a network speaks."""

    def routes(self, net: Network) -> list[Route]:
        """Where it is asked."""


def build(
    settings: Settings, clock: Clock, store: Store, profile: Profile, wire: Wire, speaks: tuple[str, ...]
) -> System:
    """One network as a system of the program. Makes its key when there is none."""
    hook = f"{settings.platform_url}/hooks/ticketing/coach/{profile.net}" if settings.platform_url else ""
    net = Network(profile, ensure_application(settings.directory / profile.name), clock, store, hook)
    courier = Courier(net, wire)
    control = CoachControl(net, courier)
    pages = Pages(net, control)

    def summary() -> dict[str, Any]:
        counted = store.all(
            "SELECT state, count(*) AS n FROM coach_orders WHERE net = ? AND window = 0 GROUP BY state",
            net.net,
        )
        return {
            "key": net.application.key, "hook": net.hook, "open": net.opened(),
            "orders": {row["state"]: row["n"] for row in counted},
        }  # fmt: skip

    def rescale(db: sqlite3.Connection, factor: float) -> None:
        wall = clock.wall()
        for table, column in (("coach_notices", "next_at"), ("coach_jobs", "due_at")):
            sql = f"UPDATE {table} SET {column} = ? + ({column} - ?) * ? WHERE net = ? AND {column} > ?"  # noqa: S608
            db.execute(sql, (wall, wall, factor, net.net, wall))

    def forget(db: sqlite3.Connection) -> None:
        for table in TABLES:
            db.execute(f"DELETE FROM {table} WHERE net = ?", (net.net,))  # noqa: S608 - our own words
        db.execute("DELETE FROM coach_shifts")
        db.execute("DELETE FROM coach_added")
        db.execute(f"DELETE FROM {profile.name}_nonces")  # noqa: S608 - our own words

    return System(
        name=profile.name,
        title=profile.title,
        speaks=(*speaks, f"车站：/{profile.name}/"),
        routes=[
            Route("/", pages.look, methods=["GET"]),
            Route("/", pages.act, methods=["POST"]),
            *wire.routes(net),
        ],
        control=control.routes(),
        phone=[],
        faults=fault_table(),
        summary=summary,
        facts=lambda told: [
            ("Key", told["key"]),
            ("售票", "营业中" if told["open"] else "不在售票时间"),
            ("已出票订单", told["orders"].get("issued", 0)),
            ("回调地址", told["hook"] or "没有配置平台地址"),
        ],
        forget=forget,
        rescale=rescale,
        wake=lambda: net.wake(),
        start=courier.start,
        stop=courier.stop,
    )
