"""The seeded roles: who of the company opens which pages of the official account, and whose followers each sees."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from plugins.official_account.models import Account, Fan, SceneCode, SceneState, openid_index
from plugins.org_hierarchy.models import OrgUnit
from plugins.org_hierarchy.services.templates import expand, post_templates
from tests.orgs import person

pytestmark = pytest.mark.django_db

#: Post → where, and which lists open.
PAGES = {
    "city-operations": ("CQ", {"account", "reply", "menu", "scenecode", "fan"}),
    "city-marketing": ("CQ", {"account", "reply", "menu", "scenecode", "fan"}),
    "city-service": ("CQ", {"account", "reply", "menu", "scenecode", "fan"}),
    "city-cashier": ("CQ", set()),
    "area-manager": ("A1", {"account", "reply", "menu", "scenecode", "fan"}),
    "county-operations": ("C11", {"scenecode", "fan"}),
    "county-finance": ("C11", set()),
    "branch-manager": ("B111", {"scenecode"}),
    "branch-courier": ("B111", set()),
    "outlet-keeper": ("O1111", {"scenecode"}),
    "outlet-clerk": ("O1111", {"scenecode"}),
}


def at(unit: OrgUnit, post: str) -> Client:
    """A browser of somebody who holds a seeded post."""
    [template] = [one for one in post_templates() if one.code == post]
    client = Client()
    user = person(unit, post, expand(template.patterns))
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def listed(client: Client, model: str) -> list[int]:
    page = client.get(reverse(f"admin:o2o_official_account_{model}_changelist"))
    rows: Any = page.context_data["cl"].result_list
    return sorted(row.pk for row in rows)


@pytest.mark.parametrize("post", PAGES)
def test_pages_of_a_post(account: Account, org: dict[str, OrgUnit], post: str) -> None:
    # given
    where, opened = PAGES[post]
    client = at(org[where], post)

    # then
    for model in ("account", "reply", "menu", "scenecode", "fan"):
        page = client.get(reverse(f"admin:o2o_official_account_{model}_changelist"))
        assert page.status_code == (200 if model in opened else 403), model


def test_a_clerk_prints_the_code_of_the_outlet_and_makes_none(
    account: Account, org: dict[str, OrgUnit]
) -> None:
    # given
    mine, other = (
        SceneCode.objects.create(
            account=account, unit=org[unit], name=unit, scene=unit, url="http://q/1", state=SceneState.ACTIVE
        )
        for unit in ("O1111", "O1211")
    )
    clerk = at(org["O1111"], "outlet-clerk")

    # then
    assert listed(clerk, "scenecode") == [mine.pk]
    assert (
        clerk.get(reverse("admin:o2o_official_account_scenecode_poster", args=[mine.pk])).status_code == 200
    )
    assert (
        clerk.get(reverse("admin:o2o_official_account_scenecode_poster", args=[other.pk])).status_code == 404
    )
    for name, args in (("add_code", []), ("end", [mine.pk])):
        address = reverse(f"admin:o2o_official_account_scenecode_{name}", args=args)
        assert clerk.post(address, {"do": "1"}).status_code == 403
    assert SceneCode.objects.get(pk=mine.pk).state == SceneState.ACTIVE


def test_a_county_sees_those_who_came_by_its_codes(account: Account, org: dict[str, OrgUnit]) -> None:
    # given: three followers of the city's account: by a code of this county, by one of another, by none
    fans = []
    for number, unit in enumerate(("O1111", "O1211", "")):
        code = (
            SceneCode.objects.create(account=account, unit=org[unit], name=unit, scene=unit) if unit else None
        )
        openid = f"oSandboxPerson{number:014}"
        fans.append(
            Fan.objects.create(
                account=account, openid=openid, openid_index=openid_index(openid), first_code=code
            )
        )

    # then
    assert listed(at(org["C11"], "county-operations"), "fan") == [fans[0].pk]
    assert listed(at(org["CQ"], "city-operations"), "fan") == [one.pk for one in fans]
