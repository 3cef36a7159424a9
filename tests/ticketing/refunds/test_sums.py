"""Arithmetic of money that goes back: whatever the parts and their order, they sum to what was paid, to the fen."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from plugins.ticketing.kernel.models import Ticket
from plugins.ticketing.kernel.services.paid import Source, between, portion
from saleor_o2o.kernel.money import to_yuan

fen = st.integers(0, 1_000_000)


@given(whole=fen, parts=st.lists(st.integers(1, 9), min_size=1, max_size=12))
def test_people_of_a_group_give_back_exactly_its_price(whole: int, parts: list[int]) -> None:
    # given: a ticket for as many people as go back, in any portions
    ticket = Ticket(uses=sum(parts))
    given_back = Decimal(0)

    # when
    for people in parts:
        share = portion(to_yuan(whole), ticket, people)
        assert share >= 0
        given_back += share
        ticket.back += people

    # then
    assert given_back == to_yuan(whole)


@given(
    sources=st.lists(fen, min_size=1, max_size=4),
    cuts=st.lists(st.integers(0, 100), min_size=1, max_size=6),
)
def test_refunds_take_from_each_order_what_it_has_and_no_more(sources: list[int], cuts: list[int]) -> None:
    # given: money of several orders, and refunds that together are all of it
    money = [Source(at, to_yuan(amount)) for at, amount in enumerate(sources)]
    whole = sum(sources)
    weight = sum(cuts) or 1
    dues = [whole * cut // weight for cut in cuts]
    dues[-1] += whole - sum(dues)

    # when
    taken, by_order = Decimal(0), dict.fromkeys(range(len(sources)), Decimal(0))
    for due in dues:
        shares = between(money, taken, to_yuan(due))
        assert sum((one.amount for one in shares), Decimal(0)) == to_yuan(due)
        assert all(one.amount > 0 for one in shares)
        for one in shares:
            by_order[one.order_id] += one.amount
        taken += to_yuan(due)

    # then
    assert by_order == {one.order_id: one.amount for one in money}


@given(sources=st.lists(fen, min_size=1, max_size=3), more=st.integers(1, 10_000))
def test_nothing_is_invented_beyond_what_was_paid(sources: list[int], more: int) -> None:
    money = [Source(at, to_yuan(amount)) for at, amount in enumerate(sources)]
    shares = between(money, Decimal(0), to_yuan(sum(sources) + more))
    assert sum((one.amount for one in shares), Decimal(0)) == to_yuan(sum(sources))
