"""The company's responsibility matrix and first routes, from `data/matrix.toml`."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from importlib.resources import files
from typing import Any

from plugins.org_hierarchy.interfaces import Level
from saleor_o2o.seeding.context import SeedContext

from .models import ApprovalRoute, MatrixDuty, MatrixMatter, RouteLine


def read() -> dict[str, Any]:
    """The file as it is."""
    return tomllib.loads(files("plugins.approvals").joinpath("data/matrix.toml").read_text(encoding="utf-8"))


def seed(context: SeedContext) -> None:
    """Write rows of the matrix and routes that are missing; what the city has changed stays."""
    told = read()
    made = sum(_matter(position, row) for position, row in enumerate(told["matter"], 1))
    context.count("职责矩阵事项", made)
    context.count("审批路线", sum(_route(row) for row in told["route"]))


def _matter(position: int, row: dict[str, Any]) -> int:
    matter, created = MatrixMatter.objects.get_or_create(
        code=row["code"],
        defaults={"title": row["title"], "position": position, "note": row.get("note", "")},
    )
    if created:
        MatrixDuty.objects.bulk_create(
            MatrixDuty(
                matter=matter, level=level, duty=row[level.name.lower()][0], text=row[level.name.lower()][1]
            )
            for level in Level
        )
    return int(created)


def _route(row: dict[str, Any]) -> int:
    if ApprovalRoute.objects.filter(matter=row["matter"]).exists():
        return 0
    route = ApprovalRoute.objects.create(
        matter=row["matter"], valid_from=row["valid_from"], note=row.get("note", ""), made_by="system"
    )
    counted: dict[str | None, int] = {}
    for line in row["lines"]:
        limit = line.get("max_amount")
        counted[limit] = counted.get(limit, 0) + 1
        RouteLine.objects.create(
            route=route,
            max_amount=None if limit is None else Decimal(limit),
            position=counted[limit],
            level=Level[line["level"]],
            hours=line.get("hours"),
        )
    return 1
