"""Journey ``combo``: one ticket for two places: each opens once, each gets its half, a counter has to say where."""

from __future__ import annotations

import secrets
from decimal import Decimal
from typing import Any

from plugins.ticketing.kernel.journeys.buying import enter
from saleor_o2o.journeys.world import World
from saleor_o2o.kernel.clock import today

from .house import WHO, House, gates
from .visiting import bought, vouchers

PRODUCT, PLACES = "dazu-combo", ("baodingshan", "beishan")
REDEEM = """mutation($number: String!, $text: String!) { ticketRedeem(number: $number, text: $text, confirm: true) {
  said { answer words hint } errors { message } } }"""


def play(world: World) -> None:
    """A couple to both places of 大足石刻, today."""
    person = enter(world, "唐晓琴")
    order = bought(world, person, PRODUCT, [{"ticketClass": "adult"}] * 2, day=today().isoformat())
    [shown] = vouchers(person, order["number"])
    each = order["paid"] / 2
    world.step(f"联票 2 张，付 ¥{order['paid']:.2f}：三天内宝顶山、北山各入一次，一个二维码")
    with House(world) as house:
        said = _counter(world, shown)
        codes = [house.device(f"{place}-main") for place in PLACES]
        first = gates(world, "scan", code=codes[0], text=shown["kept"]["qr"])
        world.expect("宝顶山放行", (first["answer"], first["admitted"], first["left"]), ("passed", 2, 0))
        again = gates(world, "scan", code=codes[0], text=shown["kept"]["qr"])
        world.expect("宝顶山再来一次", again["answer"], "used")
        [between] = vouchers(person, order["number"])
        world.expect("手机上还能出示", (between["standing"], bool(between["kept"])), ("usable", True))
        world.step(
            f"柜台不知道是哪个景区，不放行（{said['hint']}）；宝顶山闸机放行 2 人，再来一次：{again['words']}"
        )

        one = gates(world, "scan", code=codes[1], text=shown["kept"]["qr"], people=1)
        world.expect("北山先进一人", (one["answer"], one["left"]), ("passed", 1))
        other = gates(world, "scan", code=codes[1], text=shown["code"])
        world.expect("北山另一人", (other["answer"], other["left"]), ("passed", 0))
        [after] = vouchers(person, order["number"])
        world.expect("两处都去过", after["standing"], "used")
        world.step("北山闸机先后放行 2 人，两处都去过，电子门票已使用")
        _owed(world, house, shown["number"], each)


def _counter(world: World, shown: dict[str, Any]) -> dict[str, Any]:
    told = {"number": f"journey-{secrets.token_hex(6)}", "text": shown["code"]}
    answer = world.ask(REDEEM, told, who=WHO)["ticketRedeem"]
    world.expect("柜台核销", (answer["errors"], answer["said"]["answer"]), ([], "OTHER_GATE"))
    said: dict[str, Any] = answer["said"]
    return said


def _owed(world: World, house: House, number: str, each: Decimal) -> None:
    """A row for each ticket and place, each with its half."""
    rows = house.rows("redemption", number)
    world.expect("核销明细的行数", len(rows), 4)
    half = f"¥{each / 2:,.2f}"
    world.expect("每行是票价的一半", [half in row for row in rows], [True] * 4)
    world.step(f"核销明细 4 行（2 人 × 2 处），每行收入 {half}，合计正好是票价")
