"""Demo: a first rule for each service."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.db import transaction

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import advisory_lock
from saleor_o2o.seeding.context import SeedContext, SeedLock

from .kinds import Service
from .models import PostalRule

#: Yuan a point, and the most that one business gives.
FIRST = ((Service.SAVINGS, "100", 1000), (Service.INSURANCE, "10", 2000), (Service.PARCEL, "1", 200))


def seed(context: SeedContext) -> None:
    """Write what is missing; what the city has changed stays."""
    with transaction.atomic():
        advisory_lock(SeedLock.CITY, timeout=120)
        context.count("邮政业务积分规则", _rules())


def _rules() -> int:
    if PostalRule.objects.exists():
        return 0
    since = now() - timedelta(days=730)
    made = [
        PostalRule(service=service, yuan_per_point=Decimal(rate), cap=cap, valid_from=since, note="首期规则")
        for service, rate, cap in FIRST
    ]
    return len(PostalRule.objects.bulk_create(made))
