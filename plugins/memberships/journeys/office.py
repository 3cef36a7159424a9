"""The back office in the journeys: somebody logged in, forms filled in, what the page says."""

from __future__ import annotations

import re
from typing import Any

from saleor_o2o.journeys.world import Differs, World

BASE = "/admin/o2o_memberships/"


class Office:
    """One person's session."""

    def __init__(self, world: World, who: str) -> None:
        self.world, self.who = world, who
        self.http = world.browser()
        person = world.login(who)
        form = self.http.get("/admin/login/")
        told = {
            "csrfmiddlewaretoken": _csrf(form.text),
            "username": person["login"],
            "password": person["password"],
        }
        self.http.post("/admin/login/", data=told, headers={"Referer": str(form.url)})

    def post(self, address: str, **told: Any) -> Any:
        """Fill in the form of a page; the answer."""
        page = self.http.get(f"{BASE}{address}")
        if page.status_code != 200:
            raise Differs(f"{self.who} 打不开 {address}（{page.status_code}）")
        told["csrfmiddlewaretoken"] = _csrf(page.text)
        return self.http.post(f"{BASE}{address}", data=told, headers={"Referer": str(page.url)})

    def done(self, address: str, said: str, **told: Any) -> str:
        """Fill in a form that must be taken with these words; the page that comes next."""
        answer = self.post(address, do="1", **told)
        text: str = answer.text
        if said not in text:
            errors = re.findall(r"errorlist[^>]*>(.*?)</ul>", text, re.S)
            raise Differs(f"{self.who} {address}：没有看到“{said}”，{answer.status_code} {errors[:2]}")
        return text

    def key_of(self, address: str, text: str) -> str:
        """The key of the row that a list finds."""
        page = self.http.get(f"{BASE}{address}", params={"q": text}).text
        found = sorted(set(re.findall(rf"/admin/o2o_memberships/{address.strip('/')}/(\d+)/change/", page)))
        self.world.expect(f"查到 {text}", len(found), 1)
        return str(found[0])

    def option(self, address: str, name: str) -> str:
        """The value of a choice that is called so."""
        page = self.http.get(f"{BASE}{address}").text
        found = re.findall(rf'<option value="(\d+)"[^>]*>{re.escape(name)}</option>', page)
        self.world.expect(f"可选“{name}”", len(found), 1)
        return str(found[0])


def _csrf(text: str) -> str:
    return str(re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)[0])
