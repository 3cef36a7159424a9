"""The pages of cards in the journeys: forms filled in, what the page says."""

from __future__ import annotations

import re
from typing import Any

from saleor_o2o.journeys.office import Office
from saleor_o2o.journeys.world import Differs

BASE = "/admin/o2o_memberships/"


class CardOffice(Office):
    """One person's session at the pages of cards."""

    def post(self, address: str, **told: Any) -> Any:
        """Fill in the form of a page; the answer."""
        return self.send(f"{BASE}{address}", **told)

    def done(self, address: str, said: str, **told: Any) -> str:
        """Fill in a form that must be taken with these words; the page that comes next."""
        answer = self.post(address, do="1", **told)
        text: str = answer.text
        if said not in text:
            errors = re.findall(r"errorlist[^>]*>(.*?)</ul>", text, re.S)
            raise Differs(f"{self.who} {address}：没有看到“{said}”，{answer.status_code} {errors[:2]}")
        return text

    def key_of(self, address: str, text: str) -> str:
        """The key of the one row that a list of cards finds."""
        return super().key_of(f"{BASE}{address}", text)

    def option(self, address: str, name: str) -> str:
        """The value of a choice that is called so."""
        page = self.http.get(f"{BASE}{address}").text
        found = re.findall(rf'<option value="(\d+)"[^>]*>{re.escape(name)}</option>', page)
        self.world.expect(f"可选“{name}”", len(found), 1)
        return str(found[0])
