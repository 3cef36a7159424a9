"""Who buys coach tickets in a trial, as a guest or as a member, over HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from saleor.account.models import User
from saleor.order.models import Order

from plugins.ticketing.kernel.models import TicketOrder
from saleor_o2o.kernel.clock import SHANGHAI
from saleor_o2o.kernel.documents import id_check

from ..buying import ADDRESS, GATEWAY, LOGIN, PLACE, Buying
from ..shop import PASSWORD

NETWORKS = {"coach_province": "province", "coach_fangbian": "fangbian"}
SHIFTS = """query($start: String!, $goal: String!, $day: Date!) { coachShifts(start: $start, goal: $goal, day: $day) {
  shifts { id flow left fares { fare price } } errors { message code } } }"""
HOLD = """mutation($key: String!, $shift: ID!, $goal: String!, $passengers: [CoachPassengerInput!]!, $old: String) {
  coachHold(key: $key, shift: $shift, goal: $goal, passengers: $passengers, mobile: "13800138000",
  contact: "测试联系人", mostTotal: 999, insteadOf: $old) { number state errors { message code } } }"""
PREVIEW = """mutation($tickets: [String!]!, $token: String!) { ticketRefundPreview(tickets: $tickets, token: $token) {
  quotes { ticket token } errors { message code } } }"""
REFUND = """mutation($key: String!, $tickets: [TicketRefundInput!]!, $token: String!) { ticketRefund(key: $key,
  tickets: $tickets, token: $token) { refund { number } errors { message code } } }"""
QUOTE = """mutation($tickets: [String!]!, $target: String!) { ticketChangePreview(tickets: $tickets, target: $target) {
  quotes { ticket token toPay } errors { code message } } }"""
CHANGE = """mutation($key: String!, $tickets: [TicketChangeInput!]!, $target: String!) {
  ticketChange(key: $key, tickets: $tickets, target: $target) { change { number state } errors { code message } } }"""
INSURE = """mutation($hold: String!, $key: String!, $choices: [TicketInsureInput!]!) {
  ticketInsure(hold: $hold, key: $key, choices: $choices) { errors { code message } } }"""
#: What is bought beside a ticket where somebody wants it; its price in yuan is `station`'s.
COVER = "killed-cover"
#: From where to where, and a way on which buses cost differently.
WAY, OTHER_WAY = ("CQ-LTS", "SC-SN"), ("CQ-SGL", "CQ-WL")
#: A bus has to have room for whatever the trials before kept.
ROOM = 4


@dataclass
class Riding(Buying):
    """One trial's people: a guest who goes from 龙头寺 to 遂宁, or a member (`enter`) on another way."""

    held: dict[str, Any] = field(default_factory=dict)
    member: str = ""

    @property
    def request(self) -> str:
        """Names the trial's hold."""
        return f"killride-{self.number:08d}"

    @property
    def target_request(self) -> str:
        """Names the hold of the trip that is changed to."""
        return f"killgoal-{self.number:08d}"

    def enter(self) -> None:
        """Log in: only a member changes tickets by himself. His account is there before anybody dies."""
        users: Any = User.objects  # stock's managers say no types
        users.create_user(self.email, PASSWORD)
        self.member = str(self.ask(LOGIN, {"email": self.email, "password": PASSWORD})["token"])

    def _token(self) -> str:
        return self.member or super()._token()

    def find(self, way: tuple[str, str] = WAY) -> list[dict[str, Any]]:
        """Buses of the day after tomorrow that have room; the cheapest first."""
        day = (timezone.now() + timedelta(seconds=self.house.clock)).astimezone(SHANGHAI).date()
        start, goal = way
        told = self.ask(SHIFTS, {"start": start, "goal": goal, "day": (day + timedelta(days=2)).isoformat()})
        found = [one for one in told["shifts"] if not one["flow"] and one["left"] > ROOM]
        return sorted(found, key=lambda one: Decimal(str(one["fares"][0]["price"])))

    def hold(
        self, shift: dict[str, Any], count: int = 2, *, way: tuple[str, str] = WAY, old: str = ""
    ) -> dict[str, Any]:
        """Seats for so many, again under the same key where the answer was lost; `old`: to change that order to."""
        riders = [
            {"name": "测试乘客", "documentNumber": _document(self.number, at), "fare": "FULL"}
            for at in range(count)
        ]
        told = {"key": self.target_request if old else self.request, "shift": shift["id"], "goal": way[1],
                "passengers": riders, "old": old or None}  # fmt: skip
        held = self.ask(HOLD, told, staff=bool(self.member))
        if not old:
            self.held = held
        return held

    def insure(self) -> None:
        """An insurance for each ticket that is held."""
        tickets = self.rides().get().tickets.order_by("pk")
        choices = [{"ticket": one.number, "products": [COVER]} for one in tickets]
        self.ask(INSURE, {"hold": self.held["number"], "key": self.request, "choices": choices})

    def place(self, number: str = "") -> dict[str, Any]:
        """What is held (or what this number costs), ordered; `id` and `token` of the order."""
        self.orders += 1
        basket: dict[str, Any] = {
            "lines": [], "holds": [{"number": number or self.held["number"], "key": self.request}],
            "billingAddress": ADDRESS,
        }  # fmt: skip
        if not self.member:
            basket["email"] = self.email
        told = {"key": self.key(), "input": basket, "gateway": GATEWAY}
        return dict(self.ask(PLACE, told, staff=bool(self.member))["order"])

    def change(self, target: str) -> dict[str, Any]:
        """The one ticket to what is held for it, as it is quoted; the change."""
        ticket = self.rides().get().tickets.get()
        [quote] = self.ask(QUOTE, {"tickets": [ticket.number], "target": target}, staff=True)["quotes"]
        wanted = [{"ticket": ticket.number, "token": quote["token"]}]
        told = {"key": f"{self.request}-change", "tickets": wanted, "target": target}
        return dict(self.ask(CHANGE, told, staff=True)["change"])

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

    def targets(self) -> QuerySet[TicketOrder]:
        """What the trial's tickets are changed to."""
        mine = TicketOrder.objects.filter(request_key__endswith=self.target_request)
        return mine.defer("contact", "mobile", "pick_code").order_by("pk")

    def own(self) -> QuerySet[Order]:
        """The trial's orders."""
        return Order.objects.filter(user_email=self.email).order_by("pk")

    def fault(self, where: str, kind: str, networks: Iterable[str] = tuple(NETWORKS)) -> None:
        """Networks do something wrong the next time."""
        for network in networks:
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
