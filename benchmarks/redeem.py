"""检票（每秒次数、p50、p95）：闸机签名请求经 HTTP 核销，与同一服务器上只插入一行的 Django 视图对比，轮流测量。

Each request is signed by a device, names a voucher of its own by its signed QR code, and is answered when the ticket is
used, the scan and its row of settlement are written and committed. The bare view stores a row and answers. Both are
served by one granian with two workers a core, over eight kept connections that each wait for their answer, as many to
each worker: what a balancer does that counts them. How they would have fallen otherwise is told, too. Exit code 1 when
the 95th percentile is above the bar, or the rate below it.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import json
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from saleor_o2o.cli.environment import unhurried
from saleor_o2o.cli.errors import CommandError
from saleor_o2o.cli.platform import say
from saleor_o2o.embedded.ports import free_port

from .arena import CONNECTIONS, WORKERS, database, spread, web_server
from .graphql_load import Connection, Measured
from .notify import SETTINGS

HOOK, BARE = "/hooks/ticketing/gate/verify", "/bare"
TITLES = {BARE: "只插入一行的视图", HOOK: "检票"}
GATES = 8
#: How the connections would have fallen on the workers, in each round.
_spreads: list[list[int]] = []


def main(argv: Sequence[str]) -> int:
    """Run the benchmark; answers the exit code."""
    parser = argparse.ArgumentParser(prog="./o2o bench redeem", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="次数更少")
    parser.add_argument("--bar", type=float, default=50.0, help="p95 至多多少毫秒（默认 50）")
    parser.add_argument("--rate", type=float, default=150.0, help="每秒至少多少次（默认 150）")
    options = parser.parse_args(list(argv))
    os.environ.setdefault("ALLOWED_CLIENT_HOSTS", "127.0.0.1,localhost")
    rounds, count = (2, 200) if options.quick else (4, 500)
    wanted = rounds * count + CONNECTIONS * 4
    with tempfile.TemporaryDirectory(prefix="o2o-bench-") as folder, database() as url:
        texts, devices = prepare(url, wanted)
        port = free_port()
        server = web_server(port, url, Path(folder) / "web.log", SETTINGS)
        try:
            server.start()
            server.wait_ready(300)
            measured = asyncio.run(_measure(port, texts, devices, rounds, count))
        finally:
            with unhurried():
                server.stop()
        _check(wanted)
    return _tell(measured, options.bar, options.rate)


def prepare(url: str, wanted: int) -> tuple[list[str], list[tuple[str, str]]]:
    """A spot with gates and so many vouchers of one person each; their codes, and the devices with their secrets."""
    os.environ.update(DATABASE_URL=url, DJANGO_SETTINGS_MODULE=SETTINGS, DEBUG="False")
    import django

    django.setup()
    from django.db import connection, transaction

    from plugins.org_hierarchy.levels import UnitStatus
    from plugins.org_hierarchy.models import OrgUnit
    from plugins.org_hierarchy.paths import path_of, reserve_keys
    from plugins.ticketing.admission.models import Device, ScenicSpot, Voucher
    from plugins.ticketing.admission.services.catalogue import add_class, make_product
    from plugins.ticketing.admission.services.places import make_gate, make_place
    from plugins.ticketing.admission.vouchers.showing import kept

    [key] = reserve_keys(1)
    unit = OrgUnit.objects.create(
        pk=key, code="BENCH", name="测试市中心", level=1, path=path_of("", key), status=UnitStatus.ACTIVE,
        effective_from=date(2026, 1, 1),
    )  # fmt: skip
    spot = make_place(None, ScenicSpot, unit, "bench", name="测试景区", address="重庆市", level=5)
    product = make_product(None, unit, code="bench", kind="scenic", name="测试门票", spot=spot)
    kind = add_class(None, product, code="adult", name="成人票", price=Decimal("125.00"), verify_mode="each")
    devices = []
    for place in range(GATES):
        secret = secrets.token_hex(24)
        gate = make_gate(None, spot, f"g{place}", f"{place} 号门")
        Device.objects.create(
            code=f"D{place}", name=f"{place} 号机", kind="gate", gate=gate, unit=unit, secret=secret
        )
        devices.append((f"D{place}", secret))
    with transaction.atomic():
        _tickets(unit, kind, wanted)
    codes = [kept(one) for one in Voucher.objects.order_by("pk")]
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connection.close()
    return [one.code for one in codes if one is not None], devices


def _tickets(unit: Any, kind: Any, wanted: int) -> None:
    """One order of many tickets that each have a voucher, as they are after they were issued."""
    from plugins.ticketing.admission.vouchers.services.making import make_vouchers
    from plugins.ticketing.kernel.models import SupplierAccount, Ticket, TicketOrder
    from saleor_o2o.kernel.clock import midnight, now, today

    supplier = SupplierAccount.objects.create(code="bench", name="自营", trade="scenic", adapter="own")
    start, end = midnight(today()), midnight(today()) + timedelta(days=2)
    for number in range(0, wanted, 5):
        order = TicketOrder.objects.create(
            number=f"BENCH{number}", request_key=f"bench-{number}", trade="scenic", title="测试门票", key="bench",
            starts_at=start, ends_at=end, supplier=supplier, unit=unit, face=0, total=0, state="issued",
            issued_at=now(),
        )  # fmt: skip
        tickets = Ticket.objects.bulk_create(
            Ticket(
                number=f"BENCH{number}-{place}", ticket_order=order, state="issued", fare="adult", fare_name="成人票",
                variant=kind.variant, face=kind.price, price=kind.price, cost=Decimal("100.00"),
                full_fare=kind.price, valid_from=start, valid_until=end,
            )
            for place in range(min(5, wanted - number))
        )  # fmt: skip
        make_vouchers(order, tickets)


def request_of(text: str, device: tuple[str, str]) -> bytes:
    """A question as a gate signs it."""
    code, secret = device
    body = json.dumps({"number": secrets.token_hex(8), "text": text}).encode()
    stamp = str(round(time.time() * 1000))
    lines = b"\n".join((b"POST", HOOK.encode(), stamp.encode(), body))
    return _request(
        HOOK, body, {
            "X-Gate-Device": code, "X-Gate-Timestamp": stamp,
            "X-Gate-Signature": hmac.new(secret.encode(), lines, hashlib.sha256).hexdigest(),
        },
    )  # fmt: skip


def _request(address: str, body: bytes, headers: dict[str, str]) -> bytes:
    lines = [
        f"POST {address} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *[f"{name}: {value}" for name, value in headers.items()],
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def _measure(
    port: int, texts: list[str], devices: list[tuple[str, str]], rounds: int, count: int
) -> dict[str, Measured]:
    measured = {BARE: Measured(), HOOK: Measured()}
    left = iter(texts)

    def requests(address: str, many: int) -> list[bytes]:
        """Made before the clock runs."""
        if address == BARE:
            return [_request(BARE, secrets.token_bytes(200).hex().encode(), {}) for _ in range(many)]
        return [request_of(next(left), devices[place % GATES]) for place in range(many)]

    for address in measured:
        await _load(port, address, requests(address, CONNECTIONS * 4), None)  # all workers warm
    for turn in range(rounds):
        for address in list(measured) if turn % 2 == 0 else list(reversed(measured)):
            await _load(port, address, requests(address, count), measured[address])
    return measured


async def _load(port: int, address: str, requests: list[bytes], measured: Measured | None) -> None:
    opened, first = await spread(port, CONNECTIONS)
    waiting = iter(requests)
    took: list[float] = []

    async def work(connection: Connection) -> None:
        for request in waiting:
            began = time.perf_counter()
            answer = await connection.ask(request)
            if answer.status not in (200, 204) or (address == HOOK and b'"passed"' not in answer.body):
                raise CommandError(f"HTTP {answer.status}: {answer.body[:200]!r}")
            took.append(time.perf_counter() - began)

    started = time.perf_counter()
    try:
        await asyncio.gather(*[work(connection) for connection in opened])
    finally:
        for connection in opened:
            connection.close()
    if measured is not None:
        _spreads.append(first)
        measured.requests += len(requests)
        measured.seconds += time.perf_counter() - started
        measured.latencies += took


def _check(expected: int) -> None:
    """Everybody who was let in is in, once."""
    from django.db import connection
    from django.db.models import Sum

    from plugins.ticketing.admission.models import Redemption
    from plugins.ticketing.kernel.models import Ticket

    used = Ticket.objects.filter(state="used", used=1).count()
    rows = Redemption.objects.aggregate(n=Sum("quantity"))["n"]
    connection.close()
    if (used, rows) != (expected, expected):
        raise CommandError(f"应核销 {expected} 张，实际 {used} 张、{rows} 条")


def _tell(measured: dict[str, Measured], bar: float, rate: float) -> int:
    bare, hook = measured[BARE], measured[HOOK]
    say(f"granian {WORKERS} 进程 × 1 线程，{CONNECTIONS} 个连接均分给各进程，各等各的答复；毫秒。")
    say(f"不均分时各进程分到的连接：{'；'.join('+'.join(map(str, one)) for one in _spreads)}\n")
    say("| | 每秒次数 | p50 | p95 |\n|---|---|---|---|")
    for address, one in measured.items():
        say(
            f"| {TITLES[address]} | {one.rate:.0f} | {one.percentile(0.5):.1f} | {one.percentile(0.95):.1f} |"
        )
    say(f"\n检票每秒次数是裸视图的 {hook.rate / bare.rate:.2f} 倍。")
    passed = hook.percentile(0.95) <= bar and hook.rate >= rate
    say(
        f"p95 {hook.percentile(0.95):.1f} 毫秒（要求 ≤ {bar:.0f}），每秒 {hook.rate:.0f} 次（要求 ≥ {rate:.0f}）。"
        + ("通过。" if passed else "未达标。")
    )
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
