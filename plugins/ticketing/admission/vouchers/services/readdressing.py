"""A letter with paper tickets goes elsewhere: the address is put right while it has not been posted."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.access import REFUND
from plugins.ticketing.kernel.choices import OrderState
from plugins.ticketing.kernel.models import TicketOrder
from plugins.ticketing.kernel.services.reach import is_buyer, reaches, typed
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, policy_for

from ...models import Mailing
from ...services.mailing import MailTo, check_to
from .. import telling
from ..access import EXCHANGE
from ..choices import MailState
from ..errors import VoucherError
from ..errors import VoucherErrorCode as Code

READDRESSED = audit.action("ticketing.mailing_readdressed", _("更改纸票收件地址"))
#: Orders whose letter may still be posted.
_OPEN = frozenset({OrderState.HELD, OrderState.PAID, OrderState.ISSUING, OrderState.ISSUED})


def readdress(by: Any, number: str, to: MailTo | None, *, token: str = "") -> Mailing:
    """Post an order's letter to another address; by its buyer, a guest with what opens it, or a clerk in reach.

    What lies printed is printed once more before it is posted: its label is wrong. The buyer is told, whoever did it.
    The same address again changes nothing. Locks: the mailing, as `posting.send` does, so that a clerk who posts at
    that moment and the buyer are not both right. Raises OutOfScope, NotAllowed, LockTimeout; AdmissionError
    ADDRESS_NEEDED, INVALID; VoucherError STATE where it is on its way, or there is no letter.
    """
    rows = TicketOrder.objects.select_related("order", "unit")
    order = rows.filter(number=typed(number).upper()).first()
    if order is None or not reaches(by, order, token):
        raise OutOfScope
    letter = Mailing.objects.filter(ticket_order=order).first()
    if not (is_buyer(by, order, token) or _is_clerk(by, order, letter)):
        raise NotAllowed
    told = check_to(to)
    if letter is None or order.state not in _OPEN:
        raise VoucherError(Code.STATE, _("这个订单没有要邮寄的纸票"))
    with transaction.atomic():
        [row] = lock_rows(Mailing.objects.filter(pk=letter.pk))
        if row.state != MailState.WAITING:
            raise VoucherError(Code.STATE, *_too_late(row))
        if (row.name, row.mobile, row.area, row.street) == (told.name, told.mobile, told.area, told.street):
            return row
        printed = row.printed_at is not None
        row.name, row.mobile, row.area, row.street = told.name, told.mobile, told.area, told.street
        row.printed_at = None
        row.save(update_fields=["name", "mobile", "area", "street", "printed_at"])
        audit.record(
            READDRESSED, row, after={"area": told.area, "printed": printed}, actor=actor_label(by),
            org_path=order.unit.path,
        )  # fmt: skip
        telling.by_text(order, telling.READDRESSED, {"title": order.title[:40], "area": told.area})
    return row


def _is_clerk(by: Any, order: TicketOrder, letter: Mailing | None) -> bool:
    """Who gives tickets back and changes them, or posts them."""
    if policy_for(TicketOrder).may(by, REFUND, order):
        return True
    return letter is not None and policy_for(Mailing).may(by, EXCHANGE, letter)


def _too_late(row: Mailing) -> tuple[Any, None, Any]:
    if row.state == MailState.CANCELLED:
        return _("这个订单的票已退，不再邮寄"), None, _("没有要更改的地址")
    words = _("纸票已寄出（%(carrier)s %(number)s），不能更改地址") % {
        "carrier": row.carrier,
        "number": row.waybill,
    }
    return words, None, _("请凭运单号联系承运公司改寄")
