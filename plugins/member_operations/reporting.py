"""The figures of members: who came, who buys, who stays away; followers to buyers; levels, points, what people say.

Every number is of the members in the reach of whoever looks, from orders that were paid and did not go back whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from plugins.loyalty.interfaces import LEVELS, Level, liabilities
from plugins.members.interfaces import Member, Source
from plugins.official_account.interfaces import followers
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.clock import midnight
from saleor_o2o.kernel.scope import rows_for
from saleor_o2o.ordering.models import OrderProfile

from .permissions import REPORT_VIEW
from .services.figures import bought

#: A report is of so many days, at most.
MOST_DAYS = 366
_SOURCES = dict(Source.choices)


@dataclass(slots=True)
class Row:
    """Members of one group: all, new in the span; who bought in it, also in the span before, only before, twice."""

    name: str = ""
    members: int = 0
    new: int = 0
    active: int = 0
    retained: int = 0
    lapsed: int = 0
    again: int = 0

    @property
    def repurchase(self) -> float | None:
        """Of a hundred who bought in the span, those who bought more than once in it."""
        return round(100 * self.again / self.active, 1) if self.active else None

    @property
    def retention(self) -> float | None:
        """Of a hundred who bought in the span before, those who bought again in this."""
        before = self.retained + self.lapsed
        return round(100 * self.retained / before, 1) if before else None

    def add(self, other: Row) -> None:
        """Take another group in."""
        for one in fields(self)[1:]:
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


@dataclass(slots=True)
class Points:
    """Points of the units in reach: in the span, and what is still out at its end."""

    issued: Decimal = Decimal(0)
    used: Decimal = Decimal(0)
    expired: Decimal = Decimal(0)
    out: Decimal = Decimal(0)


@dataclass(slots=True)
class Report:
    """The whole, by source, by unit one level below, the way from follower to buyer, levels, points."""

    whole: Row = field(default_factory=Row)
    sources: list[Row] = field(default_factory=list)
    units: list[Row] = field(default_factory=list)
    funnel: list[tuple[str, int]] = field(default_factory=list)
    levels: list[tuple[str, int]] = field(default_factory=list)
    points: Points = field(default_factory=Points)


def report(user: Any, first: date, last: date, below: OrgUnit | None = None) -> Report:
    """The figures of a span of days, both included, of the members in reach, or of those below a unit.

    The span before is as long and ends where this begins. Ten statements, whatever the number of members.
    """
    last = min(last, first + timedelta(days=MOST_DAYS - 1))
    begin, end = midnight(first), midnight(last + timedelta(days=1))
    members = rows_for(user, Member).order_by()
    units = rows_for(user, OrgUnit, REPORT_VIEW)
    if below is not None:
        members = members.filter(home_unit__path__startswith=below.path)
        units = units.filter(path__startswith=below.path)
    groups = list(_grouped(members, begin, end))
    found = Report(sources=_by(groups, 0, _SOURCES), units=_by_unit(groups, units))
    for row in found.sources:
        found.whole.add(row)
    found.funnel = _funnel(user, members, below)
    found.levels = _levels(members)
    found.points = _points(units, begin, end)
    return found


def _grouped(members: QuerySet[Member], begin: datetime, end: datetime) -> Iterable[tuple[str, str, Row]]:
    """By source and path of the home unit, in one statement."""
    orders = OrderProfile.objects.filter(bought(), order__user=OuterRef("user_id"))
    now = orders.filter(paid_at__gte=begin, paid_at__lt=end)
    before = orders.filter(paid_at__gte=begin - (end - begin), paid_at__lt=begin)
    earlier = OrderProfile.objects.filter(
        bought(),
        order__user=OuterRef("order__user"),
        paid_at__gte=begin,
        paid_at__lt=end,
        pk__lt=OuterRef("pk"),
    )
    twice = now.filter(Exists(earlier))
    rows = (
        members.annotate(in_span=Exists(now), in_before=Exists(before), in_twice=Exists(twice))
        .values("source", "home_unit__path")
        .annotate(
            n_members=Count("pk"),
            n_new=Count("pk", filter=Q(registered_at__gte=begin, registered_at__lt=end)),
            n_active=Count("pk", filter=Q(in_span=True)),
            n_retained=Count("pk", filter=Q(in_span=True, in_before=True)),
            n_lapsed=Count("pk", filter=Q(in_span=False, in_before=True)),
            n_again=Count("pk", filter=Q(in_twice=True)),
        )
    )
    for one in rows:
        row = Row(
            "",
            one["n_members"],
            one["n_new"],
            one["n_active"],
            one["n_retained"],
            one["n_lapsed"],
            one["n_again"],
        )
        yield one["source"], one["home_unit__path"] or "", row


def _by(groups: Sequence[tuple[str, str, Row]], place: int, names: Any) -> list[Row]:
    found: dict[str, Row] = {}
    for group in groups:
        key = str(group[place])
        found.setdefault(key, Row(str(names.get(key, key)))).add(group[2])
    return sorted(found.values(), key=lambda row: -row.members)


def _by_unit(groups: Sequence[tuple[str, str, Row]], units: QuerySet[OrgUnit]) -> list[Row]:
    """By the units one level below the highest in reach; members whom nobody looks after stand by themselves."""
    tops = list(units.order_by("level", "path").values_list("level", flat=True)[:1])
    level = tops[0] if tops else 1
    below = list(units.filter(level__in=(level, level + 1)).order_by("-level").values_list("path", "name"))
    found: dict[str, Row] = {}
    for _source, path, row in groups:
        name = (
            next((name for start, name in below if path.startswith(start)), "其他机构")
            if path
            else "没有归属"
        )
        found.setdefault(name, Row(name)).add(row)
    return sorted(found.values(), key=lambda row: -row.members)


def _funnel(user: Any, members: QuerySet[Member], below: OrgUnit | None) -> list[tuple[str, int]]:
    """How many follow, how many of them are members, how many of those have ever bought."""
    fans = rows_for(user, followers())
    if below is not None:
        fans = fans.filter(user__o2o_member__home_unit__path__startswith=below.path)
    known = members.filter(user__in=fans.filter(user__isnull=False).values("user"))
    buyers = known.filter(Exists(OrderProfile.objects.filter(bought(), order__user=OuterRef("user_id"))))
    return [("粉丝", fans.count()), ("其中会员", known.count()), ("其中买过", buyers.count())]


def _levels(members: QuerySet[Member]) -> list[tuple[str, int]]:
    """Members by level; who never rose is on the lowest."""
    counts = dict(members.values_list(f"{LEVELS}__level").annotate(Count("pk")).order_by())
    ladder = list(Level.objects.order_by("rank").values_list("pk", "name"))
    none = counts.pop(None, 0)
    return [
        (name, counts.get(pk, 0) + (none if place == 0 else 0)) for place, (pk, name) in enumerate(ladder)
    ]


def _points(units: QuerySet[OrgUnit], begin: datetime, end: datetime) -> Points:
    found = Points()
    for sign, until in ((1, end), (-1, begin)):
        for row in liabilities(units, until):
            found.issued += sign * row.issued
            found.used += sign * row.used
            found.expired += sign * row.expired
            found.out += row.out if sign == 1 else 0
    return found


@dataclass(frozen=True, slots=True)
class Score:
    """What people say: how many were asked, answered, and praise (9, 10), are silent (7, 8), complain (0 to 6)."""

    name: str
    asked: int
    promoters: int
    passives: int
    detractors: int

    @property
    def answered(self) -> int:
        """How many have answered."""
        return self.promoters + self.passives + self.detractors

    @property
    def nps(self) -> float | None:
        """Percent of promoters less percent of detractors."""
        if not self.answered:
            return None
        return round(100 * (self.promoters - self.detractors) / self.answered, 1)


def scores(rows: QuerySet[Any], first: date, last: date) -> list[Score]:
    """Of surveys asked in a span of days, by the unit where the order was made, the whole first. One statement."""
    found = (
        rows.filter(asked_at__gte=midnight(first), asked_at__lt=midnight(last + timedelta(days=1)))
        .order_by()
        .values(name=F("unit__name"))
        .annotate(
            asked=Count("pk"),
            promoters=Count("pk", filter=Q(score__gte=9)),
            passives=Count("pk", filter=Q(score__in=(7, 8))),
            detractors=Count("pk", filter=Q(score__lte=6)),
        )
    )
    parts = [Score(**{**one, "name": one["name"] or "没有机构"}) for one in found]
    sums = {
        name: sum(getattr(part, name) for part in parts)
        for name in ("asked", "promoters", "passives", "detractors")
    }
    return [Score("合计", **sums), *sorted(parts, key=lambda part: -part.asked)]
