"""Signed codes: what was changed, is another's, was signed by another key or photographed is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from plugins.ticketing.admission.vouchers.codes import (
    SHORT,
    STEP,
    Terms,
    Unreadable,
    genuine,
    in_fours,
    new_nonce,
    new_short,
    read,
    read_short,
    session_secret,
    signed,
    time_code,
    time_code_fits,
    voucher_secret,
)

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
TERMS = Terms(7, 3, 12, 1_790_000_000, 1_790_086_400, 4, False)
AT = datetime(2026, 10, 1, 19, 30, 15, tzinfo=UTC)
whole = st.integers(min_value=0, max_value=2**40)


def test_a_code_says_what_was_signed() -> None:
    # given
    text = signed(TERMS, new_nonce("a1"), KEY)

    # when
    code = read(f" {text}\n")

    # then
    assert (code.terms, code.key, code.time_code) == (TERMS, "a1", "")
    assert genuine(code, KEY.public_key())
    assert not genuine(code, OTHER.public_key())
    assert len(text) <= 170  # a QR code that telephones show and cheap scanners read


@given(terms=st.builds(Terms, whole, whole, whole, whole, whole, whole, st.booleans()))
def test_every_terms_come_back(terms: Terms) -> None:
    assert read(signed(terms, "k-abcdef", KEY)).terms == terms


@given(place=st.integers(min_value=0), new=st.sampled_from("0123456789abcxyzABCXYZ-_.rs"))
def test_whatever_is_changed_is_noticed(place: int, new: str) -> None:
    # given
    text = signed(TERMS, "a1-0123456789abcdef", KEY)
    place %= len(text)
    changed = text[:place] + new + text[place + 1 :]

    # when
    try:
        good = genuine(read(changed), KEY.public_key())
    except Unreadable:
        good = False

    # then
    assert good == (changed == text)


@pytest.mark.parametrize(
    "text",
    ["", "v1", "v1...", "v2.1-1-1-1-1-1-s.a-abcdef.x", "x" * 500, "v1.1-1-1-1-1-1-q.a-abcdef.AA", "令牌",
     "v1.1-1-1-1-1-s.a-abcdef." + "A" * 86, "v1.1-1-1-1-1-1-s.abcdef." + "A" * 86,
     "v1.-1-1-1-1-1-1-s.a-abcdef." + "A" * 86, "v1.1-1-1-1-1-1-s.a-abcdef." + "A" * 86 + ".12"],
)  # fmt: skip
def test_what_is_no_code(text: str) -> None:
    with pytest.raises(Unreadable):
        read(text)


def test_a_signature_has_one_spelling() -> None:
    # given: base64 leaves four bits of the last character open
    text = signed(TERMS, "a1-0123456789abcdef", KEY)
    last = text[-1]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = alphabet[alphabet.index(last) ^ 1]

    # then
    with pytest.raises(Unreadable):
        read(text[:-1] + twin)


def test_a_time_code_counts_for_its_half_minute_and_its_neighbours() -> None:
    # given
    of_session = session_secret(b"m" * 32, 3, 12)
    secret = voucher_secret(of_session, "v1.x.y")
    told = time_code(secret, AT)

    # then: 30 seconds to a step, one step either way, exactly
    begin = AT - timedelta(seconds=AT.timestamp() % STEP)
    assert len(told) == 8 and told.isdigit()
    assert time_code_fits(secret, told, begin - timedelta(seconds=STEP))
    assert time_code_fits(secret, told, begin + timedelta(seconds=2 * STEP - 1))
    assert not time_code_fits(secret, told, begin - timedelta(seconds=STEP + 1))
    assert not time_code_fits(secret, told, begin + timedelta(seconds=2 * STEP))
    assert not time_code_fits(secret, told, begin + timedelta(seconds=STEP), skew=0)


def test_secrets_are_of_their_session_and_nonce() -> None:
    one = voucher_secret(session_secret(b"m" * 32, 3, 12), "v1.x.y")
    assert one != voucher_secret(session_secret(b"m" * 32, 3, 13), "v1.x.y")
    assert one != voucher_secret(session_secret(b"m" * 32, 3, 12), "v1.x.z")
    assert one != voucher_secret(session_secret(b"n" * 32, 3, 12), "v1.x.y")


def test_the_time_code_is_the_one_of_the_standard() -> None:
    # given: RFC 6238 appendix B, SHA-256 with its 32 byte secret, 8 digits
    secret = b"12345678901234567890123456789012"
    known = {
        59: "46119246",
        1111111109: "68084774",
        1234567890: "91819424",
        2000000000: "90698825",
        20000000000: "77737706",
    }
    assert {at: time_code(secret, float(at)) for at in known} == known


def test_a_short_code_is_typed_with_blanks_and_one_wrong_digit_is_noticed() -> None:
    # given
    code = new_short()

    # then
    assert len(code) == SHORT and read_short(in_fours(code)) == code
    for place, digit in enumerate(code):
        wrong = code[:place] + str((int(digit) + 1) % 10) + code[place + 1 :]
        assert read_short(wrong) is None
    for place in range(SHORT - 1):
        if code[place] != code[place + 1]:
            swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
            assert read_short(swapped) is None
    assert read_short("１２３４") is None and read_short("") is None
