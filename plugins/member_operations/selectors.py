"""Reads: who is meant by a segment, the rule of now, what a campaign brought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from plugins.coupons.interfaces import coupons_used
from plugins.members.interfaces import Member, MemberStatus
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.scope import rows_for
from saleor_o2o.ordering.models import OrderProfile

from .conditions import asked
from .kinds import REACHED, MessageState, Way
from .models import Campaign, ContactRule
from .services.figures import bought

#: How long after a message an order counts as its fruit.
FRUIT = timedelta(days=7)


def audience(user: Any, conditions: Mapping[str, Any], match: str) -> QuerySet[Member]:
    """The members in good standing of a person's reach who meet the conditions now; to be counted in one statement."""
    rows = rows_for(user, Member.objects.filter(status=MemberStatus.ACTIVE))
    return rows.filter(asked(conditions, match))


def rule_now() -> ContactRule:
    """How often and when members may be reached now; without any row, what a new row says. One statement."""
    found = ContactRule.objects.filter(valid_from__lte=now()).order_by("-valid_from").first()
    return found or ContactRule()


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a campaign: messages by state, the reasons of those not sent, and what followed."""

    states: Mapping[str, int]
    reasons: Mapping[str, int] = field(default_factory=dict)
    bought: int = 0
    coupons_used: int = 0
    opened: int = 0
    bought_after: int = 0
    by_text: int = 0

    @property
    def reached(self) -> int:
        """How many members were reached, as far as is known."""
        return sum(self.states.get(state, 0) for state in REACHED)

    @property
    def rate(self) -> float | None:
        """Of a hundred reached, those who bought within seven days."""
        return round(100 * self.bought / self.reached, 1) if self.reached else None


def result_of(campaign: Campaign) -> Result:
    """What became of a campaign. Six statements at most, whatever the number of messages."""
    rows = campaign.messages.order_by()
    states = dict(rows.values_list("state").annotate(Count("pk")))
    skipped = rows.filter(state=MessageState.SKIPPED)
    orders = OrderProfile.objects.filter(
        bought(), order__user=OuterRef("member__user_id"), paid_at__gte=OuterRef("handed_at"),
        paid_at__lt=OuterRef("until"),
    )  # fmt: skip
    fruit = rows.filter(state__in=REACHED).annotate(until=F("handed_at") + FRUIT).filter(Exists(orders))
    used = coupons_used(gift_prefix(campaign)) if campaign.way == Way.COUPON else 0
    told = Result(states, dict(skipped.values_list("why").annotate(Count("pk"))), fruit.count(), used)
    if campaign.way != Way.WECHAT:
        return told
    tapped = rows.filter(opened_at__isnull=False)
    after = OrderProfile.objects.filter(
        bought(), order__user=OuterRef("member__user_id"), paid_at__gte=OuterRef("opened_at"),
        paid_at__lt=OuterRef("until"),
    )  # fmt: skip
    counted = rows.aggregate(opened=Count("opened_at"), by_text=Count("pk", filter=Q(by_text=True)))
    fruit = tapped.annotate(until=F("opened_at") + FRUIT).filter(Exists(after))
    return replace(told, opened=counted["opened"], by_text=counted["by_text"], bought_after=fruit.count())


def gift_prefix(campaign: Campaign) -> str:
    """With what the keys of a campaign's gifts begin."""
    return f"campaign:{campaign.pk}:"
