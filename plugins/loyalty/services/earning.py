"""What an order gives its buyer: brought to where the order's facts say, by whichever news, in whatever order.

Each line is worth so much of what was paid for it; what went back of the money takes the same share of the worth. The
services read how things stand and book the difference: the same news twice, or an old one after a new one, changes
nothing. Money that went back without an after-sale is spread over the lines in proportion to what is left of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max, Sum
from saleor.order.models import Order, OrderLine

from plugins.members.interfaces import Member, MemberStatus, current
from plugins.org_hierarchy.interfaces import OrderAttribution, OrgUnit
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.money import refund_shares
from saleor_o2o.ordering.interfaces import sub_order_lines_of, sync_order

from ..boosts import percent_of
from ..events import PointsMoved
from ..kinds import Book, EntryKind, Occasion
from ..models import Entry, LineBack, OrderEarning, Purse, RechargePackage
from ..rules import Bought, Worth, kept, of_lines
from .ledger import ZERO, Why, grant, lock_purses, take_back
from .levels import level_of, settle_level

#: The basis of the attribution of what a counter sold.
AT_COUNTER = "counter"


def note_after_sale(
    after_sale_id: int, order_id: Any, lines: Sequence[int], amounts: Sequence[Decimal], freight: Decimal
) -> None:
    """Write down what an after-sale gave back of each line (and of the freight), once."""
    rows = [
        LineBack(after_sale_id=after_sale_id, order_id=order_id, order_line_id=line, amount=amount)
        for line, amount in zip(lines, amounts, strict=True)
    ]
    rows.append(LineBack(after_sale_id=after_sale_id, order_id=order_id, amount=freight))
    LineBack.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def reckon(order_id: Any) -> None:
    """Bring the points and the growth of an order to where its facts say.

    Locks: the member's purses, then the order's sub-orders (`sync_order`), as the cashier does. Raises LockTimeout.
    """
    member = _buyer(order_id)
    if member is None:
        return
    purses = lock_purses(member.pk)[member.pk]
    profile = sync_order(order_id)
    if profile is None:
        return
    attribution = OrderAttribution.objects.filter(order_id=order_id).values_list("unit_id", "basis").first()
    unit_id, basis = attribution or (_city(), "")
    occasion = Occasion.COUNTER if basis == AT_COUNTER else Occasion.ORDER
    due = profile.received_at if occasion is Occasion.COUNTER else profile.completed_at
    if unit_id is None or (due is None and not OrderEarning.objects.filter(order_id=order_id).exists()):
        return
    rows = list(OrderEarning.objects.filter(order_id=order_id).order_by("pk"))
    expires_at = None
    if not rows:
        if due is None:
            return
        rows, worth = _begin(order_id, member, occasion)
        expires_at = worth.expires_at
    gone = gone_of_lines(order_id, [(row.order_line_id, row.paid) for row in rows], profile.refunded)
    numbered = (
        Entry.objects.filter(order_id=order_id, biz_type="order").aggregate(last=Max("pk"))["last"] or 0
    )
    key = f"{order_id}:{numbered}"
    points = [kept(row.points, row.paid, back) for row, back in zip(rows, gone, strict=True)]
    growth = [kept(row.growth, row.paid, back) for row, back in zip(rows, gone, strict=True)]
    entry = _book(purses[Book.POINTS], rows, "points", points, order_id, unit_id, key, expires_at)
    if _book(purses[Book.GROWTH], rows, "growth", growth, order_id, unit_id, key, None) is not None:
        settle_level(member.pk)
    if entry is not None:
        own = entry.lines.exclude(purse=None).aggregate(sum=Sum("amount"))["sum"] or ZERO
        moved = PointsMoved(member_id=member.pk, entry_id=entry.pk, kind=str(entry.kind), points=int(own))
        publish(moved, key=f"member:{member.pk}")


def _buyer(order_id: Any) -> Member | None:
    """Whose points they are: the member who bought, or whom that one was merged into; nobody for one who is out."""
    user_id = Order.objects.filter(pk=order_id).values_list("user_id", flat=True).first()
    earned = OrderEarning.objects.filter(order_id=order_id).select_related("member__user").first()
    found = earned.member if earned is not None else (
        Member.objects.select_related("user").filter(user_id=user_id).first() if user_id else None
    )  # fmt: skip
    if found is None:
        return None
    found = current(found)
    return None if earned is None and found.status == MemberStatus.BLACKLISTED else found


def _city() -> int | None:
    return OrgUnit.objects.filter(parent__isnull=True).values_list("pk", flat=True).first()


def _begin(order_id: Any, member: Member, occasion: Occasion) -> tuple[list[OrderEarning], Worth]:
    """Write what each line is worth by the rules and the level of now."""
    paid: dict[int, tuple[Decimal, str]] = {}
    stored = set(
        RechargePackage.objects.filter(variant__order_lines__order_id=order_id).values_list(
            "variant_id", flat=True
        )
    )
    for part in sub_order_lines_of(order_id):
        if part.order_line.variant_id in stored:  # points come when the balance is spent
            continue
        before, _line = paid.get(part.order_line_id, (ZERO, ""))
        paid[part.order_line_id] = (before + part.total, part.sub_order.line)
    above = _categories(paid)
    lines = [Bought(key, amount, line, above.get(key, ())) for key, (amount, line) in sorted(paid.items())]
    level = level_of(member.pk)
    percent = percent_of(member.pk, level.points_percent if level is not None else 100)
    worth = of_lines(occasion, lines, percent)
    made = OrderEarning.objects.bulk_create(
        OrderEarning(
            order_line_id=line.order_line_id, order_id=order_id, member=member, paid=line.paid, points=points,
            growth=growth,
        )
        for line, points, growth in zip(lines, worth.points, worth.growth, strict=True)
    )  # fmt: skip
    return made, worth


def _categories(keys: Any) -> dict[int, tuple[int, ...]]:
    """Of each order line the category of its goods and those above it, the nearest first."""
    found = {}
    for line in OrderLine.objects.filter(pk__in=list(keys)).select_related("variant__product__category"):
        category = line.variant.product.category if line.variant is not None else None
        if category is not None:
            above = category.get_ancestors(ascending=True, include_self=True)
            found[line.pk] = tuple(above.values_list("pk", flat=True))
    return found


def gone_of_lines(order_id: Any, lines: Sequence[tuple[int, Decimal]], refunded: Decimal) -> list[Decimal]:
    """What went back of each line (its key, what was paid for it), in yuan, of `refunded` for the whole order.

    By after-sale each line's own; other money in proportion to what is left of them. One statement.
    """
    backs = LineBack.objects.filter(order_id=order_id).values_list("order_line_id", "amount")
    by_line: dict[int | None, Decimal] = {}
    for key, amount in backs:
        by_line[key] = by_line.get(key, ZERO) + amount
    own = [min(by_line.get(key, ZERO), paid) for key, paid in lines]
    other = max(refunded - sum(by_line.values(), ZERO), ZERO)
    left = sum((paid - back for (_key, paid), back in zip(lines, own, strict=True)), ZERO)
    shares = refund_shares(min(other, left), [paid for _key, paid in lines], own)
    return [back + share for back, share in zip(own, shares, strict=True)]


def _book(
    purse: Purse, rows: Sequence[OrderEarning], name: str, target: Sequence[int], order_id: Any, unit_id: int,
    key: str, expires_at: Any,
) -> Entry | None:  # fmt: skip
    """Post what the lines together have more, or less, than they had."""
    link = "entry" if name == "points" else "growth_entry"
    before = sum(getattr(row, f"kept_{name}") for row in rows)
    difference = Decimal(sum(target) - before)
    first: Entry | None = next((getattr(row, link) for row in rows if getattr(row, f"{link}_id")), None)
    entry = None
    if difference > 0:
        why = Why(EntryKind.EARN, "order", key, unit_id, order_id)
        # what comes back (a refund that failed) is good for as long as what it was
        known = (
            first.lots.order_by("pk").values_list("expires_at", flat=True).first() if first else expires_at
        )
        entry = grant(purse, difference, why, expires_at=known)
        first = first or entry
    elif difference < 0:
        entry = take_back(
            purse, first, -difference, Why(EntryKind.EARN_BACK, "order", key, unit_id, order_id)
        )
    for row, now_kept in zip(rows, target, strict=True):
        setattr(row, f"kept_{name}", now_kept)
        setattr(row, link, first)
    OrderEarning.objects.bulk_update(rows, [f"kept_{name}", link])
    return entry
