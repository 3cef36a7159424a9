"""Saleor's webhooks, without the work for nobody: a payload is written only when some webhook asks for the event.

Stock serialises the whole order at every event and queues a task that then finds no webhook to call.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from saleor.plugins.webhook.plugin import WebhookPlugin
from saleor.webhook.event_types import WebhookEventType
from saleor.webhook.models import Webhook

from saleor_o2o.plugin_configurations import once_per_request

#: Stock's hooks that send a webhook, and the event each sends.
EVENTS = {
    "order_created": WebhookEventType.ORDER_CREATED,
    "order_fully_paid": WebhookEventType.ORDER_FULLY_PAID,
    "order_updated": WebhookEventType.ORDER_UPDATED,
    "order_cancelled": WebhookEventType.ORDER_CANCELLED,
    "order_fulfilled": WebhookEventType.ORDER_FULFILLED,
    "fulfillment_created": WebhookEventType.FULFILLMENT_CREATED,
    "customer_created": WebhookEventType.CUSTOMER_CREATED,
    "product_created": WebhookEventType.PRODUCT_CREATED,
    "checkout_quantity_changed": WebhookEventType.CHECKOUT_QUANTITY_CHANGED,
}


def somebody_listens(event: str) -> bool:
    """True when an active webhook of an active app asks for the event; one query per request."""
    heard = once_per_request("webhook_events", _events_heard)
    return event in heard or WebhookEventType.ANY in heard


def _events_heard() -> frozenset[str]:
    active = Webhook.objects.filter(is_active=True, app__is_active=True).order_by()
    return frozenset(active.values_list("events__event_type", flat=True).distinct())


def _only_if_heard(hook: Callable[..., Any], event: str) -> Callable[..., Any]:
    @wraps(hook)
    def heard(self: Any, subject: Any, previous_value: Any) -> Any:
        return hook(self, subject, previous_value) if somebody_listens(event) else previous_value

    return heard


class HeardWebhookPlugin(WebhookPlugin):
    """Stock's plugin; each hook first asks whether anybody listens."""


for _name, _event in EVENTS.items():
    setattr(HeardWebhookPlugin, _name, _only_if_heard(getattr(WebhookPlugin, _name), _event))
