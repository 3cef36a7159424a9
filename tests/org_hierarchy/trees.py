"""What the tests of the tree share."""

from __future__ import annotations

from datetime import datetime

from saleor.order.models import Order

from plugins.org_hierarchy.models import OrderAttribution, OrgUnit
from saleor_o2o.kernel.clock import now


def fresh(one: OrgUnit) -> OrgUnit:
    return OrgUnit.objects.get(pk=one.pk)


def order_at(
    at: OrgUnit, total: str = "10.00", status: str = "fulfilled", when: datetime | None = None
) -> Order:
    order = Order.objects.create(total_net_amount=total, total_gross_amount=total, status=status)
    OrderAttribution.objects.create(
        order=order, unit=at, org_path=fresh(at).path, basis="test", made_at=when or now()
    )
    return order
