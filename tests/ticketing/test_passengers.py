"""Passengers: documents, ages on the day of travel, parties, trips that one person cannot make."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from plugins.ticketing.kernel.errors import TicketError
from plugins.ticketing.kernel.passengers import (
    AIR,
    COACH,
    RAIL,
    SCENIC,
    SHOW,
    Borders,
    Passenger,
    Trip,
    check_overlap,
    check_party,
    overlapping,
    passenger,
)
from saleor_o2o.kernel.clock import SHANGHAI
from saleor_o2o.kernel.documents import id_check

ON = date(2026, 12, 1)
ADULT = "110101199003078515"


def number(birth: date, sequence: int = 12) -> str:
    seventeen = f"500103{birth:%Y%m%d}{sequence:03d}"
    return seventeen + id_check(seventeen)


def somebody(
    birth: date, type_: str, borders: Borders = RAIL, document: str = "id_card", seq: int = 12
) -> Passenger:
    return passenger("王 建国", document, number(birth, seq), type_, None, ON, borders)


@pytest.mark.parametrize(
    ("borders", "birth", "type_"),
    [
        (AIR, date(2026, 11, 17), "infant"),  # 14 days
        (AIR, date(2024, 12, 2), "infant"),  # the day before the second birthday
        (AIR, date(2024, 12, 1), "child"),
        (AIR, date(2014, 12, 2), "child"),
        (AIR, date(2014, 12, 1), "adult"),
        (RAIL, date(2020, 12, 2), "infant"),
        (RAIL, date(2020, 12, 1), "child"),
        (RAIL, date(2012, 12, 2), "child"),
        (RAIL, date(2012, 12, 1), "adult"),
        (COACH, date(2012, 12, 1), "adult"),
        (SCENIC, date(1961, 12, 1), "senior"),
        (SCENIC, date(1961, 12, 2), "adult"),
        (SHOW, date(2020, 1, 1), "adult"),
    ],
)
def test_the_type_by_age_on_the_day_of_travel(borders: Borders, birth: date, type_: str) -> None:
    # then
    assert borders.type_at(birth, ON) == type_


def test_born_on_the_29th_of_february() -> None:
    # then: fourteen on the 1st of March of a common year
    born = date(2012, 2, 29)
    assert RAIL.type_at(born, date(2026, 2, 28)) == "child"
    assert RAIL.type_at(born, date(2026, 3, 1)) == "adult"


@pytest.mark.parametrize(
    ("borders", "birth", "type_", "fine"),
    [
        (RAIL, date(1990, 1, 1), "adult", True), (RAIL, date(1990, 1, 1), "child", False),
        (RAIL, date(2018, 1, 1), "child", True), (RAIL, date(2018, 1, 1), "adult", True),
        (RAIL, date(2023, 1, 1), "child", True), (RAIL, date(2023, 1, 1), "adult", False),
        (RAIL, date(2005, 1, 1), "student", True), (COACH, date(2005, 1, 1), "student", False),
        (RAIL, date(1990, 1, 1), "disabled", True), (RAIL, date(2018, 1, 1), "disabled", False),
        (SCENIC, date(1950, 1, 1), "senior", True), (SCENIC, date(1950, 1, 1), "adult", True),
        (RAIL, date(1950, 1, 1), "senior", False), (AIR, date(2026, 11, 18), "infant", False),
        (RAIL, date(2026, 12, 2), "infant", False),
    ],
)  # fmt: skip
def test_types_that_the_age_rules_out(borders: Borders, birth: date, type_: str, fine: bool) -> None:
    # then
    if fine:
        assert somebody(birth, type_, borders).type == type_
    else:
        with pytest.raises(TicketError):
            somebody(birth, type_, borders)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"name": "  "}, "INVALID_INPUT", "name"),
        ({"name": "\u202e\0"}, "INVALID_INPUT", "name"),
        ({"name": "王😀"}, "INVALID_INPUT", "name"),
        ({"name": "<b>王</b>"}, "INVALID_INPUT", "name"),
        ({"name": "长" * 61}, "INVALID_INPUT", "name"),
        ({"number": number(date(2026, 12, 2)), "type_": "infant"}, "BIRTH_INVALID", "birth"),
        ({"document": "library_card"}, "INVALID_INPUT", "document"),
        ({"type_": "king"}, "INVALID_INPUT", "type"),
        ({"number": ADULT[:-1] + "6"}, "DOCUMENT_INVALID", "number"),
        ({"birth": date(1990, 3, 8)}, "BIRTH_INVALID", "birth"),
        ({"document": "passport", "number": "E12345678"}, "BIRTH_INVALID", "birth"),
        ({"document": "household"}, "DOCUMENT_INVALID", "document"),
        ({"type_": "child"}, "PASSENGER_KIND_WRONG", "type"),
        ({"document": "military", "number": "南字第0123456号", "birth": date(2018, 1, 1), "type_": "child"},
         "DOCUMENT_INVALID", "document"),
    ],
)  # fmt: skip
def test_what_is_refused_says_where(change: dict[str, object], code: str, field: str) -> None:
    # given
    told = {
        "name": "王建国", "document": "id_card", "number": ADULT, "type_": "adult", "birth": None, "on": ON,
        "borders": RAIL, **change,
    }  # fmt: skip

    # when
    with pytest.raises(TicketError) as refused:
        passenger(**told)  # type: ignore[arg-type]

    # then
    assert (refused.value.code, refused.value.field) == (code, field)
    assert ADULT not in str(refused.value.as_dict())


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("王\u200b 建国\0", "王 建国"),
        ("阿依古丽·买买提", "阿依古丽·买买提"),
        ("O'BRIEN/JEAN-LUC JR.", "O'BRIEN/JEAN-LUC JR."),
        ("王〇𠮷\ue863", "王〇𠮷\ue863"),
        ("长" * 60, "长" * 60),
    ],
)
def test_names_as_people_have_them(typed: str, name: str) -> None:
    assert passenger(typed, "id_card", ADULT, "adult", None, ON, RAIL).name == name


def test_a_passenger_is_never_printed_whole() -> None:
    # given
    one = somebody(date(1990, 3, 7), "adult")

    # then: one person is one, whichever paper his number is on
    assert one.number not in repr(one)
    assert "建国" not in repr(one)
    child = date(2015, 3, 7)
    assert somebody(child, "child").index == somebody(child, "child", document="household").index


def test_a_party() -> None:
    # given
    adult, child = somebody(date(1990, 3, 7), "adult"), somebody(date(2018, 3, 7), "child")
    infants = [somebody(date(2024, 3, 7), "infant", seq=n) for n in (11, 13)]

    # then
    check_party([adult, child, infants[0]])
    for party, words in (
        ([child], "成人同行"),
        ([adult, *infants], "最多带 1 名"),
        ([adult, adult], "添加了两次"),
    ):
        with pytest.raises(TicketError, match=words):
            check_party(party)


def test_trips_of_one_person_do_not_overlap() -> None:
    # given
    def trip(who: str, start: int, end: int) -> Trip:
        day = datetime(2026, 12, 1, tzinfo=SHANGHAI)
        return Trip(who, day.replace(hour=start), day.replace(hour=end), f"{who}{start}")

    # then: touching is none; somebody else is none; two new ones may be
    assert overlapping([trip("a", 10, 12)], [trip("a", 8, 10), trip("a", 12, 14), trip("b", 9, 18)]) is None
    assert overlapping([trip("a", 9, 12), trip("a", 11, 13)], []) == (trip("a", 11, 13), trip("a", 9, 12))
    with pytest.raises(TicketError, match="已有行程：a8"):
        check_overlap([trip("a", 9, 12)], [trip("a", 8, 10)])
