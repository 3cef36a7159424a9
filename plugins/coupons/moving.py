"""Two members become one: the coupons of the absorbed one are the kept one's, used ones too. Who leaves has none."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from saleor.account.models import User

from plugins.members.interfaces import Member
from plugins.org_hierarchy.interfaces import (
    ClosingBlocker,
    register_closing_blocker,
    register_customer_erasure,
    register_customer_move,
)
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import move_locked

from .choices import CouponState
from .models import Coupon


def install() -> None:
    """Register; called once when the app is ready."""
    register_customer_move("coupons.coupons", _move)
    register_closing_blocker("coupons.held", _held)
    register_customer_erasure("coupons.coupons", _void)


def _move(old: User, new: User) -> int:
    kept = Member.objects.filter(user=new).first()
    if kept is None:
        return 0
    return int(Coupon.objects.filter(member__user=old).update(member=kept))


def _held(user: Any) -> list[ClosingBlocker]:
    """A coupon in an order that waits for its money comes back or is used: until then the account stays."""
    count = Coupon.objects.filter(member__user_id=user.pk, state=CouponState.LOCKED).count()
    if not count:
        return []
    text = _("有 %(count)d 张优惠券用在待付款的订单里") % {"count": count}
    return [ClosingBlocker(text, _("请先付款或取消订单"))]


def _void(user: Any) -> int:
    """What a closed account had not used is nobody's. Locks: the coupons."""
    own = Coupon.objects.filter(member__user_id=user.pk, state=CouponState.UNUSED)
    coupons = lock_rows(own)
    for coupon in coupons:
        move_locked(coupon, "void", reason="会员注销")
    return len(coupons)
