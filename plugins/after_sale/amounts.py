"""How much of a line can go back. Pure; yuan in, yuan out, exact to the fen."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from saleor_o2o.kernel.money import to_fen, to_yuan


@dataclass(frozen=True, slots=True)
class Left:
    """What of a line no after-sale has taken: pieces, and yuan."""

    quantity: int
    amount: Decimal


def left_of(quantity: int, paid: Decimal, taken: list[tuple[int, Decimal]]) -> Left:
    """What is left of `quantity` pieces for `paid` yuan after what was taken (pieces, yuan); never below nothing."""
    pieces = quantity - sum(count for count, _amount in taken)
    fen = to_fen(paid) - sum(to_fen(amount) for _count, amount in taken)
    return Left(max(pieces, 0), to_yuan(max(fen, 0)))


def most_for(left: Left, quantity: int) -> Decimal:
    """The most that `quantity` of the pieces left can give back: their rounded share, and for the last ones all.

    Whatever the number and order of the parts, together they give what was paid, no fen more or less. For no piece at
    all (a difference in price) all that is left.
    """
    if quantity <= 0 or quantity >= left.quantity:
        return left.amount
    return to_yuan(int(Fraction(to_fen(left.amount) * quantity, left.quantity) + Fraction(1, 2)))
