"""Journey ``coach``: searched by initials, held by name, paid, issued, told how to fetch; given back with the fee."""

from __future__ import annotations

import secrets
from datetime import datetime
from decimal import Decimal

from plugins.ticketing.kernel.journeys.buying import PREVIEW, REFUND, RELEASE, enter, issued, pay
from saleor_o2o.journeys.world import World
from saleor_o2o.kernel.clock import SHANGHAI

from .riding import GOALS, STATIONS, buses, hold, leaves, open_networks, rider

INVOICE = """mutation($number: String!) { coachInvoiceAsk(number: $number, title: "某某科技有限公司",
  taxNumber: "911000000000192465") { invoice { number state amount } errors { code message } } }"""

PASSES = "query($number: String!) { coachPasses(orderNumber: $number) { ticket code state } }"


def play(world: World) -> None:
    """Two go from 龙头寺 to 遂宁; one ticket comes back."""
    open_networks(world)
    person = enter(world, "李桂英")
    found = person.ask(STATIONS, search="lts")
    world.expect("按简拼找车站", [one["name"] for one in found], ["龙头寺汽车站"])
    start = found[0]["code"]
    goals = person.ask(GOALS, start=start, search="sn")
    world.expect("按简拼找到站", [one["name"] for one in goals], ["遂宁汽车站"])
    world.step(f"输入 lts、sn：{found[0]['name']} → {goals[0]['name']}，现在售到 {found[0]['lastDay']}")

    bus = buses(world, person, start, goals[0]["code"])[0]
    price = {one["fare"]: Decimal(str(one["price"])) for one in bus["fares"]}
    world.step(
        f"明天 {leaves(bus)} 的 {bus['number']}：全票 ¥{price['FULL']}，{bus['leftWords']}；"
        "两个客票网的同一班只显示一条"
    )
    adult, other = rider("测试甲", 35), rider("测试乙", 33)
    wrong = hold(person, bus, [{**adult, "documentNumber": adult["documentNumber"][:-1] + "Y"}])
    world.expect("证件号写错", [one["code"] for one in wrong["errors"]], ["DOCUMENT_INVALID"])
    key = secrets.token_hex(12)
    held = hold(person, bus, [adult, other], key=key)
    world.expect("占座", held["errors"], [])
    world.expect("合计", Decimal(str(held["total"])), 2 * price["FULL"])
    again = hold(person, bus, [adult, other], key=key)
    world.expect("同一请求号只占一次", again["number"], held["number"])
    twice = hold(person, bus, [adult])
    world.expect("同一人同一时间", [one["code"] for one in twice["errors"]], ["TRIPS_OVERLAP"])
    until = datetime.fromisoformat(held["heldUntil"]).astimezone(SHANGHAI)
    world.step(
        f"实名占座：座位 {'、'.join(held['seats'])}，{until:%H:%M} 前付款；重复点不会多占，同一人不能坐两班车"
    )

    spare = buses(world, person, start, goals[0]["code"])[-1]
    third = hold(person, spare, [rider("测试丙", 40)])
    world.expect("再占一座", third["errors"], [])
    world.expect("释放", person.ask(RELEASE, number=third["number"])["errors"], [])
    world.step("另占一座，不要了：座位退回客票网")

    paid = pay(world, person, held["number"])
    world.expect("实付", paid, 2 * price["FULL"])
    order = issued(world, person, held["number"])
    told = {one["label"]: one["text"] for one in order["pick"]}
    world.expect("两张票都有客票网票号", all(one["theirNumber"] for one in order["tickets"]), True)
    text = world.wait_for(
        "收到取票短信",
        lambda: next(
            (one["text"] for one in world.sandbox.texts(person.mobile) if "已出票" in one["text"]), ""
        ),
    )
    world.expect("短信里有取票信息", all(words in text for words in told.values()), True)
    note = "，".join(f"{label} {words}" for label, words in told.items())
    world.step(f"付 ¥{paid}，出票：{note}；手机收到同样的短信")

    passes = person.ask(PASSES, number=held["number"])
    world.expect(
        "每位乘客一个进站码",
        (len({one["code"] for one in passes}), all(one["code"] for one in passes)),
        (2, True),
    )
    world.expect("别人看不到进站码", enter(world, "路人").ask(PASSES, number=held["number"]), [])
    world.step("手机上有进站二维码，每位乘客一个；只有买票的人看得到")

    invoice = person.ask(INVOICE, number=held["number"])
    world.expect("申请发票", (invoice["errors"], Decimal(str(invoice["invoice"]["amount"]))), ([], paid))
    [back, kept] = order["tickets"]
    quoted = person.ask(PREVIEW, tickets=[back["number"]])
    world.expect("退票试算", quoted["errors"], [])
    quote = quoted["quotes"][0]
    done = person.ask(
        REFUND, key=secrets.token_hex(12), tickets=[{"ticket": back["number"], "token": quote["token"]}]
    )
    world.expect("退票", done["errors"], [])
    world.expect("应退与试算一致", Decimal(str(done["refund"]["due"])), Decimal(str(quote["back"])))

    def gone() -> bool:
        states = {one["number"]: one["state"] for one in issued(world, person, held["number"])["tickets"]}
        return states[back["number"]] == "REFUNDED"

    world.wait_for("退票完成", gone, seconds=90)
    after = {one["ticket"]: bool(one["code"]) for one in person.ask(PASSES, number=held["number"])}
    world.expect("退掉的票没有进站码", after, {back["number"]: False, kept["number"]: True})
    world.step(f"退一张：{'；'.join(quote['words'])}，退 ¥{quote['back']}，另一张照常乘车")
