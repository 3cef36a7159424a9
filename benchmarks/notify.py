"""微信支付通知（每秒条数、p50、p95）：与同一服务器上只插入一行的 Django 视图对比，轮流测量。

Each notification is signed and sealed by the sandbox's keys, arrives once, and is verified, decrypted, stored and
handed to a task before it is answered; the bare view stores the same bytes and answers. Both are served by one granian
with two workers a core, through the same middleware, over eight kept connections that each wait for their answer
(bounded load). The tasks go to a queue that nobody reads: what is measured is the answer, which is all that WeChat
waits for. Exit code 1 when the 95th percentile is above the bar.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import redis

from saleor_o2o.cli.environment import unhurried
from saleor_o2o.cli.errors import CommandError
from saleor_o2o.cli.platform import say
from saleor_o2o.embedded.ports import free_port
from sandbox.wechat_pay.keys import Keys, ensure_keys
from sandbox.wechat_pay.signing import KeyMode, newest, seal, signed_headers

from .arena import CONNECTIONS, WORKERS, database, spread, web_server
from .graphql_load import Connection, Measured

SETTINGS = "benchmarks.notify_settings"
HOOK, BARE = "/hooks/wechat_pay/notify/main", "/bare"
TITLES = {BARE: "只插入一行的视图", HOOK: "微信支付通知"}


def main(argv: Sequence[str]) -> int:
    """Run the benchmark; answers the exit code."""
    parser = argparse.ArgumentParser(prog="./o2o bench notify", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="条数更少")
    parser.add_argument("--bar", type=float, default=100.0, help="p95 至多多少毫秒（默认 100）")
    options = parser.parse_args(list(argv))
    os.environ.setdefault("ALLOWED_CLIENT_HOSTS", "127.0.0.1,localhost")
    rounds, count = (2, 200) if options.quick else (4, 500)
    with tempfile.TemporaryDirectory(prefix="o2o-bench-") as folder, database() as url:
        keys = _prepare(url, Path(folder))
        port = free_port()
        server = web_server(port, url, Path(folder) / "web.log", SETTINGS)
        try:
            server.start()
            server.wait_ready(300)
            measured = asyncio.run(_measure(port, keys, rounds, count))
        finally:
            with unhurried():
                server.stop()
                redis.Redis.from_url(os.environ["REDIS_URL"]).delete("bench")
        _check(rounds * count + CONNECTIONS * 4)
    return _tell(measured, options.bar)


def _prepare(url: str, folder: Path) -> Keys:
    """The sandbox's merchant, without the sandbox: its keys sign what is measured."""
    os.environ.update(DATABASE_URL=url, DJANGO_SETTINGS_MODULE=SETTINGS, DEBUG="False")
    import django

    keys = ensure_keys(folder / "wechat_pay")
    django.setup()
    from django.db import connection

    from plugins.wechat_pay.seeds import configure_from_sandbox

    configure_from_sandbox(folder / "wechat_pay", "http://127.0.0.1:9")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connection.close()
    return keys


def notification(keys: Keys) -> bytes:
    """A request as WeChat sends it: a payment of ours, sealed and signed, under an event number of its own."""
    number = f"WX{secrets.token_hex(12).upper()}"
    plain: dict[str, Any] = {
        "mchid": keys.mchid,
        "appid": keys.appid,
        "out_trade_no": number,
        "transaction_id": f"42000{secrets.randbelow(10**23):023d}",
        "trade_type": "NATIVE",
        "trade_state": "SUCCESS",
        "bank_type": "OTHERS",
        "success_time": "2026-11-28T10:00:00+08:00",
        "payer": {"openid": "o-bench"},
        "amount": {"total": 4990, "payer_total": 4990, "currency": "CNY", "payer_currency": "CNY"},
    }
    body = json.dumps(
        {
            "id": f"EV-{secrets.token_hex(16)}",
            "create_time": "2026-11-28T10:00:00+08:00",
            "resource_type": "encrypt-resource",
            "event_type": "TRANSACTION.SUCCESS",
            "summary": "支付成功",
            "resource": {
                "original_type": "transaction",
                **seal(json.dumps(plain).encode(), keys.apiv3_key, "transaction"),
            },
        },
        ensure_ascii=False,
    ).encode()
    return _request(HOOK, body, signed_headers(body, newest(keys, KeyMode.PUBLIC_KEY), time.time()))


def _request(address: str, body: bytes, headers: dict[str, str]) -> bytes:
    lines = [
        f"POST {address} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *[f"{name}: {value}" for name, value in headers.items()],
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def _measure(port: int, keys: Keys, rounds: int, count: int) -> dict[str, Measured]:
    measured = {BARE: Measured(), HOOK: Measured()}
    for address in measured:
        await _load(port, _requests(address, keys, CONNECTIONS * 4), None)  # all workers warm
    for turn in range(rounds):
        for address in list(measured) if turn % 2 == 0 else list(reversed(measured)):
            await _load(port, _requests(address, keys, count), measured[address])
    return measured


def _requests(address: str, keys: Keys, count: int) -> list[bytes]:
    """Made before the clock runs."""
    made = [notification(keys) for _ in range(count)]
    if address == HOOK:
        return made
    return [_request(BARE, one.partition(b"\r\n\r\n")[2], {}) for one in made]


async def _load(port: int, requests: list[bytes], measured: Measured | None) -> None:
    opened, _first = await spread(port, CONNECTIONS)
    waiting = iter(requests)
    took: list[float] = []

    async def work(connection: Connection) -> None:
        for request in waiting:
            began = time.perf_counter()
            answer = await connection.ask(request)
            if answer.status != 204:
                raise CommandError(f"HTTP {answer.status}: {answer.body[:200]!r}")
            took.append(time.perf_counter() - began)

    started = time.perf_counter()
    try:
        await asyncio.gather(*[work(connection) for connection in opened])
    finally:
        for connection in opened:
            connection.close()
    if measured is not None:
        measured.requests += len(requests)
        measured.seconds += time.perf_counter() - started
        measured.latencies += took


def _check(expected: int) -> None:
    """Every notification that was answered is stored, once, and believed."""
    from django.db import connection

    from saleor_o2o.cashier.models import Notification

    stored = Notification.objects.filter(gateway="o2o.wechat_pay", state="received").count()
    connection.close()
    if stored != expected:
        raise CommandError(f"应存下 {expected} 条通知，实际 {stored} 条")


def _tell(measured: dict[str, Measured], bar: float) -> int:
    bare, hook = measured[BARE], measured[HOOK]
    say(f"granian {WORKERS} 进程 × 1 线程，{CONNECTIONS} 个连接均分给各进程，各等各的答复；毫秒。\n")
    say("| | 每秒条数 | p50 | p95 |\n|---|---|---|---|")
    for address, one in measured.items():
        say(
            f"| {TITLES[address]} | {one.rate:.0f} | {one.percentile(0.5):.1f} | {one.percentile(0.95):.1f} |"
        )
    p50, p95 = (hook.percentile(share) / bare.percentile(share) for share in (0.5, 0.95))
    rate = hook.rate / bare.rate
    say(f"\n通知每秒条数是裸视图的 {rate:.2f} 倍，耗时是它的 {p50:.2f} 倍（p50）、{p95:.2f} 倍（p95）。")
    passed = hook.percentile(0.95) <= bar
    say(f"p95 {hook.percentile(0.95):.1f} 毫秒（要求 ≤ {bar:.0f}）。" + ("通过。" if passed else "未达标。"))
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
