"""The staff of a house in the journeys: halls, seat maps, sessions and gates at the back office's pages."""

from __future__ import annotations

import re
import secrets
from datetime import date, datetime, time, timedelta
from typing import Any

from saleor_o2o.journeys.office import Office, alert, words_of
from saleor_o2o.journeys.world import Differs, World
from saleor_o2o.kernel.clock import SHANGHAI, now, today

WHO = "city_tickets"
_BASE = "/admin/o2o_admission/"
_SECRET = re.compile(r"<dt>密钥</dt><dd>([0-9a-f]{48})</dd>")


class House(Office):
    """Somebody of the city's ticketing office; used by `with`."""

    def __init__(self, world: World, who: str = WHO) -> None:
        super().__init__(world, who)

    # -- pages ----------------------------------------------------------------------------

    def read(self, address: str, **query: str) -> str:
        """A page as text."""
        return self.page(f"{_BASE}{address}", **query)

    def do(self, address: str, said: str, **told: Any) -> str:
        """Fill in a form that must be taken with these words; the page that comes next."""
        done = self.send(f"{_BASE}{address}", do="1", **told)
        if said not in done.text:
            raise Differs(f"{address}：没有看到“{said}”（{done.status_code}）{alert(done.text)}")
        return str(done.text)

    def find(self, listed: str, word: str) -> str:
        """The key of the one row that a list finds."""
        found = set(re.findall(rf"{_BASE}{listed}/(\d+)/change/", self.read(f"{listed}/", q=word)))
        self.world.expect(f"{listed} 列表里查到“{word}”", len(found), 1)
        return str(found.pop())

    def rows(self, listed: str, word: str) -> list[str]:
        """The rows that a list finds, each as words."""
        page = self.read(f"{listed}/", q=word)
        rows = re.findall(r"<tr\b.*?</tr>", page, re.S)
        return [words_of(row) for row in rows if f"{_BASE}{listed}/" in row and "/change/" in row]

    def told(self, address: str, label: str) -> str:
        """What a page of details says beside a label."""
        page = self.read(address)
        found = re.search(
            rf">\s*{re.escape(label)}\s*<.*?class=\"[^\"]*readonly[^\"]*\"[^>]*>(.*?)</div>", page, re.S
        )
        if found is None:
            raise Differs(f"{address} 上没有“{label}”")
        return words_of(found[1])

    def newest(self, listed: str) -> str:
        """The key of the row that was made last."""
        found = re.findall(rf"{_BASE}{listed}/(\d+)/change/", self.read(f"{listed}/"))
        return max(found, key=int)

    def city(self) -> str:
        """The key of the highest unit that sells here."""
        page = self.read("admissionproduct/make/")
        found = re.search(r'<select name="unit".*?<option value="(\d+)"', page, re.S)
        if found is None:
            raise Differs("新增产品时没有可选的销售机构")
        return found[1]

    # -- halls and sessions ------------------------------------------------------------------

    def hall(self, venue: str, capacity: int) -> str:
        """A new hall of a venue (by its code); its key."""
        name = f"小厅{secrets.token_hex(3)}"
        self.do(f"venue/{self.find('venue', venue)}/hall/", "已新增厅", name=name, capacity=capacity)
        return self.find("hall", name)

    def seat_map(self, hall: str, rows: int, seats: int) -> str:
        """A published grid of seats of category A; its key."""
        note = {"zone": "池座", "rows": rows, "seats": seats, "note": "演练"}
        page = self.do(f"hall/{hall}/grid/", "已建立座位图", **note)
        [key] = set(re.findall(rf"{_BASE}seatmap/(\d+)/change/", page))
        self.do(f"seatmap/{key}/publish/", "已启用")
        return str(key)

    def session(self, product: str, days: int, **told: Any) -> str:
        """An evening on sale; `hall` with `capacity`, or `seat_map`. Its key."""
        start = datetime.combine(today() + timedelta(days=days), time(19, 30), tzinfo=SHANGHAI)
        name = f"加演{secrets.token_hex(3)}"
        moments = {
            "starts_at": start, "ends_at": start + timedelta(hours=2), "opens_at": now() - timedelta(minutes=2),
            "closes_at": start,
        }  # fmt: skip
        told |= {key: f"{at.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}" for key, at in moments.items()}
        product_key = self.find("admissionproduct", product)
        self.do("session/make/", "已排 1 场", product=product_key, name=name, days=1, **told)
        key = self.find("session", name)
        self.do(f"session/{key}/move/?to=open", "销售中")
        return key

    def quota_of(self, product: str, day: date) -> str:
        """The key of a product's quota of a day."""
        told = {
            "q": product,
            "day__year": f"{day.year}",
            "day__month": f"{day.month}",
            "day__day": f"{day.day}",
        }
        found = set(re.findall(rf"{_BASE}quota/(\d+)/change/", self.read("quota/", **told)))
        self.world.expect(f"{product} {day} 的配额", len(found), 1)
        return str(found.pop())

    def taken(self, quota: str) -> int:
        """How much of a quota is taken."""
        return int(self.told(f"quota/{quota}/change/", "已占"))

    # -- gates -------------------------------------------------------------------------------

    def device(self, gate: str) -> str:
        """A device at a gate, registered here and set up in the sandbox; its code."""
        code = f"gate-{secrets.token_hex(4)}"
        told = {"gate": gate, "code": code, "name": f"闸机 {code[-4:]}", "kind": "gate", "direction": "in"}
        page = self.do("device/register/", "离开本页后不再显示", active="on", **told)
        secret = _SECRET.search(page)
        if secret is None:
            raise Differs("登记设备后没有显示密钥")
        gates(self.world, "devices", code=code, secret=secret[1], url=self.world.base_url)
        self.world.expect("心跳", gates(self.world, "heartbeat", code=code)["status"], "ok")
        return code


def gates(world: World, deed: str, **told: Any) -> dict[str, Any]:
    """What a gate of the sandbox is told to do; its answer."""
    return world.sandbox.call("POST", f"/gate/{deed}", told)
