"""The engine's laws: sums, limits, roundings, borders; what is refused as a rule; what is typed and read back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.ticketing.kernel.choices import Anchor, Base, Cause, FeeKind, Mode, Rounding, Target, Trade, Unit
from plugins.ticketing.kernel.engine import Charge, Facts, Fee, Part, Rule, Tier, Window, total_of
from plugins.ticketing.kernel.engine.price import rounded
from plugins.ticketing.kernel.engine.soundness import problems_of
from plugins.ticketing.kernel.errors import TicketError
from plugins.ticketing.kernel.tiers_text import (
    charge_typed,
    parse_charge,
    parse_span,
    parse_tiers,
    parse_windows,
    span_typed,
    tiers_text,
    windows_text,
)

from .fares import LEAVES, RULES, before, changed, fee, part

yuan = st.decimals(0, 9999, places=2)
parts = st.lists(
    st.tuples(yuan, yuan, yuan).map(lambda amounts: Part("k", *amounts)), min_size=1, max_size=5
).map(lambda found: tuple(replace(one, key=str(at)) for at, one in enumerate(found)))
offsets = st.one_of(st.integers(-60 * 86400, 10 * 86400), st.integers(-86400, 86400))  # most borders lie near


@given(
    st.sampled_from(sorted(RULES)),
    parts,
    offsets,
    st.booleans(),
    st.booleans(),
    st.sampled_from(["adult", "infant"]),
)
def test_a_fee_is_never_more_than_was_paid_and_its_parts_are_the_whole(
    name: str, paid: tuple[Part, ...], offset: int, other_trip: bool, was_changed: bool, passenger: str
) -> None:
    # given: who comes too late may ask for his money or for another trip
    kind = RULES[name].kind
    moved = other_trip if kind == FeeKind.NOSHOW else kind != FeeKind.REFUND
    anchors = {anchor.value: LEAVES for anchor in Anchor}
    facts = before(
        parts=paid, seconds=offset, anchors=anchors, passenger=passenger, taxes=Decimal("50.00"),
        target=LEAVES if moved else None, new_price=Decimal("77.70"),
        changed=changed(30, "300") if was_changed else None,
    )  # fmt: skip

    # when
    found = fee(name, facts)

    # then: to the fen, and money is neither made nor lost
    assert 0 <= found.fee <= facts.paid
    assert found.fee == found.fee.quantize(Decimal("0.01"))
    if not found.allowed:
        assert (found.fee, found.parts, found.back, found.to_pay) == (0, (), 0, 0)
        return
    assert sum((amount for _key, amount in found.parts), Decimal(0)) == found.fee
    assert [key for key, _amount in found.parts] == [one.key for one in paid]
    assert all(0 <= amount <= one.paid for (_key, amount), one in zip(found.parts, paid, strict=True))
    if not moved:
        assert (found.back, found.to_pay) == (facts.paid - found.fee + 50, 0)
    else:
        assert found.to_pay - found.back <= found.fee + max(Decimal(0), Decimal("77.70") - facts.paid)
        assert found.to_pay >= found.fee


@given(offsets, offsets, yuan)
def test_whoever_comes_later_pays_no_less(one: int, other: int, face: Decimal) -> None:
    # given
    early, late = sorted((one, other))

    # then: where the tiers rise, and closed is dearer than any fee
    for name in ("公路客票退票（全国）", "铁路退票", "广深港跨境退票", "机票退票（低成本航空）"):
        first, second = (fee(name, before(face=str(face), seconds=at)) for at in (early, late))
        assert (not first.allowed, first.fee) <= (not second.allowed, second.fee)


@given(st.lists(yuan, min_size=1, max_size=6))
def test_several_tickets_pay_what_each_pays(faces: list[Decimal]) -> None:
    # given: the least is each ticket's, not the order's
    fees = [fee("公路客票退票（全国）", before(1, face=str(face))) for face in faces]

    # then
    charged, back, to_pay = total_of(fees)
    assert (charged, to_pay) == (sum(one.fee for one in fees), 0)
    assert charged + back == sum(faces)


def test_tickets_of_which_one_is_closed_are_not_given_back_together() -> None:
    # then
    with pytest.raises(TicketError, match="不予退票"):
        total_of([fee("公路客票退票（全国）", before(1)), fee("公路客票退票（全国）", before(-1))])


@pytest.mark.parametrize(
    ("how", "amounts"),
    [
        (Rounding.FEN, {"5.304": "5.30", "5.305": "5.31"}),
        (Rounding.JIAO, {"5.34": "5.3", "5.35": "5.4"}),
        (
            Rounding.HALF,
            {"5.24": "5", "5.249": "5", "5.25": "5.5", "5.30": "5.5", "5.749": "5.5", "5.75": "6"},
        ),
        (Rounding.YUAN_DOWN, {"5.99": "5", "5": "5"}),
        (Rounding.YUAN_UP, {"5.01": "6", "5": "5"}),
        (Rounding.YUAN_HALF, {"5.49": "5", "5.50": "6"}),
    ],
)
def test_roundings(how: str, amounts: dict[str, str]) -> None:
    # then
    assert {told: rounded(Decimal(told), how) for told in amounts} == {
        told: Decimal(kept) for told, kept in amounts.items()
    }


@given(st.integers(-10_000_000, 10_000_000))
def test_a_part_of_a_second_and_the_time_zone_change_nothing(offset: int) -> None:
    # given
    whole = before(seconds=offset)
    later = replace(whole, moment=(whole.moment + timedelta(microseconds=999_999)).astimezone(UTC))

    # then
    one, other = fee("铁路退票", whole), fee("铁路退票", later)
    assert (one.fee, one.tier, one.allowed) == (other.fee, other.tier, other.allowed)


def simple(*tiers: Tier, **more: Any) -> Rule:
    told: dict[str, Any] = {"trade": Trade.COACH, "kind": FeeKind.REFUND, **more}
    return Rule(name="试", tiers=tiers or (Tier(None, None, Charge(Mode.PERCENT, Decimal(10))),), **told)


FREE, NEVER = Charge(), Charge(Mode.FORBIDDEN)


@pytest.mark.parametrize(
    ("rule", "code", "words"),
    [
        (replace(simple(), tiers=()), "INVALID_RULE", "至少填写一档"),
        (simple(Tier(None, -7200, FREE)), "TIERS_GAP", "发车前2小时以后没有规定"),
        (simple(Tier(-7200, None, FREE)), "TIERS_GAP", "最早的一段时间没有规定"),
        (simple(Tier(None, -7200, FREE), Tier(-3600, None, NEVER)), "TIERS_GAP", "发车前2小时到发车前1小时没有规定"),
        (simple(Tier(None, -3600, FREE), Tier(-7200, None, NEVER)), "TIERS_OVERLAP", "发车前2小时有两档"),
        (simple(Tier(None, None, FREE), Tier(-7200, None, NEVER)), "TIERS_OVERLAP", "有两档"),
        (simple(Tier(None, None, FREE), Tier(None, None, NEVER)), "TIERS_OVERLAP", "最早有两档"),
        (simple(Tier(None, 0, FREE), Tier(0, 0, FREE), Tier(0, None, FREE)), "INVALID_RULE", "第 2 档的截止"),
        (simple(Tier(None, None, Charge(Mode.PERCENT, Decimal(101)))), "INVALID_RULE", "不超过 100"),
        (simple(Tier(None, None, Charge(Mode.FIXED))), "INVALID_RULE", "大于 0"),
        (simple(Tier(None, None, Charge(Mode.FREE, Decimal(1)))), "INVALID_RULE", "不要填写数额"),
        (
            simple(Tier(None, None, Charge(Mode.PERCENT, Decimal(5), Decimal(9), Decimal(2)))), "INVALID_RULE",
            "高于最高",
        ),
        (simple(Tier(None, None, FREE, Target.LATER)), "INVALID_RULE", "只有改签规则"),
        (simple(base=Base.LOWER), "INVALID_RULE", "只用于改签"),
        (simple(kind=FeeKind.CHANGE, base=Base.LOWER, unit=Unit.COUPON), "INVALID_RULE", "按票联"),
        (
            simple(Tier(None, None, FREE, Target.LATER), kind=FeeKind.CHANGE), "TIERS_GAP",
            "最早的一段时间没有规定（票面日期当日及以前）",
        ),
        (simple(floor=FREE), "INVALID_RULE", "同时填写"),
        (simple(grace=-1), "INVALID_RULE", "不能为负"),
        (simple(types={"child": Decimal(120)}), "INVALID_RULE", "0 到 100"),
        (
            simple(windows=(Window("春运", date(2027, 3, 1), date(2027, 2, 1), FREE),)), "INVALID_RULE", "早于第一天",
        ),
        (
            simple(windows=(
                Window("春运", date(2027, 1, 23), date(2027, 3, 3), NEVER),
                Window("元宵", date(2027, 3, 3), date(2027, 3, 4), FREE),
            )), "OVERLAP", "日期重叠",
        ),
    ],
)  # fmt: skip
def test_rules_that_are_refused(rule: Rule, code: str, words: str) -> None:
    # when
    problems = problems_of(rule)

    # then
    assert problems and (str(problems[0].code), words in problems[0].message) == (code, True), problems


def test_what_a_rule_needs_to_know_is_asked_for() -> None:
    # then
    with pytest.raises(TicketError, match="没有“下单”时间"):
        fee(simple(grace=60), before(1))
    with pytest.raises(TicketError, match="没有“开场"):
        fee(simple(anchor=Anchor.START), before(1))
    with pytest.raises(TicketError, match="要改签到"):
        fee("铁路改签", before(1))


def test_free_for_a_while_after_booking_but_not_when_it_is_closed() -> None:
    # given
    rule = simple(Tier(None, 0, Charge(Mode.PERCENT, Decimal(10))), Tier(0, None, NEVER), grace=1800)
    booked = {"anchors": {Anchor.BOOKED.value: LEAVES - timedelta(minutes=30)}}

    # then
    assert (fee(rule, before(0, **booked)).fee, fee(rule, before(0, **booked)).cause) == (0, Cause.GRACE)
    assert not fee(rule, before(0, seconds=1, **booked)).allowed
    longer = {"anchors": {Anchor.BOOKED.value: LEAVES - timedelta(minutes=30, seconds=1)}}
    assert fee(rule, before(0, **longer)).fee == 10


def test_only_the_whole_order() -> None:
    # then
    assert fee(simple(whole_order=True), before(1)).allowed
    assert fee(simple(whole_order=True), before(1, whole_order=False)).text == "这张订单只能整单办理"


def test_bases_and_shares() -> None:
    # given: face 100, paid 80, full fare 200
    facts = before(1, parts=(part("100", "80", "200"),))

    # then
    bases = {base: fee(simple(base=base), facts).fee for base in (Base.FACE, Base.PAID, Base.FULL)}
    assert bases == {Base.FACE: 10, Base.PAID: 8, Base.FULL: 20}
    half = simple(types={"child": Decimal(50)})
    assert fee(half, replace(facts, passenger="child")).fee == 5
    assert fee(half, facts).fee == 10


def test_a_snapshot_of_an_unknown_form_is_not_guessed_at() -> None:
    # given
    kept = json.loads(json.dumps(simple().to_json()))

    # then
    assert Rule.from_json(kept) == simple()
    for wrong in ({**kept, "v": 2}, {}, {**kept, "trade": "ferry"}, {**kept, "tiers": [{"after": 1}]}):
        with pytest.raises(TicketError, match="无法读取"):
            Rule.from_json(wrong)


def test_facts_and_answers_survive_their_row() -> None:
    # given
    facts = before(
        1, changed=changed(3), target=LEAVES, new_price=Decimal("9.90"), taxes=Decimal("1.00"), passenger="child"
    )  # fmt: skip
    answer = fee("铁路退票", facts)

    # then
    assert Facts.from_json(json.loads(json.dumps(facts.to_json()))) == facts
    assert Fee.from_json(json.loads(json.dumps(answer.to_json()))) == answer


charges = st.one_of(
    st.just(FREE),
    st.just(NEVER),
    st.builds(
        Charge,
        st.just(Mode.PERCENT),
        st.decimals("0.5", 100, places=2),
        st.none() | st.decimals(0, 9, places=2),
    ),
    st.builds(Charge, st.just(Mode.FIXED), st.decimals(1, 100, places=2)),
)


@given(st.lists(st.tuples(st.integers(-(10**6), 10**6), charges), max_size=6), charges)
def test_tiers_as_typed_are_tiers_as_read(told: list[tuple[int, Charge]], last: Charge) -> None:
    # given
    ends = sorted({until for until, _charge in told})
    tiers, after = [], None
    for until, (_until, charge) in zip(ends, told, strict=False):
        tiers.append(Tier(after, until, charge))
        after = until
    tiers.append(Tier(after, None, last))

    # then: and nothing that can be typed has a gap or two tiers at a time
    assert parse_tiers(tiers_text(tiers)) == tuple(tiers)
    assert problems_of(simple(*tiers)) == []


@given(st.integers(0, 10**7))
def test_spans_as_typed(seconds: int) -> None:
    # then
    assert parse_span(span_typed(seconds)) == seconds


def test_holidays_as_typed() -> None:
    # given
    text = "春运 2027-01-23~2027-03-03 乘车 改签过: 20% 最低2\n国庆 2027-10-01~2027-10-07 办理: 不办"

    # then
    assert windows_text(parse_windows(text)) == text
    assert charge_typed(parse_charge(" 10 % 最低 0.30 元 最高50")) == "10% 最低0.3 最高50"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("前2小时 10%", "看不懂"), ("以前: 免费", "看不懂"), ("前2小时: 一点点", "收费“一点点”看不懂"),
        ("以后: 免费\n前2小时: 不办", "应是最后一行"), ("前2小时: 1.2.3%", "不是数字"),
        ("前2小时: 0.001元", "最多两位小数"),
        ("前2小时 改到明年: 免费", "看不懂"), ("前2小时 改到当日: 免费\n到点: 不办", "截止不同"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_where(text: str, words: str) -> None:
    # then
    with pytest.raises(ValueError, match=words):
        parse_tiers(text)
    with pytest.raises(ValueError):
        parse_windows("春运 2027-02-30~2027-03-01 乘车: 免费")
