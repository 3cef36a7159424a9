"""Of what a face value is made is kept with the ticket, and follows whoever sells it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from plugins.ticketing.kernel.trades import Candidate, Terms

from .till import Till
from .trips import person, want, wish

D = Decimal


def test_parts_are_kept_at_the_hold_and_follow_the_supplier(till: Till) -> None:
    # given: the second supplier makes up the same kind of ticket otherwise
    till.suppliers["first"].will("lock", "SOLD_OUT")
    own = Terms(D("46.00"), D("2.00"), D("46.00"), parts={"fuel": D("2.50"), "station": D("1.00")})
    second = Candidate("second", {"trip": "1"}, {"full": D("45.00")}, {"full": own})

    def both(wants: object, suppliers: object) -> object:
        asked = wish([want(till.variant.pk, person(2), "50.00", parts={"fuel": D("4.00")})])
        return replace(asked, candidates=[*asked.candidates, second])

    # when: what is nought is not kept
    parts = {"fuel": D("4.00"), "station": D("0.00")}
    alone = till.hold("own", wants=[want(till.variant.pk, person(1), "50.00", parts=parts)])
    moved = till.hold(make=both)

    # then
    assert alone.tickets.get().parts == {"fuel": "4.00"}
    ticket = moved.tickets.get()
    assert (ticket.parts, ticket.price) == ({"fuel": "2.50", "station": "1.00"}, D("48.00"))
