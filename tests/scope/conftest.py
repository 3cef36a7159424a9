"""The small city of two counties, its people, and their browsers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from saleor.account.models import User

from plugins.org_hierarchy.access.registry import permissions
from plugins.org_hierarchy.models import DataScope, OrgUnit

from ..orgs import person, small_org
from .city import Rows, rows_at

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def org(db: None) -> dict[str, OrgUnit]:
    return small_org()


@pytest.fixture
def ours(org: dict[str, OrgUnit]) -> Rows:
    """County C11, branch B111."""
    return rows_at(org["B111"], "jia")


@pytest.fixture
def theirs(org: dict[str, OrgUnit]) -> Rows:
    """County C12, branch B121."""
    return rows_at(org["B121"], "yi")


@pytest.fixture
def people(org: dict[str, OrgUnit]) -> dict[str, User | None]:
    """Somebody of each kind: the clerks may do everything within their county, the manager in the city."""
    every = list(permissions())
    return {
        "anonymous": None,
        "shopper": User.objects.create_user("shopper@example.com", "pass-word"),
        "ours": person(org["C11"], "clerk-a", every, limits={"refund": "1000"}),
        "theirs": person(org["C12"], "clerk-b", every, limits={"refund": "1000"}),
        "area": person(org["A1"], "area", every, limits={"refund": "1000"}),
        "city": person(org["CQ"], "city", every, scope=DataScope.ALL, limits={"refund": "1000"}),
        "superuser": User.objects.create_superuser("root@example.com", "pass-word"),
    }


@pytest.fixture
def browser() -> Callable[[User | None], Client]:
    """A browser in which somebody is logged in to the back office."""

    def make(user: User | None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user, backend=BACKEND)
        return client

    return make


@pytest.fixture
def visit(people: dict[str, User | None], browser: Callable[[User | None], Client]) -> Callable[..., Any]:
    """Get (or post to) an address as somebody of `people`."""
    browsers: dict[str, Client] = {}

    def go(who: str, address: str, data: dict[str, Any] | None = None, method: str = "get") -> Any:
        client = browsers.setdefault(who, browser(people[who]))
        return getattr(client, method)(address, data or {})

    return go
