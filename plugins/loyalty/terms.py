"""The terms in force: how long levels are kept and points announced."""

from __future__ import annotations

from datetime import datetime

from saleor_o2o.kernel.clock import now

from .models import LoyaltyTerms


def terms_in_force(moment: datetime | None = None) -> LoyaltyTerms:
    """What holds at a moment; the defaults where nobody has set anything. One statement."""
    found = LoyaltyTerms.objects.filter(valid_from__lte=moment or now()).order_by("-valid_from").first()
    return found or LoyaltyTerms()


def months_on(moment: datetime, months: int) -> datetime:
    """The same day so many months on; the month's last where there is no such day."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    for day in (moment.day, 30, 29, 28):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
