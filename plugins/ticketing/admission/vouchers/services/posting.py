"""Posting paper tickets: print the sheets and the label, write the number of the letter down, tell the buyer."""

from __future__ import annotations

import re
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import desk_of
from plugins.ticketing.kernel.choices import OrderState, TicketState
from plugins.ticketing.kernel.models import Ticket
from plugins.ticketing.kernel.papers import stock
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import get_row, require, rows_for
from saleor_o2o.ordering.interfaces import read_tracking

from ...models import Mailing, Voucher
from .. import telling
from ..access import EXCHANGE
from ..choices import MailState
from ..errors import VoucherError
from ..errors import VoucherErrorCode as Code
from .papering import lock_tickets_of, put_on_paper
from .sending import posted_words

PRINTED = audit.action("ticketing.mailing_printed", _("打印待寄纸票"))
POSTED = audit.action("ticketing.mailing_posted", _("登记寄出纸票"))
POST = "中国邮政"
_NUMBER = re.compile(r"[A-Z0-9]{8,30}")


def waiting(by: Any) -> QuerySet[Mailing]:
    """What has to be posted within reach, the most urgent first: issued orders of which a ticket still counts, with the
    number of those (`sheets`)."""
    rows = rows_for(by, Mailing.objects.filter(state=MailState.WAITING), EXCHANGE)
    alive = Count("ticket_order__tickets", filter=Q(ticket_order__tickets__state=TicketState.ISSUED))
    issued = rows.filter(ticket_order__state=OrderState.ISSUED).annotate(sheets=alive)
    return issued.filter(sheets__gt=0).order_by("send_by", "pk")


def print_mailing(by: Any, pk: int) -> tuple[Mailing, list[Voucher]]:
    """Sheets for all tickets of an order that still count; asked again, the same ones.

    Locks: tickets, vouchers, the clerk's paper. Raises OutOfScope, NotAllowed, VoucherError STATE, what the stock
    refuses with, LockTimeout.
    """
    desk = desk_of(by, EXCHANGE)
    found = get_row(by, Mailing.objects.select_related("ticket_order"), pk=pk)
    require(by, EXCHANGE, found)
    with transaction.atomic():
        tickets = _lock_good(found)
        row = _lock(found)
        lying = stock().lying([one.pk for one in tickets])
        new = [one for one in tickets if one.pk not in lying]
        if new:
            put_on_paper(by, desk, new, where=str(_("邮寄")))
        if row.printed_at is None:
            row.printed_at = now()
            row.save(update_fields=["printed_at"])
        audit.record(PRINTED, row, after={"tickets": len(tickets)}, actor=actor_label(by), org_path=desk.path)
        vouchers = list(Voucher.objects.filter(tickets__in=tickets).order_by("pk"))
    return row, vouchers


def send(by: Any, pk: int, tracking: str) -> Mailing:
    """The letter is at the post under this number. The buyer is told. Locks: tickets, the mailing.

    Raises OutOfScope, NotAllowed, LockTimeout; VoucherError REQUIRED, MALFORMED for what is no number, STATE where
    nothing is printed, the address was changed since, something has come back meanwhile, or it is on its way already.
    """
    desk = desk_of(by, EXCHANGE)
    found = get_row(by, Mailing.objects.select_related("ticket_order"), pk=pk)
    require(by, EXCHANGE, found)
    carrier, number = _tracking(tracking)
    with transaction.atomic():
        tickets = _lock_good(found)
        row = _lock(found)
        if set(stock().lying([one.pk for one in tickets])) != {one.pk for one in tickets}:
            raise VoucherError(Code.STATE, _("还有纸票没有打印"), hint=_("请先打印全部纸票"))
        if row.printed_at is None:
            raise VoucherError(
                Code.STATE, _("收件地址刚刚更改过"), hint=_("请重新打印标签，贴好后再登记寄出")
            )
        row.state, row.carrier, row.waybill = MailState.SENT, carrier, number
        row.sent_at, row.sent_by = now(), by
        row.save(update_fields=["state", "carrier", "waybill", "sent_at", "sent_by"])
        audit.record(
            POSTED,
            row,
            after={"waybill": number, "carrier": carrier},
            actor=actor_label(by),
            org_path=desk.path,
        )
        telling.by_text(
            found.ticket_order, telling.POSTED,
            posted_words(row),
        )  # fmt: skip
    return row


def _tracking(told: str) -> tuple[str, str]:
    text = told.strip()
    if not text or len(text) > 60:
        raise VoucherError(Code.REQUIRED, _("请扫描或输入运单号"), "waybill")
    carrier, number = read_tracking(text)
    number = number.upper()
    if not _NUMBER.fullmatch(number) or len(carrier) > 20:
        raise VoucherError(
            Code.MALFORMED, _("运单号不正确"), "waybill", _("请核对面单上的运单号，只有字母和数字")
        )
    return carrier or POST, number


def _lock_good(found: Mailing) -> list[Ticket]:
    """Lock the tickets of a mailing; those that still count. Raises STATE where none does, or one is going back."""
    keys = list(Voucher.objects.filter(ticket_order=found.ticket_order_id).values_list("pk", flat=True))
    there = lock_tickets_of(keys)
    if any(one.state == TicketState.REFUNDING for one in there):
        raise VoucherError(Code.STATE, _("这个订单有票正在退"), hint=_("请等退完再寄，并取出已退的纸票"))
    tickets = [one for one in there if one.state == TicketState.ISSUED]
    if not tickets:
        raise VoucherError(Code.STATE, _("这个订单的票已退或已使用，不用寄"))
    return tickets


def _lock(found: Mailing) -> Mailing:
    [row] = lock_rows(Mailing.objects.filter(pk=found.pk))
    if row.state != MailState.WAITING:
        raise VoucherError(
            Code.STATE, _("这个订单的纸票%(state)s") % {"state": row.get_state_display()},
            hint=_("请看列表里的运单号"),
        )  # fmt: skip
    return row
