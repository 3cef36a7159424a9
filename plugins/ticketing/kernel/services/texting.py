"""The text message with the codes once more: for the buyer, who lost it, for a guest, and for a clerk whom he calls."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.pace import retry_after
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import OutOfScope, require, rows_for

from ..access import REFUND
from ..choices import GONE, OrderState
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..models import TicketOrder
from ..trades import text_again
from .binding import order_to_show
from .reach import typed

TEXTED = audit.action("ticketing.text_again", _("重发出票短信"))
#: Of one order, whoever asks: so many in a minute, and in an hour.
A_MINUTE, AN_HOUR = 1, 3


def order_to_text(by: Any, number: str, *, key: str = "", token: str = "") -> TicketOrder:
    """The order for whoever may have its text sent: its buyer, a guest with what opens it, the staff in reach.

    Raises OutOfScope, NotAllowed.
    """
    found = order_to_show(by, number, key, token)
    if found is not None:
        return found
    rows = rows_for(by, TicketOrder.objects.all()) if getattr(by, "is_authenticated", False) else None
    found = rows.filter(number=typed(number).upper()).first() if rows is not None else None
    if found is None:
        raise OutOfScope
    require(by, REFUND, found)
    return found


def may_text(order: TicketOrder) -> bool:
    """Whether there is something to send: issued, with a ticket that counts, to a telephone."""
    if order.state != OrderState.ISSUED or not order.mobile or text_again(order) is None:
        return False
    return order.tickets.exclude(state__in=GONE).exists()


def send_text_again(by: Any, order: TicketOrder) -> None:
    """The text once more, to the telephone of the order. Call it outside transactions: a supplier may be asked.

    Raises TicketError NOT_POSSIBLE where there is nothing to send, TOO_OFTEN; what the trade refuses with.
    """
    send = text_again(order)
    if send is None or not may_text(order):
        raise TicketError(
            Code.NOT_POSSIBLE, _("现在没有可以重发的短信"),
            hint=_("订单没有联系手机") if not order.mobile else _("出票后才有短信；已退改的票不再发送"),
        )  # fmt: skip
    _keep_pace(order)
    send(order)
    audit.record(TEXTED, order, after={}, actor=actor_label(by), org_path=order.unit.path)


def _keep_pace(order: TicketOrder) -> None:
    wait = retry_after("ticketing.text", order.number, A_MINUTE)
    if wait:
        raise TicketError(
            Code.TOO_OFTEN, _("刚刚发送过，请 %(seconds)d 秒后再试") % {"seconds": wait},
            hint=_("短信可能晚到一会儿，也请看看被拦截的短信"),
        )  # fmt: skip
    wait = retry_after("ticketing.text.hour", order.number, AN_HOUR, window=3600)
    if wait:
        raise TicketError(
            Code.TOO_OFTEN, _("这张订单一小时内已发送 %(most)d 次，请 %(minutes)d 分钟后再试")
            % {"most": AN_HOUR, "minutes": -(-wait // 60)},
            hint=_("可以直接打开订单出示；收不到短信请核对联系手机"),
        )  # fmt: skip
