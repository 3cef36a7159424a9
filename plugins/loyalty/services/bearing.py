"""What member prices cost whom: entries that bring an order's lines to where its facts say, however news comes in."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.db import transaction
from saleor.product.models import ProductVariant

from saleor_o2o.kernel.money import round_yuan, split
from saleor_o2o.ordering.interfaces import OrderDeduction, sub_order_lines_of, sync_order

from ..kinds import PriceEntryKind
from ..member_prices import NAME
from ..models import MemberPriceEntry
from ..selectors import unit_of_order
from .earning import gone_of_lines
from .ledger import ZERO


@transaction.atomic
def follow(order_id: Any) -> None:
    """Write what is missing: all once the order is paid, less each line's share of what was refunded.

    Nothing for an order without member prices. Again: nothing. Locks: the order's sub-orders. Raises LockTimeout.
    """
    rows = list(OrderDeduction.objects.filter(order_id=order_id, source=NAME).order_by("pk"))
    profile = sync_order(order_id) if rows else None
    if profile is None or profile.paid_at is None:
        return
    done: dict[int | None, list[MemberPriceEntry]] = defaultdict(list)
    for entry in MemberPriceEntry.objects.filter(order_id=order_id).order_by("pk"):
        done[entry.order_line_id].append(entry)
    gone = _gone(order_id, profile)
    sellers = _sellers(rows)
    unit_id = unit_of_order(order_id)
    made = []
    for row in rows:
        line = row.order_line_id
        if line is None:  # never of the freight
            continue
        before = done[line]
        seller = sellers.get(line)
        share = gone.get(line, Decimal(0))
        parts = _parts(row.amount - round_yuan(row.amount * share), row, seller)
        old = [sum((getattr(one, name) for one in before), ZERO) for name in _NAMES]
        more = [new - known for new, known in zip(parts, old, strict=True)]
        if any(more):
            kind = PriceEntryKind.BACK if sum(more) < 0 else PriceEntryKind.AGAIN
            made.append(
                MemberPriceEntry(
                    order_id=order_id, order_line_id=line, number=len(before) + 1, title=row.title,
                    kind=kind if before else PriceEntryKind.USED, seller_id=seller,
                    unit_id=before[0].unit_id if before else unit_id, amount=sum(more),
                    **dict(zip(_NAMES, more, strict=True)),
                )
            )  # fmt: skip
    MemberPriceEntry.objects.bulk_create(made)


_NAMES = ("by_platform", "by_unit", "by_merchant")


def _parts(amount: Decimal, row: OrderDeduction, seller: int | None) -> list[Decimal]:
    """An amount over its bearers, to the fen; without a merchant his part is the platform's."""
    platform, unit, merchant = row.platform_share or 0, row.unit_share or 0, row.merchant_share or 0
    if seller is None:
        platform, merchant = platform + merchant, 0
    return split(amount, [platform, unit, merchant])


def _gone(order_id: Any, profile: Any) -> dict[int, Decimal]:
    """What part of each order line went back, 0 to 1."""
    paid: dict[int, Decimal] = {}
    for part in sub_order_lines_of(order_id):
        paid[part.order_line_id] = paid.get(part.order_line_id, ZERO) + part.total
    if profile.closed_at is not None:
        return dict.fromkeys(paid, Decimal(1))
    keys = sorted(paid)
    gone = gone_of_lines(order_id, [(key, paid[key]) for key in keys], profile.refunded)
    return {key: back / paid[key] for key, back in zip(keys, gone, strict=True) if paid[key]}


def _sellers(rows: list[OrderDeduction]) -> dict[int | None, int]:
    """Whose goods the lines are, by order line; our own are missing."""
    lines = [row.order_line_id for row in rows]
    found = ProductVariant.objects.filter(
        order_lines__in=lines, product__o2o_seller__isnull=False
    ).values_list("order_lines", "product__o2o_seller__seller_id")
    return dict(found)
