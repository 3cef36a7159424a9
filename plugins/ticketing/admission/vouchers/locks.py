"""What vouchers lock, and in which order: tickets by key, then vouchers by key. Refunds lock tickets first, too."""

from __future__ import annotations

from collections.abc import Iterable

from plugins.ticketing.kernel.models import Ticket
from saleor_o2o.kernel.locks import AdvisoryKey, lock_rows

from ..models import Voucher


class VoucherLock(AdvisoryKey):
    """KEY: whoever makes a signing key."""

    KEY = "ticketing.voucher_key"


def lock_voucher(pk: int) -> tuple[Voucher, list[Ticket]]:
    """Lock a voucher and the tickets it stands for, and read them as they are now. Raises LockTimeout."""
    tickets = lock_rows(Ticket.objects.filter(pk__in=Voucher.tickets.through.objects.filter(
        voucher=pk).values("ticket")))  # fmt: skip
    [voucher] = lock_rows(Voucher.objects.filter(pk=pk))
    return voucher, tickets


def lock_vouchers_of(tickets: Iterable[Ticket]) -> list[Voucher]:
    """Lock the vouchers of tickets that the caller has locked. Raises LockTimeout."""
    keys = [ticket.pk for ticket in tickets]
    links = Voucher.tickets.through.objects.filter(ticket__in=keys)
    return lock_rows(Voucher.objects.filter(pk__in=links.values("voucher")))
