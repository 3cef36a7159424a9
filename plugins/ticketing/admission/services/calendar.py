"""What classes cost on which days, in bulk: a period, some weekdays, one price."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.locks import lock_rows

from ..access import EDIT
from ..models import AdmissionProduct, PriceDay, Slot, TicketClass
from .catalogue import MOST
from .common import actor, allow, invalid

PRICED = audit.action("admission.days_priced", _("批量设置价格日历"))
SLOTTED = audit.action("admission.slots_made", _("批量生成时段"))
#: The longest period that is written at once.
LONGEST = 400


def days_of(first: date, last: date, weekdays: Collection[int] = ()) -> Iterator[date]:
    """The days of a period, both included; `weekdays` 1 (Monday) to 7, none: all. Raises INVALID."""
    if last < first or (last - first).days >= LONGEST:
        raise invalid(_("结束日期须不早于开始日期，一次最多 %(most)d 天") % {"most": LONGEST}, "last")
    day = first
    while day <= last:
        if not weekdays or day.isoweekday() in weekdays:
            yield day
        day += timedelta(days=1)


@transaction.atomic
def price_days(
    by: Any, row: TicketClass, first: date, last: date, price: Decimal | None, *, weekdays: Collection[int] = (),
    settlement_price: Decimal | None = None, closed: bool = False,
) -> int:  # fmt: skip
    """Write the price of days (yuan), or that they are closed; `price` None and not closed: as usual again.

    Returns how many days. Orders keep the price of their moment. Raises OutOfScope, NotAllowed, INVALID.
    """
    allow(by, EDIT, row)
    days = list(days_of(first, last, weekdays))
    if price is not None and not 0 <= price <= MOST:
        raise invalid(_("价格须在 0 至 %(most)s 元之间") % {"most": MOST}, "price")
    if price is None and not closed:
        PriceDay.objects.filter(ticket_class=row, day__in=days).delete()
    else:
        PriceDay.objects.bulk_create(
            (
                PriceDay(
                    ticket_class=row, day=day, price=row.price if price is None else price, closed=closed,
                    settlement_price=settlement_price,
                )
                for day in days
            ),
            update_conflicts=True, unique_fields=["ticket_class", "day"],
            update_fields=["price", "settlement_price", "closed"],
        )  # fmt: skip
    audit.record(
        PRICED, row,
        after={"first": first, "last": last, "weekdays": sorted(weekdays), "price": price, "closed": closed},
        actor=actor(by), org_path=row.product.unit.path,
    )  # fmt: skip
    return len(days)


@transaction.atomic
def make_slots(
    by: Any, product: AdmissionProduct, first: date, last: date, times: Sequence[tuple[time, time]], *,
    weekdays: Collection[int] = (),
) -> list[Slot]:  # fmt: skip
    """Slots of days that have none at these times yet. Locks: the product.

    Raises OutOfScope, NotAllowed, INVALID where times overlap, also with those of a day that are there.
    """
    allow(by, EDIT, product)
    lock_rows(AdmissionProduct.objects.filter(pk=product.pk), no_key=True)
    ordered = sorted(times)
    if not ordered or any(end <= start for start, end in ordered):
        raise invalid(_("时段的结束须晚于开始"), "times")
    if any(before[1] > after[0] for before, after in pairwise(ordered)):
        raise invalid(_("时段互相重叠"), "times")
    days = list(days_of(first, last, weekdays))
    for there in Slot.objects.filter(product=product, day__in=days):
        other = [one for one in ordered if one[0] < there.ends and one[1] > there.starts]
        if other and other != [(there.starts, there.ends)]:
            raise invalid(
                _("%(slot)s 已有时段，与 %(start)s–%(end)s 重叠")
                % {"slot": there, "start": f"{other[0][0]:%H:%M}", "end": f"{other[0][1]:%H:%M}"},
                "times", _("请改时段，或避开这一天"),
            )  # fmt: skip
    Slot.objects.bulk_create(
        (Slot(product=product, day=day, starts=start, ends=end) for day in days for start, end in ordered),
        ignore_conflicts=True,
    )
    audit.record(
        SLOTTED, product, after={"first": first, "last": last, "slots": len(ordered)}, actor=actor(by),
        org_path=product.unit.path,
    )  # fmt: skip
    return list(
        Slot.objects.filter(product=product, day__in=days, starts__in=[start for start, _end in ordered])
    )
