"""客票网回调: who may have one worked on again, what the home page says, and that codes are never shown."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from plugins.org_hierarchy.models import OrgUnit
from plugins.ticketing.coach.access import STATION_EDIT, STATION_VIEW
from plugins.ticketing.coach.suppliers.models import NetworkNotice
from plugins.ticketing.coach.suppliers.todo import todo
from plugins.ticketing.coach.suppliers.told import NoticeState

from ...orgs import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def stuck(db: None) -> NetworkNotice:
    return NetworkNotice.objects.create(
        adapter="coach_gone", number="P000000000007", kind="issued", subject="GY0001", body="取票密码 482913",
        state=NoticeState.STUCK, why="客票网查不到：GY0001", next_at=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("unit", "permissions", "looks", "works"),
    [
        ("CQ", [STATION_VIEW, STATION_EDIT], 200, 200), ("CQ", [STATION_VIEW], 200, 403),
        ("B111", [STATION_VIEW, STATION_EDIT], 200, 403), ("CQ", [], 403, 404),
    ],
)  # fmt: skip
def test_who_looks_and_who_has_it_worked_on(
    stuck: NetworkNotice, org: dict[str, OrgUnit], client: Client, unit: str, permissions: list[str], looks: int,
    works: int,
) -> None:  # fmt: skip
    # given
    client.force_login(person(org[unit], "somebody", permissions))

    # when
    page = client.get(reverse("admin:o2o_coach_suppliers_networknotice_change", args=[stuck.pk]))
    again = client.get(reverse("admin:o2o_coach_suppliers_networknotice_again", args=[stuck.pk]))

    # then
    assert (page.status_code, again.status_code) == (looks, works)
    assert "482913" not in page.content.decode() and ("现在处理" in page.content.decode()) == (works == 200)


def test_a_stuck_one_is_worked_on_again(
    stuck: NetworkNotice, org: dict[str, OrgUnit], client: Client
) -> None:
    # given
    keeper = person(org["CQ"], "keeper", [STATION_VIEW, STATION_EDIT])
    client.force_login(keeper)
    assert [one.title for one in todo(keeper)] == ["客票网回调处理不了：出票结果"]

    # when
    answer = client.post(
        reverse("admin:o2o_coach_suppliers_networknotice_again", args=[stuck.pk]), follow=True
    )

    # then: it waits anew, and says why
    stuck.refresh_from_db()
    assert answer.status_code == 200 and "没有这个客票网的接口" in answer.content.decode()
    assert (stuck.state, stuck.tries) == (NoticeState.WAITING, 1)
    assert todo(keeper) == [] and todo(person(org["B111"], "clerk", [STATION_VIEW, STATION_EDIT])) == []
