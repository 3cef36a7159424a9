"""What buyers of coach tickets are told: how to get their tickets, that a bus does not go or goes at another time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import Told, register_text
from plugins.ticketing.kernel.choices import GONE
from plugins.ticketing.kernel.errors import TicketError, TicketErrorCode
from plugins.ticketing.kernel.models import TicketOrder
from plugins.ticketing.kernel.telling import by_text, tell
from saleor_o2o.backoffice.privacy import masked_email
from saleor_o2o.kernel.clock import SHANGHAI, now
from saleor_o2o.kernel.money import format_yuan

from ..choices import InvoiceKind, InvoiceState
from ..codes import pick_up
from ..models import CoachInvoice

ISSUED = "coach_issued"
CANCELLED = "coach_cancelled"
RESUMED = "coach_resumed"
MOVED = "coach_moved"
INVOICED = "coach_invoice"

register_text(
    ISSUED,
    _("已出票：%(trip)s，%(count)s 张。%(pick)s。发车前请留足检票时间。查看、退改：%(link)s"),
    _("汽车票出票通知"),
)
register_text(
    CANCELLED,
    _("您购买的 %(trip)s 已停班，可免费退票或改签：%(link)s，或拨打客服。"),
    _("汽车班次停班通知"),
)
register_text(
    RESUMED,
    _("您购买的 %(trip)s 恢复开行，未退、未改签的车票仍然有效，请按时乘车：%(link)s，或拨打客服。"),
    _("汽车班次恢复开行通知"),
)
register_text(
    MOVED,
    _(
        "您购买的 %(trip)s 改为 %(leaves)s 发车，请按新的时间到站。时间不合适的，请到网点柜台或拨打客服办理退票、改签。"
    ),
    _("汽车班次改时通知"),
)
register_text(INVOICED, _("您的%(trip)s：%(what)s。%(where)s。%(link)s"), _("汽车票发票通知"))


def tell_issued(order: TicketOrder, count: int) -> bool:
    """Tell who bought how to get the tickets, after the commit; False where nothing reaches him."""
    return _tell(order, ISSUED, f"coach-issued:{order.number}", _words(order, count))


def text_again(order: TicketOrder) -> None:
    """How to get the tickets that still count, by text. Raises TicketError NOT_POSSIBLE where none reaches him."""
    count = order.tickets.exclude(state__in=GONE).count()
    if by_text(order, ISSUED, _words(order, count)) != Told.TEXT:
        raise TicketError(
            TicketErrorCode.NOT_POSSIBLE, _("订单的联系手机收不到短信"), hint=_("请到柜台更正联系手机")
        )


def _words(order: TicketOrder, count: int) -> dict[str, str]:
    note = "，".join(f"{label} {words}" for label, words in pick_up(order.pick_code))
    return {"trip": order.title, "count": str(count), "pick": note or str(_("凭身份证进站"))}


def tell_cancelled(order: TicketOrder) -> bool:
    """Tell who bought that the bus does not go, after the commit; False where nothing reaches him."""
    return _tell(order, CANCELLED, f"coach-cancelled:{order.number}:{_moment()}", {"trip": order.title})


def tell_resumed(order: TicketOrder) -> bool:
    """Tell who bought that the bus goes after all, after the commit; False where nothing reaches him."""
    return _tell(order, RESUMED, f"coach-resumed:{order.number}:{_moment()}", {"trip": order.title})


def tell_moved(order: TicketOrder, departs: datetime) -> bool:
    """Tell who bought that the bus leaves at another time, after the commit; False where nothing reaches him."""
    words = {"trip": order.title, "leaves": f"{departs.astimezone(SHANGHAI):%m-%d %H:%M}"}
    return _tell(order, MOVED, f"coach-moved:{order.number}:{departs.timestamp():.0f}:{_moment()}", words)


def _moment() -> str:
    """What tells one time from the next: a bus may be cancelled or moved twice, and whoever notes it does so once."""
    return f"{now().timestamp():.3f}"


def tell_invoice(row: CoachInvoice) -> bool:
    """Tell who bought that an invoice is issued (a red one: taken back) or cannot be, in the transaction that notes it;
    False where nothing reaches him. Where it was sent is masked."""
    order = row.ticket_order
    about = {"amount": format_yuan(abs(row.amount)), "number": row.invoice_number}
    what: Any
    where: Any
    if row.state == InvoiceState.FAILED:
        what = _("发票没有开成")
        where = _("原因：%(why)s；可在订单里重新申请") % {"why": row.why.rstrip("。")}
    elif row.kind == InvoiceKind.RED:
        what = _("发票已冲红 %(amount)s，红字发票号码 %(number)s") % about
        where = _("原发票相应金额作废")
    else:
        what = _("发票已开具 %(amount)s，号码 %(number)s") % about
        where = _("已发到 %(mail)s") % {"mail": masked_email(row.email)} if row.email else _("可在订单里查看")
    words = {"trip": order.title, "what": str(what), "where": str(where)}
    return _tell(order, INVOICED, f"coach-invoice:{row.number}", words)


def _tell(order: TicketOrder, occasion: str, key: str, words: dict[str, str]) -> bool:
    return tell(order, occasion, key, words) != Told.NOWHERE
