"""Counting what members bought: by news of orders, and once a day for all, because a year moves on by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, Sum

from plugins.members.interfaces import Member
from saleor_o2o.kernel.clock import midnight, now, today
from saleor_o2o.ordering.models import OrderProfile

from ..models import MemberFigures

YEAR = timedelta(days=365)
CHUNK = 1000
_FIELDS = ("first_at", "last_at", "orders", "spent", "orders_year", "spent_year", "counted_at")


def bought() -> Q:
    """The condition on order profiles: paid, and not gone back whole."""
    return Q(paid_at__isnull=False, total__gt=F("refunded"))


def count(member_ids: Collection[int]) -> int:
    """Count these members anew; returns how many have bought. Two or three statements, no lock; again is harmless."""
    moment = now()
    recent = Q(paid_at__gte=moment - YEAR)
    left = F("total") - F("refunded")
    found = (
        OrderProfile.objects.filter(bought(), order__user__o2o_member__in=member_ids)
        .order_by()
        .values("order__user__o2o_member")
        .annotate(
            n_first=Min("paid_at"), n_last=Max("paid_at"), n_orders=Count("pk"), n_spent=Sum(left),
            n_lately=Count("pk", filter=recent), n_spent_lately=Sum(left, filter=recent),
        )
    )  # fmt: skip
    rows = [
        MemberFigures(
            member_id=one["order__user__o2o_member"], first_at=one["n_first"], last_at=one["n_last"],
            orders=one["n_orders"], spent=one["n_spent"] or 0, orders_year=one["n_lately"],
            spent_year=one["n_spent_lately"] or 0, counted_at=moment,
        )
        for one in found
    ]  # fmt: skip
    MemberFigures.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["member"], update_fields=list(_FIELDS)
    )
    none: dict[str, Any] = dict.fromkeys(_FIELDS, 0)
    none |= {"first_at": None, "last_at": None, "counted_at": moment}
    gone = set(member_ids) - {row.member_id for row in rows}
    if gone:
        MemberFigures.objects.filter(member__in=gone).update(**none)
    return len(rows)


def count_of_order(order_id: Any) -> int:
    """Count the member of an order anew; 0 for an order of nobody's."""
    keys = list(Member.objects.filter(user__orders=order_id).values_list("pk", flat=True))
    return count(keys) if keys else 0


def count_stale() -> int:
    """Count whoever was not counted today, or has bought and was never counted; returns how many were looked at."""
    looked = 0
    for keys in _chunks():
        count(keys)
        looked += len(keys)
    return looked


def _chunks() -> Iterator[list[int]]:
    start = midnight(today())
    while keys := list(
        MemberFigures.objects.filter(counted_at__lt=start).values_list("member_id", flat=True)[:CHUNK]
    ):
        yield keys
    paid = OrderProfile.objects.filter(bought(), order__user=OuterRef("user_id"))
    new = Member.objects.filter(Exists(paid), o2o_figures__isnull=True).order_by("pk")
    while keys := list(new.values_list("pk", flat=True)[:CHUNK]):
        yield keys
