"""A coupon's way through an order: held, used, freed, given back; and what it cost whom."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from saleor.order.models import Order

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.money import refund_shares, round_yuan, split
from saleor_o2o.kernel.states import move_locked
from saleor_o2o.ordering.interfaces import OrderDeduction

from ..choices import CouponState, EntryKind
from ..events import CouponReturned
from ..locks import lock_of_order
from ..models import Coupon, CouponEntry

SOURCE = "coupons"
_BEARERS = ("platform", "unit", "merchant")


def release(order: Order) -> None:
    """A *locked* order ends unpaid: its coupons are free again, or past. Locks: its coupons."""
    for coupon in lock_of_order(order.pk, CouponState.LOCKED):
        _return(coupon, "free")


@transaction.atomic
def use_of_order(order_id: int) -> None:
    """The order was paid: its coupons are used, and what they cost is written. Again: nothing. Locks: its coupons."""
    coupons = lock_of_order(order_id, CouponState.LOCKED)
    for coupon in coupons:
        move_locked(coupon, "use")
    _write_used(order_id, coupons, EntryKind.USED, "used")


@transaction.atomic
def close_of_order(order_id: int) -> None:
    """All of the order is closed: coupons come back, and what is left of their cost is taken back. Again: nothing.

    A coupon that is past by now comes back only if its template says so. Locks: its coupons.
    """
    for coupon in lock_of_order(order_id, CouponState.LOCKED, CouponState.USED):
        if coupon.state == CouponState.USED:
            _take_back(
                coupon, order_id, {}, EntryKind.RETURNED, f"returned:{_times(coupon, order_id)}", whole=True
            )
        _return(coupon, "free" if coupon.state == CouponState.LOCKED else "give_back")


@transaction.atomic
def refund_of_order(order_id: int, key: str, shares: dict[int, tuple[Decimal, Decimal, Decimal]]) -> None:
    """Pieces went back: the share of their lines is taken back from the bearers; the coupon stays used.

    `shares`: by order line what earlier refunds gave back, what this one did, what was paid for the line. Once per
    key. Locks: the order's coupons.
    """
    for coupon in lock_of_order(order_id, CouponState.USED):
        _take_back(coupon, order_id, shares, EntryKind.REFUNDED, key)


@transaction.atomic
def reopen_of_order(order_id: int) -> None:
    """What had closed the order was taken back: coupons that are still unused are its own again. Again: nothing.

    One that was used elsewhere meanwhile stays there; the order keeps its price. Locks: coupons that it had.
    """
    numbers = set(
        OrderDeduction.objects.filter(order_id=order_id, source=SOURCE).values_list("reference", flat=True)
    )
    if not numbers:
        return
    from saleor_o2o.kernel.locks import lock_rows

    rows = lock_rows(Coupon.objects.filter(number__in=numbers).select_related("template"))
    back = [
        one for one in rows if one.state == CouponState.UNUSED and one.entries.filter(order=order_id).exists()
    ]
    for coupon in back:
        move_locked(coupon, "use_again", order=Order.objects.get(pk=order_id))
        _write_used(order_id, [coupon], EntryKind.REOPENED, f"reopened:{_times(coupon, order_id)}")


def _times(coupon: Coupon, order_id: int) -> int:
    """How often it was returned from this order before."""
    rows = coupon.entries.filter(order_id=order_id, kind=EntryKind.RETURNED)
    return int(rows.values("key").distinct().count())


def _return(coupon: Coupon, how: str) -> None:
    """Back to its member, or past. The caller holds its lock."""
    moment = now()
    until = coupon.valid_until
    grace = coupon.template.grace_days
    if until <= moment and not grace:
        move_locked(coupon, "expire")
        return
    if until <= moment:
        until = moment + timedelta(days=grace)
    move_locked(coupon, how, until=until)
    publish(CouponReturned(coupon_id=coupon.pk, member_id=coupon.member_id), key=f"member:{coupon.member_id}")


def _write_used(order_id: int, coupons: list[Coupon], kind: EntryKind, key: str) -> None:
    by_number = {coupon.number: coupon for coupon in coupons}
    rows: Any = OrderDeduction.objects.filter(
        order_id=order_id, source=SOURCE, reference__in=by_number
    ).select_related("order_line__variant__product__o2o_seller")
    entries = []
    for row in rows.order_by("pk"):
        coupon = by_number[row.reference]
        seller = _seller_of(row)
        platform, unit, merchant = _borne(row.amount, coupon, seller)
        entries.append(
            CouponEntry(
                coupon=coupon, order_id=order_id, order_line_id=row.order_line_id, seller_id=seller, kind=kind,
                key=key, amount=row.amount, platform=platform, unit=unit, merchant=merchant,
            )
        )  # fmt: skip
    CouponEntry.objects.bulk_create(entries)


def _seller_of(row: Any) -> int | None:
    """Whose goods they are; the freight is the platform's."""
    if row.order_line is None or row.order_line.variant is None:
        return None
    seller = getattr(row.order_line.variant.product, "o2o_seller", None)
    return seller.seller_id if seller is not None else None


def _borne(amount: Decimal, coupon: Coupon, seller: int | None) -> list[Decimal]:
    """An amount over platform, unit and merchant, to the fen; without a merchant his part is the platform's."""
    platform, unit, merchant = coupon.template.shares
    if seller is None:
        platform, merchant = platform + merchant, 0
    return split(amount, [platform, unit, merchant])


def _take_back(
    coupon: Coupon,
    order_id: int,
    shares: dict[int, tuple[Decimal, Decimal, Decimal]],
    kind: EntryKind,
    key: str,
    *,
    whole: bool = False,
) -> None:
    """Write what the bearers get back, by line: never more than is left of each one's part. The coupon is locked."""
    entries = list(CouponEntry.objects.filter(coupon=coupon, order_id=order_id).order_by("pk"))
    if any(entry.key == key for entry in entries):
        return
    by_line: dict[int | None, list[CouponEntry]] = defaultdict(list)
    for entry in entries:
        by_line[entry.order_line_id].append(entry)
    made = []
    for line, own in by_line.items():
        left = [sum((getattr(one, bearer) for one in own), Decimal(0)) for bearer in _BEARERS]
        rest = sum(left, Decimal(0))
        amount = rest if whole else _due(own, rest, shares.get(line or 0))
        if amount <= 0:
            continue
        parts = refund_shares(amount, left)
        made.append(
            CouponEntry(
                coupon=coupon, order_id=order_id, order_line_id=line, seller_id=own[0].seller_id, kind=kind, key=key,
                amount=-amount, platform=-parts[0], unit=-parts[1], merchant=-parts[2],
            )
        )  # fmt: skip
    CouponEntry.objects.bulk_create(made)


def _due(own: list[CouponEntry], rest: Decimal, share: tuple[Decimal, Decimal, Decimal] | None) -> Decimal:
    """What must have come back of a line by now, less what has: over all refunds exactly what the coupon took."""
    if share is None:
        return Decimal(0)
    before, back, paid = share
    whole = sum((one.amount for one in own if one.amount > 0), Decimal(0))
    target = round_yuan(whole * (before + back) / paid) if paid else whole
    return min(target - (whole - rest), rest)
