"""The drawing board of a branch in a browser of the county: shown, refused, cut, saved, put back."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

from shapely.geometry import mapping, shape

from saleor_o2o.journeys.office import Office
from saleor_o2o.journeys.world import Differs, World

LIST = "/admin/o2o_service_map/servicearea/"
UNIT_OF = "query($lng: Float!, $lat: Float!) { servingBranch(lng: $lng, lat: $lat) { code name basis } }"


class Board(Office):
    """One person's browser at the board of a branch."""

    def open(self, name: str) -> dict[str, Any]:
        """Open the board of the branch that the check's list names so; what the board was given."""
        row = re.search(rf">{re.escape(name)}</a>.*?href=\"([^\"]+/draw/)\"", self.page(LIST), re.DOTALL)
        if row is None:
            raise Differs(f"服务范围检查里没有{name}")
        return self.read(row[1])

    def read(self, address: str) -> dict[str, Any]:
        """The board's data at an address."""
        found = re.search(r'<script id="o2o-drawing-data"[^>]*>(.*?)</script>', self.page(address), re.DOTALL)
        if found is None:
            raise Differs(f"{address} 没有画图区")
        data: dict[str, Any] = json.loads(unescape(found[1]))
        return {**data, "page": address}

    def ask(self, address: str, body: dict[str, Any]) -> dict[str, Any]:
        """What the board's own script sends, and the answer."""
        headers = {"X-CSRFToken": self.http.cookies["csrftoken"], "Referer": str(self.http.base_url)}
        answer: dict[str, Any] = self.http.post(address, json=body, headers=headers).json()
        return answer


def draw(world: World) -> None:
    """The county gives a corner of 解放碑's area away and takes it back; a slip over the border is refused."""
    with Board(world, "county_yuzhong_ops") as board:
        seen = board.open("解放碑支局")
        own = shape(seen["own"])
        world.step(
            f"区县打开解放碑支局的画图区：{len(seen['areas'])} 个邻近支局，{len(seen['points'])} 个网点和小区"
        )

        wide = {"area": mapping(own.buffer(0.004)), "revision": seen["revision"]}
        told = board.ask(seen["check"], wide)
        world.expect("边画边查到重叠", {one["kind"] for one in told["findings"]} >= {"overlap"}, True)
        refused = board.ask(seen["save"], wide)
        world.expect("有重叠不能保存", refused["error"]["code"], "AREA_OVERLAPS")
        world.step(f"画过界：{refused['error']['message'].split('；')[0]}……不能保存")
        cut = board.ask(seen["check"], {**wide, "do": "trim"})
        world.expect("去掉重叠以后", [one for one in cut["findings"] if one["kind"] == "overlap"], [])
        world.step(f"点“去掉重叠部分”：剩 {cut['km2']:.2f} 平方公里，没有重叠")
        crossed = {
            "type": "Polygon",
            "coordinates": [[[106.57, 29.55], [106.58, 29.56], [106.58, 29.55], [106.57, 29.56]]],
        }
        bad = board.ask(seen["check"], {"area": crossed})
        world.step(f"画成交叉的：{bad['error']['message']}")

        less = {"area": mapping(own.buffer(-0.001)), "revision": seen["revision"], "reason": "试划：让出边缘"}
        saved = board.ask(seen["save"], less)
        world.expect("缩小后保存", saved["ok"], True)
        gap = next((one["text"] for one in saved["findings"] if one["kind"] == "gap"), "没有空白")
        world.step(f"缩小后保存：{gap}")
        stale = board.ask(seen["save"], {**less, "area": seen["own"]})
        world.expect("两人同时改", stale["error"]["code"], "CHANGED_MEANWHILE")
        world.step(f"另一个人按旧的版本保存：{stale['error']['message']}")
        back = {"area": seen["own"], "revision": saved["revision"], "reason": "恢复"}
        world.expect("恢复", board.ask(seen["save"], back)["ok"], True)
        world.expect("恢复后的范围", shape(board.read(seen["page"])["own"]).equals(own), True)
        inside = own.representative_point()
        served = world.ask(UNIT_OF, {"lng": inside.x, "lat": inside.y})["servingBranch"]
        world.expect("恢复后由谁服务", served["basis"], "AREA")
        world.step(f"恢复原来的范围，{served['name']}继续服务；两次修改都有版本和原因")
