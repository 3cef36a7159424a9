"""Lines and products in reports: one row each, whatever day or hour their tickets were for; units and people of one
name: a row each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import CharField, F, QuerySet, Value

from ..legs import column
from ..trades import names_sold


def by_product(rows: QuerySet[Any], ticket: str, order: str) -> QuerySet[Any, dict[str, Any]]:
    """Rows grouped by trade, key and title (`name`) of what was sold; `ticket` and `order`: where they are from a row.

    `called` gives them the name that they share. Aggregates are added by the caller.
    """
    told = rows.order_by().annotate(
        of_trade=F(f"{order}__trade"), of_key=column("key", ticket, order), name=column("title", ticket, order)
    )  # fmt: skip
    return told.values("of_trade", "of_key", "name")


def called(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Groups of `by_product` by what their trade calls them now; the title of the order where it does not tell."""
    groups = list(found)
    names = names_sold({(one["of_trade"], one["of_key"]) for one in groups})
    return [{**one, "name": names.get((one["of_trade"], one["of_key"])) or one["name"]} for one in groups]


def told_apart(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Groups by what tells them apart (`of`: a unit's code, an employee's number) under their `name`, with it in
    brackets where two have the same: a street of one name is in many counties."""
    rows = apart([(one["name"], one["of"], one) for one in found], 1)
    return [{**one, "name": name} for name, one in rows]


def with_codes(names: Sequence[str]) -> list[Any]:
    """Paths of names, then of what tells each of them apart: its row's `code`; nothing of what has no name."""
    return [
        *names,
        *(
            F(f"{one.removesuffix('name')}code") if one.endswith("__name") else Value(None, CharField())
            for one in names
        ),
    ]


def apart(found: Iterable[tuple[Any, ...]], width: int) -> list[tuple[Any, ...]]:
    """Rows of `with_codes` (`width` names, as many codes, sums) without the codes; a name has its code in brackets
    where two have the same beside the same names before it."""
    rows = list(found)
    named: dict[tuple[Any, ...], set[Any]] = defaultdict(set)
    for row in rows:
        for at in range(width):
            named[row[: at + 1]].add(row[width + at])
    return [
        (
            *(
                f"{row[at]}（{row[width + at]}）"
                if row[at] and row[width + at] and len(named[row[: at + 1]]) > 1
                else row[at]
                for at in range(width)
            ),
            *row[2 * width :],
        )
        for row in rows
    ]
