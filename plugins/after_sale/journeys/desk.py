"""A member of the staff in front of the back office: forms are read as a browser reads them, changed, and sent."""

from __future__ import annotations

import re

from saleor_o2o.journeys.office import Office, alert
from saleor_o2o.journeys.world import Differs

_SALES = "/admin/o2o_after_sale/aftersale/"
_COMPLAINTS = "/admin/o2o_after_sale/complaint/"
_ORDERS = "/admin/o2o_ordering/orderprofile/"


class Desk(Office):
    """One person's session."""

    def submit(self, address: str, **changes: str) -> str:
        """Open a page, change some of its fields, send it; the page that answers."""
        done = self.change(address, **changes)
        if done.status_code != 200:
            raise Differs(f"{address} 的答复：{done.status_code}")
        return str(done.text)

    def sale(self, number: str) -> str:
        """The address of an after-sale, by its number in the list's search."""
        return self.address_of(_SALES, number)

    def complaint(self, number: str) -> str:
        """The address of a complaint."""
        return self.address_of(_COMPLAINTS, number)

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
        done = self.submit(f"{_ORDERS}ship/?ids={self.key_of(_ORDERS, number)}")
        if "已发货" not in done:
            raise Differs(f"发货没有办成：{alert(done) or '没有说明'}")

    def newest(self, listed: str) -> str:
        """The address of the row of a list that was written last."""
        found = re.findall(rf'href="({re.escape(listed)}(\d+)/change/)', self.http.get(listed).text)
        if not found:
            raise Differs(f"列表 {listed} 是空的")
        return str(max(found, key=lambda one: int(one[1]))[0])
