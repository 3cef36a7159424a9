"""A provider that does not answer is left alone for a while, so that shoppers do not wait for its silence.

Kept in the cache, shared by all processes. Whoever is refused here is answered from data at hand (`finding`).
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.core.cache import cache

from saleor_o2o.kernel.clock import SHANGHAI, now

from .errors import MapError
from .ports import NotConfigured, ProviderDown, ProviderLimit

_OPEN, _FAILURES = "o2o-map-breaker", "o2o-map-failures"
#: Failures within a minute that open the breaker, and for how many seconds.
FAILURES, MINUTE, REST = 5, 60, 30
#: Seconds that a refused key is not tried again, and that a rate that was exceeded rests.
REFUSED_REST, RATE_REST = 300, 2


def require_closed() -> None:
    """Raise what the provider last said while it is left alone: ProviderDown, ProviderLimit, NotConfigured."""
    told = cache.get(_OPEN)
    if told is None:
        return
    kind, detail, until = told
    seconds = max(1, round(until - now().timestamp()))
    if kind == "limit":
        raise ProviderLimit(detail, for_the_day=True)
    if kind == "rate":
        raise ProviderLimit(detail, for_the_day=False, seconds=seconds)
    raise NotConfigured(detail) if kind == "refused" else ProviderDown(f"RESTING_{detail}"[:40])


def failed(error: MapError) -> None:
    """Count a failure of the provider; it is left alone after some, after a refusal, or when its quota is used up."""
    if isinstance(error, ProviderLimit):
        if error.for_the_day:
            _open("limit", error.detail, _to_midnight())
        else:
            _open("rate", error.detail, RATE_REST)
    elif isinstance(error, NotConfigured):
        _open("refused", error.detail, REFUSED_REST)
    elif isinstance(error, ProviderDown):
        cache.add(_FAILURES, 0, timeout=MINUTE)
        try:
            failures = cache.incr(_FAILURES)
        except ValueError:  # evicted between the two calls
            return
        if failures >= FAILURES:
            _open("down", error.detail, REST)
            # one more failure after the rest is enough
            cache.set(_FAILURES, FAILURES - 1, timeout=REST + MINUTE)


def succeeded() -> None:
    """Forget the failures."""
    cache.delete(_FAILURES)


def close() -> None:
    """Let the provider be asked again at once: somebody says that it is mended."""
    cache.delete_many([_OPEN, _FAILURES])


def _open(kind: str, detail: str, seconds: float) -> None:
    cache.set(_OPEN, (kind, detail, now().timestamp() + seconds), timeout=max(1, round(seconds)))


def _to_midnight() -> float:
    here = now().astimezone(SHANGHAI)
    tomorrow = datetime.combine(here.date() + timedelta(days=1), time.min, SHANGHAI)
    return (tomorrow - here).total_seconds()
