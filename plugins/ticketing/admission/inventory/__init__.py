"""Units and seats: taken for a while, sold, given back. Whether and at what price they are sold is asked elsewhere."""

from .asking import SeatTaken, Taken, TakenLine, Wish
from .availability import days_left, seats_of, sessions_left
from .holding import confirm, extend, release
from .returning import release_tickets, return_due, sweep_expired
from .taking import take

__all__ = [
    "SeatTaken",
    "Taken",
    "TakenLine",
    "Wish",
    "confirm",
    "days_left",
    "extend",
    "release",
    "release_tickets",
    "return_due",
    "seats_of",
    "sessions_left",
    "sweep_expired",
    "take",
]
