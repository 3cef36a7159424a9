"""Figures of dispatch: how fast tasks are taken and sent, how many were late, why somebody said no; by unit.

A task counts for the unit that has it now, on the day it was placed; a delay for the unit whose clock ran out, whoever
has the task by then. Every number is of rows that the caller may see.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Aggregate,
    Avg,
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
)

from saleor_o2o.kernel.clock import midnight

from .choices import Deed, Reason, State
from .models import DispatchEntry

#: A report is of so many days, at most.
MOST_DAYS = 92
#: Deeds by which a unit got rid of a task.
_NO = (Deed.GIVEN_UP, Deed.SENT_UP, Deed.DECLINED, Deed.OFFERED)


class Median(Aggregate):
    """The middle one of durations."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


@dataclass(slots=True)
class Row:
    """The figures of a unit; durations in minutes."""

    name: str = ""
    placed: int = 0
    came: int = 0
    taken: int = 0
    late: int = 0
    done: int = 0
    closed: int = 0
    take_average: float | None = None
    take_median: float | None = None
    send_median: float | None = None
    refused: int = 0
    passed_on: int = 0

    @property
    def late_rate(self) -> float | None:
        """Of a hundred tasks that came to the unit (or that it was asked about), those that it was late with."""
        return round(100 * self.late / self.came, 1) if self.came else None


@dataclass(slots=True)
class Report:
    """The whole, by unit (the most tasks first), and how often each reason was given."""

    whole: Row
    units: list[Row]
    reasons: list[tuple[str, int]]


def report(rows: Any, first: date, last: date) -> Report:
    """The figures of tasks placed from `first` to `last` (both included), among `rows`, the caller's reach.

    Five statements, whatever the number of tasks.
    """
    last = min(last, first + timedelta(days=MOST_DAYS - 1))
    found = rows.filter(
        placed_at__gte=midnight(first), placed_at__lt=midnight(last + timedelta(days=1))
    ).order_by()
    whole = _row("", found.aggregate(**_counts()))
    nos = DispatchEntry.objects.filter(task__in=found.values("pk"), deed__in=_NO).order_by()
    refused: dict[int, int] = defaultdict(int)
    passed: dict[int, int] = defaultdict(int)
    reasons: dict[str, int] = defaultdict(int)
    for entry in nos.values("unit_id", "from_unit_id", "deed", "reason").annotate(n=Count("pk")):
        counted = passed if entry["deed"] == Deed.OFFERED else refused
        counted[entry["from_unit_id"] or entry["unit_id"]] += entry["n"]
        if entry["reason"]:
            reasons[str(Reason(entry["reason"]).label)] += entry["n"]
    units = {}
    for one in found.values("unit_id", "unit__name", "unit__short_name").annotate(**_counts()):
        made = units[one["unit_id"]] = _row(one["unit__short_name"] or one["unit__name"], one)
        made.late = 0
        made.refused, made.passed_on = refused[one["unit_id"]], passed[one["unit_id"]]
    _count_delays(units, DispatchEntry.objects.filter(task__in=found.values("pk")).order_by())
    whole.came = whole.placed
    whole.refused, whole.passed_on = sum(refused.values()), sum(passed.values())
    return Report(
        whole,
        sorted(units.values(), key=lambda row: (-row.placed, -row.came, row.name)),
        sorted(reasons.items(), key=lambda r: (-r[1], r[0])),
    )


def _count_delays(units: dict[int, Row], entries: Any) -> None:
    """What came to each unit, and with how many tasks it was late: by the history. Two statements."""
    named = ("unit_id", "unit__name", "unit__short_name")
    for one in entries.values(*named).annotate(n=Count("task", distinct=True)):
        units.setdefault(one["unit_id"], Row(one["unit__short_name"] or one["unit__name"])).came = one["n"]
    had = entries.filter(task=OuterRef("task"), unit=OuterRef("late_unit"))
    asked = ("late_unit_id", "late_unit__name", "late_unit__short_name")
    delays = entries.filter(late_unit__isnull=False).annotate(had=Exists(had))
    for one in delays.values(*asked).annotate(
        n=Count("task", distinct=True), only_asked=Count("task", distinct=True, filter=Q(had=False))
    ):
        row = units.setdefault(
            one["late_unit_id"], Row(one["late_unit__short_name"] or one["late_unit__name"])
        )
        row.late, row.came = one["n"], row.came + one["only_asked"]


def _counts() -> dict[str, Any]:
    to_take = ExpressionWrapper(F("taken_at") - F("placed_at"), output_field=DurationField())
    to_send = ExpressionWrapper(F("ended_at") - F("placed_at"), output_field=DurationField())
    taken, done = Q(taken_at__isnull=False), Q(state=State.DONE)
    return {
        "n_placed": Count("pk"), "n_taken": Count("pk", filter=taken), "n_done": Count("pk", filter=done),
        "n_late": Count("pk", filter=Q(late_at__isnull=False)), "n_closed": Count("pk", filter=Q(state=State.CLOSED)),
        "average": Avg(to_take, filter=taken), "median": Median(to_take, filter=taken),
        "sending": Median(to_send, filter=done),
    }  # fmt: skip


def _row(name: str, found: dict[str, Any]) -> Row:
    return Row(
        name, found["n_placed"], 0, found["n_taken"], found["n_late"], found["n_done"], found["n_closed"],
        _minutes(found["average"]), _minutes(found["median"]), _minutes(found["sending"]),
    )  # fmt: skip


def _minutes(span: timedelta | None) -> float | None:
    return None if span is None else round(span.total_seconds() / 60, 1)
