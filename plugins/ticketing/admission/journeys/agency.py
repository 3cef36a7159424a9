"""Journey ``scenic-agency``: a distributor's tickets in our shop: told, printed and let in by the spot's own code."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from plugins.members.journeys.login import Shopper
from plugins.ticketing.kernel.journeys.buying import enter, give_back, issued
from saleor_o2o.journeys.world import Differs, World
from saleor_o2o.kernel.clock import today

from .house import House
from .visiting import SEARCH, bought, vouchers

SPOT, PRODUCT, CLASS = "FJ01", "scenic-fj01", "fj01-e"
SEND = (
    """mutation($number: String!) { ticketVoucherSend(number: $number) { errors { code message hint } } }"""
)


def play(world: World) -> None:
    """Three children's tickets for today, of which two come; two for another day, of which one goes back."""
    world.sandbox.call("POST", "/scenic/server", {"url": f"{world.base_url}/hooks/ticketing/distributor"})
    person = enter(world, "陈渝江")
    with House(world) as house:
        _take_over(world, person, house)
        order, code = _buy(world, person)
        _paper(world, person, order, code)
        _gate(world, person, house, order, code)
        _stay_at_home(world, person)


def _take_over(world: World, person: Shopper, house: House) -> None:
    """The catalogue as the distributor has it; a person puts the spot on sale."""
    done = house.send("/admin/o2o_distribution/upstreamstanding/sync/", do="1")
    if "已同步" not in done.text:
        raise Differs(f"同步上游产品没有办成（{done.status_code}）")
    key = house.find("admissionproduct", PRODUCT)
    if PRODUCT not in _on_sale(person):
        house.do(f"admissionproduct/{key}/move/?to=put_on_sale", "在售")
    world.expect("上架后能买到", PRODUCT in _on_sale(person), True)
    world.step("票务中心同步上游产品：景区、票类、三个月价格和余量都从分销商来，新产品是草稿，由人上架")


def _on_sale(person: Shopper) -> list[str]:
    return [one["code"] for one in person.ask(SEARCH, search="")]


def _buy(world: World, person: Shopper) -> tuple[str, str]:
    order = bought(world, person, PRODUCT, [{"ticketClass": CLASS}] * 3, day=today().isoformat())
    [shown] = vouchers(person, order["number"])
    told = {one["label"]: one["text"] for one in order["pick"]}
    [code] = [one["code"] for one in shown["theirCodes"]]
    world.expect("订单里的入园码", told["入园码"], code)
    world.expect("电子门票上的码", (shown["code"], shown["kept"]), (code, None))
    world.expect("分销商那里的码", [one["code"] for one in _there(world, order)["vouchers"]], [code])
    world.step(
        f"买 3 张付 ¥{order['paid']:.2f}，分销商出票：订单和电子门票上都是景区的入园码（尾号 {code[-4:]}）"
    )
    return order["number"], code


def _there(world: World, order: dict[str, Any]) -> dict[str, Any]:
    """The distributor's order of ours: the newest, which has our ticket numbers."""
    ours = {one["number"] for one in order["tickets"]}
    for one in world.sandbox.call("GET", "/scenic/orders")["orders"]:
        if ours & {ref for voucher in one["vouchers"] for ref in voucher["refs"]}:
            found: dict[str, Any] = one
            return found
    raise Differs("分销商那里没有这张订单")


def _paper(world: World, person: Shopper, order: str, code: str) -> None:
    [shown] = vouchers(person, order)
    page = world.http.get(urlsplit(shown["printUrl"]).path)
    world.expect("打印页", (page.status_code, code in page.text), (200, True))
    sent = person.ask(SEND, number=shown["number"])
    world.expect("短信发给我", sent["errors"], [])
    again = person.ask(SEND, number=shown["number"])
    world.expect("马上再发", [one["code"] for one in again["errors"]], ["TOO_OFTEN"])
    world.step(
        "打印页上印的也是这个码；“短信发给我”由分销商重发，马上再按一次：" + again["errors"][0]["message"]
    )


def _gate(world: World, person: Shopper, house: House, order: str, code: str) -> None:
    """The spot's gate reads what the phone shows; the platform hears of it."""
    [shown] = vouchers(person, order)
    qr = shown["theirCodes"][0]["qr"]
    let_in = world.sandbox.call("POST", "/scenic/consume", {"code": qr, "quantity": 2})
    world.expect("景区闸机", (let_in["code"], let_in["left"]), (code, 1))

    def look() -> Any:
        [fresh] = vouchers(person, order)
        return fresh if fresh["used"] == 2 else None

    fresh = world.wait_for("平台得知核销", look, seconds=90)
    world.expect("还剩", fresh["left"], 1)
    rows = house.rows("redemption", shown["number"])
    world.expect("核销明细的行数", len(rows), 2)
    world.step("景区闸机扫手机上的码放行 2 人；平台收到核销通知：已用 2 次，还剩 1 次，核销明细 2 行")


def _stay_at_home(world: World, person: Shopper) -> None:
    day = (today() + timedelta(days=4)).isoformat()
    order = bought(world, person, PRODUCT, [{"ticketClass": CLASS}] * 2, day=day)
    first, second = issued(world, person, order["number"])["tickets"]
    back, quote = give_back(world, person, order["number"], first["number"])
    world.expect("到账", back, Decimal(str(first["price"])) - Decimal(str(quote["fee"])))
    there = _there(world, order)
    world.expect("分销商那里已退", (there["orderQuantity"], there["reQuantity"]), (2, 1))
    [shown] = vouchers(person, order["number"])
    world.expect("还能入园", shown["left"], 1)
    world.expect("另一张的码还在", [one["code"] for one in shown["theirCodes"]], [second["theirNumber"]])
    world.step(f"{day} 的 2 张退 1 张：分销商同意，到账 ¥{back:.2f}；另一张照常，码不变")
