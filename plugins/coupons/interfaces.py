"""What other plugins may use of coupons.

- `give_direct(template_id, member, key, reason)`: a coupon of somebody's campaign, once per key, within the template's
  limits; CouponError says why not;
- `is_given_now(template)`; `coupons_used(prefix)`: how many of the gifts whose keys begin so have been used.
"""

from __future__ import annotations

from plugins.members.interfaces import Member

from .choices import CouponState, Mode, TemplateState
from .errors import CouponError
from .models import Coupon, CouponTemplate
from .services.giving import give as _give

__all__ = ["Coupon", "CouponError", "CouponTemplate", "coupons_used", "give_direct", "is_given_now"]


def give_direct(template_id: int, member: Member, key: str, reason: str) -> list[Coupon]:
    """Give a member one coupon, once per key. Locks: the template. Raises what `services.giving.give` raises."""
    return _give(template_id, member, Mode.DIRECT, key, reason=reason[:200])


def is_given_now(template: CouponTemplate) -> bool:
    """True when coupons of a template may be given."""
    return template.state == TemplateState.PUBLISHED


def coupons_used(prefix: str) -> int:
    """How many coupons whose gift key begins with `prefix` have been used."""
    return Coupon.objects.filter(gift_key__startswith=prefix, state=CouponState.USED).count()
