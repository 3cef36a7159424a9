"""What buyers of coach tickets are told: how to get their tickets, and that a bus does not go."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import MemberError, register_text, send_text
from plugins.ticketing.kernel.models import TicketOrder

from ..codes import pick_up

ISSUED = "coach_issued"
CANCELLED = "coach_cancelled"

register_text(
    ISSUED, _("已出票：%(trip)s，%(count)s 张。%(pick)s。发车前请留足检票时间。"), _("汽车票出票通知")
)
register_text(
    CANCELLED,
    _("您购买的 %(trip)s 已停班，可免费退票或改签，请在订单里办理或拨打客服。"),
    _("汽车班次停班通知"),
)


def tell_issued(order: TicketOrder, count: int) -> bool:
    """Tell the contact how to get the tickets, after the commit; False where there is no mobile."""
    if not order.mobile:
        return False
    note = "，".join(f"{label} {words}" for label, words in pick_up(order.pick_code))
    words = {"trip": order.title, "count": str(count), "pick": note or str(_("凭身份证进站"))}
    return _send(order.mobile, ISSUED, words)


def tell_cancelled(order: TicketOrder) -> bool:
    """Tell the contact that the bus does not go, after the commit; False where there is no mobile."""
    return bool(order.mobile) and _send(order.mobile, CANCELLED, {"trip": order.title})


def _send(mobile: str, template: str, words: dict[str, str]) -> bool:
    try:
        send_text(mobile, template, words)
    except MemberError:  # what was typed at a counter is no mobile
        return False
    return True
