"""An organisation and the people of fee rules."""

from __future__ import annotations

import pytest
from saleor.account.models import User

from plugins.org_hierarchy.models import OrgUnit
from plugins.ticketing.kernel.access import EDIT, PUBLISH, TRY, VIEW

from ..orgs import person, small_org


@pytest.fixture
def org(db: None) -> dict[str, OrgUnit]:
    return small_org()


@pytest.fixture
def maker(org: dict[str, OrgUnit]) -> User:
    return person(org["CQ"], "maker", [VIEW, TRY, EDIT])


@pytest.fixture
def checker(org: dict[str, OrgUnit]) -> User:
    return person(org["CQ"], "checker", [VIEW, TRY, PUBLISH])
