"""From where and with what somebody logs in."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Any

from .models import Way
from .rules import rules


@dataclass(frozen=True, slots=True)
class Place:
    """The door, the address and the device of an attempt."""

    way: Way
    ip: str | None
    device: str

    @property
    def network(self) -> str:
        """What one subscriber has: an IPv4 address, or the /64 of an IPv6 one."""
        if self.ip is None:
            return "unknown"
        address = ip_address(self.ip)
        if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
            return str(int(address) >> 64)
        return str(address)


def place_of(request: Any, way: Way) -> Place:
    """Where a request comes from."""
    device = "".join(one for one in request.META.get("HTTP_USER_AGENT", "") if one.isprintable())
    return Place(way, client_ip(request.META), device[:200])


def client_ip(meta: Any) -> str | None:
    """The client's address: the connection's own, or what the outermost proxy of ours saw.

    Each proxy appends the address that it was called from to `X-Forwarded-For`; what stands left of our own proxies'
    entries was written by the client and says nothing.
    """
    proxies = rules().trusted_proxies
    candidate = meta.get("REMOTE_ADDR", "")
    if proxies:
        seen = [part.strip() for part in meta.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        if len(seen) >= proxies:
            candidate = seen[-proxies]
    try:
        return str(ip_address(candidate))
    except ValueError:
        return None
