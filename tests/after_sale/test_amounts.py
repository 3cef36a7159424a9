"""Whatever is asked for, in whatever order: together exactly what was paid, no fen more."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugins.after_sale.amounts import left_of, most_for
from saleor_o2o.kernel.money import to_yuan


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # the crowd on the machine
@given(st.integers(1, 30), st.integers(0, 1_000_000), st.data())
def test_partial_wishes_never_exceed_and_add_up(quantity: int, fen: int, data: st.DataObject) -> None:
    # given
    paid = to_yuan(fen)
    taken: list[tuple[int, Decimal]] = []

    # when: pieces, some at their full price, some for less, some differences in price
    for _step in range(data.draw(st.integers(0, 8))):
        left = left_of(quantity, paid, taken)
        count = data.draw(st.integers(0, left.quantity))
        most = most_for(left, count)
        assert Decimal(0) <= most <= left.amount
        asked = to_yuan(data.draw(st.integers(0, int(most * 100))))
        taken.append((count, asked))

    # then
    left = left_of(quantity, paid, taken)
    assert left.quantity + sum(count for count, _amount in taken) == quantity
    assert left.amount + sum(amount for _count, amount in taken) == paid

    # then: the last pieces take what is left, to the fen
    assert most_for(left, left.quantity) == left.amount


@settings(deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=8), st.integers(0, 1_000_000))
def test_all_pieces_one_after_the_other_give_what_was_paid(parts: list[int], fen: int) -> None:
    # given
    quantity, paid = sum(parts), to_yuan(fen)
    taken: list[tuple[int, Decimal]] = []

    # when
    for count in parts:
        taken.append((count, most_for(left_of(quantity, paid, taken), count)))

    # then
    assert sum(amount for _count, amount in taken) == paid
    assert left_of(quantity, paid, taken) == left_of(0, Decimal(0), [])
