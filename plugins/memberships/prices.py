"""What memberships offer beside the ladder: a rate on goods of a category, and more points."""

from __future__ import annotations

from collections.abc import Sequence

from plugins.loyalty.interfaces import Offer, PricedGoods
from plugins.members.interfaces import Member

from .benefits import in_force, require_usable
from .choices import BenefitKind
from .errors import MembershipError
from .models import Membership, PlanBenefit
from .selectors import running_of
from .using import PRICE


def offers(member: Member, goods: Sequence[PricedGoods]) -> dict[int, list[Offer]]:
    """The rates of a member's running memberships: of each the nearest category's. Two statements a membership."""
    found: dict[int, list[Offer]] = {}
    for membership, benefits in _running(member.pk, BenefitKind.DISCOUNT):
        for one in goods:
            near = [(one.depth_in(row.category), row) for row in benefits]
            fits = [(depth, row) for depth, row in near if depth is not None]
            if fits:
                best = max(fits, key=lambda pair: pair[0])[1]
                offer = Offer(f"{PRICE}:{membership.pk}", f"{membership.plan.name}价", percent=best.percent)
                found.setdefault(one.variant_id, []).append(offer)
    return found


def points_percent(member_id: int) -> int:
    """How many percent of the ordinary points a member has by his memberships: the most; 100 without one."""
    rates = [row.percent for _one, rows in _running(member_id, BenefitKind.POINTS) for row in rows]
    return max([100, *rates])


def _running(member_id: int, kind: BenefitKind) -> list[tuple[Membership, list[PlanBenefit]]]:
    found = []
    for membership in running_of(member_id):
        benefits = [row for row in in_force(membership.plan_id) if row.kind == kind]
        if not benefits:
            continue
        try:
            require_usable(membership)
        except MembershipError:
            continue
        found.append((membership, benefits))
    return found
