"""Tickets whose time is over: they let nobody in, and their money is earned, settled, or kept for a refund."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from plugins.ticketing.kernel.choices import TicketState
from plugins.ticketing.kernel.models import Ticket
from saleor_o2o.kernel.clock import SHANGHAI, now
from saleor_o2o.kernel.states import move_all_locked

from ...models import EntryRule, Redemption, TicketClass, Voucher
from ..choices import ExpiryPolicy, UseKind
from ..deciding import share
from ..locks import lock_voucher

#: Gates that were without a network have so long to tell what they did.
GRACE = timedelta(days=2)
RUN = 200


def expire_due(limit: int = RUN) -> int:
    """Expire what ended before the time of grace; returns how many vouchers. Twice changes nothing.

    Locks, voucher by voucher in transactions of their own: tickets, voucher.
    """
    open_ = Q(tickets__state__in=(TicketState.ISSUED, TicketState.PART_USED))
    due = (
        Voucher.objects.filter(open_, valid_until__lt=now() - GRACE, void_at=None)
        .order_by("pk").distinct().values_list("pk", flat=True)[:limit]
    )  # fmt: skip
    return sum(_expire(pk) for pk in list(due))


@transaction.atomic
def _expire(pk: int) -> int:
    voucher, tickets = lock_voucher(pk)
    product = voucher.product
    rule = EntryRule.objects.filter(product=product).first() or EntryRule()
    ending = [one for one in tickets if one.state in {TicketState.ISSUED, TicketState.PART_USED}]
    if not ending:
        return 0
    if rule.unused != ExpiryPolicy.REFUND and not voucher.unlimited:
        _earn(voucher, ending, settled=rule.unused == ExpiryPolicy.SETTLE)
    move_all_locked(ending, "expire", actor="system")
    return 1


def _earn(voucher: Voucher, tickets: list[Ticket], *, settled: bool) -> None:
    """What nobody used is earned; the supplier gets his part only where that was agreed."""
    classes = dict(
        TicketClass.objects.filter(variant__in={one.variant_id for one in tickets}).values_list(
            "variant", "pk"
        )
    )
    at = voucher.valid_until
    made = []
    for ticket in tickets:
        left = ticket.uses - ticket.back - ticket.used
        if left <= 0:
            continue
        cost = share(ticket.cost, ticket.used, left, ticket.uses) if settled else share(ticket.cost, 0, 0, 1)
        made.append(
            Redemption(
                kind=UseKind.EXPIRED, voucher=voucher, ticket=ticket, product=voucher.product,
                ticket_class_id=classes.get(ticket.variant_id or 0), session_id=voucher.session_id,
                unit_id=voucher.product.unit_id, seller_id=voucher.product.unit_id,
                supplier_id=voucher.product.supplier_id, quantity=left, cost=cost,
                revenue=share(ticket.price, ticket.used, left, ticket.uses), day=at.astimezone(SHANGHAI).date(), at=at,
            )
        )  # fmt: skip
    Redemption.objects.bulk_create(made)
