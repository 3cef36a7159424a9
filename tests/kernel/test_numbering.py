import os
import re
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from saleor_o2o.kernel import clock, numbering
from saleor_o2o.kernel.numbering import (
    InvalidNumber,
    check_digit,
    clean_code,
    external_number,
    is_valid,
    next_number,
    next_numbers,
    number_kind,
    parse_number,
    short_code,
)
from tests.threads import together

digits = st.text("0123456789", min_size=1, max_size=24)
MORNING = datetime(2025, 11, 22, 8, 30, 5, tzinfo=clock.SHANGHAI)


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> numbering.NumberKind:
    monkeypatch.setattr(numbering, "_kinds", {})
    return number_kind("kernel_test", "KT", width=6)


def test_the_published_example_of_damm() -> None:
    assert check_digit("572") == "4"


@given(digits)
def test_a_number_with_its_check_digit_is_valid(text: str) -> None:
    assert is_valid(text + check_digit(text))


@given(digits, st.data())
def test_one_wrong_digit_is_always_noticed(text: str, data: st.DataObject) -> None:
    number = text + check_digit(text)
    place = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != number[place]]))
    assert not is_valid(number[:place] + other + number[place + 1 :])


@given(digits, st.data())
def test_two_neighbours_swapped_are_always_noticed(text: str, data: st.DataObject) -> None:
    number = text + check_digit(text)
    place = data.draw(st.integers(0, len(number) - 2))
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert is_valid(swapped) == (swapped == number)


@pytest.mark.parametrize("text", ["", "0", "12a", "١٢٣", "²²"])
def test_what_is_no_number_is_not_valid(text: str) -> None:
    assert not is_valid(text)


@pytest.mark.django_db
def test_numbers_run_on_and_carry_their_date(kind: numbering.NumberKind) -> None:
    # when
    with clock.frozen(MORNING):
        first, second = next_number(kind), next_number(kind, org="5001")

    # then
    assert re.fullmatch(r"KT251122\d{6}\d", first)
    assert second[:12] == "KT2511225001"
    assert int(second[12:18]) == int(first[8:14]) + 1
    assert is_valid(first[2:])
    assert is_valid(second[2:])


@pytest.mark.django_db(transaction=True)
def test_the_first_numbers_of_a_new_kind_come_at_once(kind: numbering.NumberKind) -> None:
    # when
    made = together(*[lambda: next_number(kind)] * 6)

    # then
    assert len({str(one) for one in made if isinstance(one, str)}) == 6


@pytest.fixture
def crowd(monkeypatch: pytest.MonkeyPatch) -> numbering.NumberKind:
    monkeypatch.setattr(numbering, "_kinds", {})
    return number_kind("kernel_test_crowd", "KC", width=6, block=5)


def running(number: str) -> int:
    return int(number[8:14])


@pytest.mark.django_db(transaction=True)
def test_a_block_is_taken_once_and_given_out_once(crowd: numbering.NumberKind) -> None:
    # given
    with clock.frozen(MORNING):
        first = running(next_number(crowd))

        # when: the rest of the block, and more than it has left
        with CaptureQueriesContext(connection) as log:
            one = running(next_number(crowd))
            more = list(map(running, next_numbers(crowd, [("", None)] * 6)))

    # then: the sequence was asked twice, past the log, since who asks it is luck
    assert (one, sorted(more), len(log)) == (first + 1, [*range(first + 2, first + 8)], 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM o2o_number_kernel_test_crowd")
        assert cursor.fetchone()[0] == first + 4 + 3 + 4


@pytest.mark.django_db(transaction=True)
def test_threads_give_out_other_numbers_and_a_forked_process_has_none(crowd: numbering.NumberKind) -> None:
    # given: something of a block is left
    next_number(crowd)

    # when
    made = together(*[lambda: next_numbers(crowd, [("", None)] * 7)] * 6)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, b"%d" % sum(map(len, numbering._stock.values())))
        os._exit(0)
    os.waitpid(child, 0)

    # then: the child would have to ask for its own
    ours = [one for told in made if isinstance(told, list) for one in told]
    assert (len(ours), len(set(ours)), os.read(read, 9)) == (42, 42, b"0")
    assert sum(map(len, numbering._stock.values())) > 0
    os.close(read)
    os.close(write)


@pytest.mark.django_db
def test_typed_numbers_are_forgiven_their_spelling_but_no_digit(kind: numbering.NumberKind) -> None:
    number = next_number(kind)
    typed = f" {number[:4].lower()}-{number[4:9]} {number[9:]} "
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)

    assert parse_number(kind, typed) == number
    for bad in (wrong, number[2:], "XX" + number[2:], "KT" + "0" * 3, "", "KT一二三四五六七八九十一二三"):
        with pytest.raises(InvalidNumber):
            parse_number(kind, bad)


@pytest.mark.django_db
def test_the_sequence_starts_again_at_its_end(kind: numbering.NumberKind) -> None:
    # given
    next_number(kind)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('o2o_number_kernel_test', 999999)")

    # then
    assert next_number(kind)[8:14] == "000001"


def test_kinds_are_registered_once(kind: numbering.NumberKind) -> None:
    for name, prefix in (("kernel_test", "ZZ"), ("other", "KT"), ("Bad name", "Z"), ("other", "z1")):
        with pytest.raises(ValueError, match=r"taken|malformed"):
            number_kind(name, prefix)


@pytest.mark.parametrize("prefix", ["", "R", "WX123456"])
def test_external_numbers_fit_every_partner(prefix: str) -> None:
    numbers = {external_number(prefix) for _ in range(500)}
    assert len(numbers) == 500
    assert all(re.fullmatch(r"[0-9A-Za-z]{6,32}", number) and number.startswith(prefix) for number in numbers)


def test_external_prefixes_are_short_and_plain() -> None:
    for bad in ("123456789", "a-b", "订单"):
        with pytest.raises(ValueError, match="prefix"):
            external_number(bad)


def test_short_codes_have_no_look_alikes() -> None:
    codes = [short_code() for _ in range(300)]
    assert len(set(codes)) == 300
    assert all(len(code) == 8 for code in codes)
    assert not set("".join(codes)) & set("0O1IL2Z5S8BU")
    assert clean_code(f" {codes[0][:4].lower()}-{codes[0][4:]} ") == codes[0]


@pytest.mark.parametrize("text", ["", "AC0D", "A C!"])
def test_characters_that_no_code_has_are_refused(text: str) -> None:
    with pytest.raises(InvalidNumber):
        clean_code(text, "code")
