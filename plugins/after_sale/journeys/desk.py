"""A member of the staff in front of the back office: forms are read as a browser reads them, changed, and sent."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from saleor_o2o.journeys.world import Differs, World

_INPUT = re.compile(r"<(input|textarea)\b([^>]*)>(?:([^<]*)</textarea>)?", re.S)
_ATTRIBUTE = re.compile(r'([a-zA-Z_-]+)="([^"]*)"')
_ALERT = re.compile(r'role="alert">(.*?)</p>', re.S)
_SALES = "/admin/o2o_after_sale/aftersale/"
_COMPLAINTS = "/admin/o2o_after_sale/complaint/"
_ORDERS = "/admin/o2o_ordering/orderprofile/"


class Desk:
    """One person's session."""

    def __init__(self, world: World, who: str) -> None:
        self.world = world
        self.http = world.browser()
        person = world.login(who)
        page = self.http.get("/admin/login/")
        done = self._post("/admin/login/", page, username=person["login"], password=person["password"])
        if "/login" in str(done.url):
            raise Differs(f"{who} 无法登录后台")

    def _post(self, address: str, page: Any, **changes: str) -> Any:
        fields = {**_fields(page.text), **changes}
        return self.http.post(address, data=fields, headers={"Referer": self.world.base_url})

    def submit(self, address: str, **changes: str) -> str:
        """Open a page, change some of its fields, send it; the page that answers."""
        page = self.http.get(address)
        if page.status_code != 200:
            raise Differs(f"{address} 打不开：{page.status_code}")
        done = self._post(address, page, **changes)
        if done.status_code != 200:
            raise Differs(f"{address} 的答复：{done.status_code}")
        return str(done.text)

    def sale(self, number: str) -> str:
        """The address of an after-sale, by its number in the list's search."""
        return self._found(_SALES, number)

    def complaint(self, number: str) -> str:
        """The address of a complaint."""
        return self._found(_COMPLAINTS, number)

    def _found(self, listed: str, word: str) -> str:
        page = self.http.get(listed, params={"q": word})
        found = re.search(rf'href="({re.escape(listed)}\d+/change/)', page.text)
        if page.status_code != 200 or found is None:
            raise Differs(f"列表 {listed} 里没有 {word}（{page.status_code}）")
        return found[1]

    def act(self, address: str, act: str, **changes: str) -> str:
        """Press a button; the page that answers. Raises Differs when it was refused."""
        page = self.submit(address, act=act, **changes)
        refusal = alert(page)
        if refusal:
            raise Differs(f"没有办成：{refusal}")
        return page

    def refused(self, address: str, act: str, **changes: str) -> str:
        """Press a button that must be refused; the words."""
        refusal = alert(self.submit(address, act=act, **changes))
        if not refusal:
            raise Differs("没有被拒绝")
        return refusal

    def ship(self, number: str) -> None:
        """Send all that is left of an order."""
        page = self._found(_ORDERS, number)
        key = re.search(r"/(\d+)/change/$", page)
        done = self.submit(f"{_ORDERS}ship/?ids={key[1] if key else ''}")
        if "已发货" not in done:
            raise Differs(f"发货没有办成：{alert(done) or '没有说明'}")

    def fields(self, address: str) -> dict[str, str]:
        """What the form of a page holds now."""
        return _fields(self.http.get(address).text)

    def text(self, address: str) -> str:
        """A page as it is."""
        return str(self.http.get(address).text)

    def newest(self, listed: str) -> str:
        """The address of the row of a list that was written last."""
        found = re.findall(rf'href="({re.escape(listed)}(\d+)/change/)', self.http.get(listed).text)
        if not found:
            raise Differs(f"列表 {listed} 是空的")
        return str(max(found, key=lambda one: int(one[1]))[0])

    def between(self, page: str, pattern: str) -> str:
        """The first thing on a page that looks like this."""
        found = re.search(pattern, page)
        if found is None:
            raise Differs(f"页面上没有 {pattern}")
        return found[1]


def _fields(page: str) -> dict[str, str]:
    """The fields of the page's forms that would be sent if nothing were changed."""
    fields = {}
    for kind, inside, text in _INPUT.findall(page):
        given = dict(_ATTRIBUTE.findall(inside))
        sort = given.get("type", "text")
        if "name" not in given or sort in ("submit", "button", "file", "checkbox", "radio", "search"):
            continue
        fields[given["name"]] = unescape(text.strip() if kind == "textarea" else given.get("value", ""))
    return fields


def alert(page: str) -> str:
    """What a page complains about; empty when it does not."""
    found = _ALERT.search(page)
    return unescape(re.sub(r"<[^>]+>", " ", found[1])).strip() if found else ""
