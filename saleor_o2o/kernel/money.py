"""Money: Decimal yuan inside, integer fen at the edge, and splits that always add up."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from .errors import DomainError, KernelErrorCode, Text

Weight = int | Decimal | Fraction

FEN = Decimal("0.01")
# Fourteen digits of fen: far above any sum here, far below where Decimal's context would round.
_MAX_FEN = 10**14


class InvalidAmount(DomainError):
    """The amount is not an exact number of fen."""

    def __init__(self, message: Text, field: str | None = None) -> None:
        super().__init__(KernelErrorCode.INVALID_AMOUNT, message, field)


class Remainder(StrEnum):
    """Who gets the fen that do not divide evenly."""

    LARGEST = "largest"  # one fen each to the largest fractions, ties to the earlier
    FIRST = "first"  # all of them to the first part that has a weight
    LAST = "last"  # all of them to the last part that has a weight


def to_fen(amount: Decimal | int) -> int:
    """Turn yuan into fen, exactly.

    Raises InvalidAmount for floats, booleans, NaN, infinities, parts of a fen and absurd sizes.
    """
    if isinstance(amount, bool) or not isinstance(amount, Decimal | int):
        raise InvalidAmount(_("金额必须是十进制数"))
    value = Decimal(amount)
    if not value.is_finite():
        raise InvalidAmount(_("金额不是有效数字"))
    if not value:
        return 0
    if value.adjusted() >= 12:
        raise InvalidAmount(_("金额超出范围"))
    if value.adjusted() < -2:
        raise InvalidAmount(_("金额最多精确到分"))
    if value.as_tuple().exponent >= -2:  # type: ignore[operator]  # a number, since the value is finite
        return int(value * 100)
    fen = Fraction(value) * 100
    if fen.denominator != 1:
        raise InvalidAmount(_("金额最多精确到分"))
    return int(fen)


def to_yuan(fen: int) -> Decimal:
    """Turn fen into yuan with two places, exactly. Raises InvalidAmount for anything but an int."""
    if isinstance(fen, bool) or not isinstance(fen, int):
        raise InvalidAmount(_("金额（分）必须是整数"))
    if abs(fen) >= _MAX_FEN:
        raise InvalidAmount(_("金额超出范围"))
    return Decimal(fen).scaleb(-2)


def parse_yuan(text: str, field: str | None = None) -> Decimal:
    """Read an amount in yuan typed by a person (`¥1,234.5`). Raises InvalidAmount."""
    cleaned = text.strip().removeprefix("¥").removeprefix("￥").replace(",", "").replace("，", "")
    try:
        value = Decimal(cleaned)
        return to_yuan(to_fen(value))
    except InvalidOperation:
        raise InvalidAmount(_("金额格式不正确"), field) from None
    except InvalidAmount as error:
        raise InvalidAmount(error.message, field) from None


def round_yuan(amount: Decimal, rounding: str = ROUND_HALF_UP) -> Decimal:
    """Round a computed amount (a percentage, a unit price) to whole fen, halves up."""
    return amount.quantize(FEN, rounding=rounding)


def split_fen(total: int, weights: Sequence[Weight], remainder: Remainder = Remainder.LARGEST) -> list[int]:
    """Split fen over parts in proportion to their weights; the parts always sum to the total.

    A part with weight zero gets nothing, unless all are zero: then all are equal. A negative total
    splits as its mirror image. Raises InvalidAmount for no parts (of a total that is not zero),
    negative or inexact weights.
    """
    exact = [_exact(weight) for weight in weights]
    if not exact:
        if total:
            raise InvalidAmount(_("没有可分摊的对象"))
        return []
    whole = sum(exact, Fraction(0))
    if not whole:
        exact, whole = [Fraction(1)] * len(exact), Fraction(len(exact))
    amount, sign = abs(total), -1 if total < 0 else 1
    ideal = [amount * weight / whole for weight in exact]
    parts = [int(share) for share in ideal]
    left = amount - sum(parts)
    weighted = [index for index, weight in enumerate(exact) if weight]
    if remainder is Remainder.FIRST:
        parts[weighted[0]] += left
    elif remainder is Remainder.LAST:
        parts[weighted[-1]] += left
    else:
        for index in sorted(weighted, key=lambda i: (parts[i] - ideal[i], i))[:left]:
            parts[index] += 1
    return [sign * part for part in parts]


def split(
    total: Decimal, weights: Sequence[Weight], remainder: Remainder = Remainder.LARGEST
) -> list[Decimal]:
    """`split_fen` for yuan: parts have two places and sum to the total. Raises InvalidAmount."""
    return [to_yuan(part) for part in split_fen(to_fen(total), weights, remainder)]


def refund_shares(
    refund: Decimal, paid: Sequence[Decimal], refunded: Sequence[Decimal] | None = None
) -> list[Decimal]:
    """Divide a refund (yuan) over what was paid, in proportion to what is left of each part.

    No part ever gives back more than is left of it, and refunding the rest empties every part.
    Raises InvalidAmount for a negative refund, for more than is left, and for parts that do not match.
    """
    paid_fen = [to_fen(amount) for amount in paid]
    back_fen = [to_fen(amount) for amount in refunded] if refunded is not None else [0] * len(paid_fen)
    if len(back_fen) != len(paid_fen):
        raise InvalidAmount(_("已退金额与支付明细不一致"))
    left = [amount - back for amount, back in zip(paid_fen, back_fen, strict=True)]
    total = to_fen(refund)
    if total < 0 or any(amount < 0 for amount in left):
        raise InvalidAmount(_("退款金额不能为负数"))
    if total > sum(left):
        raise InvalidAmount(_("退款金额超过可退金额"))
    return [to_yuan(share) for share in split_fen(total, left)]


def format_yuan(amount: Decimal | int) -> str:
    """Show yuan to people: `¥1,234.50`, `-¥0.05`. Raises InvalidAmount for parts of a fen."""
    value = to_yuan(to_fen(amount))
    return f"{'-' if value < 0 else ''}¥{abs(value):,.2f}"


def _exact(weight: Weight) -> Fraction:
    if isinstance(weight, bool) or not isinstance(weight, int | Decimal | Fraction):
        raise InvalidAmount(_("分摊权重必须是精确数字"))
    if isinstance(weight, Decimal) and not weight.is_finite():
        raise InvalidAmount(_("分摊权重不是有效数字"))
    exact = Fraction(weight)
    if exact < 0:
        raise InvalidAmount(_("分摊权重不能为负数"))
    return exact
