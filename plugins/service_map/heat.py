"""Where orders come from: counted by grid cell or by unit, never by person."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.utils.translation import gettext_lazy as _
from saleor.order import OrderStatus
from saleor.order.models import Order

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.clock import SHANGHAI
from saleor_o2o.kernel.scope import rows_for

from .errors import MapError, MapErrorCode
from .geohash import bounds, encode

#: A field with fewer orders is not shown: it could be somebody's house.
LEAST = 3
#: Days that one map may span.
MOST_DAYS = 400
#: Letters of the cells' geohash: five are fields of about 4.9 by 4.2 kilometres.
LETTERS = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """A field of the grid with its orders."""

    west: float
    south: float
    east: float
    north: float
    orders: int


@dataclass(frozen=True, slots=True)
class OfUnit:
    """A unit with the orders that belong to it and to nobody below it."""

    unit: OrgUnit
    orders: int
    turnover: Any


@dataclass(frozen=True, slots=True)
class Heat:
    """The map of a period: cells, units (most first), and orders that could not be shown."""

    cells: list[Cell]
    units: list[OfUnit]
    orders: int
    hidden: int


def orders_of(user: Any, first: date, last: date) -> QuerySet[Any]:
    """The orders in the user's reach of some days, drafts and cancelled ones aside. Raises MapError(INVALID)."""
    if not first <= last <= first + timedelta(days=MOST_DAYS):
        raise MapError(MapErrorCode.INVALID, _("时段不对：最长 400 天，且开始不晚于结束"), field="first")
    since = datetime.combine(first, time.min, SHANGHAI)
    until = datetime.combine(last + timedelta(days=1), time.min, SHANGHAI)
    return (
        rows_for(user, Order.objects.all())
        .filter(created__gte=since, created__lt=until, o2o_attribution__isnull=False)
        .exclude(status__in=(OrderStatus.DRAFT, OrderStatus.CANCELED))
    )


def heat_of(user: Any, first: date, last: date) -> Heat:
    """Count the orders by the unit they belong to and by the field its position lies in. Two statements."""
    counted = (
        orders_of(user, first, last)
        .order_by()
        .values("o2o_attribution__unit_id")
        .annotate(orders=Count("pk"), turnover=Sum("total_gross_amount"))
    )
    rows = {row["o2o_attribution__unit_id"]: row for row in counted}
    units = {unit.pk: unit for unit in OrgUnit.objects.filter(pk__in=rows)}
    fields: Counter[str] = Counter()
    unplaced = 0
    for pk, row in rows.items():
        unit = units[pk]
        if unit.lng is None or unit.lat is None:
            unplaced += row["orders"]
        else:
            fields[encode(unit.lng, unit.lat, LETTERS)] += row["orders"]
    cells = [Cell(*bounds(code), count) for code, count in fields.items() if count >= LEAST]
    shown = sum(cell.orders for cell in cells)
    total = sum(row["orders"] for row in rows.values())
    listed = [OfUnit(units[pk], row["orders"], row["turnover"]) for pk, row in rows.items()]
    listed.sort(key=lambda one: (-one.orders, one.unit.code))
    return Heat(sorted(cells, key=lambda cell: cell.orders), listed, total, total - shown)
