"""Of what a ticket's face value is made: the fare, and what the trade shows beside it (机建, 燃油, 站务费)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from .choices import PricePart
from .models import Ticket

ZERO = Decimal("0.00")


def kept(parts: Mapping[str, Decimal]) -> dict[str, str] | None:
    """As a ticket keeps it: what is there, as text; None where it is the fare alone. Raises ValueError for others."""
    return {PricePart(name).value: str(amount) for name, amount in parts.items() if amount} or None


def parts_of(ticket: Ticket) -> dict[str, Decimal]:
    """What of its face value is more than the fare, in yuan, in the order of `PricePart`."""
    told = ticket.parts or {}
    return {one.value: Decimal(told[one.value]) for one in PricePart if one.value in told}


def fare_of(ticket: Ticket) -> Decimal:
    """The fare alone: what of the face value is in no part, in yuan."""
    return ticket.face - sum(parts_of(ticket).values(), ZERO)


def labelled(face: Decimal, parts: Mapping[str, Decimal]) -> list[tuple[str, Decimal]]:
    """Label and yuan of every part with the fare first, in the order of `PricePart`; together exactly the face value.
    Nothing where it is the fare alone."""
    there = [(str(one.label), parts[one.value]) for one in PricePart if parts.get(one.value)]
    if not there:
        return []
    return [(_("票价"), face - sum((amount for _label, amount in there), ZERO)), *there]


def words_of(ticket: Ticket) -> list[tuple[str, Decimal]]:
    """The parts of a ticket, `labelled`."""
    return labelled(ticket.face, parts_of(ticket))


def with_service(
    words: Sequence[tuple[str, Decimal]], face: Decimal, service: Decimal
) -> list[tuple[str, Decimal]]:
    """`labelled` parts of a face value and our service fee on top: together what is paid. As told without a fee."""
    if not service:
        return list(words)
    return [*(words or [(_("票价"), face)]), (_("服务费"), service)]


def joined(words: Sequence[tuple[str, Decimal]]) -> str:
    """Labelled amounts as one text; empty for none."""
    return "，".join(f"{label} {amount:.2f}" for label, amount in words)


def text_of(ticket: Ticket) -> str:
    """The parts as one text, for tables of pages."""
    return joined(words_of(ticket)) or "—"
