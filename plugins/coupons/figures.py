"""What coupons cost whom: of the append-only entries, by template, over days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from saleor_o2o.kernel.clock import SHANGHAI

from .choices import EntryKind
from .models import CouponEntry


@dataclass(frozen=True, slots=True)
class Row:
    """A template's (or a seller's) figures of a period; yuan. `back` is what of `used` went back."""

    name: str
    coupons: int
    used: Decimal
    back: Decimal
    platform: Decimal
    unit: Decimal
    merchant: Decimal

    @property
    def net(self) -> Decimal:
        return self.used - self.back


def redeemed(
    entries: QuerySet[CouponEntry], first: date, last: date, by: str = "coupon__template__name"
) -> list[Row]:
    """The figures from a day to another, both included, Shanghai time; one statement. `by`: what a row is of."""
    start = datetime.combine(first, time(), SHANGHAI)
    end = datetime.combine(last, time(), SHANGHAI) + timedelta(days=1)
    gained = Q(kind__in=(EntryKind.USED, EntryKind.REOPENED))
    rows = (
        entries.filter(at__gte=start, at__lt=end)
        .order_by()
        .values(by)
        .annotate(
            coupons=Count("coupon", filter=gained, distinct=True),
            used=Sum("amount", filter=gained),
            back=Sum("amount", filter=~gained),
            platform_=Sum("platform"),
            unit_=Sum("unit"),
            merchant_=Sum("merchant"),
        )
    )
    nothing = Decimal("0.00")
    found = [
        Row(
            row[by] or "—", row["coupons"], row["used"] or nothing, -(row["back"] or nothing),
            row["platform_"], row["unit_"], row["merchant_"],
        )
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda row: (-row.net, row.name))
