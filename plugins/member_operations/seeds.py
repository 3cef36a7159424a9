"""Demo: the rule of contacts, a few segments, and members who have agreed to advertising."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from plugins.members.interfaces import agree_to_marketing
from plugins.org_hierarchy.interfaces import Level, OrgUnit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import advisory_lock
from saleor_o2o.seeding.context import SeedContext, SeedLock

from .kinds import Recency
from .models import ContactRule, Segment
from .services.figures import count_stale

SEGMENTS = (
    ("近 30 天买过", "老顾客", {"recency": [Recency.WITHIN_30.value], "opted_in": True}),
    ("90 天没有再买", "该请回来的", {"lapsed": 90, "opted_in": True}),
    ("本周生日", "生日问候", {"birthday": 7, "opted_in": True}),
    ("从没买过", "注册了还没有下过单", {"recency": [Recency.NEVER.value], "opted_in": True}),
)
#: Every so many-eth of the demo's members has said yes.
EVERY = 2


def seed(context: SeedContext) -> None:
    """Write what is missing; what the city has changed stays."""
    city = OrgUnit.objects.filter(level=Level.CITY).order_by("pk").first()
    if city is None:
        return
    with transaction.atomic():
        advisory_lock(SeedLock.CITY, timeout=120)
        if not ContactRule.objects.exists():
            ContactRule.objects.create(valid_from=now() - timedelta(days=365), note="首期规则")
            context.count("同意营销信息的会员", agree_to_marketing(EVERY))
        missing = [one for one in SEGMENTS if not Segment.objects.filter(unit=city, name=one[0]).exists()]
        for name, note, conditions in missing:
            Segment.objects.create(unit=city, name=name, note=note, conditions=conditions)
        context.count("会员分群", len(missing))
    count_stale()
