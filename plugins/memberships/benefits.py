"""What a membership is good for now: which benefits, how often still. Nothing is locked here but by whoever counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from .choices import BenefitKind, CardState, MembershipState, Period, PlanKind, UseState
from .errors import MembershipError
from .errors import MembershipErrorCode as Code
from .models import BenefitUse, Card, Membership, PlanBenefit
from .rules import local


@dataclass(frozen=True, slots=True)
class Standing:
    """A benefit as a membership has it now; `left` None: as often as one likes."""

    benefit: PlanBenefit
    used: int
    left: int | None


def in_force(plan_id: int, moment: datetime | None = None) -> list[PlanBenefit]:
    """The benefits of a plan at a moment; of a code the newest. One statement."""
    at = moment or now()
    rows = PlanBenefit.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=at), plan_id=plan_id, valid_from__lte=at
    ).select_related("seller", "template", "category")
    found: dict[str, PlanBenefit] = {}
    for one in rows.order_by("-valid_from", "-pk"):
        found.setdefault(one.code, one)
    return sorted(found.values(), key=lambda one: one.pk)


def period_key(period: str, starts_at: datetime, moment: datetime | None = None) -> str:
    """What is counted together: a month of the calendar, a year since the membership began, or all of it."""
    day = local(moment or now())
    if period == Period.MONTH:
        return f"{day:%Y-%m}"
    if period == Period.YEAR:
        start = local(starts_at)
        years = day.year - start.year - ((day.month, day.day) < (start.month, start.day))
        return f"Y{years}"
    return "all"


def used(membership: Membership, benefit: PlanBenefit, moment: datetime | None = None) -> int:
    """How often a benefit was used in the period of a moment. One statement."""
    key = period_key(benefit.period, membership.starts_at, moment)
    return BenefitUse.objects.filter(
        membership=membership, code=benefit.code, period_key=key, state=UseState.USED
    ).count()


def standings(membership: Membership) -> list[Standing]:
    """All benefits of a membership that runs, and how often they may be used still. Two statements."""
    if membership.state != MembershipState.ACTIVE or membership.ends_at <= now():
        return []
    rows = list(
        BenefitUse.objects.filter(membership=membership, state=UseState.USED).values_list(
            "code", "period_key"
        )
    )
    found = []
    for benefit in in_force(membership.plan_id):
        count = rows.count((benefit.code, period_key(benefit.period, membership.starts_at)))
        found.append(
            Standing(benefit, count, max(benefit.quota - count, 0) if benefit.quota is not None else None)
        )
    return found


def require_usable(membership: Membership) -> None:
    """Raise NOT_RUNNING, CARD_FROZEN or VEHICLE_NEEDED where a membership's benefits rest. One statement."""
    if membership.state != MembershipState.ACTIVE or membership.ends_at <= now():
        raise MembershipError(Code.NOT_RUNNING, _("会员已到期或退出"), hint=_("续费后可继续使用"))
    if membership.kind == PlanKind.CAR and membership.vehicle_id is None:
        raise MembershipError(
            Code.VEHICLE_NEEDED, _("还没有绑定车辆，不能使用权益"), hint=_("请先在“我的会员”里绑定车辆")
        )
    if Card.objects.filter(membership=membership, state=CardState.FROZEN).exists():
        raise MembershipError(Code.CARD_FROZEN, _("会员卡已冻结，权益暂停"), hint=_("请到网点或拨打 11185"))


def benefit_of(membership: Membership, code: str, kind: BenefitKind | None = None) -> PlanBenefit:
    """The benefit of a membership's plan by its code. Raises NOT_FOUND."""
    for one in in_force(membership.plan_id):
        if one.code == code and (kind is None or one.kind == kind):
            return one
    raise MembershipError(Code.NOT_FOUND, _("会员方案没有这项权益"), "benefit")


def require_left(membership: Membership, benefit: PlanBenefit) -> int:
    """How often it was used; raises QUOTA_USED where that is the quota. Count under the membership's lock."""
    count = used(membership, benefit)
    if benefit.quota is not None and count >= benefit.quota:
        words = _("%(name)s本期 %(quota)d 次已用完") % {"name": benefit.name, "quota": benefit.quota}
        raise MembershipError(Code.QUOTA_USED, words, "benefit", _("下期恢复"))
    return count
