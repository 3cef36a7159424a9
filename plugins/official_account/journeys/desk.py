"""An editor's session in the back office."""

from __future__ import annotations

import re

from saleor_o2o.journeys.office import Office, words_of
from saleor_o2o.journeys.world import Differs

PAGES = "/admin/o2o_official_account/"


class Desk(Office):
    """One person's browser."""

    def submit(self, address: str, **fields: str) -> str:
        """Fill a form in and send it; the text of the page that answers. Raises Differs for a page without a form."""
        return words_of(self.send(address, **fields).text)

    def look(self, address: str, **asked: str) -> str:
        """The text of a page."""
        return words_of(self.page(f"{PAGES}{address}", **asked))

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
