"""Reads: what is on sale, what a member has."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from saleor_o2o.kernel.clock import now

from .choices import SOLD, MembershipState
from .models import Card, Membership, Plan, Term


def plans_on_sale() -> list[Plan]:
    """What may be bought now, by kind, the lowest first. One statement."""
    moment = now()
    rows = Plan.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=moment), kind__in=SOLD, valid_from__lte=moment,
        variant__isnull=False,
    )  # fmt: skip
    return list(rows)


def memberships_of(member_id: int, rows: QuerySet[Membership] | None = None) -> list[Membership]:
    """A member's memberships with their terms and cards, the running ones first. Three statements."""
    found = (rows if rows is not None else Membership.objects.all()).filter(member_id=member_id)
    terms: Prefetch[Any] = Prefetch("terms", Term.objects.select_related("plan", "membership"))
    cards: Prefetch[Any] = Prefetch("cards", Card.objects.select_related("plan", "unit"))
    return sorted(
        found.select_related("plan", "vehicle").prefetch_related(terms, cards),
        key=lambda one: (one.state != MembershipState.ACTIVE, -one.ends_at.timestamp()),
    )


def running_of(member_id: int) -> list[Membership]:
    """A member's memberships that run now, the highest plan first. One statement."""
    moment = now()
    rows = Membership.objects.filter(
        member_id=member_id, state=MembershipState.ACTIVE, starts_at__lte=moment, ends_at__gt=moment
    ).select_related("plan", "vehicle")
    return sorted(rows, key=lambda one: (-one.plan.rank, one.pk))
