"""Numbers of identity documents: one form, right checks, what they say of the holder."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.members.kinds import PaperKind
from saleor_o2o.kernel.documents import (
    DocumentKind,
    birth_in,
    id_check,
    mrz_check,
    number_of,
    passport_in,
    resident_number,
)

#: ICAO 9303 part 4, appendix A: the specimen of Utopia.
UTOPIA = "L898902C36UTO7408122F1204159ZE184226B<<<<<10"


def numbered(seventeen: str) -> str:
    return seventeen + id_check(seventeen)


@pytest.mark.parametrize(
    ("kind", "told", "kept"),
    [
        ("id_card", " 11010119900307851 5", "110101199003078515"),
        ("id_card", "１１０１０５１９４９１２３１００２ｘ", "11010519491231002X"),
        ("id_card", "110105491231002", "11010519491231002X"),
        ("temporary", "110101-19900307-8515", "110101199003078515"),
        ("household", "110101199003078515", "110101199003078515"),
        ("residence", numbered("81000019900307001"), numbered("81000019900307001")),
        ("residence", numbered("83000019900307001"), numbered("83000019900307001")),
        ("foreigner", "usa110188050612", "USA110188050612"),
        ("foreigner", numbered("91184019880506001"), numbered("91184019880506001")),
        ("birth", "p123456789", "P123456789"),
        ("passport", "ea1234567", "EA1234567"),
        ("passport", "E 1234 5678", "E12345678"),
        ("passport", UTOPIA, "L898902C3"),
        ("hk_macau", "h12345678", "H12345678"),
        ("hk_macau", "M1234567800", "M1234567800"),
        ("taiwan", "12345678", "12345678"),
        ("taiwan", "1234567801", "1234567801"),
        ("exit_permit", "C12345678", "C12345678"),
        ("exit_permit", "CA1234567", "CA1234567"),
        ("military", "南字第 0123456 号", "南字第0123456号"),
        ("military", "武 0123456", "武字第0123456号"),
    ],
)
def test_numbers_in_one_form(kind: str, told: str, kept: str) -> None:
    # then
    assert number_of(kind, told) == kept
    assert number_of(kind, told[:4]) is None
    assert number_of(kind, f"{told}😀") is None


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("id_card", "110101199003078516"),  # check
        ("id_card", numbered("11010119900230851")),  # 30 February
        ("id_card", numbered("99010119900307851")),  # no such province
        ("id_card", numbered("81000019900307001")[:-1]),
        ("residence", "110101199003078515"),  # a citizen's
        ("foreigner", "110101199003078515"),
        ("foreigner", "91184019880506001" + ("0" if id_check("91184019880506001") != "0" else "1")),
        ("passport", "ABCDEFGH"),  # not one digit
        ("passport", UTOPIA[:9] + "7" + UTOPIA[10:]),  # misread
        ("hk_macau", "A12345678"),
        ("taiwan", "123456789"),
        ("military", "0123456"),
        ("id_card", "１１０１０１１９９００３０７８５１٥"),  # an Arabic digit
    ],
)
def test_what_is_no_number(kind: str, told: str) -> None:
    # then
    assert number_of(kind, told) is None


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.integers(0, 999), st.integers(0, 16))
def test_one_wrong_digit_of_an_identity_number_is_always_found(
    birth: date, sequence: int, place: int
) -> None:
    # given
    whole = numbered(f"500103{birth:%Y%m%d}{sequence:03d}")
    other = str((int(whole[place]) + 1) % 10)

    # then
    assert number_of("id_card", whole.lower()) == whole
    assert birth_in("id_card", whole) == birth
    assert resident_number(whole[:place] + other + whole[place + 1 :]) is None


def test_check_digits_of_a_machine_readable_line() -> None:
    # then
    assert (mrz_check("L898902C3"), mrz_check("740812"), mrz_check("120415")) == ("6", "2", "9")
    assert passport_in(UTOPIA) == "L898902C3"
    assert passport_in(UTOPIA[:-1]) is None


def test_which_numbers_say_a_birthday() -> None:
    # then
    assert birth_in("foreigner", numbered("91184019880506001")) == date(1988, 5, 6)
    assert birth_in("foreigner", "USA110188050612") is None
    assert birth_in("residence", numbered("81000019900307001")) == date(1990, 3, 7)
    assert birth_in("passport", "E12345678") is None


def test_members_keep_no_list_of_their_own() -> None:
    # then: the kinds of frequent passengers' papers are the same ones under the same names
    assert {kind.value: str(kind.label) for kind in PaperKind}.items() <= {
        kind.value: str(kind.label) for kind in DocumentKind
    }.items()
