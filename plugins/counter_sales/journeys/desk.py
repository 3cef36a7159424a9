"""A clerk's browser on the workbench: login, the page's own questions, forms."""

from __future__ import annotations

import base64
import json
import re
from decimal import Decimal
from typing import Any
from uuid import uuid4

from saleor_o2o.journeys.office import Office, token_of
from saleor_o2o.journeys.world import Differs, World

_OPTIONS = re.compile(r'<script id="deskOptions" type="application/json">(.*?)</script>', re.S)
_CODE = re.compile(r"<strong>([0-9A-Z-]{9})</strong>")
_SALES = "/admin/o2o_counter_sales/countersale/"


class Desk(Office):
    """One person's session in the back office."""

    #: What the clerk types to find goods by their initials.
    letters = "yc"

    def __init__(self, world: World, who: str) -> None:
        super().__init__(world, who)
        page = self.page(f"{_SALES}workbench/")
        found = _OPTIONS.search(page)
        if found is None:
            raise Differs(f"{who} 打不开工作台")
        self.options: dict[str, Any] = json.loads(found[1])
        self.csrf = token_of(page)
        self.place = self.options["place"]

    def _post(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        response = self.http.post(
            self.options["ask"].replace("NAME", name),
            json=body,
            headers={"X-CSRFToken": self.csrf, "Referer": self.world.base_url},
        )
        answer: dict[str, Any] = response.json()
        return answer

    def ask(self, name: str, **body: Any) -> dict[str, Any]:
        """One question of the workbench that must be answered."""
        answer = self._post(name, body)
        if "error" in answer:
            raise Differs(f"{name}：{answer['error']['message']}")
        return answer

    def try_(self, name: str, **body: Any) -> dict[str, Any]:
        """One question; the answer or the refusal, as it comes."""
        return self._post(name, body)

    def refused(self, name: str, **body: Any) -> dict[str, Any]:
        """One question that must be refused; the refusal."""
        answer = self._post(name, body)
        if "error" not in answer:
            raise Differs(f"{name} 没有被拒绝")
        refusal: dict[str, Any] = answer["error"]
        return refusal

    def available(self) -> Decimal:
        """What cash the place may still take."""
        return Decimal(self.ask("float", place=self.place)["available"])

    def basket(self, *goods: tuple[dict[str, Any], int]) -> dict[str, Any]:
        """A basket with a key of its own."""
        return {
            "key": str(uuid4()),
            "place": self.place,
            "lines": [{"variant": one["id"], "quantity": quantity} for one, quantity in goods],
        }

    def place_order(self, basket: dict[str, Any]) -> dict[str, Any]:
        """Place it at the total that the page shows."""
        total = self.ask("quote", **basket)["quote"]["total"]
        sale: dict[str, Any] = self.ask("place", **basket, expected_total=total)["sale"]
        return sale

    def print_slip(self, sale: dict[str, Any], *, reprint: bool) -> str:
        """Print; the pick-up code on the paper."""
        page = self.http.post(
            sale["slip"],
            data={"paper": "80mm", "csrfmiddlewaretoken": self.csrf},
            headers={"Referer": self.world.base_url},
        )
        self.world.expect("小票标明重印", "重印" in page.text, reprint)
        found = _CODE.search(page.text)
        if found is None:
            raise Differs("小票上没有取货码")
        return found[1]

    def refund(self, sale: dict[str, Any], amount: Decimal, reason: str) -> str | None:
        """Refund on the sale's page; the words of a refusal, or None."""
        address = f"{_SALES}{sale['id']}/refund/"
        page = self.http.get(address)
        if page.status_code == 403:
            return "没有退款权限"
        key = re.search(r'name="key" value="([^"]+)"', page.text)
        done = self.http.post(
            address,
            data={
                "amount": str(amount),
                "reason": reason,
                "key": key[1] if key else "",
                "csrfmiddlewaretoken": token_of(page.text),
            },
            headers={"Referer": self.world.base_url},
        )
        refusal = re.search(r'<p class="o2o-desk-error" role="alert">([^<]+)', done.text)
        return refusal[1] if refusal else None

    @staticmethod
    def variant_id(goods: dict[str, Any]) -> str:
        """The API's name of goods that the workbench found."""
        return base64.b64encode(f"ProductVariant:{goods['id']}".encode()).decode()
