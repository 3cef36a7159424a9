"""Points for a coupon (积分换券): the coupon given and the points burnt in one transaction, once for each request."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from plugins.coupons.interfaces import Coupon, give_for_points
from plugins.loyalty.interfaces import PointsShort, burn_for_gift
from plugins.members.interfaces import Member, MemberStatus

from ..error_codes import MallErrorCode as Code
from ..errors import MallError
from ..selectors import not_active, swaps_open

MOST_KEY = 40


@transaction.atomic
def swap(code: str, member: Member, key: str) -> Coupon:
    """Give a member the coupon for its points; the same key again answers with the same coupon and burns nothing.

    Locks: the coupon's template, which counts, then the member's purses. Raises MallError (KEY_REQUIRED, NOT_OFFERED,
    MEMBER_NOT_ACTIVE, POINTS_SHORT), CouponError (GONE, LIMIT_REACHED, NOT_GIVEN_NOW), LockTimeout.
    """
    key = key.strip()
    if not key or len(key) > MOST_KEY:
        raise MallError(Code.KEY_REQUIRED, _("请求号不能为空，最多 40 个字"), None, "key")
    if member.status != MemberStatus.ACTIVE:
        raise not_active()
    offer = swaps_open().filter(code=code.strip().upper()).first()
    if offer is None:
        raise MallError(
            Code.NOT_OFFERED, _("这种优惠券现在不能用积分兑换"), _("请看看积分商城里的其他优惠券"), "code"
        )
    business = f"{offer.code}:{member.pk}:{key}"
    coupon = give_for_points(offer.template_id, member, f"swap:{business}")
    try:
        burn_for_gift(business, member.pk, offer.points, offer.owner_id, offer.template.name)
    except PointsShort as short:
        words = _("兑换要 %(points)d 积分，%(why)s") % {"points": offer.points, "why": short.message}
        raise MallError(Code.POINTS_SHORT, words, _("签到、购物都能得积分"), "code") from short
    return coupon
