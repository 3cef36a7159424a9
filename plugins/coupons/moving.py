"""Two members become one: the coupons of the absorbed one are the kept one's, used ones too."""

from __future__ import annotations

from saleor.account.models import User

from plugins.members.interfaces import Member
from plugins.org_hierarchy.interfaces import register_customer_move

from .models import Coupon


def install() -> None:
    """Register; called once when the app is ready."""
    register_customer_move("coupons.coupons", _move)


def _move(old: User, new: User) -> int:
    kept = Member.objects.filter(user=new).first()
    if kept is None:
        return 0
    return int(Coupon.objects.filter(member__user=old).update(member=kept))
