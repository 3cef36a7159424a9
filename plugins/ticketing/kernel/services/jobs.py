"""What jobs do row by row: one row that fails is left for the next time, and keeps no other waiting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet

from saleor_o2o.kernel.sweeping import sum_each


def each(
    rows: QuerySet[Any], act: Callable[..., Any], what: str, most: int = 200, also: Sequence[str] = ()
) -> int:
    """Do it to each of the first rows (ordered; `most` of them) by its key, in transactions of its own.

    How many went well (`act` did not answer False). `act` is given the key, and the fields `also` named. What somebody
    has locked, or what breaks our own code, comes again with the next run; `what` says in the log of which job it is.
    One statement before the acts.
    """
    found = {pk: rest for pk, *rest in rows.values_list("pk", *also)[:most]}
    return sum_each(found, lambda pk: act(pk, *found[pk]) is not False, what)
