"""A supplier and a trade inside the process: the supplier does what a script says, and keeps books of what it did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from plugins.ticketing.kernel.choices import CallKind
from plugins.ticketing.kernel.engine import Facts, Part
from plugins.ticketing.kernel.legs import leg_of
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from plugins.ticketing.kernel.parts import parts_of
from plugins.ticketing.kernel.ports import (
    ChangeAsk,
    IssueAsk,
    Issued,
    Line,
    LockAsk,
    Locked,
    RefundAsk,
    Refunded,
    SupplierRefused,
    SupplierSilent,
)
from saleor_o2o.kernel.clock import now

#: What happens to a call: `ok`, `less` (a yuan less than expected), `working`, `refused`, `lost` (done, but not told),
#: `down` (not done), `partly` (the first ticket is taken, the others are refused), `half told` (nothing is said of
#: them).
Mood = Callable[[str], str]


@dataclass
class Scripted:
    """`moods` are used up one by one, then everything is `ok`."""

    local: bool = False
    moods: list[str] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)
    done: dict[str, Any] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)

    def _mood(self) -> str:
        return self.moods.pop(0) if self.moods else "ok"

    def lock(self, ask: LockAsk) -> Locked:
        raise NotImplementedError

    def release(self, own: str, their_number: str, lock_own: str) -> None:
        self.asked.append(("release", their_number))

    def issue(self, ask: IssueAsk) -> Issued:
        raise NotImplementedError

    def refund(self, ask: RefundAsk) -> Refunded:
        self.asked.append(ask)
        mood = self._mood()
        if mood == "down":
            raise SupplierSilent("down")
        if mood == "refused":
            raise SupplierRefused("OTHER", "该票已检票")
        if mood == "working":
            self.done[ask.own] = Refunded(working=True)
            return Refunded(working=True)
        answer = self._refunded(ask, Decimal(1) if mood == "less" else Decimal(0))
        first, *rest = ask.tickets
        if mood in ("partly", "half told"):
            words = dict.fromkeys(rest, "该票已取纸质票" if mood == "partly" else "")
            answer = replace(
                answer, amounts={first: answer.amounts[first]}, refused=words if mood == "partly" else {}
            )
        self.done[ask.own] = answer
        if mood == "lost":
            raise SupplierSilent("lost")
        return answer

    def _refunded(self, ask: RefundAsk, less: Decimal) -> Refunded:
        from plugins.ticketing.kernel.models import RefundItem

        items = RefundItem.objects.filter(
            ticket__number__in=ask.tickets, refund__state__in=("asked", "at_supplier")
        ).select_related("ticket")
        amounts = {one.ticket.number: one.supplier_due - less for one in items}
        return Refunded(amounts=amounts, document=f"D{ask.own}", policy="P1")

    def change(self, ask: ChangeAsk) -> Issued:
        self.asked.append(ask)
        mood = self._mood()
        if mood == "down":
            raise SupplierSilent("down")
        if mood == "refused":
            raise SupplierRefused("OTHER", "该班次已停止改签")
        if mood == "working":
            self.done[ask.own] = Issued(working=True)
            return Issued(working=True)
        answer = Issued(
            tickets={one.ticket: f"N{one.ticket}" for one in ask.units}, their_number=ask.new_number
        )
        self.done[ask.own] = answer
        if mood == "lost":
            raise SupplierSilent("lost")
        return answer

    def find(self, kind: CallKind, own: str) -> Any:
        return self.done.get(own)

    def statement(self, day: date) -> Sequence[Line]:
        return self.lines

    def ping(self) -> None:
        return None


@dataclass
class PlainTrade:
    """A coach: the ticket leaves when its leg says. `taxed`: what is more than the fare goes back whole, as by air."""

    taxed: bool = False

    went: list[tuple[str, dict[int, int]]] = field(default_factory=list)
    came: list[str] = field(default_factory=list)

    def facts(self, ticket: Ticket, *, carriers_fault: bool, quantity: int, changing: bool = False) -> Facts:
        share = Decimal(quantity) / ticket.uses
        price = (ticket.price - ticket.service) * share
        taxes = sum(parts_of(ticket).values(), Decimal(0)) * share if self.taxed else Decimal(0)
        fare = ticket.face * share - taxes
        return Facts(
            parts=(Part("1", fare, price - taxes, ticket.full_fare * share),), moment=now(), taxes=taxes,
            anchors={
                "departure": leg_of(ticket).starts_at, "start": leg_of(ticket).starts_at,
                "booked": ticket.ticket_order.made_at,
            },
            involuntary=carriers_fault,
        )  # fmt: skip

    def issued(self, order: TicketOrder, tickets: Sequence[Ticket]) -> None:
        self.came.append(order.number)

    def gone(self, order: TicketOrder, tickets: Sequence[Ticket], quantities: dict[int, int]) -> None:
        self.went.append((order.number, dict(quantities)))

    def describe(self, order: TicketOrder) -> Sequence[tuple[str, str]]:
        return (("班次", order.title),)
