"""Rules as they are printed on real tickets: exact amounts, both sides of every border."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from plugins.ticketing.kernel.choices import Anchor, Cause
from plugins.ticketing.kernel.engine import Fee, Rule
from plugins.ticketing.kernel.engine.soundness import problems_of
from plugins.ticketing.kernel.engine.wording import rule_text
from saleor_o2o.kernel.clock import SHANGHAI

from .fares import LEAVES, RULES, before, changed, fee, part

DAY = 24
NO = None


@pytest.mark.parametrize("name", RULES)
def test_every_template_is_sound_and_survives_its_snapshot(name: str) -> None:
    # given
    rule = RULES[name]

    # then
    assert problems_of(rule) == []
    assert Rule.from_json(rule.to_json()) == rule
    assert len(rule_text(rule)) >= len(rule.tiers)


@pytest.mark.parametrize(
    ("name", "hours", "seconds", "face", "amount"),
    [
        # coach: to the second, and the least
        ("公路客票退票（全国）", 48, 0, "100", "10.00"),
        ("公路客票退票（全国）", 2, 0, "100", "10.00"),
        ("公路客票退票（全国）", 2, 1, "100", "20.00"),
        ("公路客票退票（全国）", 2, 0, "2", "0.30"),
        ("公路客票退票（全国）", 1, 0, "2", "0.50"),
        ("公路客票退票（全国）", 1, 0, "0.40", "0.40"),
        ("公路客票退票（全国）", 0, 0, "100", "20.00"),
        ("公路客票退票（全国）", 0, 1, "100", NO),
        ("公路客票退票（四川，1 小时为界）", 1.5, 0, "100", "10.00"),
        ("公路客票退票（四川，1 小时为界）", 1, 1, "100", "20.00"),
        # rail: half yuan by 0.25 and 0.75, not below 2
        ("铁路退票", 8 * DAY, 0, "106", "0.00"),
        ("铁路退票", 8 * DAY, 1, "106", "5.50"),
        ("铁路退票", 48, 0, "106", "5.50"),
        ("铁路退票", 48, 1, "106", "10.50"),
        ("铁路退票", 24, 0, "104.5", "10.50"),
        ("铁路退票", 24, 1, "106", "21.00"),
        ("铁路退票", 0, 0, "9", "2.00"),
        ("铁路退票", 0, 1, "106", NO),
        ("铁路退票", 48, 0, "1.5", "1.50"),
        # 广深港: down to whole yuan
        ("广深港跨境退票", 8 * DAY, 0, "215", "10.00"),
        ("广深港跨境退票", 48, 0, "215", "64.00"),
        ("广深港跨境退票", 47, 0, "215", "107.00"),
        # air
        ("机票退票（经济舱全价 Y）", 2, 0, "1000", "50.00"),
        ("机票退票（经济舱全价 Y）", 2, 1, "1000", "100.00"),
        ("机票退票（经济舱全价 Y）", -5, 0, "1000", "100.00"),
        ("机票退票（低成本航空）", 4, 0, "299", "150.00"),
        ("机票退票（低成本航空）", 3.9, 0, "299", "299.00"),
    ],
)
def test_fees_of_journeys(name: str, hours: float, seconds: int, face: str, amount: str | None) -> None:
    # when
    found = fee(name, before(hours, face=face, seconds=seconds))

    # then
    assert (found.allowed, str(found.fee)) == (amount is not None, amount or "0.00")
    assert found.back == (Decimal(face) - Decimal(amount) if amount is not None else 0)
    assert found.tier and found.words


@pytest.mark.parametrize(
    ("name", "anchor", "hours", "seconds", "amount"),
    [
        ("演出退票（48 小时免费，阶梯）", Anchor.START, 48, 0, "0.00"),
        ("演出退票（48 小时免费，阶梯）", Anchor.START, 48, 1, "76.00"),
        ("演出退票（48 小时免费，阶梯）", Anchor.START, 24, 1, "152.00"),
        ("演出退票（48 小时免费，阶梯）", Anchor.START, 12, 1, NO),
        ("演出退票（开售后 24 小时免费）", Anchor.SALE_OPEN, -24, 0, "0.00"),
        ("演出退票（开售后 24 小时免费）", Anchor.SALE_OPEN, -24, 1, "114.00"),
        ("演出退票（开售后 24 小时免费）", Anchor.SALE_OPEN, -72, 1, NO),
        ("景区门票（不可退）", Anchor.START, 999, 0, NO),
        ("景区门票（游玩日前 1 天可退）", Anchor.START, 0, 0, "0.00"),
        ("景区门票（游玩日前 1 天可退）", Anchor.START, 0, 1, NO),
        ("景区门票（随时退，过期退）", Anchor.VALID_END, -999, 0, "0.00"),
    ],
)
def test_fees_of_admission(name: str, anchor: str, hours: float, seconds: int, amount: str | None) -> None:
    # when
    found = fee(name, before(hours, face="380", seconds=seconds, anchor=anchor))

    # then
    assert (found.allowed, str(found.fee)) == (amount is not None, amount or "0.00")


@pytest.mark.parametrize(
    ("hours", "days_later", "amount"),
    [
        (48, 3, "0.00"), (30, 0, "0.00"), (30, -1, "0.00"), (30, 1, "5.00"), (24, 1, "5.00"), (23, 1, "15.00"),
        (23, 0, "0.00"), (-1, 0, "0.00"), (-1, 1, "40.00"),
    ],
)  # fmt: skip
def test_changing_a_train(hours: float, days_later: int, amount: str) -> None:
    # given: the new one costs 120, the fee is of the lower fare
    facts = before(hours, target=LEAVES + timedelta(days=days_later), new_price=Decimal(120))

    # when
    found = fee("铁路改签", facts)

    # then
    assert (str(found.fee), found.to_pay, found.back) == (amount, Decimal(amount) + 20, 0)
    assert not fee("铁路改签", before(hours, target=LEAVES, new_price=Decimal(120), times_before=1)).allowed


def test_a_cheaper_train_gives_the_difference_back_and_a_cheaper_flight_does_not() -> None:
    # when
    train = fee("铁路改签", before(72, target=LEAVES, new_price=Decimal(80)))
    flight = fee("机票改期", before(72, target=LEAVES, new_price=Decimal(80), times_before=1))

    # then
    assert (train.fee, train.back, train.to_pay) == (0, 20, 0)
    assert (flight.fee, flight.back, flight.to_pay) == (10, 0, 10)


def test_the_rails_trap_of_changing_first() -> None:
    # given: changed 5 days before to a train a month later, where giving back would be free
    facts = before(20 * DAY, face="106", changed=changed(5 * DAY, "106"))
    early = before(20 * DAY, face="106", changed=changed(8 * DAY, "106"))

    # then: changed 8 days before or earlier it stays free
    assert (str(fee("铁路退票", facts).fee), fee("铁路退票", facts).cause) == ("5.50", Cause.CHANGED)
    assert "改签" in fee("铁路退票", facts).text
    assert fee("铁路退票", early).fee == 0
    # and what is dearer by now is not made cheaper by it
    assert str(fee("铁路退票", before(30, face="106", changed=changed(5 * DAY, "106"))).fee) == "10.50"


def test_changed_into_the_spring_rush() -> None:
    # given: the new train leaves within 春运
    rush = datetime(2027, 2, 1, 9, tzinfo=SHANGHAI)

    def ticket(was_changed: bool, days: int = 20) -> Decimal:
        facts = before(
            face="106", anchors={Anchor.DEPARTURE.value: rush},
            changed=changed(10 * DAY, "106") if was_changed else None,
        )  # fmt: skip
        moved = rush - timedelta(days=days)
        return fee("铁路退票", replace(facts, moment=moved)).fee

    # then: 20 % at any time, but only for those that were changed
    assert (ticket(True), ticket(False)) == (Decimal("21.00"), 0)
    # and nothing that is closed is opened by it
    assert ticket(True, days=-1) == 0


def test_holidays_of_a_coach_station_to_the_day() -> None:
    # given
    def on(day: datetime) -> bool:
        facts = before(anchors={Anchor.DEPARTURE.value: day})
        return fee("公路客票退票（重庆，节假日不退）", facts).allowed

    # then: the last minute before, the first and the last of the days, in Shanghai
    assert on(datetime(2027, 2, 4, 23, 59, tzinfo=SHANGHAI))
    assert not on(datetime(2027, 2, 5, 0, 0, tzinfo=SHANGHAI))
    assert not on(datetime(2027, 2, 12, 23, 59, tzinfo=SHANGHAI))
    assert on(datetime(2027, 2, 13, 0, 0, tzinfo=SHANGHAI))


def test_a_changed_flight_pays_by_its_old_fare_and_the_harsher_tier() -> None:
    # given: 800 changed 1 hour before leaving (40 %), now a ticket of 500 with days to go (30 %)
    late = before(99, face="500", changed=changed(1, "800"))
    early = before(99, face="500", changed=changed(9, "800"))

    # then
    assert fee("机票退票（折扣舱）", late).fee == 320
    assert fee("机票退票（折扣舱）", early).fee == 240
    # never more than what was paid of the ticket
    assert fee("机票退票（折扣舱）", before(99, face="200", changed=changed(1, "800"))).fee == 200


CHONGQING = "公路客票退票（重庆，节假日不退）"
FANGBIAN = "公路客票退票（方便出行，1 小时内不办）"


def moved(rule: str, old: datetime, hours: float, new: datetime, *, carriers: bool = False) -> Fee:
    """What giving back costs two days before `new`, after changing to it so many hours before `old`."""
    was = replace(changed(hours, anchor=old), carriers=carriers)
    facts = before(anchors={Anchor.DEPARTURE.value: new}, changed=was)
    return fee(rule, replace(facts, moment=new - timedelta(days=2)))


def test_a_holidays_coach_is_not_changed_out_of_its_holiday() -> None:
    # given: on 6 February nothing is given back, on 20 February 10 % is taken
    holiday = datetime(2027, 2, 6, 9, tzinfo=SHANGHAI)
    plain, other = datetime(2027, 2, 20, 9, tzinfo=SHANGHAI), datetime(2027, 2, 22, 9, tzinfo=SHANGHAI)

    # when
    trap = moved(CHONGQING, holiday, 99, plain)

    # then: changing first opens nothing, between other days it costs what it costs, into the holiday it closes
    assert (trap.allowed, trap.back, trap.cause) == (False, 0, Cause.CHANGED)
    assert trap.words == (
        "春节期间：不予退票", "这张票改签过，原票在改签时已是“不予退票”，改签后同样不能办理",
    )  # fmt: skip
    assert str(moved(CHONGQING, plain, 99, other).fee) == "10.00"
    assert not moved(CHONGQING, plain, 99, holiday).allowed
    # and whoever was put on another bus by the carrier pays by that bus
    assert str(moved(CHONGQING, holiday, 99, plain, carriers=True).fee) == "10.00"


def test_changing_to_a_later_coach_makes_giving_back_no_cheaper() -> None:
    # given
    later = LEAVES + timedelta(days=5)

    # then: changed within 24 hours of the old bus (10 %), within two (20 %), and a day before (5 %)
    assert [str(moved(FANGBIAN, LEAVES, hours, later).fee) for hours in (24, 23.99, 1.5)] == [
        "5.00", "10.00", "20.00",
    ]  # fmt: skip
    assert "按较高的收" in moved(FANGBIAN, LEAVES, 23.99, later).text
    assert str(moved(FANGBIAN, LEAVES, 1.5, later, carriers=True).fee) == "5.00"
    # and what came too late for the old bus gets no money by another one
    assert not moved(FANGBIAN, LEAVES, -0.5, later).allowed


def test_after_a_change_some_are_given_back_no_more() -> None:
    # when
    found = fee("广深港跨境退票", before(9 * DAY, changed=changed(9 * DAY)))

    # then
    assert (found.allowed, found.text) == (False, "改签过的票不再办理")


def test_taxes_go_back_whole_and_the_service_fee_by_the_rule() -> None:
    # given
    facts = before(2, face="1000", taxes=Decimal("120"), service=Decimal("10"))
    carrier = before(2, face="1000", taxes=Decimal("120"), service=Decimal("10"), involuntary=True)

    # then
    assert fee("机票退票（经济舱全价 Y）", facts).back == 1000 - 50 + 120
    assert fee("机票退票（经济舱全价 Y）", carrier).back == 1000 + 120 + 10


@pytest.mark.parametrize("name", RULES)
def test_whoever_is_not_at_fault_pays_nothing(name: str) -> None:
    # given: long after everything was closed
    facts = before(-9999, involuntary=True, changed=changed(1), times_before=9, account_before=9)

    # then
    found = fee(name, facts)
    assert (found.allowed, found.fee, found.cause) == (True, 0, Cause.INVOLUNTARY)


def test_infants_pay_no_fee_and_the_first_change_of_a_flight_is_free() -> None:
    # then
    assert fee("机票退票（经济舱全价 Y）", before(1, passenger="infant")).fee == 0
    assert fee("机票退票（经济舱全价 Y）", before(1, passenger="child")).fee == 10
    first = fee("机票改期", before(1, target=LEAVES, new_price=Decimal(100)))
    assert (first.fee, first.cause) == (0, Cause.FIRST_FREE)
    assert fee("机票改期", before(1, target=LEAVES, new_price=Decimal(100), times_before=1)).fee == 20


def test_one_free_refund_for_an_account_and_one_refund_at_all() -> None:
    # given
    opened = {"anchor": Anchor.SALE_OPEN}

    # then
    assert fee("演出退票（开售后 24 小时免费）", before(-1, **opened)).allowed
    second = fee("演出退票（开售后 24 小时免费）", before(-1, account_before=1, **opened))
    assert (second.allowed, second.cause) == (False, Cause.ACCOUNT)
    assert "已用完" in second.text
    shown = fee("演出退票（48 小时免费，阶梯）", before(99, anchor=Anchor.START, account_before=1))
    assert (shown.allowed, shown.text) == (False, "每个账号每场最多办理 1 次")


def test_a_ticket_of_two_coupons() -> None:
    # given: each coupon has its own fee, rounded by itself; a whole ticket has one, divided exactly
    legs = (part("333", key="A"), part("777", key="B"))

    # then
    assert fee("机票退票（经济舱全价 Y）", before(2, parts=legs)).parts == (
        ("A", Decimal(17)),
        ("B", Decimal(39)),
    )
    whole = fee("机票退票（折扣舱）", before(3, parts=legs))
    assert (whole.fee, sum(amount for _key, amount in whole.parts)) == (333, 333)


def test_it_is_said_in_words() -> None:
    # when
    found = fee("公路客票退票（全国）", before(1.5, face="86"))

    # then
    assert found.words == (
        "2026-12-20 08:00办理，发车时间 2026-12-20 09:30，提前1小时30分钟：收取票面价的 20%，最低 0.50 元",
        "票面价 86.00 元 × 20%，实收 17.20 元",
    )
    assert rule_text(RULES["公路客票退票（全国）"])[:3] == [
        "发车前2小时（含）以前：收取票面价的 10%，最低 0.30 元",
        "不足发车前2小时至发车时：收取票面价的 20%，最低 0.50 元",
        "发车以后：不予退票",
    ]
