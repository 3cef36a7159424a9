"""What buyers are told of their tickets: by the official account where they follow one, else by text message."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import MemberError, Told, register_text, send_text
from plugins.official_account.interfaces import tell as tell_follower
from plugins.ticketing.kernel.models import TicketOrder

#: Occasions of the official account, and the names of their texts.
MADE = "ticket_voucher"
CANCELLED = "session_cancelled"
POSTPONED = "session_postponed"
GUEST_CODE = "ticket_guest_code"

register_text(
    MADE, _("您的%(title)s已出票，入场码 %(code)s，有效期 %(days)s。入场时出示本码或手机上的二维码，请勿转发。"),
    _("电子门票通知"),
)  # fmt: skip
register_text(
    CANCELLED, _("很抱歉，%(title)s（%(when)s）已取消，票款将全额原路退回，无需您操作。"), _("场次取消通知")
)
register_text(
    POSTPONED,
    _(
        "很抱歉，%(title)s由 %(was)s 延期至 %(when)s，原门票继续有效；"
        "如不能前往，请在 %(until)s 前在订单里选择全额退票。"
    ),
    _("场次延期通知"),
)
register_text(
    GUEST_CODE,
    _("验证码 %(code)s，用于查看票务订单 %(number)s 的电子门票，%(minutes)s 分钟内有效。请勿告诉他人。"),
    _("查看电子门票验证码"),
)


def tell(order: TicketOrder, occasion: str, key: str, words: Mapping[str, str], *, text: bool = True) -> Told:
    """Tell who bought, in the caller's transaction, which makes sure that it is done once (`key` names what is told).

    `text` False: not by text message. NOWHERE where nothing reaches him; a number that is no mobile is no error.
    """
    # WeChat takes twenty characters of a thing
    short = {**words, "title": words["title"][:20], "number": order.number}
    if order.user_id is not None and tell_follower(order.user_id, occasion, key, short):
        return Told.WECHAT
    return by_text(order, occasion, words) if text else Told.NOWHERE


def by_text(order: TicketOrder, occasion: str, words: Mapping[str, str]) -> Told:
    """By text message to the telephone of the order, also where the buyer follows: he has asked for it."""
    if not order.mobile:
        return Told.NOWHERE
    try:
        send_text(order.mobile, occasion, words)
    except MemberError:  # what was typed at a counter is no mobile
        return Told.NOWHERE
    return Told.TEXT
