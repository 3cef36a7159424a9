"""机构树 60,000 个机构：变更一个含 1,000 个机构的区县的隶属，物化路径与 django-mptt 对比（同一数据库，交替测量）。

Both trees have the same shape in a database of the benchmark's own: ours, and Saleor's categories (django-mptt, stock's
choice for trees). The same county goes to another area and back. What is measured of ours is the whole service (lock,
checks, paths, versions, audit, event, commit), which is how long the tree's lock is held; and the paths alone, which is
what mptt's `move_to` does too.
At the end one whole area (some 15,000 units, its 15 counties one by one) is merged into another: the largest change
that the tree knows, since an area can hang nowhere but below the city. Orders and reads do not wait for it; other
changes of the tree do, and after three seconds they say so.
Exit code 1 if the lock is held for a second or longer, or our subtree query is slower than mptt's by half.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from saleor_o2o.cli.platform import say

from .arena import SETTINGS, database

AREAS, COUNTIES, BRANCHES, OUTLETS = 4, 15, 37, 26
#: Units of one county: itself, its branches, their outlets.
COUNTY = 1 + BRANCHES * (1 + OUTLETS)
BAR_SECONDS = 1.0


@dataclass
class Node:
    """One place of the tree, in the order of a walk: parents first. `left` and `right` are mptt's numbers."""

    key: int
    parent: Node | None
    level: int
    code: str
    left: int = 0
    right: int = 0
    path: str = field(init=False)

    def __post_init__(self) -> None:
        self.path = f"{self.parent.path if self.parent else '/'}{self.key}/"


def shape(first_key: int) -> list[Node]:
    """The tree as nodes with keys from `first_key` on, numbered as mptt does."""
    nodes: list[Node] = []
    widths = {1: AREAS, 2: COUNTIES, 3: BRANCHES, 4: OUTLETS, 5: 0}
    counter = 0

    def walk(parent: Node | None, level: int, code: str) -> None:
        nonlocal counter
        counter += 1
        node = Node(first_key + len(nodes), parent, level, code, left=counter)
        nodes.append(node)
        for number in range(1, widths[level] + 1):
            walk(node, level + 1, f"{code}-{number:03}")
        counter += 1
        node.right = counter

    walk(None, 1, "5001")
    return nodes


def build() -> tuple[Any, Any]:
    """Write both trees; the counties that will move, ours and mptt's."""
    from django.db import connection
    from saleor.product.models import Category

    from plugins.org_hierarchy.models import OrgUnit, UnitVersion
    from saleor_o2o.kernel.clock import now

    ours, theirs = shape(1_000_000), shape(1_000_000)
    for batch in _batches(ours):
        OrgUnit.objects.bulk_create(
            OrgUnit(
                pk=node.key, code=node.code, name=node.code, level=node.level, path=node.path, status="active",
                parent_id=node.parent.key if node.parent else None,
            )
            for node in batch
        )  # fmt: skip
        UnitVersion.objects.bulk_create(
            UnitVersion(
                unit_id=node.key, revision=1, valid_from=now(), path=node.path, code=node.code, name=node.code,
                status="active", parent_id=node.parent.key if node.parent else None, actor="system",
            )
            for node in batch
        )  # fmt: skip
    for batch in _batches(theirs):
        Category.objects.bulk_create(
            Category(
                pk=node.key, name=node.code, slug=node.code, lft=node.left, rght=node.right, tree_id=1_000_000,
                level=node.level - 1, parent_id=node.parent.key if node.parent else None,
            )
            for node in batch
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    moving = "5001-002-007"
    return OrgUnit.objects.get(code=moving), Category.objects.get(slug=moving)


def _batches(nodes: list[Node]) -> Iterator[list[Node]]:
    for start in range(0, len(nodes), 5000):
        yield nodes[start : start + 5000]


@dataclass
class Measured:
    """Seconds of every round, and the rows of the tree's table that one round wrote."""

    title: str
    seconds: list[float] = field(default_factory=list)
    rows: int = 0

    def row(self) -> str:
        """A line of the table, in milliseconds."""
        worst, middle = max(self.seconds) * 1000, statistics.median(self.seconds) * 1000
        return f"| {self.title} | {middle:.1f} | {worst:.1f} | {self.rows or ''} |"


def timed(measured: Measured, deed: Callable[[], Any], table: str = "") -> None:
    """Run a deed in a transaction of its own and note how long it took, the commit included."""
    from django.db import connection, transaction

    def written() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT n_tup_upd FROM pg_stat_xact_user_tables WHERE relname = %s", [table])
            return int((cursor.fetchone() or [0])[0])

    before = written()  # what earlier transactions of this session have not reported yet
    started = time.perf_counter()
    with transaction.atomic():
        deed()
        if table:
            measured.rows = written() - before
    measured.seconds.append(time.perf_counter() - started)


def moves(unit: Any, category: Any, rounds: int) -> list[Measured]:
    """Move the county between two areas, ours and mptt's in turn."""
    from django.db.models import Value
    from django.db.models.functions import Concat, Substr
    from saleor.product.models import Category

    from plugins.org_hierarchy.models import OrgUnit
    from plugins.org_hierarchy.services.moving import move_unit

    service = Measured("变更隶属（整个服务，即持锁时间）")
    paths = Measured("其中改写路径（一条 UPDATE）")
    mptt = Measured("django-mptt `move_to`")
    for turn in range(rounds):
        area = "5001-003" if turn % 2 == 0 else "5001-002"
        above = OrgUnit.objects.get(code=area)
        timed(service, lambda above=above: move_unit(unit, above, reason="性能测试"), OrgUnit._meta.db_table)
        row = OrgUnit.objects.get(pk=unit.pk)
        timed(
            paths,
            lambda row=row: OrgUnit.objects.filter(path__startswith=row.path).update(
                path=Concat(Value(row.path), Substr("path", len(row.path) + 1))
            ),
            OrgUnit._meta.db_table,
        )
        timed(
            mptt,
            lambda area=area: Category.objects.get(pk=category.pk).move_to(
                Category.objects.get(slug=area), "last-child"
            ),
            Category._meta.db_table,
        )
    return [service, paths, mptt]


def reads(unit: Any, category: Any, rounds: int) -> dict[str, tuple[Measured, Measured]]:
    """Read the keys of the county (1,000) and of its area (some 15,000) both ways, in turn."""
    from saleor.product.models import Category

    from plugins.org_hierarchy.models import OrgUnit

    found: dict[str, tuple[Measured, Measured]] = {}
    ours, theirs = OrgUnit.objects.get(pk=unit.pk), Category.objects.get(pk=category.pk)
    for title, one, other in (("区县", ours, theirs), ("片区", ours.parent, theirs.parent)):
        pair = found[title] = (
            Measured(f"{title}的全部下级，物化路径"),
            Measured(f"{title}的全部下级，django-mptt"),
        )
        for _turn in range(rounds):
            below = OrgUnit.objects.filter(path__startswith=one.path).values_list("pk", flat=True)
            timed(pair[0], lambda below=below: list(below.all()))
            nested = other.get_descendants(include_self=True).order_by().values_list("pk", flat=True)
            timed(pair[1], lambda nested=nested: list(nested.all()))
        assert len(below) == len(nested)
        pair[0].rows = pair[1].rows = len(below)
    return found


def merge_area() -> tuple[Measured, int]:
    """Merge the last area into the one before it, once; what it took, and how many units went along."""
    from plugins.org_hierarchy.models import OrgUnit
    from plugins.org_hierarchy.services.closing import close_unit

    area, heir = OrgUnit.objects.get(code="5001-004"), OrgUnit.objects.get(code="5001-001")
    units = OrgUnit.objects.filter(path__startswith=area.path).count() - 1
    merged = Measured(f"整个片区并入另一片区（下级 {units:,} 个，持锁时间）")
    timed(merged, lambda: close_unit(area, reason="性能测试", successor=heir), OrgUnit._meta.db_table)
    assert OrgUnit.objects.filter(path__startswith=heir.path).count() > 2 * units - COUNTY
    return merged, units


def main(argv: Sequence[str]) -> int:
    """Run the benchmark; answers the exit code."""
    parser = argparse.ArgumentParser(prog="./o2o bench org", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=10, help="变更次数（默认 10）")
    options = parser.parse_args(list(argv))
    os.environ.setdefault("ALLOWED_CLIENT_HOSTS", "127.0.0.1,localhost")
    started = time.monotonic()
    with database() as url:
        os.environ.update(DATABASE_URL=url, DJANGO_SETTINGS_MODULE=SETTINGS, DEBUG="False")
        import django

        django.setup()
        from django.db import connection

        unit, category = build()
        say(f"机构 {AREAS * (COUNTIES * COUNTY + 1) + 1:,} 个，变更的区县含 {COUNTY:,} 个。\n")
        moved = moves(unit, category, options.rounds)
        read = reads(unit, category, options.rounds * 5)
        merged, _units = merge_area()
        connection.close()
    say("| 变更隶属 | 中位毫秒 | 最大毫秒 | 改写的行 |\n|---|---|---|---|")
    for measured in (*moved, merged):
        say(measured.row())
    say("\n| 查询下级 | 中位毫秒 | 最大毫秒 | 行 |\n|---|---|---|---|")
    for pair in read.values():
        for measured in pair:
            say(measured.row())
    worst = max(moved[0].seconds)
    slower = max(
        statistics.median(ours.seconds) / statistics.median(theirs.seconds) for ours, theirs in read.values()
    )
    passed = worst < BAR_SECONDS and slower < 1.5
    say(
        f"\n持锁最长 {worst:.3f} 秒（要求 < {BAR_SECONDS:.0f}）；查询下级为 mptt 的 {slower:.2f} 倍（要求 < 1.50）。"
        f"{'通过' if passed else '未达标'}，用时 {time.monotonic() - started:.0f} 秒。"
    )
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
