"""What is no amount is no value of the API's Decimal: neither by a variable nor in the query's own text."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from graphql.language.parser import parse_value
from saleor.graphql.core.scalars import Decimal as Scalar

from tests.scope.graphql import post

HOLD = """mutation($most: Decimal) { coachHold(key: "key-00000001", shift: "1", goal: "SC-SN", mobile: "13800138000",
  passengers: [{fare: FULL}], mostTotal: $most) { errors { code } } }"""
NOTHING = [
    "NaN",
    "-NaN",
    "sNaN",
    "Infinity",
    "-inf",
    "1e19",
    "-1e400",
    "1e-30",
    "12,50",
    "",
    True,
    [1],
    {"a": 1},
]


@pytest.mark.parametrize("told", NOTHING)
def test_what_is_no_amount(told: Any) -> None:
    assert Scalar.parse_value(told) is None


@pytest.mark.parametrize(
    ("told", "value"), [("12.50", "12.50"), (0, "0"), (62.5, "62.5"), ("-3", "-3"), ("1e3", "1e3")]
)
def test_amounts_are_read_as_before(told: Any, value: str) -> None:
    assert Scalar.parse_value(told) == Decimal(value)


@pytest.mark.parametrize("text", ['"NaN"', '"Infinity"', "1e400", "{a: 1}", "[1]", "NAN"])
def test_neither_in_the_text_of_a_query(text: str) -> None:
    assert Scalar.parse_literal(parse_value(text)) is None
    assert Scalar.parse_literal(parse_value("12.50")) == Decimal("12.50")


@pytest.mark.parametrize("most", ["NaN", "sNaN", "Infinity", 1e300])
def test_a_mutation_refuses_it_before_it_begins(db: None, most: Any) -> None:
    # when
    by_variable = post(None, HOLD, most=most)
    by_text = post(None, HOLD.replace("($most: Decimal)", "").replace("$most", f'"{most}"'))
    # then it is the query that is wrong, not the server
    for answer in (by_variable, by_text):
        assert "Decimal" in answer["errors"][0]["message"]
        assert "INTERNAL" not in str(answer)
