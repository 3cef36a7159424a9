"""An editor's session in the back office."""

from __future__ import annotations

import re
from typing import Any

from saleor_o2o.journeys.world import Differs, World

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_TAG = re.compile(r"<[^>]+>")
PAGES = "/admin/o2o_official_account/"


class Desk:
    """One person's browser."""

    def __init__(self, world: World, who: str) -> None:
        self.world = world
        self.http = world.browser()
        person = world.login(who)
        self.submit("/admin/login/", username=person["login"], password=person["password"])

    def submit(self, address: str, **fields: str) -> str:
        """Fill a form in and send it; the text of the page that answers. Raises Differs for a page without a form."""
        page = self.http.get(address)
        found = _TOKEN.search(page.text)
        if found is None:
            raise Differs(f"页面 {page.url} 没有表单")
        done = self.http.post(
            address,
            data={**fields, "csrfmiddlewaretoken": found[1]},
            headers={"Referer": self.world.base_url},
        )
        return words_of(done)

    def look(self, address: str, **asked: str) -> str:
        """The text of a page."""
        return words_of(self.http.get(f"{PAGES}{address}", params=asked))

    def first(self, model: str, **asked: str) -> int:
        """The key of the first row of a list. Raises Differs when it is empty."""
        page = self.http.get(f"{PAGES}{model}/", params=asked).text
        found = re.search(rf"{PAGES}{model}/(\d+)/change/", page)
        if found is None:
            raise Differs(f"列表 {model} 是空的")
        return int(found[1])

    def account(self, code: str) -> str:
        """The key of an account, as a list is narrowed by it."""
        return str(self.first("account", q=code))


def words_of(answer: Any) -> str:
    """What a page says, without its markup."""
    return " ".join(_TAG.sub(" ", answer.text).split())
