"""Rules with days from and until which they count, for one business line or for all."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from saleor_o2o.kernel.clock import now

M = TypeVar("M", bound=Model)


def in_force(rules: QuerySet[M], line: str = "") -> M | None:
    """The rule that counts now for a business line: its own before the one for all, the newest of several.

    `rules` have `line` ("" for all), `valid_from` and `valid_to`. None where no rule counts. One statement.
    """
    moment = now()
    counting = rules.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=moment), line__in=("", line), valid_from__lte=moment
    )
    return counting.order_by("-line", "-valid_from", "-pk").first()
