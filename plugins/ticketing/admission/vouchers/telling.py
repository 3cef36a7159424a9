"""The words of what buyers of admission tickets are told; how is the kernel's."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import register_text
from plugins.ticketing.kernel.telling import by_text, tell

__all__ = [
    "CANCELLED",
    "EXCHANGE_CODE",
    "MADE",
    "POSTED",
    "POSTPONED",
    "READDRESSED",
    "TO_POST",
    "TO_SEE",
    "by_text",
    "tell",
]

#: Occasions of the official account, and the names of their texts.
MADE = "ticket_voucher"
CANCELLED = "session_cancelled"
POSTPONED = "session_postponed"
POSTED = "ticket_paper_posted"
EXCHANGE_CODE = "ticket_exchange_code"
READDRESSED = "ticket_paper_address"
#: Texts only: of what is posted later, and of what is shown by its page alone.
TO_POST, TO_SEE = "ticket_paper_waiting", "ticket_guest_issued"

register_text(
    MADE, _("您的%(title)s已出票，入场码 %(code)s，有效期 %(days)s。入场出示本码或二维码，请勿转发。查看：%(link)s"),
    _("电子门票通知"),
)  # fmt: skip
register_text(
    EXCHANGE_CODE,
    _(
        "您的%(title)s已出票，换票码 %(code)s，有效期 %(days)s。请先到换票窗口凭本码或证件换取纸票，再凭纸票入场。"
        "查看：%(link)s"
    ),
    _("现场换票通知"),
)
register_text(
    POSTED,
    _(
        "您的%(title)s纸票已寄出：%(carrier)s %(number)s。请凭纸票入场，妥善保管；退票须交回纸票。查看：%(link)s"
    ),
    _("纸票寄出通知"),
)
register_text(
    TO_POST,
    _("您的%(title)s已出票，纸票最晚 %(by)s 寄出，寄出后短信告诉您运单号。查看、改收件地址：%(link)s"),
    _("待寄纸票通知"),
)
register_text(
    TO_SEE, _("您的%(title)s已出票，共 %(count)s 张。出示、退改：%(link)s"), _("门票出票通知（未登录购票）")
)
register_text(
    READDRESSED,
    _("您的%(title)s纸票收件地址已改到%(area)s。不是您或您委托的人改的，请立即拨打 11185。"),
    _("纸票改地址通知"),
)
register_text(
    CANCELLED, _("很抱歉，%(title)s（%(when)s）已取消，票款将全额原路退回，无需您操作。"), _("场次取消通知")
)
register_text(
    POSTPONED,
    _(
        "很抱歉，%(title)s由 %(was)s 延期至 %(when)s，原门票继续有效；"
        "如不能前往，请在 %(until)s 前选择全额退票：%(link)s"
    ),
    _("场次延期通知"),
)
