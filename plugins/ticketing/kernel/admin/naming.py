"""Lines and products in reports: one row each, whatever day or hour their tickets were for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import F, QuerySet

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
