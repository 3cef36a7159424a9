"""Questions to the map provider through the cache: the same address is not asked twice within a month."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.pace import retry_after

from . import breaker
from .amap import provider
from .models import GeocodeAnswer
from .ports import Located, NotConfigured, ProviderDown, ProviderLimit

KEEP = timedelta(days=30)
#: A miss is kept for a shorter time: new houses appear on maps.
KEEP_MISS = timedelta(days=2)


def known_position(address: str, district: str = "") -> Located | None:
    """Where an address is, if the provider has said so before; asks nobody. One statement."""
    key = blind_index(f"{district}|{address}", "service_map.geocode")
    kept = GeocodeAnswer.objects.filter(pk=key, expires_at__gt=now()).first()
    return Located(**kept.answer) if kept is not None and kept.answer else None


def locate(address: str, district: str = "", *, asker: str = "") -> Located | None:
    """Where an address is, from the cache or the provider.

    `asker`: one of the public (`kernel.pace.asker_of`), within their own pace and everybody's together; a batch of the
    staff names nobody and has a pace of its own.

    Raises ProviderDown, ProviderLimit, NotConfigured. Makes a remote call: never under a lock.
    """
    key = blind_index(f"{district}|{address}", "service_map.geocode")
    kept = GeocodeAnswer.objects.filter(pk=key, expires_at__gt=now()).first()
    if kept is not None:
        return Located(**kept.answer) if kept.answer else None
    breaker.require_closed()
    asked = provider()
    if asker:
        _within_pace(asker)
    try:
        found = asked.geocode(address, district)
    except (ProviderDown, ProviderLimit, NotConfigured) as error:
        breaker.failed(error)
        raise
    breaker.succeeded()
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


def _within_pace(asker: str) -> None:
    """Raise ProviderLimit when this asker, or all of the public together, have asked enough for this minute."""
    pace = settings.O2O_MAP_PACE
    wait = retry_after("map-lookup", asker, pace["LOOKED_UP"])
    wait = wait or retry_after("map-lookup", "everybody", pace["LOOKED_UP_BY_ALL"])
    if wait:
        raise ProviderLimit("OURS", for_the_day=False, seconds=wait)
