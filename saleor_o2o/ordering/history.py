"""The whole story of an order: the timeline, and what stock noted since it was last taken over."""

from __future__ import annotations

from saleor.order.models import OrderEvent

from .models import OrderProfile, OrderTimeline
from .stock_events import entry_of_event


def entries_of(profile: OrderProfile) -> list[OrderTimeline]:
    """All entries of an order, oldest first. Those of stock that are not taken over yet have no key. Two statements."""
    entries = list(OrderTimeline.objects.filter(order_id=profile.pk))
    fresh = OrderEvent.objects.filter(order_id=profile.pk, pk__gt=profile.last_event).order_by("pk")
    entries += [entry for event in fresh if (entry := entry_of_event(event)) is not None]
    return sorted(entries, key=lambda entry: entry.at)
