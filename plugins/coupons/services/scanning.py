"""扫网点码: a member scans the code that hangs in an outlet."""

from __future__ import annotations

from plugins.channels.interfaces import channel_of_code
from plugins.members.interfaces import Member
from saleor_o2o.kernel.clock import now, today

from ..choices import Mode
from ..error_codes import CouponErrorCode as Code
from ..errors import CouponError
from ..models import Coupon
from .giving import give_by


def scan(member: Member, code: str) -> tuple[list[Coupon], bool]:
    """Give what runs for an outlet's code: once a day per member and giving, within each template's limit.

    Returns the day's coupons and whether any of them is new: False where all were given by an earlier scan.
    Raises CouponError NOT_FOUND for no code of an open outlet, NOT_GIVEN_NOW where nothing is given (any more).
    """
    channel = channel_of_code(code)
    if channel is None or not channel.is_open:
        raise CouponError(Code.NOT_FOUND, "code")
    moment = now()
    found = scanned(member, channel.pk)
    if not found:
        raise CouponError(Code.NOT_GIVEN_NOW, "code")
    return found, any(one.given_at >= moment for one in found)


def scanned(member: Member, channel_id: int) -> list[Coupon]:
    """What runs for the code of a channel, once a day per member and giving, however it was scanned."""
    return give_by(Mode.SCAN, member, f"day:{today():%Y%m%d}", channel=channel_id)
