"""Where two implementations meet: one database, two servers of the same make, stock's and ours."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import redis

from saleor_o2o.cli.environment import python, run_foreground, unhurried
from saleor_o2o.cli.errors import CommandError
from saleor_o2o.cli.processes import Child, http_ok
from saleor_o2o.embedded.ports import free_port

if TYPE_CHECKING:
    from .graphql_shop import Shop

STOCK, OURS = "stock", "ours"
TITLES = {STOCK: "原版", OURS: "我们的"}
CONNECTIONS = 8
SETTINGS = "benchmarks.arena_settings"


@contextmanager
def database() -> Iterator[str]:
    """A database of the benchmark's own, from the template, beside the one that the environment names."""
    name = f"o2o_bench_{os.getpid()}"
    make = python("-m", "saleor_o2o.embedded.template", name)
    if run_foreground(make, {}) != 0:
        raise CommandError("性能测试的数据库建立失败，原因见上。")
    try:
        yield urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))
    finally:
        with unhurried():
            run_foreground([*make, "--drop"], {})


def fill(url: str, stock: int | None = None) -> Shop:
    """Build the shop (``stock``: units of everything) and let the planner know it.

    From here on this process is set up for the new database.
    """
    os.environ.update(DATABASE_URL=url, DJANGO_SETTINGS_MODULE=SETTINGS, DEBUG="False")
    import django

    django.setup()
    from django.db import connection, transaction
    from saleor.warehouse.models import Stock

    from .graphql_shop import build_shop

    with transaction.atomic():
        shop = build_shop(products=24, variants=4, images=3)
        if stock is not None:
            Stock.objects.update(quantity=stock)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connection.close()
    return shop


@contextmanager
def servers(url: str, folder: Path) -> Iterator[dict[str, int]]:
    children: dict[str, Child] = {}
    ports: dict[str, int] = {}
    try:
        for name in (STOCK, OURS):
            ports[name] = free_port()
            children[name] = _server(name, ports[name], url, folder)
            children[name].start()
        for child in children.values():
            child.wait_ready(120)
        yield ports
    finally:
        with unhurried():
            for child in children.values():
                child.stop()
            redis.Redis.from_url(os.environ["REDIS_URL"]).delete("bench")


def _server(name: str, port: int, url: str, folder: Path) -> Child:
    environment: dict[str, Any] = {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": SETTINGS,
        "O2O_BENCH_VIEW": name,
        "DEBUG": "False",
    }
    command = python(
        "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "2", "--blocking-threads", "1", "--workers-kill-timeout", "5s", "saleor_o2o.wsgi:application",
    )  # fmt: skip
    log = folder / f"{name}.log"
    return Child(
        TITLES[name], command, environment, log, lambda _logged: http_ok(f"http://127.0.0.1:{port}/healthz")
    )
