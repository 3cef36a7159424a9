"""Numbers on papers, plates and invoices: what is forgiven, what is refused."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.members.papers import (
    birth_on,
    check_kind,
    clean_paper,
    clean_plate,
    clean_six,
    clean_tax_number,
    credit_check,
    mask_plate,
    years_old,
)
from saleor_o2o.kernel.documents import id_check
from saleor_o2o.kernel.errors import DomainError


@pytest.mark.parametrize(
    ("told", "plate", "new_energy"),
    [
        ("渝A12345", "渝A12345", False),
        ("渝a·1234 5", "渝A12345", False),
        ("川Ａ８８８８８", "川A88888", False),
        ("渝AD12345", "渝AD12345", True),
        ("渝BF1234 5", "渝BF12345", True),
        ("京A12345D", "京A12345D", True),
        ("粤B1234学", "粤B1234学", False),
    ],
)
def test_plates_as_people_write_them(told: str, plate: str, new_energy: bool) -> None:
    # then
    assert clean_plate(told) == (plate, new_energy)


@pytest.mark.parametrize(
    "told",
    ["", "A12345", "渝12345", "渝AI2345", "渝AO2345", "渝A1234", "渝A1234567", "渝A12345Z", "😀A12345"],
)
def test_no_plates(told: str) -> None:
    # then
    with pytest.raises(DomainError, match="车牌号不正确"):
        clean_plate(told)


def test_a_plate_is_masked() -> None:
    # then
    assert (mask_plate("渝A12345"), mask_plate("渝AD12345"), mask_plate("渝A")) == (
        "渝A***45",
        "渝A****45",
        "**",
    )


def test_a_credit_code_has_a_check_character() -> None:
    # given: the code of 中国邮政集团有限公司, as published
    known = "911000000000192465"

    # then
    assert clean_tax_number(f" {known[:4]} {known[4:]} ") == known
    assert clean_tax_number("123456789012345") == "123456789012345"
    for wrong in (f"{known[:17]}6", known[:17], "91110000000019246I", "", "税号"):
        with pytest.raises(DomainError, match="税号不正确"):
            clean_tax_number(wrong)


@given(st.text(alphabet="0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17), st.integers(0, 16))
def test_one_wrong_character_of_a_credit_code_is_always_found(text: str, place: int) -> None:
    # given
    whole = text + credit_check(text)
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    other = alphabet[(alphabet.index(whole[place]) + 1) % 31]

    # then
    assert clean_tax_number(whole) == whole
    with pytest.raises(DomainError):
        clean_tax_number(whole[:place] + other + whole[place + 1 :])


@pytest.mark.parametrize(
    ("paper", "told", "kept"),
    [
        ("id_card", "11010119900307851 5", "110101199003078515"),
        ("birth", "p123456789", "P123456789"),
        ("passport", "E12345678", "E12345678"),
        ("hk_macau", "h12345678", "H12345678"),
        ("taiwan", "12345678", "12345678"),
    ],
)
def test_papers_in_one_form(paper: str, told: str, kept: str) -> None:
    # then
    assert clean_paper(paper, told) == kept
    with pytest.raises(DomainError):
        clean_paper(paper, told[:3])


def test_birth_agrees_with_the_number() -> None:
    # given
    number = "110101199003078515"

    # then
    assert (
        birth_on("id_card", number, None) == birth_on("id_card", number, date(1990, 3, 7)) == date(1990, 3, 7)
    )
    with pytest.raises(DomainError, match="不一致"):
        birth_on("id_card", number, date(1990, 3, 8))
    with pytest.raises(DomainError, match="请填写出生日期"):
        birth_on("passport", "E12345678", None)
    assert birth_on("passport", "E12345678", date(1990, 3, 8)) == date(1990, 3, 8)


def test_age_is_counted_by_full_years() -> None:
    # then
    assert years_old(date(2012, 2, 29), date(2026, 2, 28)) == 13
    assert years_old(date(2012, 2, 29), date(2026, 3, 1)) == 14
    assert years_old(date(2012, 2, 29), date(2028, 2, 29)) == 16


@pytest.mark.parametrize(
    ("kind", "paper", "years", "fine"),
    [
        ("adult", "id_card", 30, True), ("adult", "id_card", 5, False), ("child", "id_card", 8, True),
        ("child", "household", 8, True), ("child", "id_card", 30, False), ("infant", "birth", 1, True),
        ("infant", "birth", 3, False), ("student", "id_card", 20, True), ("student", "id_card", 3, False),
        ("disabled", "id_card", 40, True), ("adult", "household", 30, False),
    ],
)  # fmt: skip
def test_kinds_by_age_and_paper(kind: str, paper: str, years: int, fine: bool) -> None:
    # given
    from saleor_o2o.kernel.clock import today

    birth = date(today().year - years, 1, 1)

    # then
    if fine:
        check_kind(kind, paper, birth)
    else:
        with pytest.raises(DomainError):
            check_kind(kind, paper, birth)


def test_the_last_six_of_a_chassis_number() -> None:
    # then
    assert clean_six("LSVAA4182E2123456", "vin") == "123456"
    assert (clean_six("a1b2c3", "vin"), clean_six("", "vin")) == ("A1B2C3", "")
    with pytest.raises(DomainError, match="后六位"):
        clean_six("12345", "vin")


def test_check_of_identity_numbers_is_the_one_of_values() -> None:
    # then
    assert id_check("11010119900307851") == "5"
