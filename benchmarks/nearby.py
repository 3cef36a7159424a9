"""附近网点（六万个地点里最近的 10 个，按业务和“营业中”筛选）：与 PostgreSQL 裸索引扫描对比（同一次运行）。

The bare scan asks the same index for ten keys in order of distance: no filter, no columns. Held against it is the
statement that `nearest` sends, with both filters and every column that the map shows, over the same connection, in
turns. `nearest(...)` itself is measured too, with the objects and the opening times that Python makes of the rows, and
the question of the night, when nobody is open and the whole radius must be looked at. Exit code 1 when the filtered
statement is above the bar.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from saleor_o2o.cli.errors import CommandError
from saleor_o2o.cli.platform import say

from .arena import database

PLACES = 60_000
BOX = (105.3, 28.2, 110.2, 32.2)
BARE = (
    "SELECT id FROM o2o_service_map_place WHERE status = 'listed' AND kind = 'outlet'"
    " ORDER BY o2o_map_point(lat, lng) <-> o2o_map_point(%s, %s) LIMIT 10"
)


def main(argv: Sequence[str]) -> int:
    """Run the benchmark; answers the exit code."""
    parser = argparse.ArgumentParser(prog="./o2o bench nearby", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="次数更少")
    parser.add_argument("--bar", type=float, default=2.0, help="至多为裸扫描的多少倍（默认 2.0）")
    options = parser.parse_args(list(argv))
    os.environ.setdefault("ALLOWED_CLIENT_HOSTS", "127.0.0.1,localhost")
    with database() as url:
        return _run(url, 150 if options.quick else 600, options.bar)


def _run(url: str, times: int, bar: float) -> int:
    os.environ["DATABASE_URL"] = url
    import django

    django.setup()
    from django.db import connection

    from plugins.service_map.nearest import DEFAULT_RADIUS, MAX_RADIUS, nearest, statement
    from saleor_o2o.kernel.clock import SHANGHAI

    _fill()
    noon = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
    night = noon.replace(hour=23)
    dice = random.Random(7)
    points = [(dice.uniform(105.6, 109.9), dice.uniform(28.6, 31.9)) for _ in range(times)]
    cursor = connection.cursor().cursor  # the driver's own, without Django's wrapping

    def fetch(sql: str, values: Any) -> list[Any]:
        cursor.execute(sql, values)
        return list(cursor.fetchall())

    def filtered(lng: float, lat: float) -> list[Any]:
        return fetch(
            *statement(
                lng,
                lat,
                kinds=("outlet",),
                scope="ticketing",
                open_now=True,
                first=10,
                radius=DEFAULT_RADIUS,
                at=noon,
            )
        )

    def whole(lng: float, lat: float, at: datetime, radius: float = DEFAULT_RADIUS) -> list[Any]:
        return nearest(lng, lat, scope="ticketing", open_now=True, at=at, radius=radius)

    sides: dict[str, Callable[[float, float], list[Any]]] = {
        "裸索引扫描（SQL）": lambda lng, lat: fetch(BARE, [lat, lng]),
        "筛选业务和营业中（SQL）": filtered,
        "nearest() 全程（含 Python）": lambda lng, lat: whole(lng, lat, noon),
    }
    nights: dict[str, Callable[[float, float], list[Any]]] = {
        "nearest() 深夜，半径 50 公里（无营业）": lambda lng, lat: whole(lng, lat, night),
        "nearest() 深夜，半径 300 公里（无营业）": lambda lng, lat: whole(lng, lat, night, MAX_RADIUS),
    }
    found = [len(ask(*points[0])) for ask in (sides | nights).values()]
    if found != [10, 10, 10, 0, 0]:
        raise CommandError(f"找到的网点数不对：{found}")
    measured = _race(sides, points, dice)
    # apart: a look at thousands of rows leaves the caches cold for whatever comes after it
    measured |= _race(nights, points[:50], dice)
    plain = statistics.median(next(iter(measured.values())))
    say(f"{PLACES} 个网点，{times} 个随机位置，最近 10 个；毫秒，轮流测量，次序随机。\n")
    say("| | p50 | p95 | 倍数（p50） |\n|---|---|---|---|")
    for name, values in measured.items():
        values.sort()
        middle = statistics.median(values)
        say(f"| {name} | {middle:.2f} | {values[int(len(values) * 0.95)]:.2f} | {middle / plain:.2f} |")
    all_of_it = statistics.median(measured["nearest() 全程（含 Python）"]) / plain
    ratio = statistics.median(measured["筛选业务和营业中（SQL）"]) / plain
    passed = ratio <= bar
    say(f"\n带筛选的语句是裸扫描的 {ratio:.2f} 倍（要求 ≤ {bar:.2f}），nearest() 全程 {all_of_it:.2f} 倍。")
    say("通过。" if passed else "未达标。")
    return 0 if passed else 1


def _race(
    sides: dict[str, Callable[[float, float], list[Any]]],
    points: list[tuple[float, float]],
    dice: random.Random,
) -> dict[str, list[float]]:
    """Milliseconds of each side at each point, in turns; the order is drawn, so that none always follows another."""
    measured: dict[str, list[float]] = {name: [] for name in sides}
    for ask in sides.values():
        for place in points[:20]:
            ask(*place)  # warm
    names = list(sides)
    for place in points:
        dice.shuffle(names)
        for name in names:
            began = time.perf_counter()
            sides[name](*place)
            measured[name].append((time.perf_counter() - began) * 1000)
    return measured


def _fill() -> None:
    """Outlets all over the city: units, and places with six kinds of hours and scopes."""
    from django.db import connection

    from plugins.org_hierarchy.interfaces import Level, OrgUnit, UnitStatus
    from plugins.org_hierarchy.paths import path_of, reserve_keys
    from plugins.service_map.sync import sync_all

    dice = random.Random(42)
    [root_key, *keys] = reserve_keys(PLACES + 1)
    scopes = ["retail", "ticketing", "bills", "tourism", "produce", "convenience"]
    hours = [
        {str(day): [["08:30", "17:30"]] for day in range(1, days + 1)}
        | ({"dates": {"2026-10-01": []}} if days == 6 else {})
        for days in (5, 6, 7)
    ]
    common = {"status": UnitStatus.ACTIVE, "effective_from": date(2026, 1, 1)}
    root = OrgUnit(
        pk=root_key, code="5001", name="市中心", level=Level.CITY, path=path_of("", root_key), **common
    )
    units = [root]
    for number, key in enumerate(keys):
        units.append(
            OrgUnit(
                pk=key, code=f"5001-{number:06d}", name=f"网点 {number}", level=Level.OUTLET, parent=root,
                path=path_of(root.path, key), lng=round(dice.uniform(BOX[0], BOX[2]), 6),
                lat=round(dice.uniform(BOX[1], BOX[3]), 6), business_hours=dice.choice(hours),
                business_scope=dice.sample(scopes, 3), **common,
            )
        )  # fmt: skip
    OrgUnit.objects.bulk_create(units, batch_size=2000)
    sync_all()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE o2o_service_map_place")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
