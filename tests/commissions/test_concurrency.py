"""Two people confirming at once: what contradicts each other is never in force together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from pytest_django.plugin import DjangoDbBlocker
from saleor.account.models import User
from saleor.product.models import Category

from plugins.commissions.access import CONFIRM, EDIT
from plugins.commissions.models import BusinessCategory, CommissionPlan, CommissionRule, RateChange
from plugins.commissions.services import changes
from plugins.commissions.services.changes import confirm, submit
from plugins.org_hierarchy.models import OrgUnit
from saleor_o2o.kernel.clock import today

from ..orgs import person, small_org
from ..threads import kinds, together
from ..wiping import wipe
from .rates import plan_of, rule


@pytest.fixture
def org(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, OrgUnit]]:
    """Commits are real and wiped afterwards."""
    with django_db_blocker.unblock():
        wipe()
        yield small_org()
        wipe()


@pytest.fixture
def plan(org: dict[str, OrgUnit]) -> CommissionPlan:
    return plan_of(org["CQ"])


@pytest.fixture
def maker(org: dict[str, OrgUnit]) -> User:
    return person(org["CQ"], "maker", [EDIT])


@pytest.fixture
def checkers(org: dict[str, OrgUnit]) -> list[User]:
    return [person(org["CQ"], f"checker-{number}", [CONFIRM]) for number in range(8)]


def confirm_fresh(user_pk: int, change_pk: int) -> Any:
    """As a request of its own would: nothing is shared between the threads."""
    return confirm(User.objects.get(pk=user_pk), RateChange.objects.select_related("plan").get(pk=change_pk))


def rush(pairs: list[tuple[User, RateChange]]) -> list[Any]:
    return together(*[partial(confirm_fresh, user.pk, change.pk) for user, change in pairs])


def crossing(plan: CommissionPlan, maker: User) -> list[RateChange]:
    """Each sound by itself; together a sale of fruit in a micro-shop could not tell which one to take."""
    fruit = Category.objects.create(name="时令鲜果", slug="fruit")
    BusinessCategory.objects.create(category=fruit, business="produce")
    start = today() + timedelta(days=1)
    deep = rule({1: "15"}, business="produce", category_id=fruit.pk, valid_from=start)
    narrow = rule({1: "12"}, business="produce", channel_type="micro_shop", valid_from=start)
    return [submit(maker, plan, [one], "调整") for one in (deep, narrow)]


def test_of_eight_versions_for_one_day_one_is_confirmed(
    plan: CommissionPlan, maker: User, checkers: list[User]
) -> None:
    # given
    start = today() + timedelta(days=1)
    waiting = [submit(maker, plan, [rule({1: f"{n + 1}"}, valid_from=start)], "调整") for n in range(8)]

    # when
    results = rush(list(zip(checkers, waiting, strict=True)))

    # then
    assert kinds(results) == ["RateChange"] + ["UnsoundRules"] * 7
    [row] = CommissionRule.objects.filter(in_force=True)
    assert row.version == 1
    assert RateChange.objects.filter(state="pending").count() == 7


def test_one_change_is_confirmed_once(plan: CommissionPlan, maker: User, checkers: list[User]) -> None:
    # given
    change = submit(maker, plan, [rule({1: "9"}, valid_from=today() + timedelta(days=1))], "调整")

    # when
    results = rush([(checker, change) for checker in checkers])

    # then
    assert kinds(results) == ["IllegalMove"] * 7 + ["RateChange"]


def test_rules_that_cross_are_not_confirmed_side_by_side(
    plan: CommissionPlan, maker: User, checkers: list[User]
) -> None:
    # when
    results = rush(list(zip(checkers, crossing(plan, maker), strict=False)))

    # then
    assert kinds(results) == ["RateChange", "UnsoundRules"]
    assert CommissionRule.objects.filter(in_force=True).count() == 1


def test_without_the_lock_they_are(
    plan: CommissionPlan, maker: User, checkers: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: no lock, and both look before either writes
    from threading import Barrier

    both = Barrier(2, timeout=10)
    real = changes.check

    def look(*args: Any, **kwargs: Any) -> Any:
        found = real(*args, **kwargs)
        both.wait()
        return found

    waiting = crossing(plan, maker)
    monkeypatch.setattr(changes, "lock_plans", lambda keys: None)
    monkeypatch.setattr(changes, "check", look)

    # when
    results = rush(list(zip(checkers, waiting, strict=False)))

    # then: the test above can fail
    assert kinds(results) == ["RateChange", "RateChange"]
    assert CommissionRule.objects.filter(in_force=True).count() == 2


def test_without_the_lock_the_database_still_refuses_the_same_dimension(
    plan: CommissionPlan, maker: User, checkers: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    start = today() + timedelta(days=1)
    waiting = [submit(maker, plan, [rule({1: f"{n + 1}"}, valid_from=start)], "调整") for n in range(4)]
    monkeypatch.setattr(changes, "lock_plans", lambda keys: None)

    # when
    results = rush(list(zip(checkers, waiting, strict=False)))

    # then: whoever comes second is told, in words
    assert kinds(results).count("RateChange") == 1
    assert set(kinds(results)) <= {"RateChange", "CommissionError", "UnsoundRules", "LockTimeout"}
    assert CommissionRule.objects.filter(in_force=True).count() == 1
