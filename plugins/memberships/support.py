"""Priority support: members whose plan promises it are answered first, while the membership runs."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from saleor_o2o.kernel.clock import now

from .choices import BenefitKind, MembershipState
from .models import Membership, PlanBenefit


def served_first(user: Any) -> QuerySet[Membership]:
    """The memberships by which a user (an OuterRef) is answered first now, for EXISTS."""
    moment = now()
    plans = PlanBenefit.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=moment), kind=BenefitKind.SUPPORT, valid_from__lte=moment
    )
    return Membership.objects.filter(
        member__user=user,
        state=MembershipState.ACTIVE,
        starts_at__lte=moment,
        ends_at__gt=moment,
        plan__in=plans.values("plan"),
    )
