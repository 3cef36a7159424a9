"""店铺页面的 GraphQL 读取：我们的视图与原版视图对比（同一数据库、同样的进程，交替测量）。

Both views are served by granian (2 workers × 1 blocking thread) over real HTTP on this machine, from the same database,
and are asked in turn: stock, ours, ours, stock … Exit code 1 if our reads are not faster than stock's by the bar
(geometric mean of requests per second) or our 95th percentile is worse (geometric mean too), 2 if answers differ.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from saleor_o2o.cli.platform import say

from .arena import CONNECTIONS, OURS, STOCK, database, fill, servers
from .graphql_load import Measured, latencies, one, request_bytes, throughput

if TYPE_CHECKING:
    from .graphql_queries import Page
    from .graphql_shop import Shop

#: Seconds for all pages together: on a busy machine pages get fewer rounds, never fewer than one.
MEASURING = {False: 110.0, True: 45.0}
QUICK_PAGES = ("product", "category", "checkout", "shop")


@dataclass(frozen=True)
class Effort:
    """How long to measure: rounds over both views, seconds of load, requests one by one (and their time limit)."""

    rounds: int
    load_seconds: float
    single_requests: int
    single_seconds: float


FULL = Effort(rounds=3, load_seconds=1.2, single_requests=60, single_seconds=1.5)
QUICK = Effort(rounds=2, load_seconds=0.6, single_requests=25, single_seconds=0.8)


@dataclass
class Result:
    """One page on both views."""

    title: str
    queries: dict[str, int] = field(default_factory=dict)
    measured: dict[str, Measured] = field(default_factory=lambda: {STOCK: Measured(), OURS: Measured()})

    @property
    def rate_ratio(self) -> float:
        return self.measured[OURS].rate / self.measured[STOCK].rate

    @property
    def tail_ratio(self) -> float:
        return self.measured[STOCK].percentile(0.95) / self.measured[OURS].percentile(0.95)


class Different(Exception):
    """The two views did not answer alike."""


def main(argv: Sequence[str]) -> int:
    """Run the benchmark; answers the exit code."""
    parser = argparse.ArgumentParser(
        prog="./o2o bench graphql", description=(__doc__ or "").split("\n", 1)[0]
    )
    parser.add_argument("--quick", action="store_true", help="只测四个页面，时间更短")
    parser.add_argument("--bar", type=float, default=1.4, help="读取速度至少为原版的多少倍（默认 1.4）")
    options = parser.parse_args(list(argv))
    started = time.monotonic()
    # Saleor refuses its own default of this list when DEBUG is off
    os.environ.setdefault("ALLOWED_CLIENT_HOSTS", "127.0.0.1,localhost")
    with database() as url, tempfile.TemporaryDirectory(prefix="o2o-bench-") as folder:
        shop = fill(url)
        with servers(url, Path(folder)) as ports:
            try:
                results = asyncio.run(_measure(ports, shop, QUICK if options.quick else FULL, options.quick))
            except Different as error:
                say(f"两个视图的回答不一致：{error}")
                return 2
    say(_table(results))
    rate, tail = _mean(r.rate_ratio for r in results), _mean(r.tail_ratio for r in results)
    passed = rate >= options.bar and tail >= 1.0
    say(
        f"\n几何平均：每秒请求 {rate:.2f} 倍（要求 ≥ {options.bar:.2f}），95 百分位快 {tail:.2f} 倍（要求 ≥ 1.00）。"
        f"{'通过' if passed else '未达标'}，用时 {time.monotonic() - started:.0f} 秒。"
    )
    return 0 if passed else 1


def _mean(values: Iterator[float]) -> float:
    found = list(values)
    return math.exp(sum(map(math.log, found)) / len(found))


def _table(results: Sequence[Result]) -> str:
    lines = [
        f"granian 2 进程 × 1 线程；每秒请求：{CONNECTIONS} 个连接；毫秒（p50 / p95）：1 个连接。每格为 原版 → 我们。",
        "",
        "| 页面 | SQL 条数 | 每秒请求 | 倍数 | p50 毫秒 | p95 毫秒 | p95 倍数 |",
        "|---|---|---|---|---|---|---|",
    ]
    for result in results:
        theirs, mine = result.measured[STOCK], result.measured[OURS]
        lines.append(
            f"| {result.title} | {result.queries[STOCK]} → {result.queries[OURS]} "
            f"| {theirs.rate:.0f} → {mine.rate:.0f} | **{result.rate_ratio:.2f}** "
            f"| {theirs.percentile(0.5):.1f} → {mine.percentile(0.5):.1f} "
            f"| {theirs.percentile(0.95):.1f} → {mine.percentile(0.95):.1f} | {result.tail_ratio:.2f} |"
        )
    return "\n".join(lines)


# -- measuring --------------------------------------------------------------------------------------------------


async def _measure(ports: dict[str, int], shop: Shop, effort: Effort, quick: bool) -> list[Result]:
    from .graphql_queries import PAGES

    pages = [page for page in PAGES if not quick or page.name in QUICK_PAGES]
    share = MEASURING[quick] / len(pages)
    return [await _measure_page(ports, page, shop, effort, share) for page in pages]


async def _measure_page(
    ports: dict[str, int], page: Page, shop: Shop, effort: Effort, seconds: float
) -> Result:
    deadline = time.monotonic() + seconds
    body = json.dumps({"query": page.query, "variables": page.variables(shop)}).encode()
    request = request_bytes(body)
    result = Result(page.title)
    await _compare(ports, page, body, result)
    for port in ports.values():  # both workers, both caches
        await throughput(port, request, CONNECTIONS, 0.3)
    for round_ in range(effort.rounds):
        if round_ and time.monotonic() > deadline:
            break
        order = (STOCK, OURS) if round_ % 2 == 0 else (OURS, STOCK)
        for name in order:
            measured = result.measured[name]
            done, seconds = await throughput(ports[name], request, CONNECTIONS, effort.load_seconds)
            measured.requests += done
            measured.seconds += seconds
        for name in order:
            found = await latencies(ports[name], request, effort.single_requests, effort.single_seconds)
            result.measured[name].latencies += found
    say(f"{page.title}：{result.rate_ratio:.2f} 倍")
    return result


async def _compare(ports: dict[str, int], page: Page, body: bytes, result: Result) -> None:
    """Both must succeed with the same bytes before anything is measured."""
    answers = {}
    request = request_bytes(body, X_Count_Queries="1")
    for name, port in ports.items():
        await one(port, request)  # the first request of a worker also imports and connects
        answers[name] = await one(port, request)
        result.queries[name] = int(answers[name].headers["x-queries"])
    stock, ours = answers[STOCK], answers[OURS]
    if stock.status != 200 or stock.body != ours.body or b'"errors"' in stock.body:
        raise Different(f"{page.title}\n{stock.body[:300]!r}\n{ours.body[:300]!r}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
