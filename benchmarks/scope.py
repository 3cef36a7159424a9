"""机构数据范围：60,000 个机构、1,000,000 笔订单时，按范围看的订单列表与不限范围的同一页对比（同一进程，交替测量）。

The dashboard's list (GraphQL, newest 20, with and without the total) and the back office's list of orders, each asked
by somebody of the city who reaches everything and by people of an area, a county, a branch, an outlet, and an outlet
whose few orders are old. Every page is measured between two of the same page unscoped; the median of those ratios
counts, with the middle half of them in brackets. Exit code 1 if a scoped page takes longer than the bar times the same
page unscoped.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from saleor_o2o.cli.platform import say

from .arena import SETTINGS, database

BAR = 1.3
BASE = "不限范围"
#: Told beside: whoever the organisation's rules do not touch at all.
ROOT = "超级用户"
#: Measured and told, not held to the bar: stock's dashboard does not ask for the total of its list.
TOLD = "列表与总数"
COUNTIES = 10  # of each of the four areas
BRANCHES = 15  # of each county
DOCUMENTS = {
    "列表": "{ orders(first: 20, sortBy: {field: NUMBER, direction: DESC}) { edges { node { id number created status"
    " userEmail total { gross { amount } } } } pageInfo { hasNextPage endCursor } } }",
    "列表与总数": "{ orders(first: 20, sortBy: {field: NUMBER, direction: DESC}) { totalCount edges { node { id number"
    " created status userEmail total { gross { amount } } } } pageInfo { hasNextPage endCursor } } }",
}
UNITS = """
WITH RECURSIVE numbers AS (
    SELECT 1 AS id, NULL::bigint AS parent, 1 AS level
    UNION ALL SELECT 1 + a, 1, 2 FROM generate_series(1, 4) a
), counties AS (
    SELECT 5 + (a - 1) * %(counties)s + c AS id, 1 + a AS parent, 3 AS level
    FROM generate_series(1, 4) a, generate_series(1, %(counties)s) c
), branches AS (
    SELECT 5 + 4 * %(counties)s + (c - 1) * %(branches)s + b AS id, 5 + c AS parent, 4 AS level
    FROM generate_series(1, 4 * %(counties)s) c, generate_series(1, %(branches)s) b
), outlets AS (
    SELECT n AS id, 5 + 4 * %(counties)s + 1 + (n %% (4 * %(counties)s * %(branches)s)) AS parent, 5 AS level
    FROM generate_series(6 + 4 * %(counties)s * (1 + %(branches)s), %(units)s) n
), everything AS (
    SELECT * FROM numbers UNION ALL SELECT * FROM counties UNION ALL SELECT * FROM branches
    UNION ALL SELECT * FROM outlets
), placed AS (
    SELECT id, parent, level, '/' || id || '/' AS path FROM everything WHERE parent IS NULL
    UNION ALL SELECT e.id, e.parent, e.level, p.path || e.id || '/'
    FROM everything e JOIN placed p ON e.parent = p.id
)
SELECT id, parent, level, path FROM placed
"""


def fill(units: int, orders: int) -> None:
    """Write the tree and the orders with statements of their own; any outlet may have the newest order."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE bench_units AS " + UNITS, {
            "counties": COUNTIES, "branches": BRANCHES, "units": units,
        })  # fmt: skip
        columns = _defaults(
            "o2o_org_hierarchy.OrgUnit", id="id", parent_id="parent", level="level", path="path"
        )
        columns |= {"code": "'B' || id", "name": "'机构 ' || id", "status": "'active'"}
        _insert(cursor, "o2o_org_hierarchy_orgunit", columns, "bench_units")
        # nine of ten orders at outlets, the first twelve at the last one, which sells nothing since
        first = 6 + 4 * COUNTIES * (1 + BRANCHES)
        cursor.execute(
            "CREATE TEMPORARY TABLE bench_orders AS SELECT n AS id, CASE WHEN n <= 12 THEN %s::bigint"
            " WHEN random() < 0.9 THEN %s + floor(random() * %s)::bigint"
            " ELSE %s + floor(random() * %s)::bigint END AS unit FROM generate_series(1, %s) n",
            [units, first, units - first, 6 + 4 * COUNTIES, 4 * COUNTIES * BRANCHES, orders],
        )
        columns = _defaults("order.Order", id="id", token="gen_random_uuid()::text")
        columns |= {
            "created": f"now() - ({orders} - id) * interval '20 seconds'",
            "status": "'unfulfilled'",
            "user_email": "'shopper' || id || '@example.com'",
            "total_net_amount": "39.90",
            "total_gross_amount": "39.90",
        }
        _insert(cursor, "order_order", columns, "bench_orders")
        columns = _defaults("o2o_org_hierarchy.OrderAttribution", order_id="id", unit_id="unit")
        columns |= {"org_path": "path", "basis": "'bench'"}
        placed = "(SELECT o.*, u.path FROM bench_orders o JOIN bench_units u ON u.id = o.unit) placed"
        table = "o2o_org_hierarchy_orderattribution"
        # checked in one go afterwards, not a million times
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype = 'f'",
            [table],
        )
        foreign = cursor.fetchall()
        for name, _definition in foreign:
            cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
        _insert(cursor, table, columns, placed)
        for name, definition in foreign:
            cursor.execute(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition}')
        cursor.execute("VACUUM ANALYZE")


def _defaults(label: str, **given: str) -> dict[str, str]:
    """SQL for every column that must be written: what is given, else the field's default."""
    from django.apps import apps
    from django.db import connection

    found = dict(given)
    quote = connection.connection.cursor().mogrify if connection.connection is not None else None
    assert quote is not None, "the connection is open"
    for field in apps.get_model(label)._meta.concrete_fields:
        if field.column in found or (field.null and not field.has_default()):
            continue
        value = field.get_db_prep_save(field.get_default(), connection)
        found[field.column] = quote("%s", [value]).decode()
    return found


def _insert(cursor: Any, table: str, columns: dict[str, str], source: str) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(columns.values())
    statement = f'INSERT INTO "{table}" ({names}) SELECT {values} FROM {source}'  # noqa: S608 - our own names
    cursor.execute(statement.replace("%", "%%") if "%" in statement else statement)


def people(units: int) -> dict[str, Any]:
    """Somebody of each part and a superuser, with the stock permission that the dashboard asks for."""
    from django.contrib.auth.models import Permission
    from saleor.account.models import User

    from plugins.org_hierarchy.models import DataScope, OrgUnit, Role, RoleGrant, Staff

    found: dict[str, Any] = {}
    role = Role.objects.create(code="bench", name="bench", level=5, permissions=["order.view"])
    see = Permission.objects.get(codename="manage_orders")
    for title, pk in (
        (BASE, 1), ("片区", 2), ("区县", 6), ("支局", 6 + 4 * COUNTIES),
        ("网点", 6 + 4 * COUNTIES * (1 + BRANCHES)), ("冷清网点", units),
    ):  # fmt: skip
        user = User.objects.create_user(f"u{pk}@example.com", "x", is_staff=True)
        user.user_permissions.add(see)
        unit = OrgUnit.objects.get(pk=pk)
        staff = Staff.objects.create(user=user, employee_no=f"E{pk}", name=title, unit=unit)
        scope = DataScope.ALL if pk == 1 else ""
        RoleGrant.objects.create(staff=staff, role=role, unit=unit, scope=scope, granted_by="bench")
        found[title] = user
    found[ROOT] = User.objects.create_superuser("root@example.com", "x")
    return found


def pages(user: Any) -> dict[str, Callable[[], Any]]:
    """The pages as this user asks for them."""
    from django.test import Client
    from django.urls import reverse
    from graphql_jwt.shortcuts import get_token

    client = Client(headers={"authorization": f"JWT {get_token(user)}"})
    browser = Client()
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("admin:o2o_backoffice_order_changelist")

    def ask(document: str) -> Callable[[], Any]:
        def call() -> Any:
            answer = client.post(
                "/graphql/", json.dumps({"query": document}), content_type="application/json"
            ).json()
            if "errors" in answer:
                raise RuntimeError(str(answer["errors"]))
            return len(answer["data"]["orders"]["edges"])

        return call

    def look() -> Any:
        response = browser.get(address)
        if response.status_code != 200:
            raise RuntimeError(f"{address}: {response.status_code}")
        return len(response.content)

    found: dict[str, Callable[[], Any]] = {title: ask(document) for title, document in DOCUMENTS.items()}
    return {**found, "后台列表": look}


def measure(everybody: dict[str, Any], rounds: int) -> dict[str, dict[str, Spent]]:
    """By page and person: each page between two of the same page unscoped, so that a busy moment hits both alike."""
    asked = {title: pages(user) for title, user in everybody.items()}
    times: dict[str, dict[str, Spent]] = {}
    for turn in range(rounds + 1):
        for page, unscoped in asked[BASE].items():
            before = _timed(unscoped)
            for title, calls in asked.items():
                if title == BASE:
                    continue
                spent, after = _timed(calls[page]), _timed(unscoped)
                if turn:  # the first is for the caches
                    found = times.setdefault(page, {}).setdefault(title, Spent([], [], []))
                    found.scoped.append(spent)
                    found.unscoped.append((before + after) / 2)
                    found.ratios.append(spent * 2 / (before + after))
                before = after
    return times


@dataclass(frozen=True)
class Spent:
    """Milliseconds of one person's page, of the same page unscoped around each, and the ratios of the two."""

    scoped: list[float]
    unscoped: list[float]
    ratios: list[float]


def _timed(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill a database, measure, say the ratios."""
    parser = argparse.ArgumentParser(prog="./o2o bench scope", description=__doc__)
    parser.add_argument("--units", type=int, default=60_000)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=21)
    given = parser.parse_args(arguments)
    os.environ.setdefault("ALLOWED_CLIENT_HOSTS", "127.0.0.1,localhost")
    with database() as url:
        os.environ.update(DATABASE_URL=url, DJANGO_SETTINGS_MODULE=SETTINGS, DEBUG="False")
        import django

        django.setup()
        from django.conf import settings
        from django.db import connection

        settings.ALLOWED_HOSTS = ["*"]
        connection.ensure_connection()
        say(f"写入 {given.units:,} 个机构、{given.orders:,} 笔订单…")
        fill(given.units, given.orders)
        found = measure(people(given.units), given.rounds)
        connection.close()
    worst = 0.0
    for page, by in found.items():
        say(page)
        for title, spent in by.items():
            ratio = statistics.median(spent.ratios)
            low, _middle, high = statistics.quantiles(spent.ratios, n=4)
            worst = max(worst, ratio) if page != TOLD and title != ROOT else worst
            say(
                f"    {title:<6}{statistics.median(spent.scoped):8.1f} ms，不限范围"
                f"{statistics.median(spent.unscoped):8.1f} ms，×{ratio:.2f}（{low:.2f}–{high:.2f}）"
            )
    say(f"最慢 ×{worst:.2f}，要求不超过 ×{BAR}")
    return 0 if worst <= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
