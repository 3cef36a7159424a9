"""Journey ``redeem-offline``: a gate lets people in without a network and tells it later; the earliest scan counts."""

from __future__ import annotations

import time
from typing import Any

from plugins.ticketing.kernel.journeys.buying import enter
from saleor_o2o.journeys.world import World
from saleor_o2o.kernel.clock import today

from .house import House, gates
from .visiting import bought, vouchers

PARK, GATE = "happyvalley-day", "happyvalley-main"


def play(world: World) -> None:
    """Two gates of one park; one loses its network."""
    person = enter(world, "谢娟")
    day = today().isoformat()
    shown = [
        vouchers(person, bought(world, person, PARK, [{"ticketClass": "adult"}], day=day)["number"])[0]
        for _place in range(3)
    ]
    with House(world) as house:
        alone, online = house.device(GATE), house.device(GATE)
        _alone(world, house, alone, online, shown)
        late = bought(world, person, PARK, [{"ticketClass": "child"}], day=day)
        [fresh] = vouchers(person, late["number"])
        again = gates(world, "scan", code=alone, text=fresh["kept"]["qr"])
        world.expect("恢复后在线检票", again["answer"], "passed")
        world.step("主管写明处理结果；闸机恢复在线，刚买的票也能进")


def _alone(world: World, house: House, alone: str, online: str, shown: list[dict[str, Any]]) -> None:
    first, second, third = shown
    before = gates(world, "list", code=alone)
    world.expect("下载名单", before["status"], "ok")
    gates(world, "network", code=alone, online=False)
    world.step(f"一台闸机下载名单（{before['listed']} 张），随后断网")

    by_qr = gates(world, "scan", code=alone, text=first["kept"]["qr"])
    world.expect("断网放行", (by_qr["answer"], by_qr["offline"]), ("passed", True))
    by_code = gates(world, "scan", code=alone, text=second["code"])
    world.expect("断网凭入场码放行", by_code["answer"], "passed")
    again = gates(world, "scan", code=alone, text=first["kept"]["qr"])
    world.expect("同一张再来", again["answer"], "used")
    forged = first["kept"]["qr"][:-6] + "AAAAAA"
    world.expect("改过的码", gates(world, "scan", code=alone, text=forged)["answer"], "unknown")
    world.step("断网照常：二维码放行一张，入场码放行一张；再来一次、改过的码都不放行")

    time.sleep(1)  # nobody is at another gate in the same moment; clocks of gates are not good for less
    elsewhere = gates(world, "scan", code=online, text=first["kept"]["qr"])
    world.expect("另一台还不知道", elsewhere["answer"], "passed")
    other = gates(world, "scan", code=online, text=third["kept"]["qr"])
    world.expect("另一台放行第三张", other["answer"], "passed")
    world.step("有人拿第一张的截图到另一台闸机：那台还不知道，也放行了")

    gates(world, "network", code=alone, online=True)
    told = gates(world, "sync", code=alone)
    world.expect("上传两条", sorted(one["status"] for one in told["entries"]), ["taken", "taken"])
    world.expect("再传一次没有新的", gates(world, "sync", code=alone)["entries"], [])
    [row] = house.rows("scanconflict", first["number"])
    world.expect("冲突报警", "两处检票" in row and "待处理" in row, True)
    world.expect("没有冲突的不报警", house.rows("scanconflict", second["number"]), [])
    kinds = [_kind(one) for one in house.rows("redemption", first["number"])]
    world.expect("核销明细", sorted(kinds), ["更早的核销生效", "核销", "核销"])
    world.step("恢复网络，上传记录：以最早的一次为准，另一台的核销冲掉，检票冲突页报警；没有多结算一分")

    key = house.find("scanconflict", first["number"])
    house.do(f"scanconflict/{key}/resolve/", "已处理", reason="已联系检票员，截图入园者补票")


def _kind(row: str) -> str:
    return next(kind for kind in ("更早的核销生效", "撤销核销", "过期未用", "核销") if kind in row)
