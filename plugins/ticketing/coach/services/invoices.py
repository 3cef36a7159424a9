"""Invoices that buyers want of coach tickets: finance issues them; what goes back is taken back in red.

Over what was paid, after coupons and vouchers: never over the price on the list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import MemberError, clean_tax_number
from plugins.ticketing.kernel.choices import OrderState, TicketState
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from plugins.ticketing.kernel.services.paid import paid_for
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import SHANGHAI, now, today
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import get_row, require

from ..access import INVOICE_ISSUE
from ..choices import InvoiceKind, InvoiceState
from ..errors import CoachError
from ..errors import CoachErrorCode as Code
from ..models import CoachInvoice
from ..numbers import INVOICE
from .reasons import reason_of
from .telling import tell_invoice

ISSUED = audit.action("coach.invoice_issued", _("登记发票开具"))
FAILED = audit.action("coach.invoice_failed", _("登记发票开具失败"))
REVERSED = audit.action("coach.invoice_reversed", _("整张冲红发票"))
_KEPT = (TicketState.ISSUED, TicketState.PART_USED, TicketState.USED, TicketState.EXPIRED)
_GOING = (TicketState.REFUNDING, TicketState.CHANGING)
_LIVE = (InvoiceState.WANTED, InvoiceState.ISSUED)
#: 20 digits of a digital invoice; 8 of a paper one, with its code of 10 or 12 before it.
_NUMBER = re.compile(r"[0-9]{8}|[0-9]{18}|[0-9]{20}")
WHOLE = "whole"


@transaction.atomic
def want_invoice(
    order: TicketOrder, *, title: str, tax_number: str = "", email: str = "", by: Any = None
) -> CoachInvoice:
    """A blue invoice over what was paid for the tickets that count; the same order again is the same invoice.

    Locks: the ticket order. Raises CoachError INVALID_INPUT, NOT_ISSUED, IN_AFTER_SALE while a ticket goes back
    or changed, INVOICE_THERE for another title, tax number or address.
    """
    told = title.strip()
    if not 2 <= len(told) <= 100:
        raise CoachError(Code.INVALID_INPUT, _("请填写发票抬头，2 至 100 个字"), "title")
    number, mail = _tax_number(tax_number), _mail(email)
    [row] = lock_rows(TicketOrder.objects.filter(pk=order.pk), no_key=True)
    there = _blue(row)
    if there is not None:
        for field, before, after in (
            ("title", there.title, told), ("taxNumber", there.tax_number, number), ("email", there.email, mail),
        ):  # fmt: skip
            if before != after:
                raise CoachError(
                    Code.INVOICE_THERE, _("已申请过发票"), field,
                    _("如需改抬头、税号或邮箱，请联系客服；已开具的，冲红后重开"),
                )  # fmt: skip
        return there
    if row.state != OrderState.ISSUED:
        raise CoachError(Code.NOT_ISSUED, _("出票后才能开发票"), "number")
    tickets = list(row.tickets.all())
    if any(one.state in _GOING for one in tickets):
        raise CoachError(Code.IN_AFTER_SALE, _("有车票正在退票、改签"), "number", _("请在办完以后再申请发票"))
    amount = _paid(one for one in tickets if one.state in _KEPT)
    if not amount:
        raise CoachError(Code.INVALID_INPUT, _("没有可开票的金额"), "number")
    return CoachInvoice.objects.create(
        number=next_number(INVOICE), ticket_order=row, kind=InvoiceKind.BLUE, title=told,
        tax_number=number, email=mail, amount=amount, asked_by=by,
    )  # fmt: skip


def _tax_number(text: str) -> str:
    """As the tax bureau writes it; of a person there is none."""
    if not text.strip():
        return ""
    try:
        return clean_tax_number(text)
    except MemberError as error:
        raise CoachError(Code.INVALID_INPUT, error.message, "taxNumber", error.hint) from None


def _mail(text: str) -> str:
    told = text.strip()
    if not told:
        return ""
    try:
        validate_email(told)
    except ValidationError:
        told = ""
    if not 0 < len(told) <= 100:
        raise CoachError(Code.INVALID_INPUT, _("邮箱地址不正确"), "email", _("电子发票会发到这个邮箱"))
    return told


def _blue(order: TicketOrder) -> CoachInvoice | None:
    found: CoachInvoice | None = order.coach_invoices.filter(kind=InvoiceKind.BLUE, state__in=_LIVE).first()
    return found


def _paid(tickets: Iterable[Ticket]) -> Decimal:
    """What was paid for tickets in yuan, with the service fee, after all that was taken off."""
    rows = list(tickets)
    paid = paid_for(rows)
    return sum((paid[one.pk].total for one in rows), Decimal("0.00"))


def left_of(blue: CoachInvoice) -> Decimal:
    """What a blue invoice still says after its red ones; yuan."""
    return blue.amount + (blue.reds.aggregate(sum=Sum("amount"))["sum"] or Decimal("0.00"))


def take_back(order: TicketOrder, tickets: Sequence[Ticket]) -> CoachInvoice | None:
    """Tickets are gone: an invoice that is not issued yet is cancelled, and asked for anew by the buyer; an issued one
    gets a red one over what was paid for what is gone. In the caller's transaction, under the ticket order's lock.
    Again: nothing.
    """
    blue = _blue(order)
    if blue is None or not tickets:
        return None
    if blue.state == InvoiceState.WANTED:
        blue.state, blue.why = InvoiceState.CANCELLED, str(_("开具前已退票（改签），如仍需要请重新申请"))
        blue.save(update_fields=["state", "why"])
        return None
    # a red one never takes back more than its blue one still says
    amount = min(_paid(tickets), left_of(blue))
    return _red(blue, f"T{min(one.pk for one in tickets)}-{len(tickets)}", amount, _("退票（改签）"))


def _red(blue: CoachInvoice, reference: str, amount: Decimal, why: Any) -> CoachInvoice | None:
    there = blue.reds.filter(reference=reference).first()
    if there is not None or not amount:
        return there
    return CoachInvoice.objects.create(
        red_of=blue, reference=reference, number=next_number(INVOICE), ticket_order_id=blue.ticket_order_id,
        kind=InvoiceKind.RED, title=blue.title, tax_number=blue.tax_number, email=blue.email, amount=-amount,
        asked_by_id=blue.asked_by_id, why=str(why)[:200],
    )  # fmt: skip


def _decided(by: Any, pk: int) -> CoachInvoice:
    """The invoice, locked under its ticket order. Raises OutOfScope, NotAllowed."""
    row: CoachInvoice = get_row(by, CoachInvoice, pk=pk)
    require(by, INVOICE_ISSUE, row)
    lock_rows(TicketOrder.objects.filter(pk=row.ticket_order_id), no_key=True)
    [locked] = lock_rows(CoachInvoice.objects.select_related("ticket_order__unit").filter(pk=pk))
    locked.decided_by, locked.decided_at = by, now()
    return locked


@transaction.atomic
def mark_issued(by: Any, pk: int, invoice_number: str, day: date) -> CoachInvoice:
    """Finance has issued it under this number, and the buyer is told; the same again is the same.

    Locks: the ticket order, the invoice. Raises OutOfScope, NotAllowed, CoachError INVALID_INPUT, INVOICE_MISFIT for
    one that does not wait.
    """
    told = re.sub(r"\s", "", invoice_number)
    if not (told.isascii() and _NUMBER.fullmatch(told)):
        raise CoachError(
            Code.INVALID_INPUT, _("发票号码不对"), "invoice_number",
            _("数电发票 20 位数字；纸质发票 8 位号码，或 10 位代码加 8 位号码"),
        )  # fmt: skip
    row = _decided(by, pk)
    if row.state == InvoiceState.ISSUED and (row.invoice_number, row.issued_on) == (told, day):
        return row
    if row.state != InvoiceState.WANTED:
        raise CoachError(Code.INVOICE_MISFIT, _("这张发票不是待开具"), None, _("请刷新后查看现在的状态"))
    asked = row.asked_at.astimezone(SHANGHAI).date()
    if not asked <= day <= today():
        raise CoachError(
            Code.INVALID_INPUT, _("开票日期应在申请当天（%(day)s）到今天之间") % {"day": asked}, "issued_on"
        )
    row.state, row.invoice_number, row.issued_on = InvoiceState.ISSUED, told, day
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise CoachError(
            Code.INVALID_INPUT, _("这个发票号码已登记在另一张发票上"), "invoice_number", _("请核对号码")
        ) from None
    tell_invoice(row)
    _audit(ISSUED, row, by, {"invoice_number": told, "day": day.isoformat(), "amount": str(row.amount)})
    return row


@transaction.atomic
def mark_failed(by: Any, pk: int, reason: str) -> CoachInvoice:
    """It cannot be issued: the buyer is told why, and may ask anew. Locks: the ticket order, the invoice.

    Raises OutOfScope, NotAllowed, CoachError INVALID_INPUT, INVOICE_MISFIT for a red one or one that does not wait.
    """
    why = reason_of(reason)
    row = _decided(by, pk)
    if row.kind != InvoiceKind.BLUE or row.state != InvoiceState.WANTED:
        raise CoachError(
            Code.INVOICE_MISFIT, _("只有待开具的蓝字发票可以登记失败"), None, _("红字发票须开出为止")
        )
    row.state, row.why = InvoiceState.FAILED, why
    row.save()
    tell_invoice(row)
    _audit(FAILED, row, by, {"reason": why})
    return row


@transaction.atomic
def reverse(by: Any, pk: int, reason: str) -> CoachInvoice | None:
    """An issued blue invoice is wrong: a red one over all that is left of it waits, and the buyer may ask anew.

    Locks: the ticket order, the invoice. Raises OutOfScope, NotAllowed, CoachError INVALID_INPUT, INVOICE_MISFIT.
    """
    why = reason_of(reason)
    row = _decided(by, pk)
    if row.kind != InvoiceKind.BLUE or row.state != InvoiceState.ISSUED:
        raise CoachError(Code.INVOICE_MISFIT, _("只有已开具的蓝字发票可以冲红"))
    red = _red(row, WHOLE, left_of(row), why)
    row.state, row.why = InvoiceState.REVERSED, why
    row.save()
    _audit(REVERSED, row, by, {"reason": why, "red": red.number if red is not None else ""})
    return red


def _audit(action: audit.Action, row: CoachInvoice, by: Any, told: dict[str, Any]) -> None:
    audit.record(action, row, after=told, actor=actor_label(by), org_path=row.ticket_order.unit.path)


def forget_customer(user: Any) -> int:
    """An account is closed: where its invoices were to be sent; how many. What an invoice says is kept by law."""
    return CoachInvoice.objects.filter(asked_by=user).update(email="")


def move_invoices(old: Any, new: Any) -> int:
    """Two accounts become one: whoever asked for invoices; how many."""
    return CoachInvoice.objects.filter(asked_by=old).update(asked_by=new)
