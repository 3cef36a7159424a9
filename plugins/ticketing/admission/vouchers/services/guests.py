"""Vouchers of who bought without an account: by the request or the order he holds, or by a code to his telephone."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import (
    Device,
    Purpose,
    check_code,
    clean_mobile,
    send_code_saying,
    use_code,
)
from plugins.ticketing.kernel.choices import OrderState
from plugins.ticketing.kernel.models import TicketOrder
from plugins.ticketing.kernel.services.binding import order_of_buyer
from plugins.ticketing.kernel.services.holding import mobile_index
from plugins.ticketing.kernel.services.reach import typed

from ...models import Voucher
from ..errors import VoucherError
from ..errors import VoucherErrorCode as Code
from ..telling import GUEST_CODE
from ..visits import with_visits

#: More are not told at once.
MOST = 100


def vouchers_of(user: Any, number: str, key: str = "", token: str = "") -> list[Voucher]:
    """The vouchers of a ticket order for whoever bought it (`order_of_buyer`); none for anybody else."""
    order = order_of_buyer(user, number, key, token)
    return list(_vouchers(order)) if order is not None else []


def send_code(number: str, mobile: str, device: Device) -> int:
    """Send a code to the telephone of a guest's order; returns seconds until the next one.

    Raises VoucherError NOT_FOUND: no such order of this telephone; MemberError MOBILE_INVALID, TooOften; LockTimeout.
    """
    order = _of_telephone(number, mobile)
    asked = send_code_saying(mobile, Purpose.TICKETS, device, GUEST_CODE, {"number": order.number})
    return asked.again_after


def vouchers_by_code(number: str, mobile: str, code: str, device: Device) -> list[Voucher]:
    """The vouchers of a guest's order, for whoever holds its telephone. Uses the code; locks it.

    Raises VoucherError NOT_FOUND, MemberError MOBILE_INVALID, CODE_WRONG, LOCKED_OUT; LockTimeout.
    """
    order = _of_telephone(number, mobile)
    checked = check_code(mobile, Purpose.TICKETS, code, device)
    with transaction.atomic():
        use_code(checked)
    return list(_vouchers(order))


def _of_telephone(number: str, mobile: str) -> TicketOrder:
    """An issued order of nobody's account with this telephone. An account's buyer logs in instead."""
    index = mobile_index(clean_mobile(mobile))
    order = TicketOrder.objects.filter(
        number=typed(number).upper(), mobile_index=index, user=None, state=OrderState.ISSUED
    ).first()
    if order is None:
        raise VoucherError(
            Code.NOT_FOUND, _("没有这张订单，或手机号不是下单时填写的"), "order_number",
            _("请核对订单号和手机号；用账号买的票请登录后查看"),
        )  # fmt: skip
    return order


def _vouchers(order: TicketOrder) -> QuerySet[Voucher]:
    rows = Voucher.objects.filter(ticket_order=order).select_related("ticket_order__supplier", "product")
    return with_visits(rows.prefetch_related("tickets").order_by("pk"))[:MOST]
