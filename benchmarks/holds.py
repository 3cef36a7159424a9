"""抢票占座：1000 座的热门场次，200 人同时各要两张连座，直到售完；与 PostgreSQL 直接写同样的行之比。

In turns, each on a fresh session of a thousand seats: pgbench writes the rows of five hundred holds, each in one
durable transaction (`holds.sql`: given its seats, checking nothing); our service sells them to two hundred buyers, in
a process of one thread for each core: whoever comes while they are at work waits in line; and so does the API, over
HTTP to one granian of two workers for each core (0129), to two hundred open connections. Every buyer buys two of the
best seats again and again until he hears that there are none. Load generator, server and database share the machine.
Durable commits throughout (fsync and synchronous_commit on, both looked at). Who shares a machine with others gets by
the number of his processes: so the processor time of a hold, of the database's processes and of whoever asks them, is
told beside the clock's; rates are compared round by round, and the middle round is held against the bars, beside the
best and the worst one. How long people wait is that of all rounds together. That the raw transaction writes what a
hold writes is counted by PostgreSQL's own statistics, in the same run. At the end nothing may be sold twice, and
nobody may have waited in a ring. Exit code 1 below the bars.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import re
import secrets
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from saleor_o2o.cli.environment import unhurried
from saleor_o2o.cli.errors import CommandError
from saleor_o2o.cli.platform import say
from saleor_o2o.embedded.ports import free_port
from saleor_o2o.embedded.postgres import installation

from .arena import WORKERS, database, spread, web_server
from .graphql_load import Connection, request_bytes
from .holds_shop import SEATS, House, Sale, build
from .notify import SETTINGS

BUYERS = 200
#: Of the service, which is no quicker with more; the web server runs as in production.
PROCESSES = os.cpu_count() or 1
RAW, SERVICE, HTTP = "raw", "service", "http"
TITLES = {RAW: "PostgreSQL 直接写", SERVICE: "服务层", HTTP: "HTTP + GraphQL"}
SCRIPT = Path(__file__).with_name("holds.sql")
#: Whoever hears this asks again; everything else that is no ticket ends his buying.
AGAIN = {"SEAT_TAKEN", "LOCK_TIMEOUT"}
HOLD = """mutation($key: String!, $product: String!, $session: ID, $mobile: String!,
  $tickets: [AdmissionTicketInput!]!) { admissionHold(key: $key, product: $product, session: $session,
  tickets: $tickets, mobile: $mobile) { number heldUntil total seats errors { code message hint } } }"""


@dataclass(frozen=True)
class Told:
    """What a buyer was told (nothing: he has his seats), from when to when; seconds of the machine's clock."""

    code: str
    began: float
    ended: float


@dataclass
class Side:
    """What was measured of one way to sell."""

    served: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    again: int = 0
    busy: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    #: Of each round: how long 95 of 100 waited at most for whatever they were told.
    waits: list[float] = field(default_factory=list)

    def add(self, told: Iterable[Told], began: float) -> None:
        """One session sold out."""
        answers = list(told)
        served = [one for one in answers if not one.code]
        strange = {one.code for one in answers} - {"", "SOLD_OUT"} - AGAIN
        if strange or not served:
            raise CommandError(f"没有卖完，或有别的答复：{strange}")
        self.served += [one.ended - one.began for one in served]
        self.refused += [one.ended - one.began for one in answers if one.code == "SOLD_OUT"]
        self.again += sum(one.code in AGAIN for one in answers)
        self.rates.append(len(served) / (max(one.ended for one in served) - began))
        waited = [one.ended - one.began for one in answers if one.code not in AGAIN]
        self.waits.append(percentile(waited, 0.95))

    @property
    def rate(self) -> float:
        """Holds per second; the middle of the rounds."""
        return statistics.median(self.rates)

    def against(self, other: Side) -> float:
        """This rate as a share of another one's; the middle of the rounds, each compared within itself: a machine that
        is shared gets slower and quicker by the minute, and a round takes seconds."""
        return statistics.median(self.shares(other))

    def shares(self, other: Side) -> list[float]:
        """Of each round."""
        return [own / its for own, its in zip(self.rates, other.rates, strict=True)]


def percentile(seconds: Sequence[float], share: float) -> float:
    """In milliseconds."""
    ordered = sorted(seconds)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def main(argv: Sequence[str]) -> int:
    """Run the benchmark; answers the exit code."""
    parser = argparse.ArgumentParser(prog="./o2o bench holds", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=6, help="各卖完几场（默认 6）")
    parser.add_argument("--quota", action="store_true", help="场次另有总量配额：所有人都改同一行")
    parser.add_argument("--threads", type=int, default=1, help="服务层每个进程的线程数（默认 1，与网站相同）")
    parser.add_argument("--clients", type=int, default=10, help="pgbench 的连接数，须整除 500（默认 10）")
    parser.add_argument("--service", type=float, default=0.30, help="服务层至少是直接写的几倍（默认 0.30）")
    parser.add_argument("--http", type=float, default=0.10, help="HTTP 至少是直接写的几倍（默认 0.10）")
    parser.add_argument("--workers", type=int, default=WORKERS, help="granian 的进程数（默认每核两个）")
    parser.add_argument("--bar", type=float, default=1000.0, help="HTTP p95 至多多少毫秒（默认 1000）")
    parser.add_argument("--profile", type=Path, help="服务层的 cProfile 结果写到哪里（只一个线程，不看比例）")
    options = parser.parse_args(list(argv))
    os.environ.setdefault("ALLOWED_CLIENT_HOSTS", "127.0.0.1,localhost")
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="o2o-bench-"))
        url = stack.enter_context(database())
        house = build(url, (1 if options.profile else 3 * options.rounds) + 2, quota=options.quota)
        sales = iter(house.sales)
        statements = _same_rows(url, house, next(sales), next(sales))
        if options.profile:
            return _profile(house, next(sales), options.profile)
        port = _serve(stack, url, Path(folder), options.workers)
        parent = _postmaster()
        sides = {name: Side() for name in TITLES}
        for turn in range(options.rounds):
            for name in list(sides) if turn % 2 == 0 else list(reversed(sides)):
                sale, before = next(sales), _spent(parent)
                if name == RAW:
                    sides[RAW].rates.append(_raw(url, house, sale, options.clients))
                elif name == SERVICE:
                    _service(sides[SERVICE], house, sale, options.threads)
                else:
                    asyncio.run(_http(sides[HTTP], port, sale, options.workers))
                if name != HTTP:  # whose processes go on
                    time.sleep(0.5)  # until the last connection's process has gone
                    sides[name].busy.append(1000 * (_spent(parent) - before) / (SEATS // 2))
        _check(house, sides, options.rounds)
        return _tell(sides, statements, options)


# -- raw -----------------------------------------------------------------------------------


def _raw(url: str, house: House, sale: Sale, clients: int, count: int = SEATS // 2) -> float:
    """Write the rows of so many holds; holds per second."""
    told = urlsplit(url)
    names = {
        "session": sale.session, "first": sale.first, "quota": sale.quota, "class": house.kind, "n": -1,
        "variant": house.variant, "supplier": house.supplier, "unit": house.unit,
        "rule": "'" + house.rule.replace("'", "''") + "'",
        "each": count // clients,
    }  # fmt: skip
    if count % clients:
        raise CommandError("pgbench 的连接数须整除 500")
    command = [
        str(installation() / "bin" / "pgbench"), "--no-vacuum", "-f", str(SCRIPT), "-c", str(clients),
        "-j", str(min(2, clients)), "-t", str(count // clients), "-h", told.hostname or "", "-p", str(told.port),
        "-U", told.username or "", *[part for name, value in names.items() for part in ("-D", f"{name}={value}")],
        told.path[1:],
    ]  # fmt: skip
    environment = {**os.environ, "PGPASSWORD": told.password or ""}
    done = subprocess.run(  # noqa: S603 - our own command
        command, capture_output=True, text=True, env=environment, check=False
    )
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode or found is None or f"processed: {count}/{count}" not in done.stdout:
        raise CommandError(f"pgbench：{done.stdout[-300:]}{done.stderr[-600:]}")
    return float(found[1])


def _postmaster() -> int:
    """The process whose children serve the connections."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [(backend,)] = cursor.fetchall()
        parent = int(_stat(backend)[1])  # while the connection is open: its process goes with it
    connection.close()
    return parent


def _stat(process: int) -> list[str]:
    """What Linux tells of a process, from its state on."""
    return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()


def _spent(postmaster: int) -> float:
    """Seconds of processor time of connections' processes and of our children, as far as they have ended."""
    ours, theirs = os.times(), _stat(postmaster)
    return (
        ours.children_user
        + ours.children_system
        + (int(theirs[13]) + int(theirs[14])) / os.sysconf("SC_CLK_TCK")
    )


def _same_rows(url: str, house: House, ours: Sale, raw: Sale) -> list[str]:
    """See by the database's statistics that one hold and one raw transaction write the same; a hold's statements."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with connection.cursor() as cursor:
        for setting in ("fsync", "synchronous_commit"):
            cursor.execute(f"SHOW {setting}")
            if cursor.fetchone()[0] != "on":
                raise CommandError(f"{setting} 没有打开")
    _ask(house, ours)  # what is read once per process
    before = _written()
    with CaptureQueriesContext(connection) as log:
        _ask(house, ours)
    between = _written()
    _raw(url, house, raw, 1, count=1)
    mine, theirs = _difference(before, between), _difference(between, _written())
    until = time.monotonic() + 5
    while mine != theirs and time.monotonic() < until:  # pgbench's connection tells when its process ends
        time.sleep(0.1)
        theirs = _difference(between, _written())
    connection.close()
    if mine != theirs:
        raise CommandError(f"写的行不同：一笔占座 {mine}，直接写 {theirs}")
    say(f"一笔占座写的行（新增、修改）：{mine}；SQL {len(log)} 条。")
    return [one["sql"] for one in log.captured_queries]


def _written() -> dict[str, tuple[int, int]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT 1")
        cursor.execute("SELECT relname, n_tup_ins, n_tup_upd FROM pg_stat_user_tables ORDER BY relname")
        return {name: (inserted, updated) for name, inserted, updated in cursor.fetchall()}


def _difference(
    before: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]]
) -> dict[str, tuple[int, int]]:
    found = {
        name: (after[name][0] - before[name][0], after[name][1] - before[name][1]) for name in sorted(after)
    }
    return {name: told for name, told in found.items() if any(told)}


# -- the service ---------------------------------------------------------------------------


def _ask(house: House, sale: Sale) -> str:
    """Two of the best seats for a guest; the refusal's code, nothing if he has them."""
    from plugins.ticketing.admission.services.selling import hold_admission
    from plugins.ticketing.admission.services.wishing import Ask, TicketAsk
    from saleor_o2o.kernel.errors import DomainError

    tickets = [TicketAsk(house.kind)] * 2
    ask = Ask(house.product, tickets, "online", session=sale.session, mobile=_mobile())
    try:
        hold_admission(ask, key=secrets.token_hex(12), user=None)
    except DomainError as error:
        return str(error.code.value)
    return ""


def _mobile() -> str:
    return f"199{secrets.randbelow(10**8):08d}"


def _service(side: Side, house: House, sale: Sale, threads: int) -> None:
    """As many processes as the web server has, each with its part of the buyers, who take turns at its threads."""
    context = multiprocessing.get_context("fork")
    gate, answers = context.Barrier(PROCESSES + 1), context.Queue()
    workers = [
        context.Process(
            target=_sell,
            args=(
                partial(_ask, house, sale), partial(_ask, house, house.sales[0]), range(at, BUYERS, PROCESSES), threads,
                gate, answers,
            ),
        )
        for at in range(PROCESSES)
    ]  # fmt: skip
    for worker in workers:
        worker.start()
    gate.wait(60)
    began = time.monotonic()
    told = [Told(*one) for _ in workers for one in answers.get(timeout=300)]
    for worker in workers:
        worker.join(60)
    side.add(told, began)


def _sell(
    ask: Callable[[], str],
    warm: Callable[[], str],
    mine: Sequence[int],
    threads: int,
    gate: Any,
    answers: Any,
) -> None:
    buyers = deque(mine)
    told: list[tuple[str, float, float]] = []
    ready = threading.Barrier(threads + 1)

    def work() -> None:
        from django.db import connection

        warm()  # connected, and what is read once per process is read
        ready.wait(60)
        ready.wait(60)
        while True:
            try:
                buyer = buyers.popleft()
            except IndexError:
                break
            began = time.monotonic()
            code = ask()
            told.append((code, began, time.monotonic()))
            if not code or code in AGAIN:
                buyers.append(buyer)
        connection.close()

    pool = [threading.Thread(target=work) for _ in range(threads)]
    for one in pool:
        one.start()
    ready.wait(60)
    gate.wait(60)
    ready.wait(60)
    for one in pool:
        one.join()
    answers.put(told)


def _profile(house: House, sale: Sale, into: Path) -> int:
    """Sell a session in one thread under cProfile, and tell what the refused cost."""
    import cProfile

    side = Side()
    profiler = cProfile.Profile()
    began = time.monotonic()
    told: list[Told] = []
    profiler.enable()
    while not told or not told[-1].code:
        start = time.monotonic()
        told.append(Told(_ask(house, sale), start, time.monotonic()))
    profiler.disable()
    profiler.dump_stats(into)
    side.add(told, began)
    say(
        f"{len(side.served)} 笔，{side.rate:.0f} 笔/秒，p50 {percentile(side.served, 0.5):.1f} 毫秒（有 cProfile）"
    )
    return 0


# -- over HTTP -----------------------------------------------------------------------------


def _serve(stack: ExitStack, url: str, folder: Path, workers: int) -> int:
    port = free_port()
    child = web_server(port, url, folder / "web.log", SETTINGS, "--backlog", "1024", workers=workers)

    def stop() -> None:
        with unhurried():
            child.stop()

    stack.callback(stop)
    child.start()
    child.wait_ready(600)
    return port


async def _http(side: Side, port: int, sale: Sale, workers: int) -> None:
    opened, _first = await spread(port, BUYERS, workers)
    told: list[Told] = []

    def request(session: int) -> bytes:
        tickets = [{"ticketClass": "a"}] * 2
        variables = {
            "key": secrets.token_hex(12), "product": "bench", "session": str(session), "tickets": tickets,
            "mobile": _mobile(),
        }  # fmt: skip
        return request_bytes(json.dumps({"query": HOLD, "variables": variables}).encode())

    async def ask(connection: Connection, session: int) -> str:
        answer = json.loads((await connection.ask(request(session))).body)
        if "errors" in answer:
            raise CommandError(f"{answer['errors']}"[:400])
        held = answer["data"]["admissionHold"]
        return held["errors"][0]["code"] if held["errors"] else ""

    async def buy(connection: Connection) -> None:
        while True:
            began = time.monotonic()
            code = await ask(connection, sale.session)
            told.append(Told(code, began, time.monotonic()))
            if code and code not in AGAIN:
                return

    try:
        # all workers have read what they read once
        await asyncio.gather(*[ask(one, 0) for one in opened[:: BUYERS // (8 * workers)]])
        began = time.monotonic()
        await asyncio.gather(*[buy(one) for one in opened])
    finally:
        for connection in opened:
            connection.close()
    side.add(told, began)


# -- the end -------------------------------------------------------------------------------


def _check(house: House, sides: dict[str, Side], rounds: int) -> None:
    """Every session is sold out, nothing of it twice, and nobody waited in a ring; tickets, seats, records and quotas
    tell the same."""
    from django.db import connection

    sold = [one.session for one in house.sales[2:]]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT seat.session_id, count(*) FILTER (WHERE seat.state = 'held'), count(DISTINCT seat.hold),
                (SELECT sum(quantity) FROM o2o_admission_taking WHERE session_id = seat.session_id),
                (SELECT count(DISTINCT ticket.seat) FROM o2o_ticketing_ticketorder AS one
                 JOIN o2o_ticketing_ticket AS ticket ON ticket.ticket_order_id = one.id
                 WHERE one.key = 'session:' || seat.session_id AND one.number NOT LIKE 'R%%'),
                (SELECT count(*) FROM o2o_ticketing_ticketorder AS one
                 JOIN o2o_ticketing_ticket AS ticket ON ticket.ticket_order_id = one.id
                 WHERE one.key = 'session:' || seat.session_id AND ticket.state = 'held'),
                (SELECT sum(taken) FROM o2o_admission_quota WHERE session_id = seat.session_id)
            FROM o2o_admission_sessionseat AS seat WHERE seat.session_id = ANY(%s) GROUP BY seat.session_id
            """,
            [sold],
        )
        rows = cursor.fetchall()
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        [(rings,)] = cursor.fetchall()
    connection.close()
    if rings:  # whoever waits in a ring waits for a second (0155)
        raise CommandError(f"有 {rings} 次互相等锁，由数据库解开")
    for session, held, holds, recorded, named, tickets, counted in rows:
        raw = named == 0
        wrong = (held, recorded, tickets) != (SEATS,) * 3 or counted not in (None, SEATS)
        if wrong or not (raw or named == SEATS) or holds != SEATS // 2:
            raise CommandError(
                f"场次 {session}：占 {held} 座、{holds} 单、记录 {recorded}、"
                f"票 {tickets} 张（{named} 座）、配额 {counted}"
            )
    if {len(sides[name].served) for name in (SERVICE, HTTP)} != {rounds * SEATS // 2}:
        raise CommandError("卖出的笔数与座位数不符")
    say(f"{len(rows)} 场各 {SEATS} 座全部卖完，没有一座卖给两人。")


def _tell(sides: dict[str, Side], statements: list[str], options: argparse.Namespace) -> int:
    load = os.getloadavg()[0]
    say(
        f"{BUYERS} 人；服务层 {PROCESSES} 进程 × {options.threads} 线程；granian {options.workers} 进程 × 1 线程；"
        f"pgbench {options.clients} 个连接；每笔 SQL {len(statements)} 条；机器负载 {load:.1f}。毫秒。\n"
    )
    say(
        "| | 每秒笔数 | 比直接写 | 每笔处理器毫秒 | 占到 p50 | 占到 p95 | 没占到 p50 | 没占到 p95 |\n"
        "|---|---|---|---|---|---|---|---|"
    )
    raw = sides[RAW]
    again = sum(one.again for one in sides.values())
    for name, side in sides.items():
        times = (
            [f"{percentile(of, share):.0f}" for of in (side.served, side.refused) for share in (0.5, 0.95)]
            if name != RAW
            else ["–"] * 4
        )
        busy = f"{statistics.median(side.busy):.1f}" if side.busy else "–"
        say(f"| {TITLES[name]} | {side.rate:.0f} | {side.against(raw):.2f} | {busy} | {' | '.join(times)} |")
    say(f"\n{again} 次被请再试一次（别人正在同一排选座），随后再试。")
    service, http = sides[SERVICE], sides[HTTP]
    share = statistics.median(sides[RAW].busy) / statistics.median(service.busy)
    say(f"按处理器时间，服务层是直接写的 {share:.2f} 倍。")
    everybody = percentile(http.served + http.refused, 0.95)
    spans = (
        ("服务层是直接写的", "倍", ".2f", service.shares(raw)), ("HTTP 是直接写的", "倍", ".2f", http.shares(raw)),
        ("HTTP p95", "毫秒", ".0f", http.waits),
    )  # fmt: skip
    for what, unit, form, found in spans:
        say(f"各场：{what} {min(found):{form}} ～ {max(found):{form}} {unit}。")
    bars = (("服务层", service.against(raw), options.service), ("HTTP", http.against(raw), options.http))
    checks = [
        *((f"{name} {found:.2f} 倍（要求 ≥ {bar:.2f}）", found >= bar) for name, found, bar in bars),
        (f"HTTP p95 {everybody:.0f} 毫秒（要求 ≤ {options.bar:.0f}）", everybody <= options.bar),
    ]
    for name in (SERVICE, HTTP):
        one = sides[name]
        quicker = percentile(one.refused, 0.5) < percentile(one.served, 0.5)
        checks.append((f"{TITLES[name]}：没占到的比占到的先得到答复", quicker))
    for words, passed in checks:
        say(f"{words}：{'通过' if passed else '未达标'}。")
    return 0 if all(passed for _words, passed in checks) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
