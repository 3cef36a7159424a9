"""Two who want the last point, two sign-ins of one day, news that come ten times: exactly one counts."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from pytest_django.plugin import DjangoDbBlocker

from plugins.loyalty.kinds import Book
from plugins.loyalty.models import EarnRule, Entry, Purse
from plugins.loyalty.services import ledger
from plugins.loyalty.services.giving import sign_in
from plugins.members.models import Member
from plugins.org_hierarchy.interfaces import OrgUnit
from tests.members.asking import somebody
from tests.orgs import small_org
from tests.threads import kinds, together
from tests.wiping import wipe

from .conftest import give, purse_of, sound, use

THREADS = 8


@pytest.fixture
def place(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[Member, OrgUnit]]:
    """A member and a unit; commits are real and wiped afterwards."""
    with django_db_blocker.unblock():
        wipe()
        org = small_org()
        yield somebody(home_unit=org["B111"]), org["B111"]
        wipe()


def test_eight_want_points_for_five(place: tuple[Member, OrgUnit]) -> None:
    # given
    member, unit = place
    give(member, 50, "a", unit)

    # when
    results = together(*(partial(use, member, 10, f"x{n}", unit) for n in range(THREADS)))

    # then
    assert kinds(results) == ["Entry"] * 5 + ["PointsShort"] * 3
    assert purse_of(member) == (0, 0)
    sound()


def test_without_the_lock_points_are_used_twice(
    place: tuple[Member, OrgUnit], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: the negative control; everybody has read the purse before anybody writes
    from threading import Barrier

    member, unit = place
    give(member, 50, "a", unit)
    gate = Barrier(THREADS, timeout=30)

    def unlocked(*members: int) -> Any:
        rows = list(Purse.objects.filter(member_id__in=members))
        gate.wait()
        return {members[0]: {row.book: row for row in rows}}

    monkeypatch.setattr(ledger, "lock_purses", unlocked)

    def burn(number: int) -> Entry:
        with transaction.atomic():
            purse = ledger.lock_purses(member.pk)[member.pk][Book.POINTS]
            from .conftest import why

            return ledger.spend(purse, Decimal(10), why(f"x{number}", unit))

    # when
    results = together(*(partial(burn, n) for n in range(THREADS)))

    # then: all eight got their points out of five
    assert kinds(results) == ["Entry"] * THREADS
    used = Entry.objects.filter(biz_id__startswith="x").aggregate(sum=Sum("draws__amount"))["sum"]
    assert used == 80
    with pytest.raises(AssertionError):
        sound()


def test_one_business_at_the_same_moment_moves_once(place: tuple[Member, OrgUnit]) -> None:
    # given
    member, unit = place

    # when
    results = together(*(partial(give, member, 10, "same", unit) for _ in range(THREADS)))

    # then
    assert len({row.pk for row in results}) == 1 and purse_of(member) == (10, 0)
    sound()


def test_signing_in_at_the_same_moment_gives_once(place: tuple[Member, OrgUnit]) -> None:
    # given
    member, _unit = place
    EarnRule.objects.create(occasion="sign_in", points=10)

    # when
    results = together(*(partial(sign_in, member) for _ in range(THREADS)))

    # then
    assert sorted(one.points for one in results) == [0] * 7 + [10]
    assert purse_of(member) == (10, 0)
    sound()
