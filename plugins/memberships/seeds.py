"""Demo: three plans with what they are good for, members who have them, and cards at a branch."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from saleor.account.models import User

from plugins.coupons.interfaces import monthly_template
from plugins.members.interfaces import Member, MemberStatus
from plugins.org_hierarchy.interfaces import Level, OrgUnit
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.locks import advisory_lock
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.kernel.states import move_locked
from saleor_o2o.seeding.context import SeedContext, SeedLock

from .choices import Origin, PlanKind
from .models import CardBatch, Membership, Plan, PlanBenefit
from .numbers import BATCH
from .services.batches import write_cards
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
#: By plan: kind, code, name, and what else there is to say.
BENEFITS: dict[str, tuple[dict[str, Any], ...]] = {
    "year": (
        {"kind": "discount", "code": "price", "name": "会员价", "percent": 98},
        {"kind": "freight", "code": "freight", "name": "免运费", "quota": 2},
        {"kind": "coupon", "code": "coupon", "name": "每月优惠券", "quota": 1},
        {
            "kind": "right",
            "code": "wash",
            "name": "洗车券",
            "quota": 2,
            "period": "year",
            "settlement": "15.00",
        },
    ),
    "gold-year": (
        {"kind": "discount", "code": "price", "name": "会员价", "percent": 95},
        {"kind": "freight", "code": "freight", "name": "免运费", "quota": 6},
        {"kind": "coupon", "code": "coupon", "name": "每月优惠券", "quota": 1, "pieces": 2},
        {"kind": "points", "code": "points", "name": "积分 1.5 倍", "percent": 150},
        {"kind": "support", "code": "support", "name": "优先客服"},
        {
            "kind": "right",
            "code": "wash",
            "name": "洗车券",
            "quota": 6,
            "period": "year",
            "settlement": "15.00",
        },
    ),
    "car-year": (
        {
            "kind": "right",
            "code": "wash",
            "name": "洗车券",
            "quota": 12,
            "period": "year",
            "settlement": "15.00",
        },
        {
            "kind": "right",
            "code": "inspection",
            "name": "年检代办",
            "quota": 1,
            "period": "year",
            "settlement": "60.00",
        },
        {
            "kind": "right",
            "code": "fines",
            "name": "违章代办",
            "quota": 6,
            "period": "year",
            "settlement": "10.00",
        },
        {"kind": "right", "code": "fuel", "name": "加油优惠", "quota": 4, "settlement": "5.00"},
        {
            "kind": "right",
            "code": "rescue",
            "name": "道路救援",
            "quota": 2,
            "period": "year",
            "settlement": "120.00",
        },
    ),
}
MEMBERS, CARDS = 12, 20


def seed(context: SeedContext) -> None:
    """Write what is missing; what the city has changed stays."""
    with transaction.atomic():
        advisory_lock(SeedLock.CITY, timeout=120)
        context.count("会员方案", sum(_plan(*one) for one in PLANS))
        context.count("会员权益", _benefits())
        context.count("付费会员", _members())
        context.count("会员卡", _cards())


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


def _benefits() -> int:
    """What each plan is good for; the monthly coupon is a template of its own, which nobody uses up in a year."""
    city = OrgUnit.objects.filter(parent__isnull=True).first()
    if PlanBenefit.objects.exists() or city is None:
        return 0
    template = monthly_template(city)
    since, count = now() - timedelta(days=400), 0
    for plan in Plan.objects.filter(code__in=BENEFITS):
        for told in BENEFITS[plan.code]:
            given = {name: Decimal(value) if name == "settlement" else value for name, value in told.items()}
            if given["kind"] == "coupon":
                given["template"] = template
            PlanBenefit.objects.create(plan=plan, valid_from=since, **given)
            count += 1
    return count


def _cards() -> int:
    """A batch, made by two of the staff, on the shelf of a branch."""
    branches = OrgUnit.objects.filter(level=Level.BRANCH, status="active").order_by("path")
    branch = branches.filter(name__contains="解放碑").first() or branches.first()
    people = list(User.objects.filter(is_staff=True, is_active=True).order_by("pk")[:2])
    plan = Plan.objects.filter(code="year").first()
    if CardBatch.objects.exists() or branch is None or plan is None or len(people) < 2:
        return 0
    batch = CardBatch.objects.create(
        number=next_number(BATCH), plan=plan, unit=branch, count=CARDS, note="示例批次", made_by=people[0],
        good_until=now() + timedelta(days=730),
    )  # fmt: skip
    write_cards(batch)  # printed long ago: their codes are nowhere but on the cards
    batch.decided_by, batch.printed_by = people[1], people[1]
    move_locked(batch, "approve", actor="system")
    move_locked(batch, "print", actor="system")
    return CARDS
