"""Journey ``session-cancelled``: a session does not take place; everybody is told, and all of the money goes back."""

from __future__ import annotations

import secrets
from decimal import Decimal

from plugins.ticketing.kernel.journeys.buying import arrived, enter, place, refunded
from saleor_o2o.journeys.world import World

from .house import House
from .visiting import SESSION, bought, codes_of, hold, text_with, vouchers

MATCH = "city-basketball"


def play(world: World) -> None:
    """Two have bought, one has only held."""
    with House(world) as house:
        session = house.session(MATCH, 1, hall=house.hall("olympic-arena", 50), capacity=50)
        one, two, three = enter(world, "何勇"), enter(world, "罗敏"), enter(world, "邹静")
        orders = [
            bought(world, one, MATCH, [{"ticketClass": "stand"}] * 2, session=session),
            bought(world, two, MATCH, [{"ticketClass": "stand"}], session=session),
        ]
        held = hold(three, MATCH, [{"ticketClass": "stand"}], session=session)
        world.expect("占票", held["errors"], [])
        world.step(
            f"明晚的一场：何勇买 2 张 ¥{orders[0]['paid']:.2f}，罗敏买 1 张 ¥{orders[1]['paid']:.2f}，邹静占着没付"
        )

        why = f"场馆检修 {secrets.token_hex(2)}"
        house.do(f"session/{session}/cancel/", "已取消", reason=why)
        shown = one.ask(SESSION, id=session)
        world.expect("场次状态", (shown["state"], shown["onSale"]), ("CANCELLED", False))
        late = hold(three, MATCH, [{"ticketClass": "stand"}], session=session)
        world.expect("不再售票", codes_of(late), ["SESSION_STATE"])
        world.step(f"票务中心取消场次（{why}）：立即停售，{late['errors'][0]['message']}")

        for person, order in ((one, orders[0]), (two, orders[1])):
            text = text_with(world, person.mobile, "已取消")
            refund = refunded(world, person, order["number"])
            fees = [Decimal(str(item["fee"])) for item in refund["items"]]
            world.expect("手续费", fees, [Decimal(0)] * len(order["tickets"]))
            world.expect("到账", arrived(refund), order["paid"])
            standing = {voucher["standing"] for voucher in vouchers(person, order["number"])}
            world.expect("电子门票作废", standing, {"void"})
        world.step(f"何勇、罗敏收到短信“{text}”")
        sums = f"¥{orders[0]['paid']:.2f}、¥{orders[1]['paid']:.2f}"
        world.step(f"自己退票此时要收手续费，主办方取消不收：{sums} 全额到账，电子门票作废")

        answer = place(three, {"number": held["number"]})
        world.expect("没付的不能再下单", bool(answer["errors"]), True)
        world.step(f"邹静再去付款：{answer['errors'][0]['message']}，没有收她的钱")
