"""Orders that were bought without an account, opened by a code to their telephone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import Device, Purpose, check_code, clean_mobile, send_code_saying, use_code

from ..choices import OrderState as S
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..guest_access import is_foreign, order_of_link, pass_for
from ..models import TicketOrder
from ..telling import GUEST_CODE
from .drafting import mobile_index
from .reach import typed

#: What is not paid yet belongs to who holds its key.
BOUGHT = frozenset({S.PAID, S.ISSUING, S.ISSUED, S.ISSUE_FAILED})


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose order is asked for: by the link of its text message, or by its number and telephone as typed."""

    link: str = ""
    number: str = ""
    mobile: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """An order that was opened; until when the pass acts for it. `only_shown`: its tickets were bought by a reseller,
    they are shown at the gate and dealt with by whoever sold them."""

    order: TicketOrder
    key: str = field(repr=False)
    until: datetime
    only_shown: bool


def order_asked(asked: Asked) -> TicketOrder:
    """The order, for the words of a page that asks for a code: nothing of it is told before that.

    Raises TicketError NOT_FOUND, MemberError MOBILE_INVALID.
    """
    if asked.link:
        found = order_of_link(typed(asked.link, 40))
        if found is None or found.state not in BOUGHT:
            raise TicketError(
                Code.NOT_FOUND, _("链接不完整或已失效"), "link", _("请从短信里重新打开，或填写订单号和手机号")
            )
        return found
    index = mobile_index(clean_mobile(asked.mobile))
    order = TicketOrder.objects.filter(
        number=typed(asked.number).upper(), mobile_index=index, user=None, state__in=BOUGHT
    ).first()
    if order is None:
        raise TicketError(
            Code.NOT_FOUND, _("没有这张订单，或手机号不是下单时填写的"), "orderNumber",
            _("请核对订单号和手机号；用账号买的票请登录后查看"),
        )  # fmt: skip
    return order


def send_code(asked: Asked, device: Device) -> int:
    """Send a code to the telephone of the order; returns seconds until the next one.

    Raises as `order_asked`; MemberError TooOften; LockTimeout.
    """
    order = order_asked(asked)
    sent = send_code_saying(
        clean_mobile(order.mobile), Purpose.TICKETS, device, GUEST_CODE, {"number": order.number}
    )
    return sent.again_after


def open_by_code(asked: Asked, code: str, device: Device) -> Opened:
    """Open an order for whoever holds its telephone. Uses the code; locks it.

    Raises as `order_asked`; MemberError CODE_WRONG, LOCKED_OUT; LockTimeout.
    """
    order = order_asked(asked)
    checked = check_code(clean_mobile(order.mobile), Purpose.TICKETS, code, device)
    with transaction.atomic():
        use_code(checked)
    key, until = pass_for(order)
    return Opened(order, key, until, is_foreign(order))
