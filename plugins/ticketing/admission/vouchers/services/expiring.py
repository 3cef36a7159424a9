"""Tickets whose time is over: they let nobody in, and their money is earned, settled, or kept for a refund."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from plugins.ticketing.kernel.choices import GONE, TicketState
from plugins.ticketing.kernel.engine import Rule, open_until
from plugins.ticketing.kernel.models import Ticket
from saleor_o2o.kernel.clock import SHANGHAI, now, today
from saleor_o2o.kernel.locks import require_transaction
from saleor_o2o.kernel.states import move_all_locked
from saleor_o2o.kernel.sweeping import sum_each

from ...anchors import anchors_of
from ...models import EntryRule, Redemption, TicketClass, Voucher
from ..choices import ExpiryPolicy, UseKind
from ..deciding import share
from ..locks import lock_voucher
from .booking import units_of

#: Gates that were without a network have so long to tell what they did.
GRACE = timedelta(days=2)
RUN = 200
ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Booked:
    """What rows say of a ticket: visits and yuan, altogether and of them as expired."""

    quantity: int = 0
    cost: Decimal = ZERO
    revenue: Decimal = ZERO
    expired: int = 0
    expired_cost: Decimal = ZERO
    expired_revenue: Decimal = ZERO


def expire_due(limit: int = RUN) -> int:
    """Expire what ended before the time of grace; returns how many vouchers. Twice changes nothing.

    Locks, voucher by voucher in transactions of their own: tickets, voucher. However many tickets a voucher has, it
    takes as many statements; what products say of it is read once.
    """
    open_ = Q(tickets__state__in=(TicketState.ISSUED, TicketState.PART_USED))
    due = (
        Voucher.objects.filter(open_, valid_until__lt=now() - GRACE, void_at=None)
        .order_by("pk").distinct().values_list("pk", "product")[:limit]
    )  # fmt: skip
    found = list(due)
    products = {product for _pk, product in found}
    unused = dict(EntryRule.objects.filter(product__in=products).values_list("product", "unused"))
    usual = EntryRule().unused
    modes = {pk: unused.get(product, usual) for pk, product in found}
    return sum_each(modes, lambda pk: _expire(pk, modes[pk]), "end of voucher")


def earn_due(limit: int = RUN) -> int:
    """Earn what could be given back after its time, and cannot any more; returns how many vouchers. Locks as above."""
    due = (
        Voucher.objects.filter(earns_at__lte=now()).exclude(tickets__state=TicketState.REFUNDING)
        .order_by("pk").values_list("pk", flat=True)[:limit]
    )  # fmt: skip
    return sum_each(due, _earn_late)


@transaction.atomic
def _expire(pk: int, unused: str) -> int:
    voucher, tickets = lock_voucher(pk)
    ending = [one for one in tickets if one.state in {TicketState.ISSUED, TicketState.PART_USED}]
    if not ending:
        return 0
    ends = _refundable_until(ending) if unused == ExpiryPolicy.REFUND else now()
    if ends is not None and ends <= now():
        _earn(voucher, ending, settled=unused == ExpiryPolicy.SETTLE)
        ends = None
    move_all_locked(ending, "expire", actor="system")
    if voucher.earns_at != ends:
        voucher.earns_at = ends
        voucher.save(update_fields=["earns_at"])
    return 1


@transaction.atomic
def _earn_late(pk: int) -> int:
    voucher, tickets = lock_voucher(pk)
    if voucher.earns_at is None or voucher.earns_at > now():
        return 0
    if any(one.state == TicketState.REFUNDING for one in tickets):
        return 0  # asked for in time: what becomes of it is seen when it is decided
    _earn(voucher, [one for one in tickets if one.state == TicketState.EXPIRED], settled=False)
    voucher.earns_at = None
    voucher.save(update_fields=["earns_at"])
    return 1


def _refundable_until(tickets: Iterable[Ticket]) -> datetime | None:
    """Until when some of these can be given back by the rules they were sold with; None: for ever. Two statements."""
    latest = now()
    # locked tickets are read without what they cost to give back
    found = list(Ticket.objects.filter(pk__in=[one.pk for one in tickets]).select_related("ticket_order"))
    anchors = anchors_of(found)
    for ticket in found:
        if not ticket.refund_rule:  # people decide on such tickets, whenever they are asked
            return None
        rule = Rule.from_json(ticket.refund_rule)
        span = open_until(rule)
        if span is None:
            return None
        anchor = anchors[ticket.pk].get(rule.anchor)
        # a part of a second is the customer's, as it is when the fee is reckoned
        if anchor is not None:
            latest = max(latest, anchor + timedelta(seconds=span + 1))
    return latest


def _earn(voucher: Voucher, tickets: Sequence[Ticket], *, settled: bool) -> None:
    """What nobody used is earned; the supplier gets his part only where that was agreed.

    It is what the rows so far leave of the price: all rows of a ticket sum to it, whatever was visited before.
    """
    classes = dict(
        TicketClass.objects.filter(variant__in={one.variant_id for one in tickets}).values_list(
            "variant", "pk"
        )
    )
    booked, units = _booked(tickets), units_of(voucher)
    at = voucher.valid_until
    made = []
    for ticket in tickets:
        was, people = booked.get(ticket.pk, Booked()), ticket.uses - ticket.back
        revenue = share(ticket.price, 0, people, ticket.uses) - was.revenue
        cost = share(ticket.cost, 0, people, ticket.uses) - was.cost if settled else ZERO
        left = people * units - was.quantity
        if voucher.unlimited:  # a card that was shown once has been earned and settled by that
            left = people if not was.quantity else 0
        if left > 0 and (revenue >= 0 and cost >= 0):
            made.append(
                Redemption(
                    kind=UseKind.EXPIRED, voucher=voucher, ticket=ticket, product=voucher.product,
                    ticket_class_id=classes.get(ticket.variant_id or 0), session_id=voucher.session_id,
                    unit_id=voucher.product.unit_id, seller_id=voucher.product.unit_id,
                    supplier_id=voucher.product.supplier_id, quantity=left, cost=cost, revenue=revenue,
                    day=at.astimezone(SHANGHAI).date(), at=at,
                )
            )  # fmt: skip
    Redemption.objects.bulk_create(made)


def unearn(tickets: Iterable[Ticket]) -> None:
    """What was earned of *locked* tickets because their time was over, and went back after all, is earned no more.

    Rows are never changed: a row below zero stands against the one of the expiry, on the day of the refund.
    """
    require_transaction()
    found = {ticket.pk: ticket for ticket in tickets}
    booked = {key: one for key, one in _booked(found.values()).items() if one.expired > 0}
    if not booked:
        return
    rows = Redemption.objects.filter(ticket__in=booked, kind=UseKind.EXPIRED, quantity__gt=0)
    of = {row.ticket_id: row for row in rows.select_related("voucher__product").order_by("pk")}
    made = []
    for key, was in booked.items():
        ticket, row = found[key], of[key]
        people = 0 if ticket.state in GONE else ticket.uses - ticket.back
        keeps = share(ticket.price, 0, people, ticket.uses) - (was.revenue - was.expired_revenue)
        owes = share(ticket.cost, 0, people, ticket.uses) - (was.cost - was.expired_cost)
        units = 1 if row.voucher.unlimited else units_of(row.voucher)
        left = max(0, people * units - (was.quantity - was.expired))
        if left < was.expired:
            made.append(
                Redemption(
                    kind=UseKind.EXPIRED, voucher=row.voucher, ticket=ticket, product_id=row.product_id,
                    ticket_class_id=row.ticket_class_id, session_id=row.session_id, unit_id=row.unit_id,
                    seller_id=row.seller_id, supplier_id=row.supplier_id, quantity=left - was.expired,
                    cost=min(ZERO, max(ZERO, owes) - was.expired_cost),
                    revenue=min(ZERO, max(ZERO, keeps) - was.expired_revenue), day=today(), at=now(),
                    reason=_("过期后退票"),
                )
            )  # fmt: skip
    Redemption.objects.bulk_create(made)


def _booked(tickets: Iterable[Ticket]) -> Mapping[int, Booked]:
    """The sums of the rows, by ticket. One statement."""
    gone = Q(kind=UseKind.EXPIRED)
    rows = Redemption.objects.filter(ticket__in=[one.pk for one in tickets]).order_by().values_list("ticket")
    told = rows.annotate(
        n=Sum("quantity"), c=Sum("cost"), r=Sum("revenue"), gone=Sum("quantity", filter=gone, default=0),
        gone_c=Sum("cost", filter=gone, default=ZERO), gone_r=Sum("revenue", filter=gone, default=ZERO),
    )  # fmt: skip
    return {key: Booked(*sums) for key, *sums in told}
