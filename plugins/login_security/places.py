"""From where and with what somebody logs in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from saleor_o2o.kernel.pace import client_ip, network_of

from .models import Way


@dataclass(frozen=True, slots=True)
class Place:
    """The door, the address and the device of an attempt."""

    way: Way
    ip: str | None
    device: str

    @property
    def network(self) -> str:
        """What one subscriber has: an IPv4 address, or the /64 of an IPv6 one."""
        return network_of(self.ip)


def place_of(request: Any, way: Way) -> Place:
    """Where a request comes from."""
    device = "".join(one for one in request.META.get("HTTP_USER_AGENT", "") if one.isprintable())
    return Place(way, client_ip(request.META), device[:200])
