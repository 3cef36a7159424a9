"""Orders: what an event does not carry is nothing, not an exception."""

from __future__ import annotations

from typing import Any

from .registry import Stage, adaptation


@adaptation(
    Stage.APPS, "order.events.fulfilledItems filters by None and fails on every event but fulfilments"
)
def fulfilled_items_of_any_event() -> None:
    from saleor.graphql.order.types import OrderEvent

    original = OrderEvent.resolve_fulfilled_items

    def resolve_fulfilled_items(root: Any, info: Any) -> Any:
        return original(root, info) if root.parameters.get("fulfilled_items") else []

    OrderEvent.resolve_fulfilled_items = staticmethod(resolve_fulfilled_items)
