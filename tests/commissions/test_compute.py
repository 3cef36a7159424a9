"""Worked examples with exact values: the cascade, the kinds of rules, the bases, tiers, caps, and what is said."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from plugins.commissions.engine import compute
from plugins.commissions.errors import CommissionError
from saleor_o2o.kernel.money import InvalidAmount

from .rates import SIX, amounts, facts, rule, tier

DAY = date(2026, 6, 1)

CASES = {
    # every level: differences of the rates
    "whole cascade": (rule(), facts(), {1: "1.00", 2: "1.00", 3: "2.00", 4: "3.00", 5: "3.00", 6: "2.00"}),
    # nobody at outlet and counter: the branch keeps the whole of its rate
    "missing below": (rule(), facts("100.00", 1, 2, 3, 4), {1: "1.00", 2: "1.00", 3: "2.00", 4: "8.00"}),
    # a branch directly below its area: the area keeps the county's difference
    "missing between": (rule(), facts("100.00", 1, 2, 4), {1: "1.00", 2: "3.00", 4: "8.00"}),
    # the county has no rate in this rule: its difference stays with the area
    "no rate": (
        rule({1: "12", 2: "11", 4: "8"}),
        facts("100.00", 1, 2, 3, 4),
        {1: "1.00", 2: "3.00", 4: "8.00"},
    ),
    # 12 % of 9.99 = 1.1988 → 1.20; 0.0999 → 0.09, 0.0999 → 0.09, 0.1998 → 0.19, 0.2997 → 0.29 twice; rest 0.25
    "remainder": (rule(), facts("9.99"), {1: "0.09", 2: "0.09", 3: "0.19", 4: "0.29", 5: "0.29", 6: "0.25"}),
    # 12 % of 0.04 = 0.0048 → 0.00
    "too little": (rule(), facts("0.04"), dict.fromkeys(range(1, 7), "0.00")),
    # half a fen of the total is rounded up, and the lowest gets it: 0.125 → 0.13
    "half a fen": (rule({1: "12.5", 4: "12.5"}), facts("1.00", 1, 4), {1: "0.00", 4: "0.13"}),
    # the lowest has a rate of nothing: the fen go to the lowest that has a share
    "lowest has nothing": (
        rule({1: "10", 4: "5", 5: "0"}),
        facts("0.99", 1, 4, 5),
        {1: "0.04", 4: "0.06", 5: "0.00"},
    ),
    "fixed": (
        rule({1: "2.00", 4: "1.50", 6: "0.50"}, kind="fixed"),
        facts("30.00", 1, 4, 6, quantity=3),
        {1: "0.50", 4: "1.00", 6: "0.50"},
    ),
    "per ticket": (
        rule({1: "2.00", 4: "1.50", 6: "0.50"}, kind="unit"),
        facts("90.00", 1, 4, 6, quantity=3),
        {1: "1.50", 4: "3.00", 6: "1.50"},
    ),
    "gross margin": (
        rule({1: "50", 4: "40"}, base="margin"),
        facts("100.00", 1, 4, margin=Decimal("12.34")),
        {1: "1.23", 4: "4.94"},
    ),
    "rebate": (
        rule({1: "30", 4: "20"}, base="rebate"),
        facts("100.00", 1, 4, rebate=Decimal("5.00")),
        {1: "0.50", 4: "1.00"},
    ),
    "margin unknown": (rule({1: "50"}, base="margin"), facts(), {}),
    "margin negative": (rule({1: "50"}, base="margin"), facts("9.00", 1, margin=Decimal("-1")), {1: "0.00"}),
    # 12.00 is cut to 6.00, everybody to half
    "cap": (
        rule(cap=Decimal("6.00")),
        facts(),
        {1: "0.50", 2: "0.50", 3: "1.00", 4: "1.50", 5: "1.50", 6: "1.00"},
    ),
    # 0.12 is lifted to 1.00: 8⅓ fen for the two upper ones
    "floor": (
        rule(floor=Decimal("1.00")),
        facts("1.00"),
        {1: "0.08", 2: "0.08", 3: "0.16", 4: "0.25", 5: "0.25", 6: "0.18"},
    ),
    "cap not reached": (rule({1: "10"}, cap=Decimal("10.00")), facts("100.00", 1), {1: "10.00"}),
    "floor of nothing": (rule({1: "0"}, floor=Decimal("1.00")), facts("100.00", 1), {1: "0.00"}),
    "nothing paid": (rule({1: "2.00"}, kind="fixed"), facts("0.00"), {}),
    "other business": (rule(business="bills"), facts(), {}),
}


@pytest.mark.parametrize(("given", "sale", "expected"), CASES.values(), ids=CASES.keys())
def test_worked_examples(given, sale, expected) -> None:
    # when
    result = compute(sale, [given], DAY)

    # then
    assert amounts(result) == expected
    assert sum(part.amount for part in result.parts) == result.total


TIERS = (tier({1: "6", 4: "4"}), tier({1: "10", 4: "7"}, "1000"), tier({1: "12", 4: "8"}, "5000"))
TIERED = {
    # 900 before, this sale reaches 1,000: the second tier for all of it
    "whole, threshold reached exactly": ("whole", "900.00", "100.00", {1: "3.00", 4: "7.00"}),
    "whole, one fen short": ("whole", "899.99", "100.00", {1: "2.00", 4: "4.00"}),
    "whole, far above": ("whole", "9000.00", "100.00", {1: "4.00", 4: "8.00"}),
    # 60 of it at 6/4 per cent, 40 at 10/7: 3.60 + 4.00 and 2.40 + 2.80
    "slices, cut in two": ("slices", "940.00", "100.00", {1: "2.40", 4: "5.20"}),
    # 100 at 6/4, 4,000 at 10/7, 1,000 at 12/8: 526.00, of it 364.00 below
    "slices, cut in three": ("slices", "900.00", "5100.00", {1: "162.00", 4: "364.00"}),
    "slices, all in the first": ("slices", "0.00", "100.00", {1: "2.00", 4: "4.00"}),
}


@pytest.mark.parametrize(("mode", "before", "paid", "expected"), TIERED.values(), ids=TIERED.keys())
def test_tiers(mode, before, paid, expected) -> None:
    # given
    tiered = rule(kind="tiered", tiers=TIERS, tier_mode=mode)

    # when
    result = compute(facts(paid, 1, 4, volume_amount=Decimal(before)), [tiered], DAY)

    # then
    assert amounts(result) == expected


def test_tiers_by_pieces() -> None:
    # given: from the 10th ticket of the month on 10 per cent, before it 6; this sale is the 8th to the 12th
    tiers = (tier({1: "6"}), tier({1: "10"}, "9"))
    tiered = rule(kind="tiered", tiers=tiers, tier_mode="slices", tier_measure="quantity")

    # when
    result = compute(facts("500.00", 1, quantity=5, volume_quantity=7), [tiered], DAY)

    # then: two tickets at 6, three at 10 per cent of 100 yuan each
    assert amounts(result) == {1: "42.00"}


def test_the_most_specific_rule_speaks() -> None:
    # given: everything 10, fruit 20, citrus below fruit 30, citrus in micro-shops 40
    rules = [
        rule({1: "10"}, id=1),
        rule({1: "20"}, id=2, category_id=7),
        rule({1: "30"}, id=3, category_id=9),
        rule({1: "40"}, id=4, category_id=9, channel_type="micro_shop"),
    ]

    def total(path: tuple[int, ...], channel: str = "") -> str:
        return str(compute(facts("100.00", 1, category_path=path, channel_type=channel), rules, DAY).total)

    # then
    assert total(()) == "10.00"
    assert total((5,)) == "10.00"
    assert total((7,)) == "20.00"
    assert total((7, 8)) == "20.00"
    assert total((7, 9)) == "30.00"
    assert total((7, 9), "web") == "30.00"
    assert total((7, 9), "micro_shop") == "40.00"


def test_equally_specific_rules_are_never_guessed_between() -> None:
    # given: entry refuses this; here they are all the same
    rules = [rule({1: "20"}, category_id=7), rule({1: "30"}, channel_type="micro_shop")]

    # then
    with pytest.raises(CommissionError, match="同样具体") as caught:
        compute(facts("100.00", 1, category_path=(7,), channel_type="micro_shop"), rules, DAY)
    assert caught.value.code == "AMBIGUOUS"


def test_a_lower_plan_shares_out_what_its_owner_has() -> None:
    # given: the city's six rates; the county gives its branches 9, its outlets 7 and clerks nothing
    county = rule({4: "9", 5: "7"}, plan="C11", owner_rank=3, id=2)

    # when
    result = compute(facts(), [rule(id=1), county], DAY)

    # then: above the county nothing changes; the county keeps 10 - 9
    assert amounts(result) == {1: "1.00", 2: "1.00", 3: "1.00", 4: "2.00", 5: "7.00"}
    assert result.total == Decimal("12.00")


def test_a_lower_plan_alone_gives_nothing() -> None:
    # when
    result = compute(facts(), [rule({4: "9"}, plan="C11", owner_rank=3)], DAY)

    # then
    assert (result.total, result.parts) == (Decimal("0.00"), ())


def test_no_share_is_negative_where_a_lower_rate_is_higher() -> None:
    # given: entry refuses it, but the plan above was cut after it was entered
    county = rule({4: "11"}, plan="C11", owner_rank=3, id=2)

    # when
    result = compute(facts("100.00", 1, 3, 4), [rule({1: "12", 3: "6"}, id=1), county], DAY)

    # then: the branch is limited by its county
    assert amounts(result) == {1: "6.00", 3: "0.00", 4: "6.00"}
    assert any("高于上级" in step for step in result.parts[2].steps)


EDGES = {
    date(2026, 2, 28): "0.00",
    date(2026, 3, 1): "10.00",
    date(2026, 3, 31): "10.00",
    date(2026, 4, 1): "20.00",
    date(2026, 5, 1): "0.00",
}


@pytest.mark.parametrize(("day", "total"), EDGES.items())
def test_first_and_last_days_count(day: date, total: str) -> None:
    # given
    rules = [
        rule({1: "10"}, valid_from=date(2026, 3, 1), valid_to=date(2026, 3, 31)),
        rule({1: "20"}, valid_from=date(2026, 4, 1), valid_to=date(2026, 4, 30)),
    ]

    # then
    assert str(compute(facts("100.00", 1), rules, day).total) == total


@pytest.mark.parametrize("paid", ["1.001", "NaN", "Infinity"])
def test_parts_of_a_fen_are_refused(paid: str) -> None:
    # then
    with pytest.raises(InvalidAmount):
        compute(facts(paid), [rule()], DAY)


def test_the_explanation_says_every_step() -> None:
    # when
    result = compute(facts("9.99", 1, 4, 5), [rule(SIX, version=3, category_name="时令鲜果")], DAY)

    # then
    assert result.text() == "\n".join(
        [
            "规则：方案 CQ-STD 全市标准，零售 · 时令鲜果 · 全部渠道，第 3 版，2026-01-01 起",
            "基数：实付 9.99 元",
            "佣金总额：9.99 × 12% = 1.1988 元",
            "片区中心：本笔没有这一层级，差额归上级",
            "区县中心：本笔没有这一层级，差额归上级",
            "四舍五入到分：1.1988 → 1.20 元",
            "市中心 市中心：0.39 元",
            "    到本级的合计：9.99 × 12% = 1.1988 元",
            "    减去下级 支局 的合计 0.7992 元（12% − 8% = 4%），差额 0.3996 元",
            "    舍去不足一分：0.3996 → 0.39 元",
            "支局 支局：0.29 元",
            "    到本级的合计：9.99 × 8% = 0.7992 元",
            "    减去下级 网点/微店 的合计 0.4995 元（8% − 5% = 3%），差额 0.2997 元",
            "    舍去不足一分：0.2997 → 0.29 元",
            "网点/微店 网点/微店：0.52 元",
            "    到本级的合计：9.99 × 5% = 0.4995 元",
            "    尾差归最低一级：其余各级舍去不足一分后，余 0.52 元",
        ]
    )
