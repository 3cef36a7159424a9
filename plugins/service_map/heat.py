"""Where orders come from: counted by grid cell or by unit, never by person."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay
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


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the orders is asked for: units below one, weekdays (1 is Monday), hours of the day, a business.

    Empty means all. `hours` are from and before: (18, 22); (22, 6) goes over midnight.
    """

    unit: OrgUnit | None = None
    weekdays: tuple[int, ...] = ()
    hours: tuple[int, int] | None = None
    scope: str = ""


def orders_of(user: Any, first: date, last: date, wanted: Wanted = Wanted()) -> QuerySet[Any]:
    """The orders in the user's reach of some days, drafts and cancelled ones aside. Raises MapError(INVALID).

    A business means the units that do it: stock orders do not say of which business they are.
    """
    if not first <= last <= first + timedelta(days=MOST_DAYS):
        raise MapError(MapErrorCode.INVALID, _("时段不对：最长 400 天，且开始不晚于结束"), field="first")
    since = datetime.combine(first, time.min, SHANGHAI)
    until = datetime.combine(last + timedelta(days=1), time.min, SHANGHAI)
    found = (
        rows_for(user, Order.objects.all())
        .filter(created__gte=since, created__lt=until, o2o_attribution__isnull=False)
        .exclude(status__in=(OrderStatus.DRAFT, OrderStatus.CANCELED))
    )
    if wanted.unit is not None:
        found = found.filter(o2o_attribution__org_path__startswith=wanted.unit.path)
    if wanted.scope:
        found = found.filter(o2o_attribution__unit__business_scope__contains=[wanted.scope])
    if wanted.weekdays:
        found = found.annotate(o2o_day=ExtractIsoWeekDay("created", tzinfo=SHANGHAI)).filter(
            o2o_day__in=wanted.weekdays
        )
    if wanted.hours is not None:
        since_hour, until_hour = wanted.hours
        found = found.annotate(o2o_hour=ExtractHour("created", tzinfo=SHANGHAI))
        late, early = Q(o2o_hour__gte=since_hour), Q(o2o_hour__lt=until_hour)
        found = found.filter(late & early if since_hour < until_hour else late | early)
    return found


def heat_of(user: Any, first: date, last: date, wanted: Wanted = Wanted()) -> Heat:
    """Count the orders by the unit they belong to and by the field its position lies in. Two statements.

    No address is looked at: an order counts where its unit stands. Fields and units with fewer than LEAST orders are
    not shown one by one, and the rest are told only in sum.
    """
    counted = (
        orders_of(user, first, last, wanted)
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
    listed = [
        OfUnit(units[pk], row["orders"], row["turnover"])
        for pk, row in rows.items()
        if row["orders"] >= LEAST
    ]
    listed.sort(key=lambda one: (-one.orders, one.unit.code))
    return Heat(sorted(cells, key=lambda cell: cell.orders), listed, total, total - shown)
