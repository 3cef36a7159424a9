"""The way of a row through its states, as a table on its page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saleor_o2o.cashier.models import AttemptState, IntentState, NotificationState, RefundState
from saleor_o2o.kernel.states import history

from ..columns import at
from ..labels import close_words, error_words
from .base import Table
from .naming import names_of

_NAMES = {
    **dict(IntentState.choices),
    **dict(AttemptState.choices),
    **dict(RefundState.choices),
    **dict(NotificationState.choices),
}


def moves_of(row: Any, states: Mapping[Any, Any] | None = None) -> Table:
    """The row's moves, oldest first; ``states`` names what the cashier's own rows do not know. Two queries."""
    names, found = {**_NAMES, **(states or {})}, list(history(row))
    who = names_of(one.actor for one in found)
    rows = [
        (
            at(one.at),
            names.get(one.source, one.source),
            names.get(one.target, one.target),
            who.get(one.actor or "system", one.actor),
            error_words(close_words(one.reason)),
        )
        for one in found
    ]
    return Table("状态变更", ("时间", "原状态", "新状态", "操作者", "原因"), rows)
