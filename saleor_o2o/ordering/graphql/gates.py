"""Orders named by global ids, for a member of the staff."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from saleor.graphql.core.utils import from_global_id_strict_type

from .. import access


def orders_for(user: Any, ids: Sequence[str], permission: str) -> list[int]:
    """The keys of orders that the user may do this to. Raises OutOfScope for one out of sight, NotAllowed."""
    keys = [int(from_global_id_strict_type(one, "Order", field="ids")) for one in ids]
    return access.orders_for(user, keys, permission)
