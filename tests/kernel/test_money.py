from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saleor_o2o.kernel.money import (
    InvalidAmount,
    Remainder,
    format_yuan,
    parse_yuan,
    refund_shares,
    round_yuan,
    split,
    split_fen,
    to_fen,
    to_yuan,
)

fen = st.integers(-(10**13), 10**13)
weights = st.lists(
    st.one_of(st.integers(0, 10**9), st.decimals("0", "999999", places=3)), min_size=1, max_size=12
)


@given(fen)
def test_fen_survive_the_way_to_yuan_and_back(amount: int) -> None:
    assert to_fen(to_yuan(amount)) == amount
    assert to_yuan(amount).as_tuple().exponent == -2


@pytest.mark.parametrize(
    ("yuan", "expected"),
    [
        (Decimal("12.34"), 1234),
        (Decimal("1E+2"), 10000),
        (Decimal("0.100"), 10),
        (-3, -300),
        (Decimal("-0"), 0),
    ],
)
def test_exact_amounts_become_fen(yuan: Decimal | int, expected: int) -> None:
    assert to_fen(yuan) == expected


@pytest.mark.parametrize(
    "bad",
    [0.1, True, "1.00", None, Decimal("0.001"), Decimal("NaN"), Decimal("sNaN"), Decimal("-Infinity"),
     Decimal("1E+999999"), Decimal("1E-999999"), 10**12],
)  # fmt: skip
def test_inexact_amounts_are_refused(bad: object) -> None:
    with pytest.raises(InvalidAmount) as caught:
        to_fen(bad)  # type: ignore[arg-type]
    assert caught.value.code.value == "INVALID_AMOUNT"


@pytest.mark.parametrize("bad", [1.0, True, Decimal("1"), 10**14])
def test_only_whole_fen_become_yuan(bad: object) -> None:
    with pytest.raises(InvalidAmount):
        to_yuan(bad)  # type: ignore[arg-type]


@given(fen, weights, st.sampled_from(Remainder))
def test_parts_sum_to_the_whole(total: int, shares: list, rule: Remainder) -> None:
    parts = split_fen(total, shares, rule)
    assert len(parts) == len(shares)
    assert sum(parts) == total
    assert all(part * total >= 0 for part in parts)
    if any(shares):
        assert all(part == 0 for part, share in zip(parts, shares, strict=True) if not share)


@given(fen, weights)
def test_largest_remainder_is_never_a_fen_off(total: int, shares: list) -> None:
    exact = [Fraction(share) for share in shares]
    if not sum(exact):
        exact = [Fraction(1)] * len(exact)
    for part, share in zip(split_fen(total, shares), exact, strict=True):
        assert abs(part - total * share / sum(exact)) < 1


@given(fen, weights, st.sampled_from(Remainder))
def test_a_negative_total_splits_as_its_mirror(total: int, shares: list, rule: Remainder) -> None:
    assert split_fen(-total, shares, rule) == [-part for part in split_fen(total, shares, rule)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Remainder.LARGEST, ["0.00", "0.34", "0.33", "0.33", "0.00"]),
        (Remainder.FIRST, ["0.00", "0.34", "0.33", "0.33", "0.00"]),
        (Remainder.LAST, ["0.00", "0.33", "0.33", "0.34", "0.00"]),
    ],
)
def test_who_gets_the_odd_fen(rule: Remainder, expected: list[str]) -> None:
    assert split(Decimal("1.00"), [0, 1, 1, 1, 0], rule) == [Decimal(part) for part in expected]


def test_largest_fraction_gets_the_odd_fen() -> None:
    assert split_fen(10, [1, 1, 4]) == [2, 2, 6]
    assert split_fen(100, [Decimal("0.5"), Decimal("2.5"), 3]) == [8, 42, 50]


def test_weights_that_are_all_zero_share_equally() -> None:
    assert split_fen(5, [0, 0, 0]) == [2, 2, 1]
    assert split_fen(0, []) == []


@pytest.mark.parametrize("bad", [[], [-1, 2], [0.5], [True], [Decimal("NaN")]])
def test_bad_weights_are_refused(bad: list) -> None:
    with pytest.raises(InvalidAmount):
        split_fen(100, bad)


@given(st.lists(st.tuples(st.integers(0, 10**8), st.integers(0, 10**8)), min_size=1, max_size=8), st.data())
def test_refunds_never_exceed_what_is_left(pairs: list[tuple[int, int]], data: st.DataObject) -> None:
    paid = [to_yuan(a + b) for a, b in pairs]
    back = [to_yuan(b) for _, b in pairs]
    left = [a for a, _ in pairs]
    wanted = data.draw(st.integers(0, sum(left)))

    shares = refund_shares(to_yuan(wanted), paid, back)

    assert sum(shares) == to_yuan(wanted)
    assert all(0 <= to_fen(share) <= rest for share, rest in zip(shares, left, strict=True))
    rest = to_yuan(sum(left) - wanted)
    last = refund_shares(rest, paid, [b + s for b, s in zip(back, shares, strict=True)])
    assert [b + s + e for b, s, e in zip(back, shares, last, strict=True)] == paid


@pytest.mark.parametrize(
    ("refund", "refunded"), [("10.01", ["0"]), ("-0.01", ["0"]), ("1.00", ["10.01"]), ("1.00", ["0", "0"])]
)
def test_impossible_refunds_are_refused(refund: str, refunded: list[str]) -> None:
    with pytest.raises(InvalidAmount):
        refund_shares(Decimal(refund), [Decimal("10.00")], [Decimal(back) for back in refunded])


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("1234.5", "¥1,234.50"), ("-0.05", "-¥0.05"), ("0", "¥0.00"), ("1000000", "¥1,000,000.00")],
)
def test_amounts_are_shown_to_people(amount: str, shown: str) -> None:
    assert format_yuan(Decimal(amount)) == shown


@given(st.integers(0, 10**13))
def test_what_is_shown_can_be_typed(amount: int) -> None:
    assert parse_yuan(format_yuan(to_yuan(amount))) == to_yuan(amount)


@pytest.mark.parametrize("text", ["", "abc", "1.234", "NaN", "1e999999999", "--1", "一元"])
def test_typed_nonsense_is_refused_and_names_the_field(text: str) -> None:
    with pytest.raises(InvalidAmount) as caught:
        parse_yuan(text, "price")
    assert caught.value.field == "price"


def test_halves_round_up() -> None:
    assert round_yuan(Decimal("1.005")) == Decimal("1.01")
    assert round_yuan(Decimal("-1.005")) == Decimal("-1.01")
