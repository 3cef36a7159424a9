"""What keeps a unit from closing: asked of whoever registered, shown as a list with links.

```python
def stock(unit: OrgUnit) -> list[Blocker]:
    count = …
    return [Blocker(_("未清点的库存"), count, href)] if count else []

register_blocker("product_sales.stock", stock)
```
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from saleor.order import OrderStatus

from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.errors import Text

from .errors import OrgError, OrgErrorCode
from .levels import UnitStatus
from .models import OrderAttribution, OrgUnit, PlannedMove, Staff, StaffStatus

#: Orders that somebody still has to work on, drafts at the counter included.
UNFINISHED = (OrderStatus.DRAFT, OrderStatus.UNFULFILLED, OrderStatus.PARTIALLY_FULFILLED)


class Takes(StrEnum):
    """What clears a blocker: people do; a merge takes it along; a merge does if it is told to take the orders too."""

    NOTHING = "nothing"
    MERGE = "merge"
    MERGE_WITH_ORDERS = "merge_with_orders"


@dataclass(frozen=True, slots=True)
class Blocker:
    """One reason: what, how many, and the page where it can be cleared (empty: none)."""

    text: Text
    count: int
    href: str = ""
    taken_by: Takes = Takes.NOTHING

    def __str__(self) -> str:
        return f"{self.text} {self.count}"


class BlockedError(OrgError):
    """A unit cannot close yet; `blockers` says why."""

    def __init__(self, unit: OrgUnit, found: list[Blocker]) -> None:
        super().__init__(
            OrgErrorCode.HAS_BLOCKERS,
            _("“%(name)s”还不能撤并：%(blockers)s")
            % {"name": unit.name, "blockers": "；".join(map(str, found))},
            hint=_("请先逐项处理，再撤并"),
        )
        self.blockers = found


Source = Callable[[OrgUnit], Iterable[Blocker]]
_sources: dict[str, Source] = {}


def register_blocker(name: str, source: Source) -> None:
    """Register `source(unit)`, asked under the tree's lock whenever a unit is to close: reads only, quickly.

    Raises ValueError for a name that is taken.
    """
    if name in _sources:
        raise ValueError(f"blocker {name!r} is already registered")
    _sources[name] = source


def blockers_of(unit: OrgUnit) -> list[Blocker]:
    """Everything that keeps the unit from closing now, in the order of registration."""
    return [found for source in _sources.values() for found in source(unit) if found.count]


def posted_at(unit: OrgUnit) -> Q:
    """The condition on people who belong to a unit or hold a post there."""
    still = Q(posts__valid_to__isnull=True) | Q(posts__valid_to__gte=today())
    return Q(unit=unit) | (Q(posts__unit=unit) & still)


def _page(name: str, **query: Any) -> str:
    address = reverse(f"admin:o2o_org_hierarchy_{name}")
    return address + ("?" + "&".join(f"{key}={value}" for key, value in query.items()) if query else "")


def _children(unit: OrgUnit) -> list[Blocker]:
    count = unit.children.exclude(status=UnitStatus.CLOSED).count()
    href = _page("orgunit_changelist", parent__id__exact=unit.pk)
    return [Blocker(_("未撤并的下级机构"), count, href, Takes.MERGE)]


def _orders(unit: OrgUnit) -> list[Blocker]:
    count = OrderAttribution.objects.filter(unit=unit, order__status__in=UNFINISHED).count()
    href = reverse("admin:o2o_org_hierarchy_orgunit_orders", args=[unit.pk])
    return [Blocker(_("未完成的订单"), count, href, Takes.MERGE_WITH_ORDERS)]


def _people(unit: OrgUnit) -> list[Blocker]:
    count = Staff.objects.filter(posted_at(unit)).exclude(status=StaffStatus.LEFT).distinct().count()
    href = reverse("admin:o2o_org_hierarchy_orgunit_people", args=[unit.pk])
    return [Blocker(_("在岗人员"), count, href, Takes.MERGE)]


def _arrivals(unit: OrgUnit) -> list[Blocker]:
    waiting = PlannedMove.objects.filter(parent=unit, state=PlannedMove.State.WAITING)
    return [Blocker(_("计划划入的机构"), waiting.count(), _page("plannedmove_changelist", state="waiting"))]


register_blocker("org_hierarchy.children", _children)
register_blocker("org_hierarchy.orders", _orders)
register_blocker("org_hierarchy.people", _people)
register_blocker("org_hierarchy.arrivals", _arrivals)
