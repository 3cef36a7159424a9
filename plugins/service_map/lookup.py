"""Questions to the map provider through the cache: the same address is not asked twice within a month."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext as _

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
#: What a person has put on the map stays until a person says otherwise.
KEEP_BY_HAND = timedelta(days=36_500)


def _key(address: str, district: str) -> str:
    """The hash of a question; blanks make no other address."""
    return blind_index(f"{''.join(district.split())}|{''.join(address.split())}", "service_map.geocode")


def known_position(address: str, district: str = "") -> Located | None:
    """Where an address is, if the provider has said so before; asks nobody. One statement."""
    key = _key(address, district)
    kept = GeocodeAnswer.objects.filter(pk=key, expires_at__gt=now()).first()
    return Located(**kept.answer) if kept is not None and kept.answer else None


def locate(address: str, district: str = "", *, asker: str = "") -> Located | None:
    """Where an address is, from the cache or the provider.

    `asker`: one of the public (`kernel.pace.asker_of`), within their own pace and everybody's together; a batch of the
    staff names nobody and has a pace of its own.

    Raises ProviderDown, ProviderLimit, NotConfigured. Makes a remote call: never under a lock.
    """
    key = _key(address, district)
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


def remember(address: str, district: str, position: tuple[float, float], region_code: str = "") -> None:
    """A person has said where an address is (degrees, GCJ-02): the answer from now on, before any provider's."""
    lng, lat = position
    said = Located(lng, lat, str(_("人工定位")), 1.0, f"{district}{address}", district, region_code)
    GeocodeAnswer.objects.update_or_create(
        pk=_key(address, district), defaults={"answer": said.as_json(), "expires_at": now() + KEEP_BY_HAND}
    )


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
