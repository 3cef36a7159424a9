"""Taking commission back when a customer gets money back."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from saleor_o2o.kernel.money import refund_shares, to_fen, to_yuan

from ..errors import CommissionError, CommissionErrorCode


def take_back(
    parts: Sequence[Decimal],
    paid: Decimal,
    refund: Decimal,
    refunded: Decimal = Decimal(0),
    taken: Sequence[Decimal] | None = None,
) -> list[Decimal]:
    """What each part of a commission gives back for a refund of `refund` out of `paid`; all amounts in yuan.

    `refunded` was given back to the customer before, `taken` was taken back from each part for it. Together the
    refunds take back the rounded share of the commission, whatever their number and order; the one that empties the
    sale empties every part, and no part ever gives more than it has.

    Raises CommissionError when more is refunded than was paid, InvalidAmount for parts of a fen.
    """
    paid_fen, before, now = to_fen(paid), to_fen(refunded), to_fen(refund)
    if now < 0 or before < 0 or before + now > paid_fen:
        raise CommissionError(CommissionErrorCode.INVALID_INPUT, _("退款金额超过实付金额"), "refund")
    whole = sum(to_fen(part) for part in parts)
    if not whole:
        return [Decimal("0.00") for _part in parts]
    gone = list(taken) if taken is not None else [Decimal(0)] * len(parts)
    due = _through(whole, before + now, paid_fen) - sum(to_fen(part) for part in gone)
    return refund_shares(to_yuan(max(due, 0)), list(parts), gone)


def _through(whole: int, refunded: int, paid: int) -> int:
    """The fen that refunds of `refunded` in all have taken of a commission."""
    return int(Fraction(whole * refunded, paid) + Fraction(1, 2))
