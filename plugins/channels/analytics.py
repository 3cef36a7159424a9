"""Figures per channel: visits, customers, orders, sales; targets, ranks and lights. All through the reader's scope."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from plugins.org_hierarchy.interfaces import OrderAttribution
from saleor_o2o.kernel.clock import SHANGHAI, today
from saleor_o2o.kernel.scope import rows_for

from .models import Channel, ChannelDay, CustomerBinding, Metric, Target

NOUGHT = Decimal(0)
#: Behind the calendar by more than this share of the goal: red; behind at all: yellow.
RED_BELOW = Decimal("0.8")


@dataclass(slots=True)
class Figures:
    """One channel between two days. `gmv` in yuan: orders placed and not cancelled, freight included."""

    channel: Channel
    visits: int = 0
    customers: int = 0
    new_customers: int = 0
    orders: int = 0
    gmv: Decimal = NOUGHT

    @property
    def conversion(self) -> Decimal:
        """Orders per hundred visits."""
        return (Decimal(self.orders * 100) / self.visits).quantize(Decimal("0.1")) if self.visits else NOUGHT

    def of(self, metric: str) -> Decimal:
        """The figure that a target is about."""
        return {
            Metric.GMV: self.gmv,
            Metric.ORDERS: Decimal(self.orders),
            Metric.CUSTOMERS: Decimal(self.new_customers),
        }[Metric(metric)]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a target is: `done` of `goal`, `percent`, and the light against the calendar."""

    target: Target
    done: Decimal
    percent: Decimal
    light: str
    rank: int = field(default=0)


def figures(user: Any, channels: Iterable[Channel], first: date, last: date) -> list[Figures]:
    """The figures of channels that the user may see, in the order given; five statements whatever their number."""
    wanted = list(channels)
    visible = set(
        rows_for(user, Channel).filter(pk__in=[one.pk for one in wanted]).values_list("pk", flat=True)
    )
    found = {one.pk: Figures(one) for one in wanted if one.pk in visible}
    by_code = {one.channel.code: one for one in found.values()}
    begin, end = _moments(first, last)
    for pk, visits in (
        ChannelDay.objects.filter(channel_id__in=found, day__range=(first, last))
        .order_by()
        .values_list("channel_id")
        .annotate(Sum("visits"))
    ):
        found[pk].visits = visits
    for pk, held, new in (
        CustomerBinding.objects.filter(channel_id__in=found)
        .order_by()
        .values_list("channel_id")
        .annotate(
            held=Count("pk", filter=Q(ended_at__isnull=True)),
            new=Count("pk", filter=Q(bound_at__gte=begin, bound_at__lt=end) & ~Q(basis="transfer")),
        )
    ):
        found[pk].customers, found[pk].new_customers = held, new
    for code, orders, gmv in (
        OrderAttribution.objects.filter(channel_code__in=by_code, made_at__gte=begin, made_at__lt=end)
        .exclude(order__status__in=("draft", "canceled"))
        .order_by()
        .values_list("channel_code")
        .annotate(Count("pk"), Sum("order__total_gross_amount"))
    ):
        by_code[code].orders, by_code[code].gmv = orders, gmv or NOUGHT
    return [found[one.pk] for one in wanted if one.pk in found]


def progress(user: Any, month: date, metric: str) -> list[Progress]:
    """The targets of a month that the user may see, the furthest first, with rank and light."""
    first = month.replace(day=1)
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    targets = list(rows_for(user, Target).filter(month=first, metric=metric).select_related("channel__unit"))
    done = {
        one.channel.pk: one.of(metric)
        for one in figures(user, [target.channel for target in targets], first, last)
    }
    shares = sorted(
        ((done.get(target.channel_id, NOUGHT) / target.goal, target) for target in targets),
        key=lambda pair: (-pair[0], pair[1].pk),
    )
    expected = elapsed_share(first, last)
    return [
        Progress(
            target,
            done.get(target.channel_id, NOUGHT),
            (share * 100).quantize(Decimal("0.1")),
            light(share, expected),
            # equals share a place
            1 + sum(1 for other, _target in shares if other > share),
        )
        for share, target in shares
    ]


def elapsed_share(first: date, last: date) -> Decimal:
    """How much of a period has passed, today included: 0 to 1."""
    days = (last - first).days + 1
    gone = (min(today(), last) - first).days + 1
    return Decimal(max(gone, 0)) / days


def light(share: Decimal, expected: Decimal) -> str:
    """`green` when as far as the calendar, `yellow` a little behind, `red` by more than a fifth."""
    if share >= min(expected, Decimal(1)):
        return "green"
    return "yellow" if share >= expected * RED_BELOW else "red"


def _moments(first: date, last: date) -> tuple[datetime, datetime]:
    begin = datetime.combine(first, time.min, SHANGHAI)
    return begin, datetime.combine(last + timedelta(days=1), time.min, SHANGHAI)
