"""Orders: what an event or an order does not carry is nothing, not an exception."""

from __future__ import annotations

from typing import Any

from .rebinding import rebind
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


@adaptation(
    Stage.APPS,
    "orders sorted by customer fail as a whole on one without a billing address (a sale at a counter)",
)
def cursors_of_missing_relations() -> None:
    from saleor.graphql.core.connection import get_field_value

    def value_or_none(instance: Any, field_name: str) -> Any:
        """The value at the end of the path; None behind a relation that is empty, as the database sorts it."""
        *relations, last = field_name.split("__")
        for relation in relations:
            instance = getattr(instance, relation)
            if instance is None:
                return None
        return get_field_value(instance, last)

    rebind(get_field_value, value_or_none)


@adaptation(
    Stage.APPS, "Whether digital goods are to be sent takes five statements a line, once an order is paid"
)
def automatic_fulfilment_in_one_statement() -> None:
    from saleor.order import utils

    def order_needs_automatic_fullfilment(order: Any) -> bool:
        digital = order.lines.filter(
            variant__product__product_type__is_digital=True, variant__digital_content__isnull=False
        ).select_related("variant__digital_content")
        return any(utils.order_line_needs_automatic_fulfillment(line) for line in digital)

    rebind(utils.order_needs_automatic_fullfilment, order_needs_automatic_fullfilment)


@adaptation(Stage.APPS, "An order's lines are read for Google Analytics although nobody has set it up")
def analytics_only_where_wanted() -> None:
    from django.conf import settings
    from saleor.core import analytics

    stock_report = analytics.report_order

    def report_order(client_id: Any, order: Any) -> None:
        if client_id and getattr(settings, "GOOGLE_ANALYTICS_TRACKING_ID", None):
            stock_report(client_id, order)

    rebind(stock_report, report_order)
