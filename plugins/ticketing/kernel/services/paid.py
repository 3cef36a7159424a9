"""What was paid for tickets, to the fen: the shares of an order line's total, through every change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from saleor_o2o.kernel.money import round_yuan, split
from saleor_o2o.ordering.interfaces import sub_order_lines_of

from ..choices import IN_VAIN
from ..models import ChangeItem, RefundItem, Ticket

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Source:
    """Money of one order that was paid for a ticket; yuan."""

    order_id: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Paid:
    """What was paid for a ticket in yuan: `ticket` and `service` are the sum of `sources`, the newest order first.

    `discount` is what coupons and the like took off. A ticket that no order has yet has its price and no sources.
    """

    ticket: Decimal
    service: Decimal
    discount: Decimal
    sources: tuple[Source, ...]

    @property
    def total(self) -> Decimal:
        """All of it."""
        return self.ticket + self.service


def paid_for(tickets: Sequence[Ticket]) -> dict[int, Paid]:
    """What was paid for each ticket, by its key. The shares of all tickets of an order line sum to the line's total."""
    found: dict[int, Paid] = {}
    changed = [one for one in tickets if one.changed_from_id is not None]
    bought = [one for one in tickets if one.changed_from_id is None]
    for line in {one.order_line_id for one in bought if one.order_line_id is not None}:
        found |= _of_line(line)
    for one in bought:
        if one.pk not in found:
            found[one.pk] = Paid(one.price - one.service, one.service, ZERO, ())
    for one in changed:
        found[one.pk] = _of_changed(one)
    return found


def _of_line(line_id: int) -> dict[int, Paid]:
    siblings = list(Ticket.objects.filter(order_line_id=line_id).select_related("order_line").order_by("pk"))
    line = siblings[0].order_line
    assert line is not None  # noqa: S101 - they were found by it
    parts = [one for one in sub_order_lines_of(line.order_id) if one.order_line_id == line_id]
    prices = [one.price for one in siblings]
    total = sum((one.total for one in parts), ZERO) if parts else sum(prices, ZERO)
    found = {}
    for one, share in zip(siblings, split(total, prices), strict=True):
        ticket, service = _divided(share, one)
        sources = (Source(line.order_id, share),) if share else ()
        found[one.pk] = Paid(ticket, service, one.price - share, sources)
    return found


def _divided(share: Decimal, ticket: Ticket) -> tuple[Decimal, Decimal]:
    if not ticket.service:
        return share, ZERO
    mine, service = split(share, [ticket.price - ticket.service, ticket.service])
    return mine, service


def _of_changed(ticket: Ticket) -> Paid:
    item = ChangeItem.objects.select_related("change", "old").get(new=ticket)
    before = paid_for([item.old])[item.old_id]
    more = max(item.difference, ZERO)
    kept = _first(before.sources, item.value - more + before.service)
    order = item.change.difference_order_id
    added = (Source(order, more),) if more and order is not None else ()
    return Paid(item.value, before.service, before.discount, (*added, *kept))


def _first(sources: Sequence[Source], amount: Decimal) -> tuple[Source, ...]:
    """As much of the sources, one after the other."""
    found = []
    for one in sources:
        share = min(one.amount, amount)
        if share > 0:
            found.append(Source(one.order_id, share))
            amount -= share
    return tuple(found)


def portion(whole: Decimal, ticket: Ticket, quantity: int) -> Decimal:
    """The share of `quantity` of a ticket's people, after those that went back before; all shares sum to the whole."""

    def until(people: int) -> Decimal:
        return round_yuan(whole * people / ticket.uses)

    return until(ticket.back + quantity) - until(ticket.back)


def shares_of(ticket: Ticket, paid: Paid, amount: Decimal, *, without: int) -> list[Source]:
    """From which orders `amount` yuan of a ticket go back, after what other refunds of it (`without` this) took."""
    taken = (
        RefundItem.objects.filter(ticket=ticket)
        .exclude(pk=without)
        .exclude(refund__state__in=IN_VAIN)
        .aggregate(sum=Sum("due"))["sum"]
        or ZERO
    )
    return between(paid.sources, taken, amount)


def between(sources: Sequence[Source], taken: Decimal, amount: Decimal) -> list[Source]:
    """`amount` yuan of sources of which `taken` are gone, one after the other; together never more than they are."""
    before = {at: one.amount for at, one in enumerate(_first(sources, taken))}
    upto = _first(sources, taken + amount)
    found = [Source(one.order_id, one.amount - before.get(at, ZERO)) for at, one in enumerate(upto)]
    return [one for one in found if one.amount > 0]


def by_order(shares: Sequence[Source]) -> dict[int, Decimal]:
    """Shares of many tickets, summed by order."""
    found: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for one in shares:
        found[one.order_id] += one.amount
    return dict(found)
