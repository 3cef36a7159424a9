"""Ten messages of one business, a reversal meeting itself, a registration meeting the sweep: points once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db.models import QuerySet
from pytest_django.plugin import DjangoDbBlocker

from plugins.loyalty.models import Entry
from plugins.members.models import Member
from plugins.org_hierarchy.interfaces import OrgUnit
from plugins.postal_points.models import PostalBusiness, PostalRule
from plugins.postal_points.services import counting
from plugins.postal_points.services.counting import Told, reverse, sweep, take
from plugins.postal_points.who import read
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.models import StateMove
from tests.members.asking import MOBILE, OTHER, somebody
from tests.orgs import small_org
from tests.threads import kinds, meeting, together
from tests.wiping import wipe

from .conftest import points_of

THREADS = 8


@pytest.fixture
def place(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, settings: Any
) -> Iterator[tuple[Member, OrgUnit]]:
    """A member, a unit, a rule; commits are real and wiped afterwards."""
    settings.O2O_LOCK_TIMEOUT = 30
    with django_db_blocker.unblock():
        wipe()
        org = small_org()
        PostalRule.objects.create(yuan_per_point=Decimal(100), valid_from=now())
        yield somebody(home_unit=org["B111"]), org["B111"]
        wipe()


def told(unit: OrgUnit, mobile: str = MOBILE) -> Told:
    """25 000 yuan saved by somebody."""
    return Told("savings", "CX1", Decimal(25000), now(), unit, read({"mobile": mobile}))


def moves() -> int:
    """How often the one business was reversed."""
    return StateMove.objects.filter(transition="reverse").count()


def test_eight_messages_of_one_business(place: tuple[Member, OrgUnit]) -> None:
    # given
    member, unit = place

    # when
    results = together(*(partial(take, told(unit)) for _n in range(THREADS)))

    # then
    assert kinds(results) == ["PostalBusiness"] * THREADS
    assert points_of(member) == (250, 0)
    assert Entry.objects.count() == 1


def test_eight_reversals(place: tuple[Member, OrgUnit]) -> None:
    # given
    member, unit = place
    take(told(unit))

    # when
    results = together(*(partial(reverse, "savings", "CX1") for _n in range(THREADS)))

    # then
    assert kinds(results) == ["PostalBusiness"] * THREADS
    assert moves() == 1
    assert points_of(member) == (0, 0)
    assert Entry.objects.filter(kind="postal_back").count() == 1


def test_two_sweeps_count_what_waited_once(place: tuple[Member, OrgUnit]) -> None:
    # given: told before he registered, and the news of it not there yet
    _member, unit = place
    take(told(unit, OTHER))
    PostalBusiness.objects.update(wait_until=now())
    late = somebody(OTHER)
    PostalBusiness.objects.update(wait_until=now() + timedelta(days=1))

    # when
    done = together(*(sweep for _n in range(4)))

    # then
    assert sum(done) == 1
    assert points_of(late) == (250, 0)


def test_without_the_locks_a_reversal_does_it_twice(
    place: tuple[Member, OrgUnit], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: the negative control; both have read the business before either writes
    member, unit = place
    take(told(unit))
    meet = meeting(2)

    def unlocked(rows: QuerySet[Any]) -> list[Any]:
        found = list(rows)
        meet()
        return found

    monkeypatch.setattr(counting, "lock_rows", unlocked)
    monkeypatch.setattr(counting, "lock_purses", lambda *_members: {})

    # when
    results = together(*(partial(reverse, "savings", "CX1") for _n in range(2)))

    # then: both take it back, and it is logged twice; the ledger's own lock and key keep the points
    assert kinds(results) == ["PostalBusiness"] * 2
    assert moves() == 2
    assert points_of(member) == (0, 0)
    assert Entry.objects.filter(kind="postal_back").count() == 1
