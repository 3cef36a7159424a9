"""What is over: points past their date are taken out, and members are told before (`terms`)."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Min, Sum

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.sweeping import drive_each, sum_each

from ..events import PointsExpiring
from ..kinds import IN_LOTS, Book
from ..models import Lot
from ..terms import terms_in_force
from .ledger import expire_due, lock_purses


def expire(limit: int = 500) -> int:
    """Take expired points out of their purses, a member at a time; returns of how many. Again changes nothing."""
    due = Lot.objects.filter(left__gt=0, expires_at__lte=now()).order_by()
    members = list(due.values_list("purse__member_id", flat=True).distinct()[:limit])
    return sum_each(members, _expire)


@transaction.atomic
def _expire(member: int) -> bool:
    purses = lock_purses(member)[member]
    taken = [expire_due(purses[book]) for book in IN_LOTS]  # of each book, also where the first had something
    return any(one > 0 for one in taken)


def notice(limit: int = 1000) -> int:
    """Tell of points that expire within the days of the terms, once for each lot; of how many members."""
    moment = now()
    rows = Lot.objects.filter(
        purse__book=Book.POINTS, left__gt=0, noticed_at__isnull=True, expires_at__gt=moment,
        expires_at__lte=moment + timedelta(days=terms_in_force(moment).notice_days),
    )  # fmt: skip
    members = list(rows.order_by().values_list("purse__member_id", flat=True).distinct()[:limit])

    @transaction.atomic
    def tell(member: int) -> None:
        lock_purses(member)
        own = rows.filter(purse__member_id=member)
        told = own.aggregate(points=Sum("left"), first=Min("expires_at"))
        if told["points"]:
            publish(
                PointsExpiring(member_id=member, points=int(told["points"]), expires_at=told["first"]),
                key=f"member:{member}",
            )
            own.update(noticed_at=moment)

    return drive_each(members, tell)
