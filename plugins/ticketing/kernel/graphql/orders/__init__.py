"""The API of ticket orders: what is held, bought and issued."""

from .mutations import TicketOrderMutations
from .queries import TicketOrderQueries

__all__ = ["TicketOrderMutations", "TicketOrderQueries"]
