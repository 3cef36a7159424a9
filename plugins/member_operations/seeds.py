"""Demo: the rule of contacts, a few segments, and members who have agreed to advertising."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from plugins.members.interfaces import Member, agree_to_marketing
from plugins.org_hierarchy.interfaces import Level, OrgUnit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import advisory_lock
from saleor_o2o.ordering.models import OrderProfile
from saleor_o2o.seeding.context import SeedContext, SeedLock

from .kinds import Recency
from .models import ContactRule, Segment, Survey
from .services.figures import count_stale

SEGMENTS = (
    ("近 30 天买过", "老顾客", {"recency": [Recency.WITHIN_30.value], "opted_in": True}),
    ("90 天没有再买", "该请回来的", {"lapsed": 90, "opted_in": True}),
    ("本周生日", "生日问候", {"birthday": 7, "opted_in": True}),
    ("从没买过", "注册了还没有下过单", {"recency": [Recency.NEVER.value], "opted_in": True}),
)
#: What the demo's people answered, in turn; None: nothing.
SCORES = (10, 9, None, 8, 10, 6, None, 9, 10, None, 7, 3)
WORDS = {10: "送得快，橙子很甜", 6: "包装有点简单", 3: "等了三天才到"}
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
        context.count("评价", _surveys())
    count_stale()


def _surveys() -> int:
    """Of the completed orders of the demo, one for each member: what people said, two of three."""
    if Survey.objects.exists():
        return 0
    rows = OrderProfile.objects.filter(completed_at__isnull=False, order__user__o2o_member__isnull=False)
    found: dict[int, Survey] = {}
    for profile in rows.select_related("order__o2o_attribution").order_by("-pk")[:400]:
        member = Member.objects.filter(user_id=profile.order.user_id).values_list("pk", flat=True)[0]
        asked = profile.completed_at
        if member in found or asked is None:
            continue
        score = SCORES[len(found) % len(SCORES)]
        unit = getattr(getattr(profile.order, "o2o_attribution", None), "unit_id", None)
        found[member] = Survey(
            member_id=member, order=profile.order, unit_id=unit, asked_at=asked, score=score,
            word=WORDS.get(score or -1, ""), answered_at=asked + timedelta(hours=3) if score is not None else None,
        )  # fmt: skip
    return len(Survey.objects.bulk_create(found.values()))
