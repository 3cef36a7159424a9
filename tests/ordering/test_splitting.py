"""Splitting: whatever the order, no fen is lost, and each comes from where the rules say."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saleor_o2o.ordering.splitting import LineFact, cover, split_order

#: A machine that is busy with others is no reason to fail.
BUSY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
MODES = ["delivery", "pickup", "virtual"]


@st.composite
def line_facts(draw: st.DrawFn) -> list[LineFact]:
    facts = []
    for key in range(draw(st.integers(1, 6))):
        parts = draw(st.lists(st.integers(1, 9), min_size=1, max_size=3))
        places = tuple((f"W{position}", quantity) for position, quantity in enumerate(parts))
        facts.append(
            LineFact(
                key=key,
                quantity=sum(parts),
                unit=draw(st.integers(0, 99_999)),
                seller=draw(st.sampled_from([None, 1, 2])),
                line=draw(st.sampled_from(["goods", "travel"])),
                mode=draw(st.sampled_from(MODES)),
                discounted=draw(st.booleans()),
                places=places if draw(st.booleans()) else (),
            )
        )
    return facts


@BUSY
@given(line_facts(), st.integers(0, 5_000), st.data())
def test_deductions_come_off_their_own_lines(
    facts: list[LineFact], shipping: int, data: st.DataObject
) -> None:
    # given what sources took off each line, never more than it costs, and off the freight
    facts = [replace(one, deducted=data.draw(st.integers(0, one.unit * one.quantity))) for one in facts]
    off_shipping = data.draw(st.integers(0, shipping))
    goods = sum(fact.unit * fact.quantity for fact in facts)
    deducted = sum(fact.deducted for fact in facts) + off_shipping

    # when there is no voucher
    parts = split_order(
        facts, shipping=shipping, discount=0, total=goods + shipping - deducted, off_shipping=off_shipping
    )

    # then exactly this comes off exactly there
    for fact in facts:
        own = [line for part in parts for line in part.lines if line.key == fact.key]
        assert sum(line.discount for line in own) == fact.deducted
    assert sum(part.shipping_discount for part in parts) == off_shipping
    assert sum(part.total for part in parts) == goods + shipping - deducted
    assert all(line.total >= 0 and line.prepaid == 0 for part in parts for line in part.lines)


@BUSY
@given(line_facts(), st.integers(0, 5_000), st.data())
def test_whatever_is_taken_the_parts_sum_to_the_whole(
    facts: list[LineFact], shipping: int, data: st.DataObject
) -> None:
    # given a voucher, deductions made for other prices than those of now (a price was changed), and gift cards
    facts = [replace(one, deducted=data.draw(st.integers(0, 200_000))) for one in facts]
    off_shipping = data.draw(st.integers(0, 9_000))
    goods = sum(fact.unit * fact.quantity for fact in facts)
    discount = data.draw(st.integers(0, goods + shipping))
    total = data.draw(st.integers(0, goods + shipping))

    # when
    parts = split_order(
        facts, shipping=shipping, discount=discount, total=total, off_shipping=off_shipping,
        on_shipping=data.draw(st.booleans()),
    )  # fmt: skip

    # then
    assert sum(part.total for part in parts) == total
    assert sum(part.discount for part in parts) == discount + off_shipping + sum(f.deducted for f in facts)


@BUSY
@given(line_facts(), st.integers(0, 5_000), st.data())
def test_parts_sum_to_the_whole(facts: list[LineFact], shipping: int, data: st.DataObject) -> None:
    # given an order as Saleor makes it: no discount beyond the sum, no total below nothing
    goods = sum(fact.unit * fact.quantity for fact in facts)
    discount = data.draw(st.integers(0, goods + shipping))
    prepaid = data.draw(st.integers(0, goods + shipping - discount))
    total = goods + shipping - discount - prepaid

    # when
    parts = split_order(
        facts, shipping=shipping, discount=discount, total=total, on_shipping=data.draw(st.booleans())
    )

    # then
    assert sum(part.total for part in parts) == total
    assert sum(part.shipping for part in parts) == shipping
    assert sum(part.discount for part in parts) == discount
    assert sum(part.prepaid for part in parts) == prepaid
    assert sum(part.goods for part in parts) == goods
    for part in parts:
        assert part.total == part.goods - part.discount + part.shipping - part.prepaid
        assert part.total >= 0
        assert all(line.total >= 0 for line in part.lines)
    sent = {fact.key: fact.quantity for fact in facts}
    for key, quantity in sent.items():
        assert sum(one.quantity for part in parts for one in part.lines if one.key == key) == quantity


@BUSY
@given(line_facts(), st.integers(0, 5_000), st.integers(0, 10**7), st.integers(0, 10**7))
def test_even_odd_orders_are_accounted_for(
    facts: list[LineFact], shipping: int, discount: int, total: int
) -> None:
    # an order whose total somebody wrote by hand
    parts = split_order(facts, shipping=shipping, discount=discount, total=total)
    assert sum(part.total for part in parts) == total


def test_freight_goes_with_what_is_delivered() -> None:
    # given
    facts = [
        LineFact(1, 2, 3_000, seller=1),
        LineFact(2, 1, 4_000, seller=2),
        LineFact(3, 1, 9_000, mode="pickup"),
    ]

    # when
    parts = split_order(facts, shipping=1_000, discount=0, total=20_000)

    # then
    assert [(part.key[0], part.goods, part.shipping, part.total) for part in parts] == [
        (1, 6_000, 600, 6_600),
        (2, 4_000, 400, 4_400),
        (None, 9_000, 0, 9_000),
    ]


def test_voucher_for_some_goods_makes_only_these_cheaper() -> None:
    facts = [LineFact(1, 1, 3_000, seller=1, discounted=False), LineFact(2, 1, 4_000, seller=2)]
    parts = split_order(facts, shipping=0, discount=500, total=6_500)
    assert [part.discount for part in parts] == [0, 500]


def test_free_shipping_comes_off_the_freight() -> None:
    facts = [LineFact(1, 1, 3_000, seller=1), LineFact(2, 1, 4_000, mode="pickup")]
    parts = split_order(facts, shipping=800, discount=800, total=7_000, on_shipping=True)
    assert [(part.goods, part.shipping, part.discount, part.total) for part in parts] == [
        (3_000, 800, 800, 3_000),
        (4_000, 0, 0, 4_000),
    ]


def test_one_line_from_two_warehouses_is_two_parts() -> None:
    facts = [LineFact(1, 5, 333, places=(("A", 2), ("B", 3)))]
    parts = split_order(facts, shipping=100, discount=10, total=1_755)
    assert [(part.key[1], part.lines[0].quantity, part.total) for part in parts] == [
        ("A", 2, 702),
        ("B", 3, 1_053),
    ]


@BUSY
@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 9)), min_size=1, max_size=4),
    st.lists(st.tuples(st.sampled_from("ABCD"), st.integers(1, 9)), max_size=4),
)
def test_what_left_covers_the_parts(wanted: list[tuple[str, int]], left: list[tuple[str, int]]) -> None:
    # when
    parts = [(key, place, quantity) for key, (place, quantity) in enumerate(wanted)]
    done = cover(parts, left)

    # then
    assert all(0 <= done[key] <= quantity for key, _place, quantity in parts)
    assert sum(done.values()) == min(
        sum(quantity for _place, quantity in left), sum(quantity for _place, quantity in wanted)
    )


def test_own_warehouse_comes_first() -> None:
    assert cover([(1, "A", 2), (2, "B", 3)], [("B", 3)]) == {1: 0, 2: 3}
    assert cover([(1, "A", 2), (2, "B", 3)], [("C", 3)]) == {1: 2, 2: 1}
