"""Whatever the rates, tiers, caps and refunds: parts sum to the whole, nobody pays, nothing is taken back twice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugins.commissions.choices import Kind, Rank
from plugins.commissions.engine import LineFacts, Rule, RuleTier, compute, take_back
from plugins.commissions.engine.entitlement import entitlement, slices, tier_at
from plugins.commissions.engine.soundness import problems_of
from saleor_o2o.kernel.money import to_yuan

from .rates import places, rule

DAY = date(2026, 6, 1)
#: A busy machine draws slowly; that is nobody's mistake.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
fen = st.integers(0, 10_000_000).map(to_yuan)


@st.composite
def rates(draw: st.DrawFn, ranks: list[int], places_after: int) -> dict[int, Decimal]:
    """Totals that fall from rank to rank."""
    top = 100 * 10**places_after
    values = sorted(
        draw(st.lists(st.integers(0, top), min_size=len(ranks), max_size=len(ranks))), reverse=True
    )
    return {
        rank: Decimal(value).scaleb(-places_after) for rank, value in zip(sorted(ranks), values, strict=True)
    }


@st.composite
def rules(draw: st.DrawFn, sound: bool = True) -> Rule:
    """A rule that entry takes; with `sound=False` one whose lower rates may be above the upper ones."""
    ranks = draw(st.lists(st.sampled_from([int(rank) for rank in Rank]), min_size=1, unique=True))
    kind = draw(st.sampled_from(list(Kind)))
    decimals = 4 if kind in (Kind.RATIO, Kind.TIERED) else 2
    starts = [0]
    if kind == Kind.TIERED:
        starts += sorted(draw(st.lists(st.integers(1, 200_000), max_size=3, unique=True)))
    tiers = []
    for start in starts:
        found = draw(rates(ranks, decimals))
        if not sound:
            found = dict(zip(found, draw(st.permutations(list(found.values()))), strict=True))
        tiers.append(RuleTier(Decimal(start), found))
    limits = sorted(draw(st.lists(fen, min_size=2, max_size=2)))
    return rule(
        kind=kind, tiers=tuple(tiers), base=draw(st.sampled_from(["paid", "margin"])),
        tier_mode=draw(st.sampled_from(["whole", "slices"])),
        tier_measure=draw(st.sampled_from(["amount", "quantity"])),
        floor=draw(st.sampled_from([None, limits[0]])), cap=draw(st.sampled_from([None, limits[1]])),
    )  # fmt: skip


@st.composite
def sales(draw: st.DrawFn) -> LineFacts:
    ranks = draw(st.lists(st.sampled_from([int(rank) for rank in Rank]), min_size=1, unique=True))
    return LineFacts(
        business="retail", paid=draw(fen), quantity=draw(st.integers(1, 1000)), places=places(*ranks),
        margin=draw(st.none() | st.integers(-100_000, 10_000_000).map(to_yuan)), volume_amount=draw(fen),
        volume_quantity=draw(st.integers(0, 100_000)),
    )  # fmt: skip


@patient
@given(rules(), sales())
def test_parts_sum_to_the_whole_and_nobody_pays(one: Rule, sale: LineFacts) -> None:
    # given
    assert problems_of(one) == []

    # when
    result = compute(sale, [one], DAY)

    # then
    assert sum(part.amount for part in result.parts) == result.total
    assert all(part.amount >= 0 for part in result.parts)
    assert {part.rank for part in result.parts} <= {place.rank for place in sale.places}
    assert result.parts or result.total == 0


@patient
@given(rules(sound=False), sales())
def test_even_of_unsound_rules(one: Rule, sale: LineFacts) -> None:
    # when
    result = compute(sale, [one], DAY)

    # then
    assert sum(part.amount for part in result.parts) == result.total
    assert all(part.amount >= 0 for part in result.parts)


@patient
@given(rules(), sales())
def test_everybody_but_the_lowest_is_within_a_fen_of_his_difference(one: Rule, sale: LineFacts) -> None:
    # given
    one = Rule(**{**{name: getattr(one, name) for name in Rule.__slots__}, "cap": None, "floor": None})
    result = compute(sale, [one], DAY)
    totals = [entitlement(one, part.rank, sale)[0] for part in result.parts]

    # then: written down again, without the engine's own difference
    for index, part in enumerate(result.parts):
        below = totals[index + 1] if index + 1 < len(totals) else Fraction(0)
        difference = (totals[index] - below) / 100
        if Fraction(part.amount) > difference:
            assert all(after.amount == 0 for after in result.parts[index + 1 :])
            assert Fraction(part.amount) - difference < Fraction(len(totals) + 1, 100)
        else:
            assert difference - Fraction(part.amount) < Fraction(1, 100)


@patient
@given(
    st.lists(st.integers(1, 200_000), max_size=4, unique=True),
    st.integers(0, 300_000),
    st.integers(1, 300_000),
)
def test_slices_fill_the_sale_without_gap(starts: list[int], before: int, sold: int) -> None:
    # given
    tiers = tuple(RuleTier(Decimal(start), {1: Decimal(1)}) for start in [0, *sorted(starts)])

    # when
    cut = slices(tiers, Fraction(before), Fraction(sold))

    # then
    assert sum(part for _tier, part in cut) == sold
    assert cut[-1][0] == tier_at(tiers, Fraction(before + sold)) or tier_at(
        tiers, Fraction(before + sold)
    ).start == (before + sold)
    assert cut[0][0] == tier_at(tiers, Fraction(before))


@patient
@given(
    st.lists(st.integers(0, 100_000), min_size=1, max_size=6),
    st.integers(1, 1_000_000),
    st.lists(st.integers(0, 1_000_000), max_size=6),
    st.randoms(),
)
def test_refunds_in_any_order_take_back_the_whole(
    parts: list[int], paid: int, cuts: list[int], random: object
) -> None:
    # given: the sale is refunded in pieces, the last one empties it
    marks = sorted({0, paid, *[cut % (paid + 1) for cut in cuts]})
    pieces = [high - low for low, high in pairwise(marks)]
    random.shuffle(pieces)  # type: ignore[attr-defined]
    shares = [to_yuan(part) for part in parts]
    taken, refunded = [Decimal("0.00")] * len(parts), Decimal(0)

    for piece in pieces:
        # when
        back = take_back(shares, to_yuan(paid), to_yuan(piece), refunded, taken)
        refunded += to_yuan(piece)
        taken = [before + now for before, now in zip(taken, back, strict=True)]

        # then: never more than there is, and in all what the share of the refund says
        assert all(now >= 0 for now in back)
        assert all(gone <= share for gone, share in zip(taken, shares, strict=True))
        exact = Fraction(sum(shares)) * Fraction(refunded) / Fraction(to_yuan(paid))
        assert abs(Fraction(sum(taken)) - exact) <= Fraction(1, 200)
    assert taken == shares
