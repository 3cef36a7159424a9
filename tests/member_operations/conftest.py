"""Members of a county's branches, people who run campaigns, and a gateway that sends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from itertools import count
from typing import Any

import pytest
from saleor.account.models import User

from plugins.approvals.interfaces import approve, open_request
from plugins.member_operations.kinds import Way
from plugins.member_operations.models import Campaign, ContactRule, Segment
from plugins.member_operations.services.campaigns import save_campaign, submit_campaign
from plugins.member_operations.services.segments import save_segment
from plugins.members.models import Member, MemberProfile
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.clock import now
from tests.members.asking import somebody
from tests.members.conftest import sandbox_address, sandbox_folder, sms  # noqa: F401 - fixtures
from tests.official_account.conftest import account, control, editor, line  # noqa: F401 - fixtures
from tests.orgs import person, small_org

MANAGER = [
    "segment.view", "segment.edit", "campaign.view", "campaign.create", "campaign.stop", "member.view", "coupon.view",
]  # fmt: skip
APPROVER = ["campaign.view", "campaign.approve", "approval.view"]
_mobiles = count(13700000000)
Make = Callable[..., Member]


@pytest.fixture
def org(db: None) -> dict[str, OrgUnit]:
    return small_org()


@pytest.fixture
def manager(org: dict[str, OrgUnit]) -> User:
    """Who runs campaigns at branch B111."""
    return person(org["B111"], "manager", MANAGER)


@pytest.fixture
def approver(org: dict[str, OrgUnit]) -> User:
    """Who decides at county C11."""
    return person(org["C11"], "approver", APPROVER)


@pytest.fixture
def rule(org: dict[str, OrgUnit]) -> ContactRule:
    """Once a day, three times in thirty days, never quiet."""
    return ContactRule.objects.create(
        per_day=1,
        per_month=3,
        quiet_from=time(3),
        quiet_until=time(3),
        valid_from=now() - timedelta(days=400),
    )


@pytest.fixture
def make(org: dict[str, OrgUnit]) -> Make:
    """Members of B111 who agree to advertising, unless said otherwise."""

    def made(unit: str = "B111", *, marketing: bool = True, **profile: Any) -> Member:
        name = profile.pop("name", "王建国")
        member = somebody(str(next(_mobiles)), name=name, home_unit=org[unit])
        MemberProfile.objects.update_or_create(member=member, defaults={"marketing": marketing, **profile})
        return Member.objects.get(pk=member.pk)

    return made


def segment_of(by: User, **conditions: Any) -> Segment:
    """A segment; of everybody who was registered lately, unless said otherwise."""
    name = f"分群 {Segment.objects.count()}"
    return save_segment(by, name, conditions or {"registered": 30})


def campaign_of(by: User, segment: Segment | None = None, **told: Any) -> Campaign:
    """A draft by text message."""
    values = {"name": "周末鲜果", "way": Way.SMS, "text": "{称呼}，周末鲜果八折", **told}
    return save_campaign(by, segment=segment or segment_of(by), **values)


def approved(by: User, approver: User, campaign: Campaign | None = None, **told: Any) -> Campaign:
    """A campaign that somebody else has approved."""
    row = submit_campaign(by, campaign or campaign_of(by, **told))
    request = open_request(row)
    assert request is not None
    approve(request, approver)
    return Campaign.objects.get(pk=row.pk)


def states(campaign: Campaign) -> list[tuple[str, str]]:
    """What became of its messages, in the order of the members."""
    return list(campaign.messages.order_by("member_id").values_list("state", "why"))
