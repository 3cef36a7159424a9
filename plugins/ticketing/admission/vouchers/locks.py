"""What vouchers lock, and in which order: tickets by key, then vouchers by key. Refunds lock tickets first, too."""

from __future__ import annotations

from collections.abc import Iterable

from plugins.ticketing.kernel.models import Ticket
from saleor_o2o.kernel.fixed_queries import FixedQuery
from saleor_o2o.kernel.locks import AdvisoryKey, bounded_wait, lock_rows

from ..models import Voucher


class VoucherLock(AdvisoryKey):
    """KEY: whoever makes a signing key."""

    KEY = "ticketing.voucher_key"


# `lock_rows`, put together once: at a gate this is asked many times a second
_TICKETS_OF: FixedQuery[Ticket] = FixedQuery(
    # what a ticket costs to give back is nobody's question here
    lambda pk: Ticket.objects.defer("refund_rule", "change_rule").filter(
        pk__in=Voucher.tickets.through.objects.filter(voucher=pk).values("ticket")
    ).order_by("pk").select_for_update(of=("self",)),
    marker=-1,
    prepared="voucher_tickets",
)  # fmt: skip
_VOUCHER: FixedQuery[Voucher] = FixedQuery(
    lambda pk: Voucher.objects.defer("code").filter(pk=pk).order_by("pk").select_for_update(of=("self",)),
    marker=-1,
    prepared="voucher_lock",
)


def lock_voucher(pk: int) -> tuple[Voucher, list[Ticket]]:
    """Lock a voucher and the tickets it stands for, and read them as they are now. Raises LockTimeout."""
    with bounded_wait():
        tickets = _TICKETS_OF(pk)
        [voucher] = _VOUCHER(pk)
    return voucher, tickets


def lock_vouchers_of(tickets: Iterable[Ticket]) -> list[Voucher]:
    """Lock the vouchers of tickets that the caller has locked. Raises LockTimeout."""
    keys = [ticket.pk for ticket in tickets]
    links = Voucher.tickets.through.objects.filter(ticket__in=keys)
    return lock_rows(Voucher.objects.filter(pk__in=links.values("voucher")))
