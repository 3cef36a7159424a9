"""Coupons of each period: given once to each membership whose plan has them, by the clock and when it begins."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from plugins.coupons.interfaces import CouponError, give_coupons, used_coupons, void_unused
from saleor_o2o.kernel.clock import now

from ..benefits import in_force, period_key
from ..choices import BenefitKind, MembershipState, UseState
from ..locks import lock_membership
from ..models import BenefitUse, Membership, PlanBenefit, Term
from .redeeming import city_id, return_use, write_use

BATCH = 500


def give_due() -> int:
    """Give what memberships that run have not had this period; returns how many uses. Again: none.

    Who has had everything is told by two statements for a batch, without a lock.
    """
    moment = now()
    plans = PlanBenefit.objects.filter(kind=BenefitKind.COUPON).values("plan_id")
    due = Membership.objects.filter(
        state=MembershipState.ACTIVE, starts_at__lte=moment, ends_at__gt=moment, plan__in=plans
    ).order_by("pk")
    by_plan: dict[int, list[PlanBenefit]] = {}
    done, last = 0, 0
    while rows := list(due.filter(pk__gt=last).values_list("pk", "plan_id", "starts_at")[:BATCH]):
        wanted: dict[str, int] = {}
        for pk, plan_id, starts_at in rows:
            if plan_id not in by_plan:
                by_plan[plan_id] = [one for one in in_force(plan_id) if one.kind == BenefitKind.COUPON]
            wanted |= {_key(pk, one, starts_at): pk for one in by_plan[plan_id]}
        had = set(BenefitUse.objects.filter(key__in=wanted).values_list("key", flat=True))
        missing = dict.fromkeys(pk for key, pk in wanted.items() if key not in had)
        done += sum(give_to(pk) for pk in missing)
        last = rows[-1][0]
    return done


def _key(membership_pk: int, benefit: PlanBenefit, starts_at: datetime) -> str:
    """What keeps a period's coupons from coming twice; by code, so that who upgrades has had this month's already."""
    return f"coupon:{membership_pk}:{benefit.code}:{period_key(benefit.period, starts_at)}"


@transaction.atomic
def give_to(membership_pk: int) -> int:
    """Give one membership its coupons of this period; how many uses. Locks: the membership, the templates."""
    membership = lock_membership(membership_pk)
    if membership.state != MembershipState.ACTIVE or not membership.starts_at <= now() < membership.ends_at:
        return 0
    done = 0
    for benefit in in_force(membership.plan_id):
        if benefit.kind != BenefitKind.COUPON or benefit.template_id is None:
            continue
        key = _key(membership.pk, benefit, membership.starts_at)
        if BenefitUse.objects.filter(key=key).exists():
            continue
        try:
            with transaction.atomic():
                numbers = give_coupons(
                    benefit.template_id, membership.member, key, pieces=benefit.pieces, reason=benefit.name
                )
        except CouponError:  # used up, or the template has stopped: nothing to be told about
            continue
        write_use(membership, benefit, key=key, unit_id=city_id(), note=",".join(numbers)[:200])
        done += 1
    return done


def coupons_used(term: Term) -> str:
    """The name of a benefit whose coupon was used since a term began; "" where none was."""
    for use in _given(term):
        if used_coupons(use.note.split(",")):
            return use.benefit.name
    return ""


def void_coupons(term: Term) -> None:
    """A term's money goes back: what was given with it goes, too. The membership is locked by the caller."""
    for use in _given(term):
        void_unused(use.note.split(","), "会员退款")
        return_use(use, actor="system", reason="refund")


def _given(term: Term) -> list[BenefitUse]:
    since = max(term.made_at, term.starts_at)
    if since > now():
        return []
    rows = BenefitUse.objects.filter(
        membership_id=term.membership_id, benefit__kind=BenefitKind.COUPON, state=UseState.USED, at__gte=since
    )
    return list(rows.exclude(note="").select_related("benefit"))
