"""What vouchers lock, and in which order: tickets by key, then vouchers by key. Refunds lock tickets first, too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from plugins.org_hierarchy.interfaces import OrgUnit
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from saleor_o2o.kernel.fixed_queries import Columns
from saleor_o2o.kernel.locks import AdvisoryKey, bounded_along, lock_rows
from saleor_o2o.kernel.prepared import Prepared

from ..models import AdmissionProduct, Session, Voucher


class VoucherLock(AdvisoryKey):
    """KEY: whoever makes a signing key."""

    KEY = "ticketing.voucher_key"


_LOCK = Prepared(
    "voucher_tickets",
    """
SELECT ticket.id FROM o2o_ticketing_ticket AS ticket
WHERE ticket.id IN (SELECT ticket_id FROM o2o_admission_voucher_tickets WHERE voucher_id = %(voucher)s)
ORDER BY ticket.id FOR UPDATE
""",
    {"voucher": "bigint"},
)
# what a ticket costs to give back, and what its price is made of, is nobody's question here
_TICKET = Columns(Ticket, "ticket", without=("refund_rule", "change_rule", "parts"))
_VOUCHER = Columns(Voucher, "voucher", without=("code",))
# of what is read along no more than decides at a gate
_PRODUCT = Columns(AdmissionProduct, "product", only=("name", "kind", "unit", "venue", "spot", "supplier"))
_UNIT = Columns(OrgUnit, "unit", only=("path",))
_SESSION = Columns(Session, "session", only=("name", "product", "starts_at"))
_ORDER = Columns(TicketOrder, "bought", only=("state",))
_ALONG = """
JOIN o2o_admission_admissionproduct AS product ON product.id = voucher.product_id
JOIN o2o_org_hierarchy_orgunit AS unit ON unit.id = product.unit_id
JOIN o2o_ticketing_ticketorder AS bought ON bought.id = voucher.ticket_order_id
LEFT JOIN o2o_admission_session AS session ON session.id = voucher.session_id
"""


class _Reading:
    """Locks a voucher's tickets, then it; and reads them as they are then, in the same round trip."""

    def __init__(self, label: str, along: Sequence[Columns[Any]] = (), joins: str = "") -> None:
        self._label, self._joins = label, joins
        self._parts: tuple[Columns[Any], ...] = (_TICKET, _VOUCHER, *along)

    @cached_property
    def _statement(self) -> Prepared:
        columns = ", ".join(one.sql for one in self._parts)
        return Prepared(
            self._label,
            f"""
SELECT {columns} FROM o2o_admission_voucher AS voucher
LEFT JOIN o2o_admission_voucher_tickets AS link ON link.voucher_id = voucher.id
LEFT JOIN o2o_ticketing_ticket AS ticket ON ticket.id = link.ticket_id {self._joins}
WHERE voucher.id = %(voucher)s ORDER BY ticket.id FOR UPDATE OF voucher
""",  # noqa: S608 - names of columns
            {"voucher": "bigint"},
        )

    def __call__(self, pk: int) -> tuple[list[Any], list[Ticket]]:
        """The voucher and what is read along (None: there is none), and its tickets; empty where it is not there."""
        with bounded_along() as bound:
            rows = self._statement.rows_after(bound, _LOCK, {"voucher": pk})
        if not rows:
            return [], []
        wide = len(_TICKET.fields)
        tickets = [_TICKET.row(row[:wide]) for row in rows if row[0] is not None]
        found, rest = [], rows[0][wide:]
        for part in self._parts[1:]:
            mine, rest = rest[: len(part.fields)], rest[len(part.fields) :]
            found.append(part.row(mine) if mine[0] is not None else None)
        return found, tickets


_PLAIN = _Reading("voucher_lock")
_SHOWN = _Reading("voucher_shown", (_PRODUCT, _UNIT, _SESSION, _ORDER), _ALONG)


def lock_voucher(pk: int) -> tuple[Voucher, list[Ticket]]:
    """Lock a voucher and the tickets it stands for, and read them as they are now. Raises LockTimeout."""
    [voucher], tickets = _PLAIN(pk)
    return voucher, tickets


def lock_shown(pk: int) -> tuple[Voucher | None, list[Ticket]]:
    """`lock_voucher` with all that decides at a gate read along; None where there is none. Raises LockTimeout.

    One round trip, and no look before it: what most people show is a signed code, which names the voucher.
    """
    found, tickets = _SHOWN(pk)
    if not found:
        return None, []
    voucher, product, product.unit, session, order = found
    voucher.product, voucher.session, voucher.ticket_order = product, session, order
    if session is not None:
        session.product = product
    return voucher, tickets


def lock_vouchers_of(tickets: Iterable[Ticket]) -> list[Voucher]:
    """Lock the vouchers of tickets that the caller has locked. Raises LockTimeout."""
    keys = [ticket.pk for ticket in tickets]
    links = Voucher.tickets.through.objects.filter(ticket__in=keys)
    return lock_rows(Voucher.objects.filter(pk__in=links.values("voucher")))
