"""Who buys coach tickets in a trial, as a guest, over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from saleor.order.models import Order

from plugins.ticketing.kernel.models import TicketOrder
from saleor_o2o.kernel.clock import SHANGHAI
from saleor_o2o.kernel.documents import id_check

from ..buying import ADDRESS, GATEWAY, PLACE, Buying

NETWORKS = {"coach_province": "province", "coach_fangbian": "fangbian"}
SHIFTS = """query($day: Date!) { coachShifts(start: "CQ-LTS", goal: "SC-SN", day: $day) {
  shifts { id flow left } errors { message code } } }"""
HOLD = """mutation($key: String!, $shift: ID!, $passengers: [CoachPassengerInput!]!) { coachHold(key: $key,
  shift: $shift, goal: "SC-SN", passengers: $passengers, mobile: "13800138000", contact: "测试联系人", mostTotal: 999) {
  number state errors { message code } } }"""
PREVIEW = """mutation($tickets: [String!]!, $token: String!) { ticketRefundPreview(tickets: $tickets, token: $token) {
  quotes { ticket token } errors { message code } } }"""
REFUND = """mutation($key: String!, $tickets: [TicketRefundInput!]!, $token: String!) { ticketRefund(key: $key,
  tickets: $tickets, token: $token) { refund { number } errors { message code } } }"""
#: A bus has to have room for whatever the trials before kept.
ROOM = 4


@dataclass
class Riding(Buying):
    """One trial's people: a guest who goes from 龙头寺 to 遂宁."""

    held: dict[str, Any] = field(default_factory=dict)

    @property
    def request(self) -> str:
        """Names the trial's hold."""
        return f"killride-{self.number:08d}"

    def find(self) -> str:
        """A bus of the day after tomorrow that has room."""
        day = (timezone.now() + timedelta(seconds=self.house.clock)).astimezone(SHANGHAI).date()
        told = self.ask(SHIFTS, {"day": (day + timedelta(days=2)).isoformat()})
        return str(next(one["id"] for one in told["shifts"] if not one["flow"] and one["left"] > ROOM))

    def hold(self, shift: str, count: int = 2) -> None:
        """Seats for so many, again under the same key where the answer was lost."""
        riders = [
            {"name": "测试乘客", "documentNumber": _document(self.number, at), "fare": "FULL"}
            for at in range(count)
        ]
        self.held = self.ask(HOLD, {"key": self.request, "shift": shift, "passengers": riders})

    def place(self) -> dict[str, Any]:
        """What is held, ordered; `id` and `token` of the order."""
        self.orders += 1
        basket = {
            "lines": [], "holds": [{"number": self.held["number"], "key": self.request}], "email": self.email,
            "billingAddress": ADDRESS,
        }  # fmt: skip
        return dict(self.ask(PLACE, {"key": self.key(), "input": basket, "gateway": GATEWAY})["order"])

    def give_back(self, order: dict[str, Any]) -> None:
        """One ticket of those that were issued, for what the preview said."""
        ticket = self.rides().get().tickets.order_by("pk")[0]
        asked = {"tickets": [ticket.number], "token": order["token"]}
        [quote] = self.ask(PREVIEW, asked)["quotes"]
        wanted = [{"ticket": ticket.number, "token": quote["token"]}]
        self.ask(REFUND, {"key": f"{self.request}-back", "tickets": wanted, "token": order["token"]})

    def rides(self) -> QuerySet[TicketOrder]:
        """The trial's ticket orders, without what is sealed with keys of the platform's."""
        mine = TicketOrder.objects.filter(request_key__endswith=self.request)
        return mine.defer("contact", "mobile", "pick_code").order_by("pk")

    def own(self) -> QuerySet[Order]:
        """The trial's orders."""
        return Order.objects.filter(user_email=self.email).order_by("pk")

    def fault(self, where: str, kind: str) -> None:
        """Both networks do something wrong the next time."""
        for network in NETWORKS:
            self.house.sandbox.fault(where, kind, system=network)

    def _awaited(self) -> bool:
        """True while a network, too, tries to tell us something."""
        for network in NETWORKS:
            told = self.house.sandbox.call("GET", f"/{network}/notices")["notices"]
            if any(one["state"] == "pending" for one in told):
                return True
        return super()._awaited()


def open_networks(riding: Riding) -> None:
    """The networks sell at any hour, answer at once, and call back to the house."""
    for network, name in NETWORKS.items():
        rules = {"hours": "always", "issue_delay": 0, "refund_delay": 0}
        riding.house.sandbox.call("POST", f"/{network}/options", rules)
        hook = f"{str(riding.house.http.base_url).rstrip('/')}/hooks/ticketing/coach/{name}"
        riding.house.sandbox.call("POST", f"/{network}/server", {"url": hook})


def _document(trial: int, at: int) -> str:
    """An identity number of nobody: its county's code was never given out."""
    seventeen = f"500199{1960 + trial % 40}0{1 + at}15{(trial * 7 + at) % 1000:03d}"
    return seventeen + id_check(seventeen)
