"""Expressions say quickly what they are, and the very thing that Django's own way says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import (
    Case,
    CharField,
    Count,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OrderBy,
    Q,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Col, Expression, RawSQL, Window
from django.db.models.functions import Cast, Coalesce, Concat, Lower, RowNumber, TruncDate
from saleor.order.models import Order

from saleor_o2o.kernel.expressions import identity_of

STATUS = Order._meta.get_field("status")


def _as_django(expression: Expression) -> tuple[Any, ...]:
    """What Django's own way says."""
    args, kwargs = expression._constructor_args
    bound = type(expression)._constructor_signature.bind_partial(expression, *args, **kwargs)
    bound.apply_defaults()
    _self, *arguments = bound.arguments.items()
    return (type(expression), *[(name, expression._identity(value)) for name, value in arguments])


@pytest.mark.parametrize(
    "make",
    [
        lambda: Col("order_order", STATUS),
        lambda: Col("order_order", STATUS, output_field=CharField()),
        lambda: Value(3),
        lambda: Value([1, {"a": 2}], output_field=IntegerField()),
        lambda: OrderBy(F("created")),
        lambda: OrderBy(F("created"), descending=True, nulls_last=True),
        lambda: OrderBy(F("created"), True),
        lambda: Lower("status"),
        lambda: Concat("status", Value("x"), "token"),
        lambda: Coalesce(F("status"), Value(""), output_field=CharField()),
        lambda: Cast("pk", CharField()),
        lambda: Func(F("a"), 1, function="GREATEST", template="x", arity=2),
        lambda: Func(function="NOW", **{"args": 1}),
        lambda: Sum("total", filter=Q(status="draft"), distinct=True),
        lambda: Count("*"),
        lambda: ArrayAgg("pk", order_by=("-pk", "status")),
        lambda: Case(When(status="draft", then=1), When(Q(pk=2), then=F("pk")), default=Value(0)),
        lambda: When(status="draft", then=1),
        lambda: RawSQL("now() > %s", [1]),
        lambda: Window(RowNumber(), partition_by=[F("status")], order_by="pk"),
        lambda: TruncDate("created"),
        lambda: ExpressionWrapper(F("a") + 1, output_field=IntegerField()),
        lambda: F("a") * 2 - F("b"),
    ],
)  # fmt: skip
def test_it_is_what_django_says(make: Callable[[], Expression]) -> None:
    # given
    expression = make()

    # then
    assert identity_of(expression) == _as_django(expression)
    assert expression.identity == _as_django(expression)


def test_other_arguments_make_another_expression() -> None:
    assert Lower("status") == Lower("status")
    assert hash(OrderBy(F("a"))) == hash(OrderBy(F("a"), descending=False))
    assert (
        len({Lower("status"), Lower("token"), Sum("a"), Sum("a", distinct=True), Value(1), Value("1")}) == 6
    )


def test_all_expressions_ask_here() -> None:
    assert vars(Expression)["identity"].func is identity_of
