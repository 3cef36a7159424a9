"""An exchange's way through an order: written with it, given back piece by piece, or whole where it ends unpaid."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db import transaction
from django.db.models import F
from saleor.order.models import Order

from plugins.loyalty.interfaces import burn_for_order, give_back_to, lock_points_of_order
from plugins.members.interfaces import Member
from saleor_o2o.ordering.interfaces import OrderDeduction, Origin, sub_order_lines_of, sync_order

from ..locks import lock_offers
from ..models import Exchange, MallOffer

NAME = "exchange"


def written(order: Order, _origin: Origin) -> None:
    """The order and whose it is are written: count the pieces, burn the points, in the same transaction.

    The offers are locked since they were reckoned. No statement for an order without exchanges. Locks: the member's
    purses. Raises PointsShort, which undoes the order.
    """
    if NAME not in (order.private_metadata or {}).get("o2o.deducted_by", ()):
        return
    rows = OrderDeduction.objects.filter(order=order, source=NAME).select_related("order_line")
    member = Member.objects.filter(user_id=order.user_id).get()
    offers = {one.code: one for one in MallOffer.objects.filter(code__in=[row.reference for row in rows])}
    wanted = [
        (offers[row.reference], row.order_line) for row in rows.order_by("pk") if row.order_line is not None
    ]
    points = sum(offer.points * line.quantity for offer, line in wanted)
    names = "、".join(line.product_name for _offer, line in wanted)
    entry = burn_for_order(order.pk, member.pk, points, names)
    for offer, line in wanted:
        MallOffer.objects.filter(pk=offer.pk).update(taken=F("taken") + line.quantity)
    Exchange.objects.bulk_create(
        Exchange(
            order=order, order_line=line, offer=offer, member=member, unit_id=entry.unit_id, quantity=line.quantity,
            points=offer.points, yuan=offer.yuan, price=line.unit_price_gross_amount,
        )
        for offer, line in wanted
    )  # fmt: skip


def release(order: Order) -> None:
    """A *locked* order ends unpaid: all pieces and points are free again. Again: nothing. Locks: offers, purses."""
    _bring_back(order.pk, everything=True)


@transaction.atomic
def follow(order_id: Any) -> None:
    """Give back the points of pieces that went back: unsent ones, returned ones; all of them when the order is closed.

    Whichever news comes, however often: it looks at how the order's parts stand. Locks: offers, the member's purses,
    the order's sub-orders. Raises LockTimeout.
    """
    if Exchange.objects.filter(order_id=order_id).exists():
        _bring_back(order_id, everything=False)


def _bring_back(order_id: Any, *, everything: bool) -> None:
    codes = list(Exchange.objects.filter(order_id=order_id).values_list("offer__code", flat=True))
    if not codes:
        return
    lock_offers(codes)
    lock_points_of_order(order_id)
    rows = list(Exchange.objects.filter(order_id=order_id).order_by("pk"))
    gone = {} if everything else _gone(order_id)
    for row in rows:
        target = (
            row.quantity if gone is None or everything else min(gone.get(row.order_line_id, 0), row.quantity)
        )
        more = target - row.back
        if more > 0:
            row.back = target
            row.save(update_fields=["back"])
            MallOffer.objects.filter(pk=row.offer_id).update(taken=F("taken") - more)
    give_back_to(order_id, sum(row.back * row.points for row in rows))


def _gone(order_id: Any) -> dict[int, int] | None:
    """Pieces of each order line whose money went back; None: the whole order is closed."""
    profile = sync_order(order_id)
    if profile is not None and profile.closed_at is not None:
        return None
    found: dict[int, int] = defaultdict(int)
    for part in sub_order_lines_of(order_id):
        found[part.order_line_id] += part.withdrawn + part.returned
    return found
