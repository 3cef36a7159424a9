"""How often somebody may ask in a minute (an hour): a count in the cache, for questions that anybody may put.

Cheap and forgetful on purpose: a lost count lets somebody ask on. Where a forgotten count would be a hole (failed
logins), the count is a row of the database instead; see `login_security`.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from typing import Any

from django.conf import settings
from django.core.cache import cache

from .clock import now
from .crypto import blind_index

WINDOW = 60


def retry_after(name: str, asker: str, most: int, *, window: int = WINDOW) -> int:
    """Count one question of an asker; answers 0 within the pace, else after how many seconds they may ask again.

    The window is the clock's minute, or so many of its seconds. Two questions at the same moment are two. `most` 0 or
    less: no limit.
    """
    if most <= 0:
        return 0
    second = int(now().timestamp())
    key = f"o2o-pace-{name}-{blind_index(asker, 'kernel.pace')}-{second // window}"
    cache.add(key, 0, timeout=2 * window)
    try:
        asked = cache.incr(key)
    except ValueError:  # evicted between the two calls
        return 0
    return window - second % window if asked > most else 0


def client_ip(meta: Any) -> str | None:
    """The client's address: the connection's own, or what the outermost proxy of ours saw (O2O_LOGIN.TRUSTED_PROXIES).

    Each proxy appends the address that it was called from to `X-Forwarded-For`; what stands left of our own proxies'
    entries was written by the client and says nothing.
    """
    proxies = settings.O2O_LOGIN["TRUSTED_PROXIES"]
    candidate = meta.get("REMOTE_ADDR", "")
    if proxies:
        seen = [part.strip() for part in meta.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        if len(seen) >= proxies:
            candidate = seen[-proxies]
    try:
        return str(ip_address(candidate))
    except ValueError:
        return None


def network_of(ip: str | None) -> str:
    """What one subscriber has: an IPv4 address, or the /64 of an IPv6 one; `unknown` for none."""
    if ip is None:
        return "unknown"
    address = ip_address(ip)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(int(address) >> 64)
    return str(address)


def asker_of(request: Any) -> str:
    """Who asks: the account of a request that has one, else the subscriber it comes from."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return f"user:{user.pk}"
    return f"net:{network_of(client_ip(request.META))}"
