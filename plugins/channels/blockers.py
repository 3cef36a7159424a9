"""What keeps a channel from leaving: open matters, each named by whoever knows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .models import Channel, CustomerBinding, DeviceState, MaterialStock


@dataclass(frozen=True, slots=True)
class Blocker:
    """An open matter: what, and how many."""

    title: str
    count: int

    def __str__(self) -> str:
        return f"{self.title} {self.count}"


Finder = Callable[[Channel], int]
_finders: dict[str, tuple[str, Finder]] = {}


def register_blocker(name: str, title: str, count: Finder) -> None:
    """Register what must be settled before a channel may leave: `count(channel)` says how many are open.

    Raises ValueError for a name that is taken.
    """
    if name in _finders:
        raise ValueError(f"channel blocker {name!r} is already registered")
    _finders[name] = (title, count)


def blockers_of(channel: Channel) -> list[Blocker]:
    """Return the open matters of a channel; one statement each."""
    found = [Blocker(title, count(channel)) for title, count in _finders.values()]
    return [one for one in found if one.count]


def _open_orders(channel: Channel) -> int:
    from plugins.org_hierarchy.interfaces import OrderAttribution

    mine = OrderAttribution.objects.filter(channel_code=channel.code)
    return int(mine.filter(order__status__in=("unfulfilled", "partially fulfilled", "draft")).count())


register_blocker("orders", "未完成订单", _open_orders)
register_blocker(
    "devices", "未收回设备", lambda channel: channel.devices.filter(state=DeviceState.HANDED).count()
)
register_blocker(
    "materials",
    "未退回物料",
    lambda channel: MaterialStock.objects.filter(channel=channel, quantity__gt=0).count(),
)
register_blocker(
    "customers",
    "未移交客户",
    lambda channel: CustomerBinding.objects.filter(channel=channel, ended_at__isnull=True).count(),
)
