"""下单全流程（商城的六个步骤，每秒订单数）：我们的实现与原版对比（同一数据库、同样的进程，交替测量）。

Every order is the storefront's six mutations over real HTTP: create, shipping address, billing address, shipping
method, payment (Saleor's Dummy gateway, which charges at once), complete. Stock's side runs stock's own resolvers,
without our locks (it may oversell; there is plenty here). The short path is our own pages': one ``orderPlace`` from
basket to payable order (WeChat Pay, which is paid later), under the same locks and checks. Exit code 1 below the bars.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from saleor_o2o.cli.platform import say

from .arena import CONNECTIONS, OURS, STOCK, TITLES, database, fill, servers
from .graphql_load import Connection, Measured, request_bytes

if TYPE_CHECKING:
    from .graphql_shop import Shop

ADDRESS = {
    "firstName": "晓江",
    "lastName": "李",
    "streetAddress1": "中山四路 1 号",
    "city": "渝中区",
    "countryArea": "重庆市",
    "postalCode": "400015",
    "country": "CN",
    "phone": "+8613800000001",
}
#: Places one order over a connection, of a variant, by a buyer; asked to, it answers how many SQL statements it took.
Buy = Callable[..., Awaitable[int]]
ERRORS = "checkoutErrors { field message code }"
CHECKOUT = "checkout { id token totalPrice { gross { amount } } availableShippingMethods { id } }"
STEPS = (
    f"mutation($input: CheckoutCreateInput!) {{ checkoutCreate(input: $input) {{ {CHECKOUT} {ERRORS} }} }}",
    f"mutation($id: ID!, $address: AddressInput!) {{ checkoutShippingAddressUpdate(checkoutId: $id,"
    f" shippingAddress: $address) {{ {CHECKOUT} {ERRORS} }} }}",
    f"mutation($id: ID!, $address: AddressInput!) {{ checkoutBillingAddressUpdate(checkoutId: $id,"
    f" billingAddress: $address) {{ {CHECKOUT} {ERRORS} }} }}",
    f"mutation($id: ID!, $method: ID!) {{ checkoutShippingMethodUpdate(checkoutId: $id, shippingMethodId: $method)"
    f" {{ {CHECKOUT} {ERRORS} }} }}",
    "mutation($id: ID!, $input: PaymentInput!) { checkoutPaymentCreate(checkoutId: $id, input: $input)"
    " { payment { id } paymentErrors { field message code } } }",
    f"mutation($id: ID!) {{ checkoutComplete(checkoutId: $id) {{ order {{ id token status }} {ERRORS} }} }}",
)


SHORT = "short"
NAMES = {**TITLES, SHORT: "我们的短路径（一次请求）"}
QUOTE = "query($input: BasketInput!) { basketQuote(input: $input) { quote { shippingMethods { id } } } }"
PLACE = (
    "mutation($key: String!, $input: BasketInput!, $gateway: String!) { orderPlace(key: $key, input: $input,"
    " gateway: $gateway) { order { id token status } errors { field message code } } }"
)


@dataclass
class Side:
    """What was measured of one implementation."""

    orders: int = 0
    seconds: float = 0.0
    queries: int = 0
    single: Measured = field(default_factory=Measured)

    @property
    def rate(self) -> float:
        """Orders per second, eight buyers at a time."""
        return self.orders / self.seconds


class Refused(Exception):
    """A step of the purchase was refused or failed; the text says which."""


async def buy(connection: Connection, variant: str, number: int, count: bool = False) -> int:
    """Place one order; the number of SQL statements if ``count``. Raises :class:`Refused`."""
    queries = 0
    checkout: dict[str, Any] = {}
    for step, query in enumerate(STEPS):
        variables = _variables(step, checkout, variant, number)
        body = json.dumps({"query": query, "variables": variables}).encode()
        headers = {"X_Count_Queries": "1"} if count else {}
        answer = await connection.ask(request_bytes(body, **headers))
        queries += int(answer.headers.get("x-queries", 0))
        data = json.loads(answer.body)
        told = next(iter((data.get("data") or {}).values()), None)
        if "errors" in data or not told or told.get("checkoutErrors") or told.get("paymentErrors"):
            raise Refused(f"第 {step + 1} 步：{answer.body[:400].decode(errors='replace')}")
        checkout = told.get("checkout") or checkout
    return queries


def _variables(step: int, checkout: dict[str, Any], variant: str, number: int) -> dict[str, Any]:
    if step == 0:
        line = {"variantId": variant, "quantity": 1}
        return {"input": {"email": f"buyer{number}@example.com", "lines": [line]}}
    given: dict[str, Any] = {"id": checkout["id"]}
    if step in (1, 2):
        given["address"] = ADDRESS
    elif step == 3:
        given["method"] = checkout["availableShippingMethods"][0]["id"]
    elif step == 4:
        total = checkout["totalPrice"]["gross"]["amount"]
        given["input"] = {"gateway": "mirumee.payments.dummy", "token": "bench", "amount": total}
    return given


async def place(
    connection: Connection, variant: str, number: int, method: str, gateway: str, count: bool = False
) -> int:
    """Order one basket; the number of SQL statements if ``count``. Raises :class:`Refused`."""
    variables = {"key": uuid4().hex, "input": _basket(variant, number, method), "gateway": gateway}
    headers = {"X_Count_Queries": "1"} if count else {}
    body = json.dumps({"query": PLACE, "variables": variables}).encode()
    answer = await connection.ask(request_bytes(body, **headers))
    if not ((json.loads(answer.body).get("data") or {}).get("orderPlace") or {}).get("order"):
        raise Refused(answer.body[:400].decode(errors="replace"))
    return int(answer.headers.get("x-queries", 0))


def _basket(variant: str, number: int, method: str | None) -> dict[str, Any]:
    basket = {
        "lines": [{"variantId": variant, "quantity": 1}],
        "email": f"buyer{number}@example.com",
        "shippingAddress": ADDRESS,
    }
    return {**basket, "shippingMethod": method} if method else basket


async def _short(port: int, shop: Shop, gateway: str) -> Buy:
    """The short path with its way to ship, as a step that buys."""
    connection = await Connection.open(port)
    body = json.dumps({"query": QUOTE, "variables": {"input": _basket(shop.variants[0], 0, None)}}).encode()
    told = json.loads((await connection.ask(request_bytes(body))).body)
    connection.close()
    method = told["data"]["basketQuote"]["quote"]["shippingMethods"][0]["id"]

    async def one(connection: Connection, variant: str, number: int, count: bool = False) -> int:
        return await place(connection, variant, number, method, gateway, count)

    return one


async def _load(port: int, buy: Buy, shop: Shop, seconds: float, side: Side | None) -> None:
    opened = [await Connection.open(port) for _ in range(CONNECTIONS)]
    started = time.perf_counter()

    async def work(buyer: int, connection: Connection) -> int:
        done = 0
        while time.perf_counter() < started + seconds:
            await buy(connection, shop.variants[(buyer + done) % len(shop.variants)], buyer)
            done += 1
        return done

    try:
        orders = sum(await asyncio.gather(*[work(*pair) for pair in enumerate(opened)]))
    finally:
        for connection in opened:
            connection.close()
    if side is not None:
        side.orders += orders
        side.seconds += time.perf_counter() - started


async def _one_by_one(port: int, buy: Buy, shop: Shop, count: int, side: Side) -> None:
    connection = await Connection.open(port)
    try:
        for number in range(count):
            began = time.perf_counter()
            await buy(connection, shop.variants[number % len(shop.variants)], number)
            side.single.latencies.append(time.perf_counter() - began)
    finally:
        connection.close()


async def _measure(
    ports: dict[str, int], shop: Shop, gateway: str, rounds: int, seconds: float, count: int
) -> dict[str, Side]:
    ways: dict[str, tuple[int, Buy]] = {
        STOCK: (ports[STOCK], buy),
        OURS: (ports[OURS], buy),
        SHORT: (ports[OURS], await _short(ports[OURS], shop, gateway)),
    }
    sides = {name: Side() for name in ways}
    for name, (port, way) in ways.items():
        await _load(port, way, shop, 1.5, None)  # both workers warm
        connection = await Connection.open(port)
        sides[name].queries = await way(connection, shop.variants[0], 0, count=True)
        connection.close()
    for turn in range(rounds):
        order = list(ways) if turn % 2 == 0 else list(reversed(ways))
        for name in order:
            await _load(*ways[name], shop, seconds, sides[name])
        for name in order:
            await _one_by_one(*ways[name], shop, count, sides[name])
    return sides


def _deferred_gateway() -> str:
    """WeChat Pay, switched on without a merchant: ordering never speaks to it."""
    from saleor.plugins.models import PluginConfiguration

    from plugins.wechat_pay.saleor_plugin import WechatPayPlugin

    PluginConfiguration.objects.update_or_create(
        identifier=WechatPayPlugin.PLUGIN_ID,
        defaults={"active": True, "configuration": WechatPayPlugin.DEFAULT_CONFIGURATION},
    )
    return WechatPayPlugin.PLUGIN_ID


def main(argv: Sequence[str]) -> int:
    """Run the benchmark; answers the exit code."""
    parser = argparse.ArgumentParser(
        prog="./o2o bench checkout", description=(__doc__ or "").split("\n", 1)[0]
    )
    parser.add_argument("--quick", action="store_true", help="时间更短")
    parser.add_argument(
        "--bar", type=float, default=1.5, help="六步：每秒订单数至少为原版的多少倍（默认 1.5）"
    )
    parser.add_argument("--short-bar", type=float, default=4.0, help="短路径：至少为原版的多少倍（默认 4.0）")
    options = parser.parse_args(list(argv))
    started = time.monotonic()
    os.environ.setdefault("ALLOWED_CLIENT_HOSTS", "127.0.0.1,localhost")
    with database() as url, tempfile.TemporaryDirectory(prefix="o2o-bench-") as folder:
        shop = fill(url, stock=1_000_000)
        gateway = _deferred_gateway()
        with servers(url, Path(folder)) as ports:
            rounds, seconds, count = (2, 3.0, 4) if options.quick else (4, 6.0, 10)
            sides = asyncio.run(_measure(ports, shop, gateway, rounds, seconds, count))
    say(f"granian 2 进程 × 1 线程；每秒订单：{CONNECTIONS} 位顾客同时；毫秒：一位顾客走完六步。\n")
    say("| | SQL 条数 | 每秒订单 | p50 毫秒 | p95 毫秒 |\n|---|---|---|---|---|")
    for name, side in sides.items():
        p50, p95 = side.single.percentile(0.5), side.single.percentile(0.95)
        say(f"| {NAMES[name]} | {side.queries} | {side.rate:.1f} | {p50:.0f} | {p95:.0f} |")
    passed = True
    say("")
    for name, bar in ((OURS, options.bar), (SHORT, options.short_bar)):
        ratio = sides[name].rate / sides[STOCK].rate
        passed = passed and ratio >= bar
        verdict = "通过" if ratio >= bar else "未达标"
        say(f"{NAMES[name]}：每秒订单是原版的 {ratio:.2f} 倍（要求 ≥ {bar:.2f}）。{verdict}")
    say(f"用时 {time.monotonic() - started:.0f} 秒。")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
