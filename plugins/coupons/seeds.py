"""The example city's coupons: one of each kind, given in each way, and some in the shoppers' pockets."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from saleor.product.models import Category

from plugins.members.interfaces import Member
from plugins.org_hierarchy.interfaces import Level, OrgUnit
from saleor_o2o.kernel.locks import advisory_lock
from saleor_o2o.seeding.context import SeedContext, SeedLock

from .choices import Kind, Mode, Scope, Stacking
from .errors import CouponError
from .models import CouponGiving, CouponTemplate
from .services.giving import give
from .services.templates import move_template

#: Code, what it is, how it is given, the category that it is for.
COUPONS: tuple[tuple[str, dict[str, Any], Mode, str], ...] = (
    (
        "ALL-100-10",
        {"name": "全场满百减十", "kind": Kind.AMOUNT, "threshold": 100, "amount": 10, "per_member": 3},
        Mode.CLAIM,
        "",
    ),
    (
        "FRUIT-88",
        {
            "name": "鲜果八八折", "kind": Kind.PERCENT, "rate": "0.880", "most_off": 30, "per_member": 2,
            "stacking": Stacking.OTHERS, "platform_share": 50, "unit_share": 20, "merchant_share": 30,
        },
        Mode.CLAIM,
        "fruit",
    ),
    (
        "SHIP-FREE",
        {"name": "运费券", "kind": Kind.SHIPPING, "threshold": 39, "most_off": 12, "stacking": Stacking.OTHERS},
        Mode.CLAIM,
        "",
    ),
    ("NEW-20", {"name": "新人礼", "kind": Kind.AMOUNT, "threshold": 59, "amount": 20}, Mode.NEWCOMER, ""),
    (
        "BIRTH-15",
        {"name": "生日礼", "kind": Kind.AMOUNT, "amount": 15, "per_member": 20, "grace_days": 7},
        Mode.BIRTHDAY,
        "",
    ),
    (
        "AGAIN-8",
        {"name": "再来一单", "kind": Kind.AMOUNT, "threshold": 60, "amount": 8, "per_member": 99},
        Mode.ORDER,
        "",
    ),
    (
        "OUTLET-5",
        {"name": "到网点有礼", "kind": Kind.AMOUNT, "threshold": 20, "amount": 5, "per_member": 30},
        Mode.SCAN,
        "",
    ),
)  # fmt: skip
#: Given to every shopper of the demo.
IN_POCKET = ("ALL-100-10", "FRUIT-88", "SHIP-FREE")


def seed(context: SeedContext) -> None:
    """Create what is missing; nothing that is there is changed."""
    city = OrgUnit.objects.filter(level=Level.CITY).order_by("pk").first()
    if city is None:
        return
    with transaction.atomic():
        advisory_lock(SeedLock.CITY, timeout=120)
        context.count("优惠券模板", sum(_template(city, *one) for one in COUPONS))
        context.count("优惠券", _pockets())


def _template(city: OrgUnit, code: str, terms: dict[str, Any], mode: Mode, category: str) -> int:
    if CouponTemplate.objects.filter(code=code).exists():
        return 0
    given = {name: Decimal(value) if name in _MONEY else value for name, value in terms.items()}
    template = CouponTemplate.objects.create(
        code=code, owner=city, valid_days=30, note="示例优惠券", quantity=100_000,
        scope=Scope.CATEGORIES if category else Scope.ALL, **given,
    )  # fmt: skip
    if category:
        template.categories.set(Category.objects.filter(slug=category))
    if category and not template.categories.exists():
        return 1  # stays a draft: there is nothing that it would be for
    move_template(template, "publish")
    CouponGiving.objects.create(template=template, mode=mode, least=Decimal(50) if mode == Mode.ORDER else 0)
    return 1


_MONEY = {"threshold", "amount", "rate", "most_off"}


def _pockets() -> int:
    members = Member.objects.filter(user__email__startswith="shopper").select_related("home_unit")[:50]
    count = 0
    for template in CouponTemplate.objects.filter(code__in=IN_POCKET):
        for member in members:
            try:
                count += len(
                    give(template.pk, member, Mode.DIRECT, f"seed:{template.code}:{member.pk}", reason="示例")
                )
            except CouponError:
                continue
    return count
