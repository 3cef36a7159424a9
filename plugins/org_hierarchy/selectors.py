"""Reads of the tree: what was where at a time, whose orders they were, what hangs below."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum
from saleor.order import OrderStatus

from saleor_o2o.kernel.clock import SHANGHAI

from .levels import Level, UnitStatus
from .models import OrderAttribution, OrgUnit, Staff, StaffStatus, UnitVersion
from .paths import keys_of


def unit_at(unit: OrgUnit, moment: datetime) -> UnitVersion | None:
    """What a unit was at a moment; None before it was set up."""
    return (
        UnitVersion.objects.filter(unit=unit, valid_from__lte=moment)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gt=moment))
        .first()
    )


def path_at(unit: OrgUnit, moment: datetime) -> str | None:
    """A unit's path at a moment; None before it was set up."""
    version = unit_at(unit, moment)
    return version.path if version else None


def paths_of(unit: OrgUnit) -> list[str]:
    """Every path that the unit ever had; none is the beginning of another, each ends in the unit's key."""
    found = set(UnitVersion.objects.filter(unit=unit).values_list("path", flat=True))
    return sorted(found | {unit.path})


def made_below(unit: OrgUnit) -> Q:
    """The condition on attributions of orders made at the unit or below it, wherever it stood at the time."""
    condition = Q(pk__in=[])
    for path in paths_of(unit):
        condition |= Q(org_path__startswith=path)
    return condition


def made_between(first: date, last: date) -> Q:
    """The condition on attributions made from the first to the last day, in Asia/Shanghai, both included."""
    begin = datetime.combine(first, time(), SHANGHAI)
    end = datetime.combine(last + timedelta(days=1), time(), SHANGHAI)
    return Q(made_at__gte=begin, made_at__lt=end)


@dataclass(frozen=True, slots=True)
class Figures:
    """How many orders, and their total in yuan; drafts and cancelled ones do not count."""

    orders: int
    total: Decimal


def order_figures(unit: OrgUnit, first: date, last: date) -> Figures:
    """Count the orders made at a unit or below it within a period, by the path that each order was made under.

    A re-parenting moves no figure of the time before it. Two statements.
    """
    counted = OrderAttribution.objects.filter(made_below(unit), made_between(first, last)).exclude(
        order__status__in=(OrderStatus.DRAFT, OrderStatus.CANCELED)
    )
    found = counted.aggregate(orders=Count("pk"), total=Sum("order__total_gross_amount"))
    return Figures(found["orders"], found["total"] or Decimal(0))


def ancestors_of(unit: OrgUnit) -> list[OrgUnit]:
    """The units above, the root first. One statement."""
    above = OrgUnit.objects.in_bulk(keys_of(unit.path)[:-1])
    return [above[key] for key in keys_of(unit.path)[:-1] if key in above]


def subtree(unit: OrgUnit) -> QuerySet[OrgUnit]:
    """The unit and everything below it."""
    return OrgUnit.objects.filter(path__startswith=unit.path)


@dataclass(frozen=True, slots=True)
class Below:
    """What hangs on a unit: direct children, outlets and people of its whole subtree; what is closed does not count."""

    children: int = 0
    outlets: int = 0
    staff: int = 0


def count_below(units: Iterable[OrgUnit]) -> dict[int, Below]:
    """Counts for some units that stand beside each other, by key. Three statements, whatever their number."""
    listed = list(units)
    if not listed:
        return {}
    keys = [unit.pk for unit in listed]
    children: dict[Any, int] = dict(
        OrgUnit.objects.filter(parent__in=keys)
        .exclude(status=UnitStatus.CLOSED)
        .values_list("parent")
        .annotate(n=Count("pk"))
        .values_list("parent", "n")
    )
    outlets = _grouped(_OUTLETS, listed, [Level.OUTLET, UnitStatus.CLOSED])
    staff = _grouped(_STAFF, listed, [StaffStatus.ACTIVE])
    return {key: Below(children.get(key, 0), outlets.get(key, 0), staff.get(key, 0)) for key in keys}


def _grouped(query: str, units: list[OrgUnit], values: list[Any]) -> dict[int, int]:
    """Counts by the unit of the list that each row is below."""
    with connection.cursor() as cursor:
        cursor.execute(query, [[unit.pk for unit in units], *values])
        return dict(cursor.fetchall())


_OUTLETS = f"""
    SELECT top.id, count(below.id) FROM {OrgUnit._meta.db_table} top
    JOIN {OrgUnit._meta.db_table} below ON below.path ~>=~ top.path AND below.path ~<~ (rtrim(top.path, '/') || '0')
    WHERE top.id = ANY(%s) AND below.level = %s AND below.status <> %s GROUP BY top.id
"""  # noqa: S608 - names of tables only
_STAFF = f"""
    SELECT top.id, count(person.id) FROM {OrgUnit._meta.db_table} top
    JOIN {OrgUnit._meta.db_table} below ON below.path ~>=~ top.path AND below.path ~<~ (rtrim(top.path, '/') || '0')
    JOIN {Staff._meta.db_table} person ON person.unit_id = below.id
    WHERE top.id = ANY(%s) AND person.status = %s GROUP BY top.id
"""  # noqa: S608 - names of tables only
