"""The back office: counted before it is kept, previewed, submitted, watched; and figures that follow orders."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from saleor.account.models import User

from plugins.member_operations.models import Campaign, MemberFigures, Segment
from plugins.member_operations.services.figures import count, count_stale
from plugins.members.interfaces import ensure_member
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.ordering.models import OrderProfile
from tests.ordering.conftest import Mall
from tests.ordering.conftest import mall as mall
from tests.ordering.conftest import world as world
from tests.orgs import person

from .conftest import MANAGER, Make, approved


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:o2o_member_operations_{name}", args=args)


@pytest.fixture
def desk(manager: User) -> Iterator[Client]:
    """The manager's browser."""
    client = Client()
    client.force_login(manager)
    yield client


def test_counted_before_it_is_kept(desk: Client, make: Make, org: dict[str, OrgUnit]) -> None:
    # given
    member = make(name="欧阳娜娜")
    told = {"name": "同意的", "match": "all", "opted_in": "on", "is_active": "on"}

    # when
    empty = desk.post(page("segment_new"), {"look": "1", "name": "空", "match": "all"}).content.decode()
    seen = desk.post(page("segment_new"), {"look": "1", **told}).content.decode()
    kept = Segment.objects.count()
    done = desk.post(page("segment_new"), {"do": "1", **told})

    # then
    assert "请至少填写一个条件" in empty
    assert "1 人" in seen and member.number in seen
    assert "欧阳娜娜" not in seen and member.identities.get().value not in seen
    assert (kept, done.status_code) == (0, 302)

    # when it is changed: what was kept stands in the form
    row = Segment.objects.get()
    shown = desk.get(page("segment_edit", row.pk)).content.decode()
    desk.post(page("segment_edit", row.pk), {"do": "1", **told, "opted_in": "", "lapsed": "30"})
    own = desk.get(page("segment_change", row.pk)).content.decode()

    # then
    assert 'value="同意的"' in shown
    assert Segment.objects.get().conditions == {"lapsed": 30}
    assert "0 人" in own


def test_a_campaign_from_preview_to_result(
    desk: Client, manager: User, approver: User, make: Make, rule: Any
) -> None:
    # given
    make(name="欧阳娜娜")
    segment = Segment.objects.create(unit=rule_unit(manager), name="同意的", conditions={"opted_in": True})
    told = {"name": "周末", "segment": segment.pk, "way": "sms", "text": "{称呼}，周末见"}

    # when
    wrong = desk.post(page("campaign_new"), {"do": "1", **told, "text": ""}).content.decode()
    seen = desk.post(page("campaign_new"), {"look": "1", **told}).content.decode()
    desk.post(page("campaign_new"), {"do": "1", **told})
    row = Campaign.objects.get()
    asked = desk.get(page("campaign_submit", row.pk)).content.decode()
    waiting = desk.post(
        page("campaign_submit", row.pk), {"do": "1", "note": ""}, follow=True
    ).content.decode()

    # then: names masked, what was typed stays
    assert "请填写内容" in wrong and "周末" in wrong
    assert "每人 1 条计费" in seen and "欧" in seen and "欧阳娜娜" not in seen + asked
    assert "待审批" in waiting and "同意接收营销信息：是" in waiting
    assert desk.post(page("campaign_edit", row.pk), {"do": "1", **told}).status_code == 200

    # when another one is approved, it can be stopped
    other = approved(manager, approver)
    stopped = desk.post(page("campaign_stop", other.pk), {"do": "1", "reason": "价格错了"}, follow=True)
    listed = desk.get(page("campaignmessage_changelist"), {"campaign__id__exact": other.pk}).content.decode()

    # then
    assert "已停止，1 人没有再发" in stopped.content.decode()
    assert "已停止，未发" in listed


def test_a_list_of_segments_costs_the_same_for_many(
    desk: Client, manager: User, org: dict[str, OrgUnit]
) -> None:
    # given
    unit = rule_unit(manager)

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            text = desk.get(page("segment_changelist")).content.decode()
        assert "归属机构（含下级）：1 个" in text
        return len(asked)

    Segment.objects.create(unit=unit, name="一", conditions={"units": [unit.pk], "levels": ["basic"]})
    cost()
    few = cost()

    # when
    for number in range(5):
        Segment.objects.create(unit=unit, name=f"{number}", conditions={"units": [unit.pk], "tags": [1]})

    # then
    assert cost() == few


def rule_unit(user: User) -> OrgUnit:
    """Where somebody works."""
    unit: OrgUnit = user.o2o_staff.unit  # type: ignore[attr-defined]
    return unit


def test_others_meet_nothing(manager: User, approver: User, org: dict[str, OrgUnit], make: Make) -> None:
    # given
    make()
    campaign = approved(manager, approver)
    strangers = {
        404: person(org["B121"], "beside", MANAGER),
        403: person(org["B111"], "clerk", ["campaign.view"]),
    }

    for status, user in strangers.items():
        # when
        client = Client()
        client.force_login(user)
        answer = client.post(page("campaign_stop", campaign.pk), {"do": "1", "reason": "随便停停"})

        # then
        assert answer.status_code == status
        assert Campaign.objects.get(pk=campaign.pk).state == "scheduled"


def test_figures_follow_the_orders(mall: Mall) -> None:
    # given: an order of 149.80, paid, then 49.80 of it gone back
    member = ensure_member(mall.world.customer)
    order = mall.place({mall.orange: 2, mall.tea: 1})
    assert count([member.pk]) == 0
    mall.pay(order)

    # when / then: the news has been counted already
    assert MemberFigures.objects.get().spent_year == Decimal("149.80")
    OrderProfile.objects.filter(order=order).update(refunded=Decimal("49.80"))
    with CaptureQueriesContext(connection) as asked:
        count([member.pk])
    row = MemberFigures.objects.get()
    assert (row.orders, row.spent, row.orders_year, row.spent_year) == (
        1,
        Decimal("100.00"),
        1,
        Decimal("100.00"),
    )
    statements = [one["sql"].split(" ", 1)[0] for one in asked.captured_queries]
    assert [one for one in statements if one in ("SELECT", "INSERT", "UPDATE")] == ["SELECT", "INSERT"]
    OrderProfile.objects.filter(order=order).update(refunded=Decimal("149.80"))
    assert count([member.pk]) == 0
    row = MemberFigures.objects.get()
    assert (row.last_at, row.orders, row.spent) == (None, 0, 0)

    # when figures are lost, the job finds the member again, once
    OrderProfile.objects.filter(order=order).update(refunded=0)
    MemberFigures.objects.all().delete()
    assert (count_stale(), count_stale()) == (1, 0)
