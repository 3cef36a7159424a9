"""What a clerk asks of a member at a counter, and the code by which the member agrees: burns and consents share it.

The code goes to the member's own telephone after the row that waits for it is written, says for what it is, and counts
for this row alone: a code for something else confirms nothing.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import (
    Device,
    Member,
    Purpose,
    TooOften,
    check_code,
    members_by_text,
    primary_mobile,
    register_text,
    send_code_saying,
)
from saleor_o2o.kernel.errors import Text
from saleor_o2o.kernel.scope import rows_for

from ..errors import LoyaltyError, PointsShort
from ..errors import LoyaltyErrorCode as Code
from ..kinds import Book
from ..models import Burn, Consent, Purse
from .giving import require_active

#: The message with a code that somebody reads out to a clerk.
AT_COUNTER = "counter_code"
#: How long something waits for its code.
PATIENCE = timedelta(minutes=15)
MOST_POINTS = 1_000_000

register_text(
    AT_COUNTER,
    _(
        "验证码 %(code)s，%(minutes)s 分钟内有效，用于在%(place)s%(what)s。"
        "请核对后念给柜台营业员；不是您本人办理请勿告诉任何人。"
    ),
    _("柜台办理验证码"),
)


def find_member(text: str) -> Member:
    """The one active member that a whole identity means. Raises NOT_FOUND, MEMBER_NOT_ACTIVE."""
    found = members_by_text(text)
    if len(found) != 1:
        raise LoyaltyError(
            Code.NOT_FOUND,
            _("没有找到这个会员"),
            "member",
            _("请核对会员号、手机号、卡号或证件号，须填写完整"),
        )
    require_active(found[0])
    return found[0]


def check_points(points: int) -> None:
    """Raise INVALID for a number of points that nobody can use."""
    if not 0 < points <= MOST_POINTS:
        raise LoyaltyError(
            Code.INVALID, _("请填写 1 到 %(most)d 的整数积分") % {"most": MOST_POINTS}, "points"
        )


def check_has_points(by: Any, member: Member, points: int) -> None:
    """Raise POINTS_SHORT; how much somebody from elsewhere has is not told before the code."""
    purses = Purse.objects.filter(member=member, book=Book.POINTS).values_list("balance", flat=True)
    left = purses.first() or Decimal(0)
    if points <= left:
        return
    if rows_for(by, Member).filter(pk=member.pk).exists():
        raise PointsShort(left)
    raise LoyaltyError(Code.POINTS_SHORT, _("该会员的积分不足"), "points", _("请减少使用的积分"))


def check_mobile(member: Member, message: Text) -> None:
    """Raise NO_MOBILE, in these words, for a member whom no code can reach."""
    if not primary_mobile(member):
        raise LoyaltyError(Code.NO_MOBILE, message, "member", _("请先在会员页绑定手机号"))


def send(row: Burn | Consent, what: Text, device: Device) -> int:
    """Send a code that says what it is for, and note which it was; seconds until the next. Raises TooOften."""
    told = {"place": row.unit.name, "what": str(what)}
    sent = send_code_saying(primary_mobile(row.member), Purpose.COUNTER, device, AT_COUNTER, told)
    type(row).objects.filter(pk=row.pk).update(ticket=sent.ticket)
    return sent.again_after


def send_first(row: Burn | Consent, what: Text, device: Device) -> tuple[int, bool]:
    """As `send`, and whether one was sent: where one went out just now, the row waits and nothing is typed again."""
    try:
        return send(row, what, device), True
    except TooOften as refusal:
        return refusal.seconds, False


def checked_for(row: Burn | Consent, code: str, device: Device, wrong: Text) -> Any:
    """The code that was read out, good for this row. Raises CODE_WRONG (`wrong`: another's), LOCKED_OUT."""
    checked = check_code(primary_mobile(row.member), Purpose.COUNTER, code, device)
    if checked.ticket != type(row).objects.values_list("ticket", flat=True).get(pk=row.pk):
        raise LoyaltyError(Code.CODE_WRONG, wrong, "code", _("请重新发送验证码"))
    return checked
