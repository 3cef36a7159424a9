"""Whole, half and free: by age, by height where a station measures, by certificate; one child for each adult."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from plugins.members.errors import MemberError
from plugins.ticketing.coach.choices import Channel, Fare, Proof
from plugins.ticketing.coach.errors import CoachError
from plugins.ticketing.coach.fares import Rider, seats_of
from plugins.ticketing.kernel.errors import TicketError
from saleor_o2o.kernel.documents import id_check

ON = date(2026, 12, 1)
ALL = {"full", "half", "free"}
_serial = iter(range(100, 999))


def rider(born: str = "19900307", fare: str = "full", **told: Any) -> Rider:
    seventeen = f"500103{born}{next(_serial):03d}"
    return Rider("测试乘客", "id_card", seventeen + id_check(seventeen), fare=fare, **told)


def refused(
    *riders: Rider, allowed: set[str] = ALL, channel: str = Channel.ONLINE, **told: Any
) -> tuple[str, str]:
    with pytest.raises((CoachError, TicketError)) as refusal:
        seats_of(riders, ON, allowed, channel, **told)
    return str(refusal.value.code.value), str(refusal.value.field)


@pytest.mark.parametrize(
    ("born", "fare", "proof"),
    [
        ("19900307", "full", None),
        ("20201202", "half", Proof.AGE),  # five, the day before his birthday, with a seat
        ("20201202", "free", Proof.AGE),
        ("20121202", "half", Proof.AGE),  # thirteen, the day before his birthday
        ("20121202", "full", None),
    ],
)
def test_ages_count_on_the_day_of_travel(born: str, fare: str, proof: Proof | None) -> None:
    # when somebody rides with an adult
    seats = seats_of([rider(), rider(born, fare)], ON, ALL, Channel.ONLINE)
    # then
    assert (seats[1].fare, seats[1].proof) == (Fare(fare), proof)


@pytest.mark.parametrize(
    ("born", "fare", "code"),
    [
        ("20201201", "free", "PASSENGER_KIND_WRONG"),  # six today
        ("20121201", "half", "PASSENGER_KIND_WRONG"),  # fourteen today
        ("19900307", "half", "PASSENGER_KIND_WRONG"),
        ("20200101", "dog", "INVALID_INPUT"),
    ],
)
def test_who_is_too_old(born: str, fare: str, code: str) -> None:
    assert refused(rider(), rider(born, fare))[0] == code


def test_what_is_refused_says_of_whom() -> None:
    # given: of two the second one's number, name and telephone are wrong
    good, child = rider(), rider("20200101", "half")
    wrong = Rider("测试乘客", "id_card", "500103199003070011")

    # then
    assert refused(good, wrong) == ("DOCUMENT_INVALID", "passengers.1.number")
    assert refused(good, replace(child, name="😀")) == ("INVALID_INPUT", "passengers.1.name")
    with pytest.raises(MemberError) as refusal:
        seats_of([good, replace(child, mobile="call me")], ON, ALL, Channel.ONLINE)
    assert refusal.value.field == "passengers.1.mobile"
    assert (
        seats_of([replace(good, mobile="+86 138 0000 0001")], ON, ALL, Channel.ONLINE)[0].mobile
        == "13800000001"
    )


def test_a_disabled_soldier_pays_half_with_his_certificate() -> None:
    # when
    [seat] = seats_of([rider(fare="half", certificate="川军残 012345")], ON, ALL, Channel.ONLINE)
    # then
    assert (seat.proof, seat.certificate, seat.passenger.type) == (
        Proof.CERTIFICATE,
        "川军残 012345",
        "disabled",
    )


def test_height_is_the_windows_to_measure() -> None:
    # given somebody of fifteen, 1.48 m
    child = rider("20110601", "half", by_height=True)
    # then
    [_adult, seat] = seats_of([rider(), child], ON, ALL, Channel.COUNTER, by_height=True)
    assert seat.proof == Proof.HEIGHT
    assert (
        refused(rider(), rider("20110601", "half", by_height=True), by_height=True)[0]
        == "PASSENGER_KIND_WRONG"
    )
    assert refused(rider(), rider("20110601", "half", by_height=True), channel=Channel.COUNTER)[0] == (
        "PASSENGER_KIND_WRONG"
    )
    grown = rider("19900307", "half", by_height=True)
    assert refused(grown, channel=Channel.COUNTER, by_height=True) == ("FARE_WRONG", "passengers.0.fare")


def test_one_child_on_a_lap_for_each_adult() -> None:
    # given
    mother, father = rider(), rider()
    first, second, third = (rider("20220607", "free") for _ in range(3))
    # then each goes with an adult of its own
    seats = seats_of([first, mother, second, father], ON, ALL, Channel.ONLINE)
    assert [one.carried_by for one in seats] == [1, None, 3, None]
    assert refused(mother, father, first, second, third) == ("TOO_MANY_CHILDREN", "passengers.4.fare")
    assert refused(first) == ("CHILD_NEEDS_ADULT", "passengers")
    # somebody of thirteen with a whole ticket is no adult
    assert refused(rider("20121202"), first)[0] == "CHILD_NEEDS_ADULT"


def test_stations_that_sell_whole_tickets_only_online() -> None:
    child = rider("20160607", "half")
    assert refused(rider(), child, allowed={"full"}) == ("HALF_NOT_SOLD", "passengers.1.fare")
    assert refused(rider(), rider("20220607", "free"), allowed={"full", "half"})[0] == "FREE_NOT_SOLD"


def test_nobody_twice_and_nobody_at_all() -> None:
    one = rider()
    assert refused(one, one) == ("INVALID_INPUT", "passengers.1.number")
    assert refused() == ("INVALID_INPUT", "passengers")
    assert refused(Rider("", "id_card", "1"))[0] == "INVALID_INPUT"
    assert refused(Rider("某人", "id_card", "500103199003070011"))[0] == "DOCUMENT_INVALID"


def child(born: date | None, fare: str = "half", name: str = "测试儿童", **told: Any) -> Rider:
    """Without a document of its own."""
    return Rider(name, "", "", fare=fare, birth=born, **told)


def test_a_child_without_a_document_goes_by_its_adults() -> None:
    # given two adults with a child of eight and one of four
    mother, father = rider(), rider()
    seats = seats_of(
        [mother, child(date(2018, 6, 7)), father, child(date(2022, 6, 7), "free", "测试幼儿")], ON, ALL, Channel.ONLINE
    )  # fmt: skip
    # then the one with a seat by the adult told before it, the other by the one on whose lap it is
    assert [(one.passenger.number, one.passenger.type, one.proof) for one in seats] == [
        (mother.number, "adult", None), (mother.number, "child", Proof.AGE), (father.number, "adult", None),
        (mother.number, "infant", Proof.AGE),
    ]  # fmt: skip
    assert seats[3].carried_by == 0
    assert [one.passenger.name for one in seats[1::2]] == ["测试儿童", "测试幼儿"]


def test_a_child_by_its_adults_document_is_a_child() -> None:
    mother = rider()
    assert refused(child(date(2018, 6, 7))) == ("CHILD_NEEDS_ADULT", "passengers.0.number")
    assert refused(mother, child(None)) == ("BIRTH_INVALID", "passengers.1.birth")
    assert refused(mother, child(date(2018, 6, 7), name=" ")) == ("INVALID_INPUT", "passengers.1.name")
    # fourteen today; an adult; born tomorrow
    for born in (date(2012, 12, 1), date(1990, 1, 1), date(2026, 12, 2)):
        assert refused(mother, child(born))[0] in {"PASSENGER_KIND_WRONG", "BIRTH_INVALID"}
    assert refused(mother, child(date(2018, 6, 7)), child(date(2018, 6, 7)))[0] == "INVALID_INPUT"
    # a whole ticket has a document of its own
    assert refused(mother, Rider("测试儿童", "id_card", "", birth=date(2018, 6, 7)))[0] == "DOCUMENT_INVALID"


def test_a_measured_child_of_four_is_free() -> None:
    # given
    baby = rider("20220607", "free", by_height=True)
    # then
    seats = seats_of([rider(), baby], ON, ALL, Channel.COUNTER, by_height=True)
    assert (seats[1].proof, seats[1].passenger.type) == (Proof.HEIGHT, "infant")


def test_who_was_measured_when_it_was_bought_is_not_measured_again() -> None:
    # given somebody of fifteen with a half ticket by height, changed online, where no half tickets are sold
    one = rider("20110601", "half", by_height=True, again=True)
    # then
    [_adult, seat] = seats_of([rider(), one], ON, {"full"}, Channel.ONLINE)
    assert (seat.fare, seat.proof) == (Fare.HALF, Proof.HEIGHT)
