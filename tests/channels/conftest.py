"""The small organisation, its people, and the shop of the stock tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from saleor.account.models import User

from plugins.org_hierarchy.models import OrgUnit
from tests.orgs import person, small_org
from tests.stock.world import World, make_world

LIAISON = ("channel.view", "channel.create", "channel.edit", "channel.visit", "order.view")
COUNTY = (*LIAISON, "channel.approve", "channel.transfer", "channel.export", "approval.view")


@pytest.fixture(autouse=True)
def fresh_counters() -> Iterator[None]:
    """Nobody has knocked yet."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def org(db: None) -> dict[str, OrgUnit]:
    return small_org()


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def liaison(org: dict[str, OrgUnit]) -> User:
    """店主联络员 of branch B111."""
    return person(org["B111"], "liaison", LIAISON)


@pytest.fixture
def abroad(org: dict[str, OrgUnit]) -> User:
    """The same in another county."""
    return person(org["B121"], "abroad", LIAISON)


@pytest.fixture
def county(org: dict[str, OrgUnit]) -> User:
    """Who decides in county C11."""
    return person(org["C11"], "county", COUNTY)
