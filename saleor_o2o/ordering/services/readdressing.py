"""Where an order goes was changed after it was placed: the story says so, and whoever delivers it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from saleor.order.models import Order

from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.masking import HIDDEN, mask_name, mask_phone

from ..choices import TimelineKind
from ..events import OrderReaddressed
from ..locks import lock_sub_orders
from .timeline import note


@dataclass(frozen=True, slots=True)
class Where:
    """What of an address matters: where in the large, the house, who (masked); `exact` is only compared."""

    area: str
    street: str
    person: str
    exact: str = field(default="", repr=False)

    @classmethod
    def of(cls, order_id: int) -> Where:
        """As the database has it now; empty without an address. One statement."""
        order = Order.objects.select_related("shipping_address").only("shipping_address").get(pk=order_id)
        found: Any = order.shipping_address
        if found is None:
            return cls("", "", "")
        name = f"{found.last_name}{found.first_name}"
        return cls(
            f"{found.country_area}{found.city}{found.city_area}",
            f"{found.street_address_1}{found.street_address_2}",
            f"{mask_name(name)} {mask_phone(str(found.phone or ''))}".strip(),
            f"{name} {found.phone or ''}",
        )

    @property
    def words(self) -> str:
        """For the story: neither house nor person."""
        return f"{self.area} {HIDDEN}（{self.person}）" if self.area or self.street else "—"


def note_readdressed(order_id: int, before: Where) -> bool:
    """Say in the current transaction that an order goes elsewhere, if it does; `before` was read before the change.

    Locks: the order's sub-orders, so that whoever delivers sees the new address or hears of it.
    """
    after = Where.of(order_id)
    if after == before:
        return False
    moved = (after.area, after.street) != (before.area, before.street)
    lock_sub_orders(order_id)
    what = "修改收货地址" if moved else "修改收货人"
    note(
        order_id, TimelineKind.ADDRESS, f"{what}：{before.words} → {after.words}",
        before={"where": before.words}, after={"where": after.words},
    )  # fmt: skip
    if moved:
        publish(OrderReaddressed(order_id=order_id), key=f"order:{order_id}")
    return True
