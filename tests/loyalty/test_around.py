"""What the member's page shows of loyalty, to whom; and the way to points for a member who has none yet."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import transaction
from django.urls import reverse

from plugins.approvals.interfaces import ApprovalRequest
from plugins.loyalty.kinds import Book
from plugins.loyalty.models import Adjustment, Purse
from plugins.loyalty.services.ledger import grant, lock_purses
from plugins.members.models import Member
from plugins.org_hierarchy.interfaces import OrgUnit
from tests.members.test_pages import browser, page
from tests.orgs import person

from .conftest import give, why

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("rights", "points", "balance"),
    [
        (["member.view", "points.view", "balance.view"], True, True),
        (["member.view", "points.view"], True, False),
        (["member.view", "balance.view"], False, True),
        (["member.view"], False, False),
    ],
)
def test_points_and_balance_stand_on_the_members_page(
    org: dict[str, OrgUnit], member: Member, rights: list[str], points: bool, balance: bool
) -> None:
    # given
    give(member, 120, "a", org["B111"], days=10)
    with transaction.atomic():
        grant(lock_purses(member.pk)[member.pk][Book.BALANCE], Decimal("66.50"), why("b", org["B111"]))

    # when
    shown = browser(person(org["B111"], "clerk", rights)).get(page(member)).content.decode()

    # then
    assert ("+120" in shown, "将于" in shown) == (points, points)
    assert ("¥66.50" in shown, "+66.50" in shown) == (balance, balance)
    assert ("积分、等级与储值" in shown) is (points or balance)


def test_a_member_without_points_is_given_some(org: dict[str, OrgUnit], member: Member) -> None:
    # given
    assert not Purse.objects.filter(member=member).exists()
    rights = ["member.view", "points.view", "points.adjust", "approval.view"]
    person(org["C11"], "boss", ["points.approve", "approval.view"])
    head = browser(person(org["B111"], "head", rights))
    address = reverse("admin:o2o_loyalty_purse_adjust_member", args=[member.pk])

    # then
    assert address in head.get(page(member)).content.decode()
    assert browser(person(org["B111"], "clerk", ["member.view"])).get(address).status_code == 403
    assert browser(person(org["B121"], "other", rights)).get(address).status_code == 404

    # when
    told = {"book": "points", "amount": "50", "level": "", "reason": "开业活动补发", "do": "1"}
    assert head.post(address, told).status_code == 302

    # then
    assert Adjustment.objects.get().amount == 50
    assert ApprovalRequest.objects.count() == 1
