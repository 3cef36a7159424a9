"""A network's page for people: today's buses, tickets, call-backs, and what one can do at the station."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sandbox.coach import orders, seats, station
from sandbox.coach.control import CoachControl
from sandbox.coach.memory import Network, Refused, day_of
from sandbox.coach.places import PLACES
from sandbox.coach.profile import NETWORKS
from sandbox.coach.refusals import words
from sandbox.pages import form, page

STATES = {
    "ON_SALE": "在售", "STOPPED_SALE": "停售", "SHIFT_CANCELLED": "停班", "NOT_IN_PRESALE": "不在预售期",
}  # fmt: skip
ORDERS = {
    "locking": "锁票中", "locked": "已锁票", "released": "已释放", "expired": "超时", "issuing": "出票中",
    "issued": "已出票", "issue_failed": "出票失败",
}  # fmt: skip
TICKETS = {
    "held": "占座", "issued": "有效", "checked": "已检票", "refunding": "退票中", "refunded": "已退",
    "changed": "已改签", "freed": "已放座",
}  # fmt: skip


class Pages:
    """GET shows, POST does one thing and comes back."""

    def __init__(self, net: Network, control: CoachControl) -> None:
        self._net, self._control = net, control

    async def look(self, request: Request) -> Response:
        """GET /?from=&to=&date=."""
        net = self._net
        query = request.query_params
        codes = net.profile.codes
        start = query.get("from") or codes[net.profile.stations[0].key]
        told = {
            "from": start,
            "to": query.get("to", ""),
            "date": query.get("date") or net.now().date().isoformat(),
        }
        wrong = query.get("wrong", "")[:200]
        found: list[dict[str, Any]] = []
        try:
            found = seats.search(net, told)["shifts"]
        except Refused as refused:
            wrong = words(refused.code, refused.more)
        return page(
            request, "coach/index.html", net=net, told=told, shifts=found, wrong=wrong,
            stations=[(codes[place.key], net.profile.called(place)) for place in net.profile.stations],
            orders=self._control.newest(40), notices=list(reversed(self._control.told("", "", 30))),
            states=STATES, order_states=ORDERS, ticket_states=TICKETS, opened=net.opened(),
            hours=net.option("hours", "own"), lines=_lines(net), others=[one for one in NETWORKS if one.net != net.net],
        )  # fmt: skip

    async def act(self, request: Request) -> Response:
        """POST / {deed, …}."""
        told = await form(request)
        wrong = ""
        try:
            self._do(told)
        except Refused as refused:
            wrong = words(refused.code, refused.more)
        back = {name: told.get(name, "")[:40] for name in ("from", "to", "date")}
        leads = urlencode(back | ({"wrong": wrong} if wrong else {}))
        return RedirectResponse(f"/{self._net.profile.name}/?{leads}", status_code=303)

    def _do(self, told: dict[str, str]) -> None:
        net, deed = self._net, told.get("deed", "")
        if deed == "check":
            station.check(net, told.get("ticket_no", ""))
        elif deed == "collect":
            station.collect(net, told.get("ticket_no", ""))
        elif deed == "hours":
            hours = told.get("hours", "")
            net.set_option("hours", hours if hours in ("own", "always", "never") else "own")
        elif deed == "add":
            number = told.get("line", "")
            line = int(number) if number.isascii() and number.isdecimal() else 0
            station.add(net, day_of(told.get("date", "")), line, told.get("at", ""))
        else:
            day: date = day_of(told.get("day", ""))
            shift = net.shift(day, told.get("shift", ""))
            if shift is None:
                raise Refused("NO_SHIFT")
            if deed == "cancel":
                station.cancel(net, shift)
            elif deed == "move":
                station.move(net, shift, 30, "")
            elif deed == "reopen":
                station.reopen(net, shift)
            elif deed == "sell":
                orders.at_window(net, shift, 1)


def _lines(net: Network) -> list[tuple[int, str]]:
    """What one more bus can be put on for: its lines that have fixed times."""
    names = {line.number: [PLACES[line.stops[at][0]].name for at in (0, -1)] for line in net.profile.lines}
    return [(one.number, "—".join(names[one.number])) for one in net.profile.lines if not one.flow]
