"""What was used of a term."""

from __future__ import annotations

from saleor_o2o.kernel.clock import now
from saleor_o2o.ordering.interfaces import OrderDeduction

from .choices import BenefitKind, UseState
from .models import BenefitUse, Term
from .services.granting import coupons_used


def used_since(term: Term) -> str:
    """The name of a benefit that was used since a term began; "" where none was, or it has not begun.

    A coupon counts when it was used, not when it was given. Three statements at most.
    """
    since = max(term.made_at, term.starts_at)
    if since > now():
        return ""
    rows = BenefitUse.objects.filter(membership_id=term.membership_id, state=UseState.USED, at__gte=since)
    found = rows.exclude(benefit__kind=BenefitKind.COUPON).select_related("benefit").first()
    if found is not None:
        return found.benefit.name
    reference = f"{PRICE}:{term.membership_id}"
    lowered = OrderDeduction.objects.filter(
        reference=reference, order__created__gte=since, order__o2o_profile__closed_at__isnull=True
    )
    return "会员价" if lowered.exists() else coupons_used(term)


#: How the deductions of a membership's own prices are named: with its key.
PRICE = "membership"
