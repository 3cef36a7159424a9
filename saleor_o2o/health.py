"""Health answers: alive, and ready to serve."""

from __future__ import annotations

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils.module_loading import import_string

from saleor_o2o.composition import active


def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers; asks nothing else."""
    return JsonResponse({"status": "ok"})


def database() -> None:
    """Raise unless PostgreSQL answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def shared_cache() -> None:
    """Raise unless the cache takes and gives back a value."""
    cache.set("o2o:health", "1", 5)
    if cache.get("o2o:health") != "1":
        raise RuntimeError("缓存没有返回刚写入的值")


def readyz(request: HttpRequest) -> JsonResponse:
    """Ready to serve: database, cache and every check that an active plugin declares; 503 names what is down."""
    results: dict[str, str] = {}
    checks = {"database": database, "cache": shared_cache}
    for plugin in active():
        checks.update({path.rsplit(".", 1)[-1]: import_string(path) for path in plugin.health})
    for name, check in checks.items():
        try:
            check()
        except Exception as error:  # noqa: BLE001 - whatever is wrong, the answer is "down", not a 500
            results[name] = type(error).__name__
        else:
            results[name] = "ok"
    ready = set(results.values()) == {"ok"}
    return JsonResponse(
        {"status": "ok" if ready else "down", "checks": results}, status=200 if ready else 503
    )
