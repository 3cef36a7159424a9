"""What coupons tell the others, after the commit; under `member:<pk>`."""

from __future__ import annotations

from saleor_o2o.kernel.events import Event


class CouponGiven(Event):
    """A member has a coupon; `mode` is one of `choices.Mode`."""

    name = "coupons.given"

    coupon_id: int
    member_id: int
    mode: str


class CouponReturned(Event):
    """A coupon came back to its member: its order ended unpaid, or went back whole."""

    name = "coupons.returned"

    coupon_id: int
    member_id: int
