"""What no row and no calendar can hold, in every argument of every ticketing field: an answer, no fault of ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from graphql.type.definition import (
    GraphQLInputObjectType,
    GraphQLScalarType,
    get_named_type,
)
from saleor.account.models import User

from plugins.org_hierarchy.access.registry import permissions
from plugins.org_hierarchy.models import OrgUnit
from plugins.ticketing.admission.models import AdmissionProduct, TicketClass

from ..orgs import again, person
from .filling import document
from .graphql import post
from .planting import Planter
from .test_api_walk import (  # noqa: F401 - fixtures
    MUTATIONS,
    QUERIES,
    foreign,
    known_of,
    org,
    picture,
    planted_rows,
)

pytestmark = pytest.mark.django_db
WHOSE = ("admission", "coach", "ticket", "myAdmission", "myCoach", "myTicket")
#: As GraphQL writes a zero byte; as it writes the last day there is, and the first.
NOTHING, DAYS = "\\u0000", ("9999-12-31", "0001-01-01")
TEXTS, DATES = ("String", "ID"), ("Date",)
PRODUCT = """query($code: String!, $day: Date!) { admissionProduct(code: $code) {
  calendar(first: $day, days: 92) { day } slots(day: $day) { id } sessions(first: $day) { id } } }"""


def named(args: Any, depth: int = 0) -> Iterator[tuple[str, str]]:
    """The names and kinds of arguments, with those of what is put into them."""
    for name, one in args.items():
        kind = get_named_type(one.type)
        if isinstance(kind, GraphQLInputObjectType) and depth < 3:
            yield from named(kind.fields, depth + 1)
        elif isinstance(kind, GraphQLScalarType):
            yield name, kind.name


FIELDS = [
    (operation, name, field)
    for operation, fields in (("query", QUERIES), ("mutation", MUTATIONS))
    for name, field in fields.items()
    if name.startswith(WHOSE)
]


@pytest.mark.parametrize("who", ["head", "shopper"])
def test_no_argument_brings_a_field_down(
    foreign: Planter,  # noqa: F811 - the fixture
    org: dict[str, OrgUnit],  # noqa: F811
    who: str,
) -> None:
    # given somebody who may do everything there, or a shopper
    user = (
        person(org["C12"], "head", list(permissions()), limits={"refund": "1000"})
        if who == "head"
        else User.objects.create_user("shopper@example.com", "pass-word")
    )
    assert len(FIELDS) > 30
    broken: dict[str, Any] = {}
    for operation, name, field in FIELDS:
        known = known_of(foreign, name)
        for argument, kind in sorted(set(named(field.args))):
            for bad in (NOTHING,) if kind in TEXTS else DAYS if kind in DATES else ():
                cache.clear()
                # when
                with transaction.atomic():
                    asked = document(operation, name, field, {**known, argument: bad})
                    answer = post(again(user), asked, file=picture())
                    transaction.set_rollback(True)
                # then
                if "INTERNAL_ERROR" in str(answer) or "Syntax Error" in str(answer):
                    broken[f"{name}({argument}: {bad})"] = answer["errors"]
    assert broken == {}


def test_days_of_a_calendar_end(foreign: Planter) -> None:  # noqa: F811
    row: Any = foreign.known[AdmissionProduct]
    TicketClass.objects.filter(product=row).update(valid_mode="day")
    for day in (*DAYS, "9999-12-15", "2999-12-31"):
        answer = post(None, PRODUCT, code=row.code, day=day)
        assert "errors" not in answer, answer
