"""Tickets brought in step with what was used at the distributor's gates, by its counters and not by its notices."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from plugins.ticketing.admission.models import Redemption, Voucher
from plugins.ticketing.admission.vouchers.choices import UseKind
from plugins.ticketing.kernel.choices import TicketState
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from saleor_o2o.kernel.clock import local_day, now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.money import to_fen, to_yuan
from saleor_o2o.kernel.states import move_locked

from ..models import UpstreamStanding

_OPEN = frozenset({TicketState.ISSUED, TicketState.PART_USED, TicketState.USED})
ACTOR = "distributor"


@transaction.atomic
def reconcile(
    order: TicketOrder, told: dict[str, Any], *, at: datetime | None = None, gate: str = ""
) -> UpstreamStanding:
    """Use or un-use our tickets until they say what the order there says; keep its three counters.

    What cannot be done (a ticket used there that is given back here) is written down for a person, never guessed.
    Locks: the order's tickets, then their vouchers, in pk order. Raises LockTimeout.
    """
    tickets = lock_rows(Ticket.objects.filter(ticket_order=order).order_by("pk"))
    keys = Voucher.objects.filter(tickets__in=tickets).order_by().values_list("pk", flat=True).distinct()
    vouchers = lock_rows(Voucher.objects.filter(pk__in=list(keys)).order_by("pk"))
    by_code: dict[str, list[Ticket]] = defaultdict(list)
    for ticket in tickets:
        if ticket.their_number:
            by_code[ticket.their_number].append(ticket)
    moment = min(at or now(), now())
    attention = ""
    for one in told["vouchers"]:
        each = one["people"] // max(1, one["quantity"])
        mine = by_code.pop(one["code"], [])
        rest = one["used"] * each - sum(ticket.used for ticket in mine)
        step = _use if rest > 0 else _unuse
        for ticket in mine if rest > 0 else reversed(mine):
            if rest:
                rest -= step(ticket, rest, vouchers, moment, gate)
        if rest:
            attention = _("上游已核销的票在平台上不能核销（已退、改签或不存在），相差 %(count)d 人次") % {"count": rest}
        back = sum(ticket.back for ticket in mine)
        if not attention and one["refunded"] * each > back + _going_back(mine):
            attention = _("上游已退的票在平台上没有退")
    standing, _new = UpstreamStanding.objects.update_or_create(
        ticket_order=order,
        defaults={
            "ordered": told["orderQuantity"], "used": told["useQuantity"], "refunded": told["reQuantity"],
            "refund_status": str(told["refundStatus"])[:12], "attention": attention[:200], "asked_at": now(),
        },
    )  # fmt: skip
    return standing


def _going_back(tickets: list[Ticket]) -> int:
    gone = (TicketState.REFUNDING, TicketState.REFUNDED, TicketState.CHANGED, TicketState.VOID)
    return sum(ticket.uses - ticket.used - ticket.back for ticket in tickets if ticket.state in gone)


def _use(ticket: Ticket, wanted: int, vouchers: list[Voucher], at: datetime, gate: str) -> int:
    room = ticket.uses - ticket.back - ticket.used
    people = min(room, wanted)
    if people <= 0 or ticket.state not in _OPEN:
        return 0
    _counted(ticket, people, vouchers, at, gate)
    ticket.used_at = at
    ticket.save(update_fields=["used", "used_at"])
    move_locked(ticket, "use" if people == room else "use_part", actor=ACTOR)
    return people


def _unuse(ticket: Ticket, wanted: int, vouchers: list[Voucher], at: datetime, gate: str) -> int:
    """`wanted` is below zero, and so is what is done."""
    people = min(ticket.used, -wanted)
    if people <= 0 or ticket.state not in _OPEN:
        return 0
    was = ticket.state
    _counted(ticket, -people, vouchers, at, gate)
    ticket.save(update_fields=["used"])
    if not ticket.used:
        move_locked(ticket, "unuse", actor=ACTOR)
    elif was == TicketState.USED:
        move_locked(ticket, "unuse_part", actor=ACTOR)
    return -people


def _counted(ticket: Ticket, people: int, vouchers: list[Voucher], at: datetime, gate: str) -> None:
    """The counters of the ticket and its voucher, and the row that is settled by; the parts of a ticket sum to it."""
    before, ticket.used = ticket.used, ticket.used + people
    voucher = next((one for one in vouchers if ticket in one.tickets.all()), None)
    if voucher is None:
        return
    voucher.used += people
    if people > 0:
        voucher.used_at, voucher.used_where = at, (gate or str(ticket.ticket_order.supplier))[:80]
    voucher.save(update_fields=["used", "used_at", "used_where"])
    order, product = ticket.ticket_order, voucher.product
    Redemption.objects.create(
        kind=UseKind.USED if people > 0 else UseKind.REVERSED, voucher=voucher, ticket=ticket, product=product,
        ticket_class=product.classes.filter(code=ticket.fare).first(), session=voucher.session, unit=product.unit,
        seller=product.unit, supplier=order.supplier, quantity=people,
        cost=_part(ticket.cost, before, ticket.used, ticket.uses),
        revenue=_part(ticket.price, before, ticket.used, ticket.uses), day=local_day(at), at=at,
        reason=(_("上游闸机：%(gate)s") % {"gate": gate})[:200] if gate else _("上游核销"),
    )  # fmt: skip


def _part(amount: Decimal, before: int, after: int, uses: int) -> Decimal:
    """What the people between two counters are worth, in yuan: all parts sum to the whole, whatever the steps."""
    fen = to_fen(amount)
    return to_yuan(fen * after // uses - fen * before // uses)
