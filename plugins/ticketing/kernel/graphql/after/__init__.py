"""The API of giving tickets back and changing them."""

from .mutations import TicketAfterMutations
from .queries import TicketAfterQueries

__all__ = ["TicketAfterMutations", "TicketAfterQueries"]
