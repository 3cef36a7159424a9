"""Events: facts stored with the change that made them true, delivered in order after the commit.

```
class OrderPaid(Event):
    name = "order.paid"
    order_id: int
    amount: Decimal

with transaction.atomic():
    ...
    publish(OrderPaid(order_id=order.pk, amount=total), key=f"order:{order.pk}")

@receives(OrderPaid, order=50, plugin="members")
def earn_points(event: OrderPaid) -> None: ...
```
"""

from .base import Event
from .delivery import deliver_event, deliver_pending, replay
from .publishing import capture_events, publish, publish_all, use_dispatcher
from .registry import receives, use_plugin_gate

__all__ = [
    "Event",
    "capture_events",
    "deliver_event",
    "deliver_pending",
    "publish",
    "publish_all",
    "receives",
    "replay",
    "use_dispatcher",
    "use_plugin_gate",
]
