"""What people type, unified: arithmetic of identity numbers, masks."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.members.errors import MemberError
from plugins.members.values import clean_id_number, clean_mobile, masked, plausible, unified
from saleor_o2o.kernel.documents import id_check

NUMBERS = st.builds(
    lambda region, day, order: f"{region}{day:%Y%m%d}{order:03d}",
    st.integers(110000, 659000), st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.integers(0, 999),
)  # fmt: skip


@given(NUMBERS)
def test_a_right_identity_number_is_taken_and_one_wrong_digit_is_not(seventeen: str) -> None:
    # given
    number = seventeen + id_check(seventeen)

    # then
    assert clean_id_number(f" {number.lower()} ") == number
    for place in range(6, 17):
        other = str((int(number[place]) + 1) % 10)
        with pytest.raises(MemberError):
            clean_id_number(number[:place] + other + number[place + 1 :])


@pytest.mark.parametrize(
    "text",
    ["", "11010119900307851", "110101199013078515", "010101199003078515", "🐼", "x" * 18, "110101901332077"],
)
def test_what_is_no_identity_number(text: str) -> None:
    # then
    with pytest.raises(MemberError):
        clean_id_number(text)


def test_an_old_number_of_fifteen_digits_is_made_new() -> None:
    # then
    assert clean_id_number("110101900307077") == "11010119900307077" + id_check("11010119900307077")


@pytest.mark.parametrize(
    "text",
    ["13900001111", "139 0000 1111", "+8613900001111", "0086-139-0000-1111", "８６１３９００００１１１１"],
)
def test_mobiles(text: str) -> None:
    # then
    assert clean_mobile(text) == "13900001111"


def test_masks_and_meanings() -> None:
    # then
    assert masked("mobile", "13900001111") == "139****1111"
    assert masked("openid", "oAbCdEfGh123") == "oA***h123"
    assert masked("card", "620100") == "***"
    assert [one.kind for one in plausible("13900001111")] == ["mobile", "card"]
    assert [one.kind for one in plausible("xiaoyu")] == ["username", "card"]
    assert plausible("🐼") == []
    assert unified("card", "6201-0000 17").text == "6201000017"
