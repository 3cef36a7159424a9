"""Invoices that buyers want of coach tickets: rows that finance issues; what goes back is taken back in red."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.choices import OrderState, TicketState
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.numbering import next_number

from ..choices import InvoiceKind, InvoiceState
from ..errors import CoachError
from ..errors import CoachErrorCode as Code
from ..models import CoachInvoice
from ..numbers import INVOICE

_KEPT = (TicketState.ISSUED, TicketState.PART_USED, TicketState.USED, TicketState.EXPIRED)


@transaction.atomic
def want_invoice(
    order: TicketOrder, *, title: str, tax_number: str = "", email: str = "", by: Any = None
) -> CoachInvoice:
    """A blue invoice over the tickets that count; the same order again is the same invoice. Locks: the ticket order.

    Raises CoachError INVALID_INPUT, NOT_ISSUED, INVOICE_THERE for another title.
    """
    told = title.strip()[:100]
    if len(told) < 2:
        raise CoachError(Code.INVALID_INPUT, _("请填写发票抬头"), "title")
    [row] = lock_rows(TicketOrder.objects.filter(pk=order.pk), no_key=True)
    there = row.coach_invoices.filter(
        kind=InvoiceKind.BLUE, state__in=(InvoiceState.WANTED, InvoiceState.ISSUED)
    ).first()
    if there is not None:
        if there.title != told:
            raise CoachError(
                Code.INVOICE_THERE, _("已申请过发票"), "title", _("如需改抬头，请联系客服冲红后重开")
            )
        return there
    if row.state != OrderState.ISSUED:
        raise CoachError(Code.NOT_ISSUED, _("出票后才能开发票"), "number")
    amount = sum((one.price for one in row.tickets.filter(state__in=_KEPT)), Decimal(0))
    if not amount:
        raise CoachError(Code.INVALID_INPUT, _("没有可开票的金额"), "number")
    return CoachInvoice.objects.create(
        number=next_number(INVOICE), ticket_order=row, kind=InvoiceKind.BLUE, title=told,
        tax_number=tax_number.strip().upper()[:20], email=email.strip()[:100], amount=amount, asked_by=by,
    )  # fmt: skip


def take_back(order: TicketOrder, tickets: Sequence[Ticket]) -> CoachInvoice | None:
    """Tickets are gone: an invoice that is not issued yet is cancelled, and asked for anew by the buyer; an issued one
    gets a red one over what is gone. In the caller's transaction, under the ticket order's lock. Again: nothing.
    """
    blue = order.coach_invoices.filter(
        kind=InvoiceKind.BLUE, state__in=(InvoiceState.WANTED, InvoiceState.ISSUED)
    ).first()
    if blue is None or not tickets:
        return None
    if blue.state == InvoiceState.WANTED:
        blue.state, blue.why = InvoiceState.CANCELLED, str(_("开具前已退票（改签）"))
        blue.save(update_fields=["state", "why"])
        return None
    reference = f"T{min(one.pk for one in tickets)}-{len(tickets)}"
    amount = -sum((one.price for one in tickets), Decimal(0))
    made, _fresh = CoachInvoice.objects.get_or_create(
        red_of=blue, reference=reference,
        defaults={
            "number": next_number(INVOICE), "ticket_order": order, "kind": InvoiceKind.RED, "title": blue.title,
            "tax_number": blue.tax_number, "email": blue.email, "amount": amount,
        },
    )  # fmt: skip
    return made


def move_invoices(old: Any, new: Any) -> int:
    """Two accounts become one: whoever asked for invoices; how many."""
    return CoachInvoice.objects.filter(asked_by=old).update(asked_by=new)
