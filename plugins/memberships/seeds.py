"""Demo: three plans, and members who have them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.db import transaction

from plugins.members.interfaces import Member, MemberStatus
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.locks import advisory_lock
from saleor_o2o.seeding.context import SeedContext, SeedLock

from .choices import Origin, PlanKind
from .models import Membership, Plan
from .services.plans import make_plan
from .services.terms import extend

PLANS = (
    ("year", "邮惠年卡", PlanKind.PAID, "99.00", 12, 1, "每月免运费 2 次、会员价、每月一张优惠券"),
    (
        "gold-year",
        "邮惠金卡",
        PlanKind.PAID,
        "299.00",
        12,
        2,
        "每月免运费 6 次、会员价、积分 1.5 倍、优先客服",
    ),
    (
        "car-year",
        "自邮一族车主卡",
        PlanKind.CAR,
        "199.00",
        12,
        1,
        "洗车、年检代办、违章代办、加油优惠、道路救援",
    ),
)
MEMBERS = 12


def seed(context: SeedContext) -> None:
    """Write what is missing; what the city has changed stays."""
    with transaction.atomic():
        advisory_lock(SeedLock.CITY, timeout=120)
        context.count("会员方案", sum(_plan(*one) for one in PLANS))
        context.count("付费会员", _members())


def _plan(code: str, name: str, kind: str, price: str, months: int, rank: int, note: str) -> int:
    if Plan.objects.filter(code=code).exists():
        return 0
    make_plan(
        None, code=code, name=name, kind=kind, price=Decimal(price), months=months, rank=rank, note=note,
        valid_from=now() - timedelta(days=400),
    )  # fmt: skip
    return 1


def _members() -> int:
    """Of different ages: some end soon, one is over."""
    city = OrgUnit.objects.filter(parent__isnull=True).values_list("pk", flat=True).first()
    if Membership.objects.exists() or city is None:
        return 0
    plans = list(Plan.objects.filter(kind=PlanKind.PAID).order_by("rank"))
    found = list(Member.objects.filter(status=MemberStatus.ACTIVE).order_by("-pk")[:MEMBERS])
    for place, member in enumerate(found):
        with frozen(now() - timedelta(days=20 + 31 * place)):
            extend(
                member, plans[place % len(plans)], origin=Origin.GIVEN, unit_id=member.home_unit_id or city,
                note="示例会员",
            )  # fmt: skip
    return len(found)
