"""Tickets brought in step with what was used at the distributor's gates, by its counters and not by its notices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from plugins.ticketing.admission.models import Voucher
from plugins.ticketing.admission.vouchers.choices import UseKind
from plugins.ticketing.admission.vouchers.locks import lock_vouchers_of
from plugins.ticketing.admission.vouchers.moving import ALIVE, room_of, set_used
from plugins.ticketing.admission.vouchers.places import Post
from plugins.ticketing.admission.vouchers.services.booking import rows_of, write_rows
from plugins.ticketing.kernel.choices import GOING
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows

from ..models import UpstreamStanding

ACTOR = "distributor"


@transaction.atomic
def reconcile(
    order: TicketOrder, told: dict[str, Any], *, at: datetime | None = None, gate: str = "",
    asked_at: datetime | None = None,
) -> UpstreamStanding:  # fmt: skip
    """Use or un-use our tickets until they say what the order there says; keep its three counters.

    What cannot be done (a ticket used there that is given back here) is written down for a person, never guessed.
    What our own gates let in stays. `asked_at`: when the distributor was asked; an answer that a later one has
    overtaken changes nothing. Locks: the order's tickets, then their vouchers, in pk order. Raises LockTimeout.
    """
    tickets = lock_rows(Ticket.objects.filter(ticket_order=order).order_by("pk"))
    standing = UpstreamStanding.objects.filter(ticket_order=order).first() or UpstreamStanding(
        ticket_order=order
    )
    moment = asked_at or now()
    if standing.pk is not None and standing.asked_at > moment:
        return standing
    counted: dict[str, int] = dict(standing.counted)
    by_code: dict[str, list[Ticket]] = defaultdict(list)
    for ticket in tickets:
        if ticket.their_number:
            by_code[ticket.their_number].append(ticket)
    steps: dict[int, int] = {}
    attention = ""
    for one in told["vouchers"]:
        each = one["people"] // max(1, one["quantity"])
        mine = by_code.get(one["code"], [])
        rest = one["used"] * each - sum(counted.get(ticket.number, 0) for ticket in mine)
        for ticket in mine if rest > 0 else reversed(mine):
            step = _step(ticket, counted.get(ticket.number, 0), rest)
            steps[ticket.pk] = step
            counted[ticket.number] = counted.get(ticket.number, 0) + step
            rest -= step
        if rest:
            attention = _("上游核销与平台不一致（票已退、已改签或已在平台核销），相差 %(count)d 人次") % {
                "count": rest
            }
        elif one["refunded"] * each > sum(_back(ticket) for ticket in mine):
            attention = _("上游已退的票在平台上没有退")
    _book(order, tickets, {key: step for key, step in steps.items() if step}, min(at or now(), now()), gate)
    standing.ordered, standing.used, standing.refunded = (
        int(told[name]) for name in ("orderQuantity", "useQuantity", "reQuantity")
    )
    standing.counted = {number: people for number, people in counted.items() if people}
    standing.refund_status, standing.attention = str(told["refundStatus"])[:12], attention[:200]
    standing.asked_at = moment
    standing.save()
    return standing


def _step(ticket: Ticket, counted: int, rest: int) -> int:
    """How many people of a ticket are to be counted (below zero: taken back)."""
    if rest > 0:
        return min(room_of(ticket), rest)
    return -min(counted, ticket.used, -rest) if ticket.state in ALIVE else 0


def _back(ticket: Ticket) -> int:
    """People that went back, or are on their way."""
    return ticket.uses - ticket.used if ticket.state in GOING else ticket.back


def _book(
    order: TicketOrder, tickets: Sequence[Ticket], steps: dict[int, int], moment: datetime, gate: str
) -> None:
    """Rows to settle by, states and counters of *locked* tickets. Locks: their vouchers."""
    if not steps:
        return
    vouchers = {
        voucher.pk: voucher for voucher in lock_vouchers_of([one for one in tickets if one.pk in steps])
    }
    of_voucher: dict[int, list[Ticket]] = defaultdict(list)
    by_key = {ticket.pk: ticket for ticket in tickets}
    links = Voucher.tickets.through.objects.filter(voucher__in=list(vouchers))
    for voucher_id, ticket_id in links.order_by("ticket_id").values_list("voucher_id", "ticket_id"):
        of_voucher[voucher_id].append(by_key[ticket_id])
    reason = (_("上游闸机 %(gate)s") % {"gate": gate} if gate else _("上游核销"))[:200]
    for key, mine in of_voucher.items():
        voucher = vouchers[key]
        post = Post(unit=voucher.product.unit)
        for kind, sign in ((UseKind.USED, 1), (UseKind.REVERSED, -1)):
            wanted = {one.pk: abs(steps[one.pk]) for one in mine if steps.get(one.pk, 0) * sign > 0}
            write_rows(rows_of(post, voucher, mine, wanted, moment, None, kind=kind, reason=reason))
    set_used(
        [by_key[key] for key in steps],
        {key: by_key[key].used + step for key, step in steps.items()},
        actor=ACTOR,
    )
    for key, mine in of_voucher.items():
        voucher = vouchers[key]
        voucher.used = sum(ticket.used for ticket in mine)
        if any(steps.get(ticket.pk, 0) > 0 for ticket in mine):
            voucher.used_at, voucher.used_where = moment, (gate or str(order.supplier))[:80]
        voucher.save(update_fields=["used", "used_at", "used_where"])
