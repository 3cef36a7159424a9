"""Numbered paper that tickets of any trade are printed on: who keeps the stock, and what a trade does with its sheets.

One stock for all trades, since it is one pile of blank sheets that a clerk is answerable for. Whoever keeps it
registers itself (`register_stock`); a trade says what becomes of its ticket when a sheet ends (`register_ended`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from .models import Ticket


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that a ticket lies printed on: its number, who printed it where, and when."""

    serial: str
    ticket: int
    by: int
    where: str
    at: datetime


class PaperStock(Protocol):
    """The stock of blank sheets. All in the caller's transaction; he has *locked* the ticket, and its scope is his."""

    def put(self, by: Any, ticket: Ticket) -> Sheet:
        """Print a ticket on the clerk's next sheet; one that lies printed is answered again.

        Locks: the clerk's range. Raises NotAllowed for who prints nowhere, and a DomainError without a sheet left.
        """

    def lying(self, tickets: Collection[int]) -> Mapping[int, Sheet]:
        """The sheets that tickets (keys) lie printed on. One statement."""

    def end(self, by: Any, ticket: Ticket, why: str, *, spoilt: bool) -> Sheet | None:
        """The ticket's sheet is void (`spoilt`), or came back from the customer; None where none lies printed.

        `by` None: nobody, the ticket went back before the sheet left the house. Locks: the sheet.
        """


_stock: list[PaperStock] = []


def register_stock(stock: PaperStock) -> None:
    """Say who keeps the paper; its app calls it when it is ready."""
    _stock[:] = [stock]


def stock() -> PaperStock:
    """The stock of paper. Raises LookupError without one."""
    if not _stock:
        raise LookupError("nobody keeps paper")
    return _stock[0]


#: What becomes of a *locked* ticket whose sheet (who printed it) ends at the stock's own pages: by whom, spoilt or
#: handed in, why. A DomainError or NotAllowed where it may not.
Ended = Callable[[Any, Ticket, Sheet, bool, str], None]
_ended: dict[str, Ended] = {}


def register_ended(trade: str, ended: Ended) -> None:
    """Say what a trade does when a sheet of its ticket is spoilt or handed in; its app calls it."""
    _ended[trade] = ended


def sheet_ended(by: Any, ticket: Ticket, sheet: Sheet, why: str, *, spoilt: bool) -> None:
    """Tell the trade of a *locked* ticket (its order read along) that its sheet ends. Raises what the trade refuses."""
    ended = _ended.get(ticket.ticket_order.trade)
    if ended is not None:
        ended(by, ticket, sheet, spoilt, why)
