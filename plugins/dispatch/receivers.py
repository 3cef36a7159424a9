"""What dispatch does when it hears of parts of orders and of units: it looks how they stand now."""

from __future__ import annotations

from plugins.org_hierarchy.events import UnitClosed, UnitStatusChanged
from plugins.org_hierarchy.interfaces import UnitStatus
from saleor_o2o.kernel.events import receives
from saleor_o2o.ordering.events import (
    OrderReaddressed,
    SubOrderClosed,
    SubOrderReady,
    SubOrderRecalled,
    SubOrderReceived,
    SubOrderReopened,
    SubOrderShipped,
)
from saleor_o2o.ordering.interfaces import DeliveryMode

from .services.following import follow
from .services.readdressing import readdress
from .units import follow_merge, follow_suspension


@receives(SubOrderReady, order=70, plugin="dispatch")
def part_ready(event: SubOrderReady) -> None:
    """Somebody has to deliver it, unless it is fetched or needs no delivery."""
    if event.mode == DeliveryMode.DELIVERY:
        follow(event.sub_order_id)


@receives(SubOrderShipped, order=70, plugin="dispatch")
def part_shipped(event: SubOrderShipped) -> None:
    """Something left, perhaps all."""
    follow(event.sub_order_id)


@receives(SubOrderRecalled, order=70, plugin="dispatch")
def part_recalled(event: SubOrderRecalled) -> None:
    """Something came back."""
    follow(event.sub_order_id)


@receives(SubOrderReceived, order=70, plugin="dispatch")
def part_received(event: SubOrderReceived) -> None:
    """The customer has it."""
    follow(event.sub_order_id)


@receives(SubOrderClosed, order=70, plugin="dispatch")
def part_closed(event: SubOrderClosed) -> None:
    """Cancelled, or its money went back."""
    follow(event.sub_order_id)


@receives(SubOrderReopened, order=70, plugin="dispatch")
def part_reopened(event: SubOrderReopened) -> None:
    """It goes on."""
    follow(event.sub_order_id)


@receives(OrderReaddressed, order=70, plugin="dispatch")
def order_readdressed(event: OrderReaddressed) -> None:
    """It goes somewhere else."""
    readdress(event.order_id)


@receives(UnitClosed, order=70, plugin="dispatch")
def unit_closed(event: UnitClosed) -> None:
    """The successor takes what is open."""
    if event.successor_id is not None:
        follow_merge(event.unit_id, event.successor_id)


@receives(UnitStatusChanged, order=70, plugin="dispatch")
def unit_stopped(event: UnitStatusChanged) -> None:
    """What waits at a branch that stops goes to the county."""
    if event.status == UnitStatus.SUSPENDED:
        follow_suspension(event.unit_id)
