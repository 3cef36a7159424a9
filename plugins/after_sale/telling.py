"""What `AfterSaleRefunded` says of a finished after-sale, so that a listener can reverse without remembering."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from saleor_o2o.cashier.interfaces import shares_given
from saleor_o2o.ordering.interfaces import lock_sub_orders

from .choices import Kind, State
from .events import AfterSaleRefunded
from .models import AfterSale, AfterSaleLine

ZERO = Decimal(0)


def refunded_event(row: AfterSale) -> AfterSaleRefunded:
    """The event of a *locked* after-sale that has just been finished.

    Locks: the order's sub-orders, so that of two after-sales that finish at once one counts the other.
    """
    parts = lock_sub_orders(row.order_id)
    lines = list(row.lines.select_related("part_line").order_by("pk"))
    earlier: dict[int, list[tuple[int, Decimal]]] = defaultdict(list)
    others = AfterSaleLine.objects.filter(
        after_sale__order_id=row.order_id, after_sale__state=State.DONE
    ).exclude(after_sale=row)
    for other in others:
        earlier[other.part_line_id].append((other.pieces, other.yuan))
    done = AfterSale.objects.filter(order_id=row.order_id, state=State.DONE).exclude(pk=row.pk)
    shares = _shares(row)
    return AfterSaleRefunded(
        after_sale_id=row.pk,
        order_id=row.order_id,
        sub_order_id=row.sub_order_id,
        amount=row.goes_back,
        freight=row.goes_back - sum((one.yuan for one in lines), ZERO),
        order_lines=tuple(one.part_line.order_line_id for one in lines),
        quantities=tuple(one.pieces for one in lines),
        amounts=tuple(one.yuan for one in lines),
        paid=tuple(one.part_line.total for one in lines),
        before=tuple(sum((yuan for _n, yuan in earlier[one.part_line_id]), ZERO) for one in lines),
        bought=tuple(one.part_line.quantity for one in lines),
        pieces_before=tuple(sum(count for count, _yuan in earlier[one.part_line_id]) for one in lines),
        restocked=tuple(_restocked(row, one) for one in lines),
        order_paid=sum((part.total for part in parts), ZERO),
        order_before=sum((one.goes_back for one in done), ZERO),
        tenders=tuple(shares),
        tender_amounts=tuple(shares.values()),
        customer_id=row.customer_id,
        refund_key=row.refund_key,
    )


def _restocked(row: AfterSale, line: AfterSaleLine) -> int:
    """Pieces that are for sale again: unsent ones always, returned ones that were not damaged."""
    if row.kind == Kind.RETURN:
        return line.pieces - line.damaged
    return line.freed


def _shares(row: AfterSale) -> dict[str, Decimal]:
    if not row.goes_back:
        return {}
    if not row.refund_key:
        return {"elsewhere": row.goes_back}
    found: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for _key, kind, amount in shares_given(row.refund_keys):
        found[kind or "provider"] += amount
    return dict(sorted(found.items()))
