"""What a ticket order keeps of the suppliers that have its trip, and its tickets at the terms of one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..asks import of_fare
from ..legs import with_segments
from ..models import Ticket
from ..parts import kept as kept_parts
from ..trades import Candidate, Terms

#: What `sell_at` writes of a ticket, beside its cost.
_TERMS = ["face", "service", "price", "full_fare", "parts", "refund_rule", "change_rule"]


def kept(one: Candidate) -> dict[str, Any]:
    """A supplier as `TicketOrder.candidates` has it: plain JSON."""
    told: dict[str, Any] = {
        "supplier": one.supplier,
        "product": dict(one.product),
        "costs": {fare: str(cost) for fare, cost in one.costs.items()},
    }
    if one.terms:
        told["terms"] = {fare: _terms(terms) for fare, terms in one.terms.items()}
    if one.paid_only:
        told["paid_only"] = True
    return told


def _terms(one: Terms) -> dict[str, Any]:
    return {
        "face": str(one.face), "service": str(one.service), "full_fare": str(one.full_fare),
        "parts": kept_parts(one.parts),
        "refund_rule": one.refund_rule, "change_rule": one.change_rule,
    }  # fmt: skip


def sell_at(tickets: Sequence[Ticket], candidate: Mapping[str, Any]) -> list[str]:
    """Put tickets that nobody has paid at the terms of a supplier, to which the buyer agreed; not saved yet.

    The fields that were written.
    """
    for ticket in with_segments(tickets):
        terms = of_fare(candidate["terms"], ticket)
        if terms is None:
            continue
        ticket.face, ticket.service = Decimal(terms["face"]), Decimal(terms["service"])
        ticket.price, ticket.full_fare = ticket.face + ticket.service, Decimal(terms["full_fare"])
        ticket.parts = terms.get("parts")
        ticket.refund_rule, ticket.change_rule = terms["refund_rule"], terms["change_rule"]
        ticket.cost = Decimal(of_fare(candidate["costs"], ticket) or "0")
    return _TERMS
