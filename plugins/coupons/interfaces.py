"""What other plugins may use of coupons.

- `give_coupons(template_id, member, key, pieces=…, reason=…)`: what belongs to something a member has (a membership),
  once for each key; numbers of the coupons;
- `used_coupons(numbers)`: whether one of them has been used, or an unpaid order has it;
- `void_unused(numbers, reason)`: take back those that are unused;
- `monthly_template(owner)`, `points_template(owner)`: the demo's templates of coupons with a membership, for points;
- `give_direct(template_id, member, key, reason)`: a coupon of somebody's campaign, once per key, within the template's
  limits; `give_for_points(template_id, member, key)`: one that he has for points; `is_given_now(template)`;
  `coupons_used(prefix)`: how many of the gifts whose keys begin so have been used;
- `Coupon`, `CouponTemplate`; `CouponError`: refusals.
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from plugins.members.interfaces import Member

from .choices import CouponState, Kind, Mode, TemplateState
from .errors import CouponError
from .models import Coupon, CouponTemplate
from .services.giving import give
from .services.managing import void
from .services.templates import move_template

__all__ = [
    "Coupon",
    "CouponError",
    "CouponTemplate",
    "coupons_used",
    "give_coupons",
    "give_direct",
    "give_for_points",
    "is_given_now",
    "monthly_template",
    "points_template",
    "used_coupons",
    "void_unused",
]


def give_direct(template_id: int, member: Member, key: str, reason: str) -> list[Coupon]:
    """Give a member one coupon, once per key. Locks: the template. Raises what `services.giving.give` raises."""
    return give(template_id, member, Mode.DIRECT, key, reason=reason[:200])


def give_for_points(template_id: int, member: Member, key: str) -> Coupon:
    """Give a member a coupon that points buy, once per key. Locks: the template.

    Raises what `services.giving.give` raises.
    """
    return give(template_id, member, Mode.POINTS, key)[0]


def is_given_now(template: CouponTemplate) -> bool:
    """True when coupons of a template may be given."""
    return template.state == TemplateState.PUBLISHED


def coupons_used(prefix: str) -> int:
    """How many coupons whose gift key begins with `prefix` have been used."""
    return Coupon.objects.filter(gift_key__startswith=prefix, state=CouponState.USED).count()


def give_coupons(template_id: int, member: Any, key: str, *, pieces: int = 1, reason: str = "") -> list[str]:
    """Give coupons that belong to something else, once for each `key`; their numbers. Locks: the template.

    Raises CouponError (NOT_GIVEN_NOW, GONE, LIMIT_REACHED), LockTimeout.
    """
    return [one.number for one in give(template_id, member, Mode.DIRECT, key, pieces=pieces, reason=reason)]


def used_coupons(numbers: Collection[str]) -> bool:
    """Whether one of the coupons has been used, or is an unpaid order's. One statement."""
    held = (CouponState.USED, CouponState.LOCKED)
    return Coupon.objects.filter(number__in=numbers, state__in=held).exists()


def void_unused(numbers: Collection[str], reason: str) -> int:
    """Void those of the coupons that are unused; how many. Locks: them. Raises LockTimeout."""
    free = Coupon.objects.filter(number__in=numbers, state=CouponState.UNUSED)
    wanted = list(free.values_list("number", flat=True))
    return len(void(wanted, reason)) if wanted else 0


def monthly_template(owner: Any) -> CouponTemplate:
    """The demo's template of coupons that come with a membership every month; made where it is missing."""
    terms = {"threshold": Decimal(30), "amount": Decimal(5), "per_member": 200, "note": "付费会员每月一张"}
    return _demo_template("MEMBER-MONTHLY", "会员月券", owner, terms)


def points_template(owner: Any) -> CouponTemplate:
    """The demo's template of coupons that points buy; made where it is missing."""
    terms = {
        "threshold": Decimal(20),
        "amount": Decimal(3),
        "per_member": 12,
        "note": "积分兑换，兑换后不退积分",
    }
    return _demo_template("POINTS-SWAP", "积分兑换券", owner, terms)


def _demo_template(code: str, name: str, owner: Any, terms: dict[str, Any]) -> CouponTemplate:
    common = {"name": name, "owner": owner, "kind": Kind.AMOUNT, "valid_days": 30, "quantity": 1_000_000}
    found, fresh = CouponTemplate.objects.get_or_create(code=code, defaults=common | terms)
    if fresh and found.state == TemplateState.DRAFT:
        move_template(found, "publish")
    return found
