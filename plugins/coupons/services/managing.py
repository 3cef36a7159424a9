"""What the staff and the clock do with coupons: void, let expire, congratulate."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import Member
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import IllegalMove, move_locked

from ..choices import CouponState, Mode
from ..error_codes import CouponErrorCode as Code
from ..errors import CouponError
from ..models import Coupon
from .giving import give_by

VOIDED = audit.action("coupons.voided", _("作废优惠券"))
#: Coupons of one transaction of the job.
BATCH = 500

#: Given a day, the members whose birthday it is.
Birthdays = Callable[[date], Iterable[Member]]
_birthdays: list[Birthdays] = []


def use_birthdays(birthdays: Birthdays) -> None:
    """Let whoever knows members' birthdays say whose it is; called once when the app is ready."""
    _birthdays.append(birthdays)


@transaction.atomic
def void(numbers: list[str], reason: str) -> list[Coupon]:
    """Void unused coupons, all of them or none. Locks: the coupons. Raises CouponError REASON_REQUIRED, NOT_FOUND.

    IllegalMove for one that is not unused. Whoever asks has taken them through scope.
    """
    if not reason.strip():
        raise CouponError(Code.REASON_REQUIRED, "reason")
    coupons = lock_rows(Coupon.objects.filter(number__in=numbers))
    if len(coupons) < len(set(numbers)):
        raise CouponError(Code.NOT_FOUND, "numbers")
    for coupon in coupons:
        move_locked(coupon, "void", reason=reason.strip()[:200])
        audit.record(
            VOIDED, coupon, before={"state": "unused"}, after={"state": "void", "reason": reason.strip()}
        )
    return coupons


@transaction.atomic
def expire_due() -> int:
    """Mark unused coupons whose time is over; returns how many. Again: nothing. Locks: them."""
    due = Coupon.objects.filter(state=CouponState.UNUSED, valid_until__lte=now()).order_by("pk")
    keys = list(due.values_list("pk", flat=True)[:BATCH])
    count = 0
    for coupon in lock_rows(Coupon.objects.filter(pk__in=keys, state=CouponState.UNUSED)):
        try:
            move_locked(coupon, "expire")
        except IllegalMove:
            continue
        count += 1
    return count


def congratulate() -> int:
    """生日: give what is running to whose birthday is today, once a year each; returns how many coupons."""
    day = today()
    members = {member.pk: member for birthdays in _birthdays for member in birthdays(day)}
    return sum(len(give_by(Mode.BIRTHDAY, member, f"year:{day.year}")) for member in members.values())
