"""What coupons take: exact by line, never more than there is, the best combination really the best."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugins.coupons.choices import Kind
from plugins.coupons.terms import MOST, Basket, Line, Terms, Wanted, apply, best, clash

BUSY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
ORANGES = Line(0, 1, frozenset({1, 2}), None, 2, 7980)
TEA = Line(1, 2, frozenset({3}), 9, 1, 6000)
BASKET = Basket([ORANGES, TEA], 1000)


def wanted(number: str = "A", template: int = 1, **terms: object) -> Wanted:
    return Wanted(number, number, Terms(template, **{"kind": Kind.AMOUNT, "amount": 1000, **terms}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("terms", "lines", "shipping"),
    [
        ({}, {0: 571, 1: 429}, 0),
        ({"threshold": 13980}, {0: 571, 1: 429}, 0),
        ({"amount": 99999}, {0: 7980, 1: 6000}, 0),
        ({"kind": Kind.PERCENT, "rate": 880}, {0: 958, 1: 720}, 0),
        ({"kind": Kind.PERCENT, "rate": 880, "most_off": 100}, {0: 57, 1: 43}, 0),
        ({"kind": Kind.PERCENT, "rate": 500, "sellers": frozenset({9})}, {1: 3000}, 0),
        ({"categories": frozenset({2})}, {0: 1000}, 0),
        ({"kind": Kind.EXCHANGE, "pieces": 1, "products": frozenset({1})}, {0: 3990}, 0),
        ({"kind": Kind.EXCHANGE, "pieces": 2}, {0: 3990, 1: 6000}, 0),
        ({"kind": Kind.SHIPPING}, {}, 1000),
        ({"kind": Kind.SHIPPING, "most_off": 600}, {}, 600),
    ],
)
def test_what_one_takes(terms: dict[str, object], lines: dict[int, int], shipping: int) -> None:
    taken, refused = apply([wanted(**terms)], BASKET)
    assert refused == []
    assert (dict(taken["A"].lines), taken["A"].shipping) == (lines, shipping)


@pytest.mark.parametrize(
    ("terms", "basket", "code", "words"),
    [
        ({"threshold": 20000}, BASKET, "NOT_ENOUGH", "“A”还差 ¥60.20 可用"),
        ({"products": frozenset({7})}, BASKET, "NOT_APPLICABLE", "“A”不适用于这些商品"),
        ({"kind": Kind.SHIPPING}, Basket([TEA], 0), "NO_FREIGHT", "“A”：没有运费可抵"),
        ({"channels": frozenset({"K1"})}, BASKET, "NOT_APPLICABLE", "“A”只能在指定渠道使用"),
        (
            {"with_sale": False},
            Basket([Line(0, 1, frozenset(), None, 1, 500, on_sale=True)]),
            "NOT_APPLICABLE",
            "“A”不适用于这些商品",
        ),
    ],
)
def test_why_not(terms: dict[str, object], basket: Basket, code: str, words: str) -> None:
    taken, (refusal,) = apply([wanted(**terms)], basket)
    assert taken == {}
    assert (refusal.code.value, refusal.message) == (code, words)


def test_who_goes_with_whom() -> None:
    alone, other = wanted("A", 1), wanted("B", 2, alone=False)
    third = wanted("C", 3, alone=False)
    assert clash([alone], BASKET) is None
    assert clash([other, third], BASKET) is None
    assert clash([alone, other], BASKET) is not None
    assert clash([other, wanted("D", 2, alone=False)], BASKET) is not None
    assert clash([wanted(with_voucher=False)], Basket([TEA], voucher=True)) is not None
    assert clash([wanted(with_points=False)], Basket([TEA], points=True)) is not None
    assert clash([wanted(str(n), n, alone=False) for n in range(MOST + 1)], BASKET) is not None


@st.composite
def baskets(draw: st.DrawFn) -> Basket:
    lines = [
        Line(
            key, draw(st.integers(1, 3)), frozenset(draw(st.sets(st.integers(1, 3)))), draw(st.sampled_from([None, 9])),
            draw(st.integers(1, 4)), draw(st.integers(0, 20_000)),
        )
        for key in range(draw(st.integers(1, 4)))
    ]  # fmt: skip
    return Basket(lines, draw(st.integers(0, 2000)))


@st.composite
def coupons(draw: st.DrawFn) -> list[Wanted]:
    some = st.none() | st.frozensets(st.integers(1, 3), min_size=1)
    return [
        Wanted(
            str(number), "券",
            Terms(
                number, draw(st.sampled_from(Kind.values)), draw(st.integers(0, 15_000)),
                draw(st.integers(1, 30_000)), draw(st.integers(1, 999)), draw(st.none() | st.integers(1, 5000)),
                draw(st.integers(1, 3)), products=draw(some), categories=draw(some), alone=draw(st.booleans()),
            ),
        )
        for number in range(draw(st.integers(1, 5)))
    ]  # fmt: skip


@BUSY
@given(baskets(), coupons())
def test_never_more_than_there_is(basket: Basket, chosen: list[Wanted]) -> None:
    taken, refused = apply(chosen, basket)
    assert len(taken) + len(refused) == len(chosen)
    for line in basket.lines:
        off = [one.lines.get(line.key, 0) for one in taken.values()]
        assert all(amount >= 0 for amount in off)
        assert sum(off) <= line.left
    assert 0 <= sum(one.shipping for one in taken.values()) <= basket.shipping


@BUSY
@given(baskets(), coupons())
def test_the_best_is_the_best(basket: Basket, chosen: list[Wanted]) -> None:
    def saving(group: list[Wanted]) -> int:
        if clash(group, basket) is not None:
            return -1
        taken, refused = apply(group, basket)
        return -1 if refused else sum(one.total for one in taken.values())

    # when
    numbers = best(chosen, basket)

    # then nothing that anybody could choose saves more
    found = [one for one in chosen if one.number in numbers]
    everything = [list(g) for n in range(1, MOST + 1) for g in combinations(chosen, n)]
    assert (saving(found) if found else 0) == max([0, *(saving(group) for group in everything)])
