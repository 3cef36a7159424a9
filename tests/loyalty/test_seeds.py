"""The demo's rules, packages and cars: written once, left alone afterwards."""

from __future__ import annotations

import pytest

from plugins.loyalty.models import MemberPriceRule, RechargePackage
from plugins.loyalty.seeds import seed
from plugins.members.models import Member, Vehicle
from plugins.members.seeds import _vehicles
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.seeding.context import SeedContext

pytestmark = pytest.mark.django_db


def test_seeding_twice_is_seeding_once(org: dict[str, OrgUnit], member: Member) -> None:
    # when
    told = []
    for _twice in range(2):
        context = SeedContext(say=lambda text: None)
        seed(context)
        told.append((context.created.get("充值套餐", 0), context.created.get("会员折扣", 0), _vehicles()))

    # then
    assert told == [(4, 3, 1), (0, 0, 0)]
    assert [row.bonus for row in RechargePackage.objects.order_by("pk")] == [0, 5, 20, 50]
    assert sorted(MemberPriceRule.objects.values_list("percent", flat=True)) == [92, 95, 98]
    assert Vehicle.objects.get().member == member
