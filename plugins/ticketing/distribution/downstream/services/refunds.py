"""A reseller gives tickets back: previewed, then done for what the preview said; by the rules of everybody."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from plugins.ticketing.admission.models import SessionChoice
from plugins.ticketing.admission.vouchers.choices import ChoiceKind
from plugins.ticketing.admission.vouchers.services.changing import choose
from plugins.ticketing.kernel.models import RefundRequest, Ticket
from plugins.ticketing.kernel.services.refunding import Offer, Stale, Wanted, preview_refund, submit_refund
from saleor_o2o.kernel.money import to_fen

from ..choices import BuyState
from ..errors import ResaleError
from ..errors import ResaleErrorCode as Code
from ..models import Reseller, ResellerOrder


def order_of(reseller: Reseller, *, number: str = "", their_number: str = "") -> ResellerOrder:
    """An order of the reseller's own by either number. Raises NOT_FOUND, the same for somebody else's."""
    rows = ResellerOrder.objects.select_related("ticket_order__order", "reseller").filter(reseller=reseller)
    wanted = {"number": number} if number else {"their_number": their_number}
    found = rows.filter(**wanted).first() if number or their_number else None
    if found is None:
        raise ResaleError(Code.NOT_FOUND, _("没有这个订单"), "orderNo", _("请核对订单号"))
    return found


def preview(row: ResellerOrder, tickets: Mapping[str, int | None]) -> list[Offer]:
    """What giving back tickets (number: people, None for all that are left) comes to; holds for five minutes.

    Raises NOT_FOUND, and TicketError as `kernel.services.refunding.preview_refund`.
    """
    rows = _tickets(row, tickets)
    return preview_refund(rows, {one.pk: n for one in rows if (n := tickets[one.number]) is not None})


def refund(
    row: ResellerOrder, their_number: str, tickets: Mapping[str, tuple[str, int | None]], reason: str
) -> RefundRequest:
    """Give tickets back for what the preview said (number: token, people). The same number again is the same refund.

    The money goes into the deposit. Raises NOT_FOUND, QUOTE_CHANGED (with what holds now), and TicketError as
    `submit_refund`. Locks: as there.
    """
    rows = _tickets(row, tickets)
    order: Any = row.ticket_order
    done = submit_refund(
        None, key_of(row.reseller_id, their_number),
        [Wanted(one.pk, tickets[one.number][0], tickets[one.number][1]) for one in rows], reason=reason[:200],
        token=order.order.token,
    )  # fmt: skip
    if isinstance(done, Stale):
        raise ResaleError(
            Code.QUOTE_CHANGED, _("退票金额已变化：%(why)s") % {"why": done.words}, "tickets", _("请重新试算"),
            told={"tickets": [offer_json(one) for one in done.offers]},
        )  # fmt: skip
    return done


def choose_postponed(row: ResellerOrder, choice: ChoiceKind) -> SessionChoice:
    """Keep the tickets of a session that was put off, or give all of them back without a fee, into the deposit.

    Raises NOT_FOUND, and VoucherError WINDOW_OVER, ALREADY as `vouchers.services.changing.choose`. Locks: as there.
    """
    if row.state != BuyState.PLACED or row.ticket_order is None:
        raise ResaleError(Code.NOT_FOUND, _("没有这个订单"), "orderNo", _("请核对订单号"))
    return choose(row.ticket_order, choice, None)


def key_of(reseller_pk: int, their_number: str) -> str:
    """The kernel's key of a reseller's refund."""
    return f"resale-{reseller_pk}-{hashlib.sha256(their_number.encode()).hexdigest()[:32]}"


def offer_json(offer: Offer) -> dict[str, Any]:
    """An offer as it is told. Fen."""
    quote = offer.quote
    return {
        "ticketNo": offer.ticket.number, "quantity": offer.quantity, "allowed": quote.allowed,
        "fee": to_fen(quote.fee), "refundAmount": to_fen(quote.back), "words": offer.fee.text, "token": quote.token,
    }  # fmt: skip


def _tickets(row: ResellerOrder, wanted: Mapping[str, Any]) -> Sequence[Ticket]:
    rows = list(
        Ticket.objects.filter(ticket_order=row.ticket_order_id, number__in=list(wanted))
        .select_related("ticket_order__order", "ticket_order__unit")
        .order_by("pk")
    )
    if row.state != BuyState.PLACED or not rows or len(rows) != len(wanted):
        raise ResaleError(Code.NOT_FOUND, _("订单里没有这张票"), "tickets", _("请查询订单后再退"))
    return rows
