"""A clerk's till and an accountant's back office, each a browser session of its own."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import uuid4

from saleor_o2o.journeys.office import Office, token_of
from saleor_o2o.journeys.world import Differs, World

_OPTIONS = re.compile(r'<script id="deskOptions" type="application/json">(.*?)</script>', re.S)


class BackOffice(Office):
    """One person's session."""

    def submit(self, address: str, **fields: str) -> str:
        """Fill a form in and send it; the page that answers."""
        return str(self.send(address, **fields).text)


class Till(BackOffice):
    """The workbench of a clerk."""

    def __init__(self, world: World, who: str) -> None:
        super().__init__(world, who)
        page = self.http.get("/admin/o2o_counter_sales/countersale/workbench/")
        found = _OPTIONS.search(page.text)
        if found is None:
            raise Differs(f"{who} 打不开工作台（{page.status_code} {page.url}）")
        self.options: dict[str, Any] = json.loads(found[1])
        self.csrf = token_of(page.text)

    def post(self, name: str, **body: Any) -> dict[str, Any]:
        """One question; the answer, whatever it is."""
        response = self.http.post(
            self.options["ask"].replace("NAME", name),
            json=body,
            headers={"X-CSRFToken": self.csrf, "Referer": self.world.base_url},
        )
        answer: dict[str, Any] = response.json()
        return answer

    def ask(self, name: str, **body: Any) -> dict[str, Any]:
        """One question that must be answered."""
        answer = self.post(name, **body)
        if "error" in answer:
            raise Differs(f"{name}：{answer['error']['message']}")
        return answer

    def refused(self, name: str, **body: Any) -> dict[str, Any]:
        """One question that must be refused; the refusal."""
        answer = self.post(name, **body)
        if "error" not in answer:
            raise Differs(f"{name} 没有被拒绝")
        refusal: dict[str, Any] = answer["error"]
        return refusal

    def sell(self, goods: dict[str, Any]) -> dict[str, Any]:
        """Place an order of one; the sale that waits for money."""
        basket = {
            "key": str(uuid4()),
            "place": self.options["place"],
            "lines": [{"variant": goods["id"], "quantity": 1}],
        }
        total = self.ask("quote", **basket)["quote"]["total"]
        sale: dict[str, Any] = self.ask("place", **basket, expected_total=total)["sale"]
        return sale
