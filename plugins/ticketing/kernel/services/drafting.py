"""What a hold is made of until it is written: the order, whom its tickets are for, its legs, its tickets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from plugins.members.interfaces import MemberError, clean_mobile, same_mobile
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.numbering import numbers_of
from saleor_o2o.kernel.prepared import insert, insert_with, made

from ..asks import candidate_of, lock_ask, of_fare
from ..choices import OrderState, TicketState
from ..legs import Leg
from ..models import Segment, SupplierAccount, Ticket, TicketOrder, TicketPassenger
from ..numbers import TICKET, TICKET_ORDER
from ..parts import kept as kept_parts
from ..ports import Locked, Supplier
from ..trades import Want, Wish
from .candidates import kept
from .wishes import refuse_overlap

S = OrderState
#: Run in the transaction that writes the order, before its seats are taken: a trade's own limits.
Within = Callable[[TicketOrder, Sequence[Ticket]], None]


def mobile_index(mobile: str) -> str:
    """How ticket orders are found by the contact's mobile, however it is written."""
    told = same_mobile(mobile)
    return blind_index(told, "ticketing.mobile") if told else ""


def index_if_mobile(text: str) -> str:
    """As `mobile_index` for what somebody looks up; "" for what is no whole number."""
    try:
        return mobile_index(clean_mobile(text))
    except MemberError:
        return ""


class Draft:
    """All that one hold is made of, until it is written."""

    def __init__(
        self, wish: Wish, key: str, user: Any, unit: OrgUnit, made_by: Any, within: Within | None,
        instead_of: TicketOrder | None, moment: datetime,
    ) -> None:  # fmt: skip
        self.wish, self.key, self.user, self.unit, self.made_by = wish, key, user, unit, made_by
        self.within, self.instead_of, self.moment = within, instead_of, moment

    def until(self, account: SupplierAccount) -> datetime:
        """The latest moment that we promise, whoever holds it."""
        latest = self.moment + timedelta(minutes=account.hold_minutes)
        return min(latest, self.wish.latest) if self.wish.latest is not None else latest

    def write(
        self, account: SupplierAccount, state: OrderState, accounts: Sequence[SupplierAccount]
    ) -> tuple[TicketOrder, list[Ticket]]:
        """The order with its passengers and tickets, in bulk. Locks: the passengers (advisory)."""
        refuse_overlap(self.wish, self.user, self.instead_of)
        order, tickets = self._rows(account, state, accounts)
        self._save(order, tickets)
        if self.within is not None:
            self.within(order, tickets)
        return order, tickets

    def write_held(
        self, account: SupplierAccount, adapter: Supplier, accounts: Sequence[SupplierAccount]
    ) -> TicketOrder:
        """The order as our own inventory holds it. Locks: the passengers, then what the inventory locks.

        Where nothing has to be written before the inventory is asked, its answer is written with the order, in one go:
        whoever is refused has written nothing. Raises SupplierRefused.
        """
        refuse_overlap(self.wish, self.user, self.instead_of)
        order, tickets = self._rows(account, S.HELD, accounts)
        # a trade's own rows point to the order; a ticket for a child names the adult's
        before = self.within is not None or any(want.carried_by is not None for want in self.wish.wants)
        if before:
            self._save(order, tickets)
        if self.within is not None:
            self.within(order, tickets)
        locked = adapter.lock(lock_ask(order, tickets, order.number, candidate_of(order, account.code)))
        changed = seat_in(tickets, locked)
        until = min(order.held_until, locked.until) if order.held_until is not None else locked.until
        given = {
            "their_number": locked.their_number or order.number, "supplier_until": locked.until, "held_until": until,
        }  # fmt: skip
        for name, value in given.items():
            setattr(order, name, value)
        if not before:
            self._save(order, tickets)
        else:
            if changed:
                Ticket.objects.bulk_update(changed, ["seat", "cost"])
            TicketOrder.objects.filter(pk=order.pk).update(**given)
        if locked.last is not None:
            locked.last()
        order.just_held = tickets
        return order

    def _rows(
        self, account: SupplierAccount, state: OrderState, accounts: Sequence[SupplierAccount]
    ) -> tuple[TicketOrder, list[Ticket]]:
        """The order and its tickets, with their numbers; not written yet. One statement."""
        wants = self.wish.wants
        kinds = [TICKET_ORDER, *[TICKET] * len(wants)]
        number, *numbers = numbers_of([(kind, "", self.moment) for kind in kinds])
        order = self._order(account, state, accounts, number)
        return order, self._tickets(order, numbers)

    def _order(
        self, account: SupplierAccount, state: OrderState, accounts: Sequence[SupplierAccount], number: str
    ) -> TicketOrder:
        wish = self.wish
        known = {one.supplier: one for one in wish.candidates}
        chosen = known[account.code]
        return made(
            TicketOrder, number=number, request_key=self.key, trade=wish.trade, state=state,
            title=wish.title[:120], key=wish.key, place=_place(wish),
            starts_at=wish.starts_at, ends_at=wish.ends_at, supplier=account, product=dict(chosen.product),
            candidates=[kept(known[one.code]) for one in accounts], user=self.user, unit=self.unit,
            instead_of=self.instead_of, made_by=self.made_by,
            contact=wish.contact, mobile=wish.mobile, mobile_index=mobile_index(wish.mobile),
            face=sum(want.face for want in wish.wants), service=sum(want.service for want in wish.wants),
            total=sum(want.price for want in wish.wants), held_until=self.until(account), made_at=self.moment,
        )  # fmt: skip

    def _tickets(self, order: TicketOrder, numbers: Sequence[str]) -> list[Ticket]:
        costs = candidate_of(order, order.supplier.code)["costs"]
        legs = [_segment(order, leg, place) for place, leg in enumerate(self.wish.legs, start=1)]
        people: dict[tuple[Any, ...], TicketPassenger] = {}
        rows = []
        for number, want in zip(numbers, self.wish.wants, strict=True):
            person = self._person(order, want, people) if want.passenger is not None else None
            rows.append(_ticket(order, want, number, person, costs, self.wish, legs))
        return rows

    def _person(
        self, order: TicketOrder, want: Want, people: dict[tuple[Any, ...], TicketPassenger]
    ) -> TicketPassenger:
        """Who goes; the same person on every leg."""
        one = want.passenger
        assert one is not None  # noqa: S101 - the caller looked
        known = people.get((one.index, one.name, one.birth)) if self.wish.legs else None
        if known is None:
            known = TicketPassenger(
                ticket_order=order, name=one.name, document=one.document, document_number=one.number,
                document_index=one.index, birth=one.birth, type=one.type, mobile=want.mobile,
            )  # fmt: skip
            people[one.index, one.name, one.birth] = known
        return known

    def _save(self, order: TicketOrder, rows: Sequence[Ticket]) -> None:
        """Write them, in bulk; whom a ticket goes with before it. One statement where nobody is named."""
        people = list(
            {id(row.passenger): row.passenger for row in rows if row.passenger is not None}.values()
        )
        both = list(zip(rows, self.wish.wants, strict=True))
        first = [row for row, want in both if want.carried_by is None]
        if self.wish.legs:
            insert([order])
            insert(list({id(row.segment): row.segment for row in rows if row.segment is not None}.values()))
            if people:
                insert(people)
            insert(first)
        elif people:
            insert_with(order, people, "ticket_order")
            insert(first)
        else:
            insert_with(order, first, "ticket_order")
        carried = [(row, want.carried_by) for row, want in both if want.carried_by is not None]
        for row, adult in carried:
            row.carried_by = rows[adult]
        insert([row for row, _adult in carried])


def _place(wish: Wish) -> dict[str, Any]:
    return {**wish.place, "extra": dict(wish.extra)} if wish.extra else dict(wish.place)


def _segment(order: TicketOrder, leg: Leg, place: int) -> Segment:
    return Segment(
        ticket_order=order, position=place, key=leg.key[:60], title=leg.title[:120], number=leg.number[:20],
        origin=leg.origin[:60], goal=leg.goal[:60], starts_at=leg.starts_at, ends_at=leg.ends_at,
        product=dict(leg.product),
    )  # fmt: skip


def _ticket(
    order: TicketOrder, want: Want, number: str, person: TicketPassenger | None, costs: Any, wish: Wish,
    legs: Sequence[Segment],
) -> Ticket:  # fmt: skip
    segment = legs[want.leg] if legs else None
    row = made(
        Ticket, number=number, ticket_order=order, passenger=person, segment=segment, state=TicketState.HELD,
        fare=want.fare, fare_name=want.fare_name, variant_id=want.variant, seat=want.seat, face=want.face,
        service=want.service, price=want.price, cost=costs.get(want.fare, "0"), full_fare=want.full_fare,
        parts=kept_parts(want.parts) if want.parts else None,
        refund_rule=want.refund_rule, change_rule=want.change_rule, valid_from=want.valid_from or wish.starts_at,
        valid_until=want.valid_until or wish.ends_at, uses=want.uses,
    )  # fmt: skip
    if segment is not None:
        row.cost = of_fare(costs, row) or "0"
        row.valid_from = want.valid_from or segment.starts_at
        row.valid_until = want.valid_until or segment.ends_at
    return row


def seat_in(tickets: Sequence[Ticket], locked: Locked) -> list[Ticket]:
    """Put the supplier's seats and prices into the tickets; those that are different now."""
    changed = []
    for ticket in tickets:
        seat = locked.seats.get(ticket.number, ticket.seat)
        cost = locked.prices.get(ticket.number, ticket.cost)
        if (seat, cost) != (ticket.seat, ticket.cost):
            ticket.seat, ticket.cost = seat, cost
            changed.append(ticket)
    return changed
