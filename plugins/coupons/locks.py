"""Locks of coupons, by name. Order: template, then coupons; both after everything of ordering's and the cashier's."""

from __future__ import annotations

from collections.abc import Iterable

from saleor_o2o.kernel.locks import lock_rows

from .choices import CouponState
from .models import Coupon, CouponTemplate


def lock_template(pk: int) -> CouponTemplate | None:
    """Lock a template: whoever gives its coupons counts under this lock. None where it is gone."""
    return next(iter(lock_rows(CouponTemplate.objects.filter(pk=pk), no_key=True)), None)


def lock_numbers(user_id: int, numbers: Iterable[str]) -> list[Coupon]:
    """Lock a user's coupons of these numbers, in primary-key order."""
    rows = Coupon.objects.filter(member__user_id=user_id, number__in=list(numbers))
    return lock_rows(rows.select_related("template"))


def lock_of_order(order_id: int, *states: CouponState) -> list[Coupon]:
    """Lock the coupons that an order has, in these states, in primary-key order."""
    rows = Coupon.objects.filter(order_id=order_id, state__in=states)
    return lock_rows(rows.select_related("template"))
