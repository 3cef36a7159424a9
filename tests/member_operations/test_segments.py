"""Conditions on members: exact answers for each, together, in the reach of whoever asks, and what is refused."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from saleor.account.models import User

from plugins.loyalty.models import Level, MemberLevel
from plugins.member_operations import conditions as asking
from plugins.member_operations.conditions import CONDITIONS, cleaned, in_words
from plugins.member_operations.errors import OperationsError
from plugins.member_operations.models import MemberFigures, Segment
from plugins.member_operations.selectors import audience
from plugins.member_operations.services.segments import save_segment
from plugins.members.models import Member, MemberTag, Tag
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from tests.orgs import person

from .conftest import MANAGER, Make, segment_of


def found(by: User, match: str = "all", **conditions: Any) -> set[int]:
    """Who is meant."""
    return set(audience(by, cleaned(conditions), match).values_list("pk", flat=True))


def bought(member: Member, days_ago: int, orders: int = 1, spent: str = "50") -> Member:
    """Let a member have bought."""
    last = now() - timedelta(days=days_ago)
    MemberFigures.objects.create(
        member=member, first_at=last, last_at=last, orders=orders, spent=Decimal(spent),
        orders_year=orders if days_ago < 365 else 0, spent_year=Decimal(spent) if days_ago < 365 else 0,
    )  # fmt: skip
    return member


def test_each_condition_finds_its_members(
    manager: User, org: dict[str, OrgUnit], make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: 28 February of a common year; members who differ in one thing each
    monkeypatch.setattr(asking, "today", lambda: date(2027, 2, 28))
    recent, lapsed, never = bought(make(), 5, 5, "600"), bought(make(), 100), make()
    born, leap = make(birthday=date(1990, 3, 2)), make(birthday=date(2000, 2, 29))
    lives, silent = make(community_name="中山小区"), make(marketing=False)
    tag = Tag.objects.create(unit=org["B111"], name="爱吃橙子")
    MemberTag.objects.create(member=never, tag=tag)
    basic, gold = (
        Level.objects.create(code=code, name=code, rank=rank, threshold=rank)
        for rank, code in enumerate(("basic", "gold"))
    )
    MemberLevel.objects.create(member=recent, level=gold)
    everybody = set(Member.objects.values_list("pk", flat=True))

    # then
    assert found(manager, recency=["r30"]) == {recent.pk}
    assert found(manager, recency=["r180", "never"]) == everybody - {recent.pk}
    assert found(manager, frequency=["f4"]) == {recent.pk}
    assert found(manager, worth=["m0"]) == {lapsed.pk}
    assert found(manager, worth=["m500"]) == {recent.pk}
    assert found(manager, lapsed="90") == {lapsed.pk}
    assert found(manager, birthday=3) == {born.pk, leap.pk}
    assert found(manager, birthday=1) == {leap.pk}
    assert found(manager, birthday_month=True) == {leap.pk}
    assert found(manager, communities="中山小区，别的小区") == {lives.pk}
    assert found(manager, units=[org["C11"]]) == everybody
    assert found(manager, units=[org["B112"]]) == set()
    assert found(manager, tags=[str(tag.pk)]) == {never.pk}
    assert found(manager, levels=["gold"]) == {recent.pk}
    assert found(manager, levels=["basic"]) == everybody - {recent.pk}
    assert basic.rank < gold.rank
    assert found(manager, sources=["web"]) == everybody
    assert found(manager, registered=1) == everybody
    assert found(manager, follows="yes") == set()
    assert found(manager, follows="no") == everybody
    assert found(manager, opted_in=True) == everybody - {silent.pk}
    # together
    assert found(manager, recency=["r30"], levels=["gold"]) == {recent.pk}
    assert found(manager, recency=["r30"], opted_in=True, communities="中山小区") == set()
    assert found(manager, "any", lapsed=90, communities="中山小区") == {lapsed.pk, lives.pk}
    assert in_words(cleaned({"lapsed": 90, "follows": "no"}), "any") == (
        "多少天没有购买：90 天以上 或 关注公众号：否"
    )


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({}, "REQUIRED"),
        ({"lapsed": "0"}, "INVALID"),
        ({"lapsed": "很久"}, "INVALID"),
        ({"recency": ["r31"]}, "INVALID"),
        ({"units": ["x"]}, "INVALID"),
        ({"birthday": 61}, "INVALID"),
    ],
)
def test_what_cannot_be_asked_is_refused(told: dict[str, Any], code: str) -> None:
    # when
    with pytest.raises(OperationsError) as refused:
        cleaned(told)

    # then
    assert refused.value.code.value == code


def test_everybody_counts_in_the_own_reach_and_in_one_statement(
    manager: User, org: dict[str, OrgUnit], make: Make
) -> None:
    # given a segment with every condition, members of two branches, and one who is frozen
    tag = Tag.objects.create(unit=org["B111"], name="标签")
    told = {
        "recency": ["never"], "frequency": ["f1"], "worth": ["m0"], "lapsed": 1, "birthday": 1, "birthday_month": True,
        "communities": "小区", "units": [org["B111"]], "tags": [tag.pk], "levels": ["basic"], "sources": ["web"],
        "registered": 1, "follows": "no", "opted_in": True,
    }  # fmt: skip
    assert told.keys() == CONDITIONS.keys()
    here, there, frozen = make(), make("B121"), make()
    Member.objects.filter(pk=frozen.pk).update(status="frozen")
    other = person(org["B121"], "other", MANAGER)
    everybody = audience(manager, cleaned(told), "any")

    # when
    with CaptureQueriesContext(connection) as asked:
        count = everybody.count()

    # then
    assert (count, len(asked)) == (1, 1)
    assert found(manager, registered=1) == {here.pk}
    assert found(other, registered=1) == {there.pk}


def test_segments_are_changed_at_their_unit_only(manager: User, org: dict[str, OrgUnit]) -> None:
    # given
    row = segment_of(manager)
    below, beside = person(org["O1111"], "below", MANAGER), person(org["B121"], "beside", MANAGER)
    blind = person(org["B111"], "blind", ["segment.view"])

    # when / then: those below use it, those beside do not know it
    with pytest.raises(NotAllowed):
        save_segment(below, "改名", {"lapsed": 5}, segment=row)
    with pytest.raises(OutOfScope):
        save_segment(beside, "改名", {"lapsed": 5}, segment=row)
    with pytest.raises(NotAllowed):
        save_segment(blind, "新的", {"lapsed": 5})
    with pytest.raises(OperationsError, match="同名"):
        save_segment(manager, row.name, {"lapsed": 5})
    assert [(one.name, one.conditions) for one in Segment.objects.all()] == [(row.name, {"registered": 30})]
