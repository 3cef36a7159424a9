"""What a buyer shows at the station's gate: the code of each of his tickets, kept on the phone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from plugins.ticketing.kernel.choices import OrderState, TicketState, Trade
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from plugins.ticketing.kernel.services.binding import order_of_buyer

from .choices import PickMode
from .codes import gate_code
from .services.gate_keys import keys_in_force


@dataclass(frozen=True, slots=True)
class Pass:
    """A ticket as the gate takes it. `code` is empty where it lets nobody on: used, given back, changed."""

    ticket: Ticket
    order: TicketOrder
    code: str = field(repr=False)


def passes_of(user: Any, number: str, key: str = "", token: str = "") -> list[Pass]:
    """The passes of an issued order, for whoever bought it: its account, or a guest with the key of his request or the
    token of his order. None for anybody else, the staff included: what is shown lets on board. None either where the
    station's gate takes no codes. Three statements.
    """
    order = order_of_buyer(user, number, key, token)
    if order is None or order.trade != Trade.COACH or order.state != OrderState.ISSUED:
        return []
    if PickMode.QR not in order.place.get("pick", ()):
        return []
    tickets = order.tickets.select_related("passenger").order_by("pk")
    secret = keys_in_force()[0]
    return [
        Pass(
            one,
            order,
            gate_code(one.number, secret) if one.state == TicketState.ISSUED and not one.used else "",
        )
        for one in tickets
    ]
