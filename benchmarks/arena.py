"""Where two implementations meet: one database, two servers of the same make, stock's and ours."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import redis

from saleor_o2o.cli.environment import python, run_foreground, unhurried
from saleor_o2o.cli.errors import CommandError
from saleor_o2o.cli.processes import Child, http_ok
from saleor_o2o.embedded.ports import free_port

from .graphql_load import Connection

if TYPE_CHECKING:
    from .graphql_shop import Shop

STOCK, OURS = "stock", "ours"
TITLES = {STOCK: "原版", OURS: "我们的"}
CONNECTIONS = 8
#: Asked of the bare view's server: which process answers (benchmarks.notify_urls).
WHO = b"GET /who HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
SETTINGS = "benchmarks.arena_settings"
#: Processes that serve what is written all the time: two for each core, since a process of one thread waits for
#: PostgreSQL's commit as long as it computes (docs/operations.md).
WORKERS = 2 * (os.cpu_count() or 1)


def web_server(
    port: int, url: str, log: Path, settings: str, *more: str, workers: int = WORKERS, view: str = ""
) -> Child:
    """The web site as the demo serves it: so many workers of one thread. `view`: whose GraphQL, where two meet."""
    environment = {
        "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": settings, "O2O_BENCH_VIEW": view, "DEBUG": "False",
    }  # fmt: skip
    command = python(
        "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", str(workers),
        "--blocking-threads", "1", *more, "--workers-kill-timeout", "5s", "saleor_o2o.wsgi:application",
    )  # fmt: skip
    return Child(
        TITLES.get(view, "网站"),
        command,
        environment,
        log,
        lambda _: http_ok(f"http://127.0.0.1:{port}/healthz"),
    )


async def spread(port: int, count: int, workers: int = WORKERS) -> tuple[list[Connection], list[int]]:
    """So many kept connections, as many to each worker as a balancer that counts them (least connections) gives it;
    and how many each worker got of the first `count`: they share one socket, and whoever wakes first takes it.
    """
    by_worker: dict[bytes, list[Connection]] = {}
    tally: Counter[bytes] = Counter()
    first: list[int] = []
    most = -(-count // workers)
    while sum(map(len, by_worker.values())) < count:
        connection = await Connection.open(port)
        who = (await connection.ask(WHO)).body
        tally[who] += 1
        kept = by_worker.setdefault(who, [])
        if len(kept) < most:
            kept.append(connection)
        else:  # a worker that is full takes one more and lets it wait, also while another one is still starting
            connection.close()
        if tally.total() == count:
            first = sorted(tally.values(), reverse=True)
        if tally.total() > 100 * count:
            raise CommandError("有的进程没有接到连接")
    taken = [one for each in by_worker.values() for one in each]
    for one in taken[count:]:
        one.close()
    return taken[:count], first


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
            log = folder / f"{name}.log"
            children[name] = web_server(ports[name], url, log, SETTINGS, workers=2, view=name)
            children[name].start()
        for child in children.values():
            child.wait_ready(120)
        yield ports
    finally:
        with unhurried():
            for child in children.values():
                child.stop()
            redis.Redis.from_url(os.environ["REDIS_URL"]).delete("bench")
