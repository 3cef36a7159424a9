"""Questions to the map provider through the cache: the same address is not asked twice within a month."""

from __future__ import annotations

from datetime import timedelta

from django.core.cache import cache

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import blind_index

from .amap import provider
from .models import GeocodeAnswer
from .ports import Located, ProviderLimit

KEEP = timedelta(days=30)
#: A miss is kept for a shorter time: new houses appear on maps.
KEEP_MISS = timedelta(days=2)
#: Questions that shoppers may cause in a minute, all together; staff batches have their own pace.
PER_MINUTE = 120


def locate(address: str, district: str = "", *, limited: bool = False) -> Located | None:
    """Where an address is, from the cache or the provider. `limited`: within the quota of the public.

    Raises ProviderDown, ProviderLimit, NotConfigured. Makes a remote call: never under a lock.
    """
    key = blind_index(f"{district}|{address}", "service_map.geocode")
    kept = GeocodeAnswer.objects.filter(pk=key, expires_at__gt=now()).first()
    if kept is not None:
        return Located(**kept.answer) if kept.answer else None
    asked = provider()
    if limited:
        _count()
    found = asked.geocode(address, district)
    GeocodeAnswer.objects.update_or_create(
        pk=key,
        defaults={
            "answer": found.as_json() if found else {},
            "expires_at": now() + (KEEP if found else KEEP_MISS),
        },
    )
    return found


def forget_old() -> int:
    """Drop answers whose time is over; answers how many."""
    gone, _by_model = GeocodeAnswer.objects.filter(expires_at__lte=now()).delete()
    return gone


def _count() -> None:
    minute = f"o2o-map-asked-{now():%Y%m%d%H%M}"
    cache.add(minute, 0, timeout=120)
    try:
        asked = cache.incr(minute)
    except ValueError:  # evicted between the two calls
        return
    if asked > PER_MINUTE:
        raise ProviderLimit("OURS", for_the_day=False)
