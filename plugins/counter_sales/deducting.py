"""What lowers a basket for the member at the counter: the member price, coupons, points; asked of ordering's sources.

A clerk buys for the member (`Teller`): what only the member may decide wants the member's consent. Owners of shops sell
at their own prices, from which membership takes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from saleor.checkout.models import Checkout, CheckoutLine
from saleor.order.models import Order, OrderLine

from plugins.channels.interfaces import CHANNEL_KEY
from plugins.members.interfaces import Member, MemberStatus, members_by_text, primary_mobile
from saleor_o2o.ordering.interfaces import (
    NO_DEDUCTIONS,
    Goods,
    Kept,
    Reckoning,
    Teller,
    goods_priced,
    kept_of,
    lock_stocks,
    put_choices,
    settle_goods,
    spread,
)

from .error_codes import CounterErrorCode as Code
from .errors import CounterError
from .places import Place
from .selectors.customers import account_by_phone
from .wanted import Wanted

if TYPE_CHECKING:
    from .quoting import Quote, QuotedLine

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Buyer:
    """Whose basket it is, where it is sold, and who types. `phone`: the member's mobile where none was typed."""

    user: Any
    phone: str
    channel_code: str
    teller: Teller


def buyer_of(clerk: Any, place: Place, wanted: Wanted) -> Buyer | None:
    """The account behind a basket's member or telephone number; None for a stranger.

    Raises CounterError MEMBER_UNKNOWN for a member who is not there or not in good standing, and for coupons or points
    without a member.
    """
    if not clerk.is_staff:
        if wanted.member or wanted.deductions:
            raise _unknown(_("店主台不能使用会员的优惠券和积分"))
        return None
    phone = wanted.phone
    user: Any = None
    if wanted.member:
        member = _member(wanted.member)
        user, phone = member.user, phone or primary_mobile(member)
    elif phone:
        user = account_by_phone(phone)
    if user is None:
        if wanted.deductions:
            raise _unknown(_("先填会员的手机号，再用优惠券或积分"))
        return None
    return Buyer(user, phone, place.channel_code, Teller(clerk, wanted.key))


def _member(text: str) -> Member:
    found = members_by_text(text)
    if len(found) != 1 or found[0].status != MemberStatus.ACTIVE:
        raise _unknown(_("没有找到这个会员，或会员已停用"))
    return found[0]


def _unknown(message: Any) -> CounterError:
    return CounterError(Code.MEMBER_UNKNOWN, message, "phone", _("请核对手机号、会员号，须填写完整"))


def goods_at_counter(
    lines: Sequence[QuotedLine], shipping: Decimal, discount: Decimal, wanted: Wanted, buyer: Buyer
) -> Goods:
    """A reckoned basket as the sources see it: the clerk's own discount has been taken off before. Yuan.

    Raises OrderingError UNKNOWN_CHOICE.
    """
    checkout = Checkout(
        user=buyer.user, currency=settings.DEFAULT_CURRENCY, country=settings.DEFAULT_COUNTRY,
        private_metadata={CHANNEL_KEY: buyer.channel_code} if buyer.channel_code else {},
    )  # fmt: skip
    put_choices(checkout, dict(wanted.deductions))
    rows = [
        CheckoutLine(checkout=checkout, variant=one.goods.variant, quantity=one.quantity) for one in lines
    ]
    amounts = [one.total for one in lines]
    return goods_priced(checkout, rows, amounts, shipping, (spread(amounts, discount), ZERO), buyer.teller)


def settle(reckoned: Quote) -> Reckoning:
    """The last word on what lowers a basket, in the transaction that writes its order.

    Locks: the stock rows of its tracked lines in primary-key order, then the sources' rows. Raises a source's refusal,
    LockTimeout.
    """
    if reckoned.base is None:
        return NO_DEDUCTIONS
    tracked = [one.goods.variant.pk for one in reckoned.lines if one.goods.variant.track_inventory]
    lock_stocks(tracked, settings.DEFAULT_COUNTRY)
    return settle_goods(reckoned.base)


def choices_for_order(reckoned: Quote) -> dict[str, Any]:
    """What an order remembers of what was chosen (private metadata)."""
    if reckoned.base is None:
        return {}
    kept: dict[str, Any] = {**(reckoned.base.checkout.private_metadata or {})}
    kept.pop(CHANNEL_KEY, None)
    return kept


@dataclass(frozen=True, slots=True)
class Lowered:
    """What one thing took off a basket or sale: by line key or order line, and in all. Yuan."""

    source: str
    source_title: str
    title: str
    reference: str
    amount: Decimal
    lines: Sequence[tuple[int, Decimal]]

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON; `lines`: variant (or nothing) and amount."""
        return {
            "source": self.source,
            "sourceTitle": self.source_title,
            "title": self.title,
            "reference": self.reference,
            "amount": str(self.amount),
            "lines": [{"variant": key, "amount": str(amount)} for key, amount in self.lines],
        }


def lowered_of(reckoned: Quote) -> list[Lowered]:
    """What lowers a basket, by the variants' keys."""
    variants = [one.goods.variant.pk for one in reckoned.lines]
    return [
        Lowered(
            one.source.name,
            str(one.source.title),
            one.deduction.title,
            one.deduction.reference,
            one.deduction.amount,
            [(variants[key], amount) for key, amount in sorted(one.deduction.lines.items())],
        )
        for one in reckoned.deducted.taken
    ]


def lowered_of_sale(order: Order) -> list[Lowered]:
    """What lowered a sale's order, by the variants' keys. One statement, none for most orders."""
    if not (order.private_metadata or {}).get("o2o.deducted_by"):
        return []
    return [_lowered(one) for one in kept_of([order.pk]).get(order.pk, [])]


def _lowered(kept: Kept) -> Lowered:
    rows = [(_variant(row.order_line), row.amount) for row in kept.rows]
    return Lowered(kept.source, kept.source_title, kept.title, kept.reference, kept.amount, rows)


def _variant(line: OrderLine | None) -> int:
    return (line.variant_id or 0) if line is not None else 0
