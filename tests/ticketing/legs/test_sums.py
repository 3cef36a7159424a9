"""Arithmetic of orders with legs: whose time is taken, what each leg costs, and what may follow what."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.ticketing.kernel.asks import of_fare
from plugins.ticketing.kernel.errors import TicketError
from plugins.ticketing.kernel.legs import Leg
from plugins.ticketing.kernel.models import Segment, Ticket
from plugins.ticketing.kernel.passengers import Trip, overlapping
from plugins.ticketing.kernel.services.wishes import _trips_of, check
from plugins.ticketing.kernel.trades import Wish, leg_fare
from saleor_o2o.kernel.clock import now

from ..orders.trips import person, there_and_back, want

#: Hours from tomorrow: each leg's length and the wait before it.
legs_of = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=5)
START = now() + timedelta(days=1)


def wish_of(parts: list[tuple[int, int]]) -> Wish:
    at, legs = START, []
    for place, (waits, lasts) in enumerate(parts):
        begins = at + timedelta(hours=waits if place else 0)
        at = begins + timedelta(hours=lasts)
        legs.append(Leg(f"coach:{place}", f"第{place}程", begins, at))
    wants = [want(1, person(1), "10.00", leg=place) for place in range(len(legs))]
    return replace(there_and_back(wants), legs=tuple(legs), starts_at=START, ends_at=at)


@given(parts=legs_of, begins=st.integers(-3, 60), lasts=st.integers(0, 6))
def test_somebody_is_busy_on_his_legs_and_nowhere_else(
    parts: list[tuple[int, int]], begins: int, lasts: int
) -> None:
    # given
    wish = wish_of(parts)
    other = Trip(person(1).index, START + timedelta(hours=begins), START + timedelta(hours=begins + lasts))

    # when
    found = overlapping(_trips_of(wish), [other])

    # then: as told hour by hour
    busy = any(one.starts_at < other.end and other.start < one.ends_at for one in wish.legs)
    assert (found is not None) is busy


@given(parts=legs_of, swap=st.integers(0, 3))
def test_legs_in_order_are_taken_and_any_that_run_back_in_time_are_not(
    parts: list[tuple[int, int]], swap: int
) -> None:
    # given: every leg takes an hour at least, so that no two are alike
    wish = wish_of([(waits, lasts + 1) for waits, lasts in parts])
    at = swap % (len(wish.legs) - 1)
    legs = list(wish.legs)
    legs[at], legs[at + 1] = legs[at + 1], legs[at]

    # when / then
    check(wish, now())
    with pytest.raises(TicketError):
        check(replace(wish, legs=tuple(legs)), now())


@given(plain=st.integers(0, 10_000), by_leg=st.dictionaries(st.integers(1, 4), st.integers(0, 10_000)))
def test_a_leg_costs_what_is_said_of_it_and_else_what_its_fare_does(
    plain: int, by_leg: dict[int, int]
) -> None:
    # given
    told = {"full": str(plain), **{leg_fare("full", leg): str(cost) for leg, cost in by_leg.items()}}

    # when
    costs = [of_fare(told, Ticket(fare="full", segment=Segment(position=leg))) for leg in range(1, 5)]
    single = of_fare(told, Ticket(fare="full"))

    # then
    assert [Decimal(one) for one in costs] == [by_leg.get(leg, plain) for leg in range(1, 5)]
    assert (single, of_fare(told, Ticket(fare="half"))) == (str(plain), None)
