"""Reads of dispatch. Callers that act for a person take rows through `kernel.scope` first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from plugins.org_hierarchy.interfaces import Level, OrgUnit, Staff, UnitStatus, people_with, rows
from saleor_o2o.kernel.audit import directory
from saleor_o2o.kernel.clock import now, today

from .checking import may_at
from .choices import OPEN, Stage, State
from .models import DispatchEntry, DispatchTask
from .permissions import ASSIGN, GRAB

#: Units that a person may choose from at most.
MOST_UNITS = 300


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody a task can be given to, and how many open ones are in these hands already."""

    staff: Staff
    open: int


@dataclass(frozen=True, slots=True)
class Target:
    """A unit that a task can go to; `direct`: it need not say yes."""

    unit: OrgUnit
    direct: bool


def hands_of(unit: OrgUnit) -> list[Hand]:
    """Who of a unit can be given a task, whoever has least in hand first. Three statements."""
    people = people_with(GRAB, unit)
    busy = dict(
        DispatchTask.objects.filter(
            holder__in=[one.user_id for one in people], state__in=(State.TAKEN, State.OFFERED)
        )
        .order_by()
        .values_list("holder_id")
        .annotate(Count("pk"))
    )
    found = [Hand(one, busy.get(one.user_id, 0)) for one in people]
    return sorted(found, key=lambda hand: (hand.open, hand.staff.employee_no))


def hand_at(unit: OrgUnit, employee_no: str) -> Any:
    """The user of somebody who can be given the unit's tasks, by employee number; None for anybody else."""
    for one in people_with(GRAB, unit):
        if one.employee_no == (employee_no or "").strip():
            return one.user
    return None


def targets_of(user: Any, row: DispatchTask) -> list[Target]:
    """Units that the user may send or offer a task to: open branches and county centres within reach.

    Within reach are those over which the user holds `dispatch.assign`, and the neighbours: the branches and the centre
    of the unit's own county. Whoever holds it over both ends need not ask. Two statements.
    """
    own = row.unit
    near = county_path(own)
    units = OrgUnit.objects.filter(
        status=UnitStatus.ACTIVE, effective_from__lte=today(), level__in=(Level.COUNTY, Level.BRANCH)
    ).exclude(pk=own.pk)
    mine = set(rows(user, units, ASSIGN).values_list("pk", flat=True)) if may_at(user, ASSIGN, own) else set()
    found = units.filter(Q(pk__in=mine) | Q(path__startswith=near)).order_by("path")
    return [Target(one, one.pk in mine) for one in found[:MOST_UNITS]]


def target_of(user: Any, row: DispatchTask, code: str) -> Target | None:
    """The unit with a code, if the user may send or offer the task there."""
    wanted = (code or "").strip().upper()
    return next((one for one in targets_of(user, row) if one.unit.code == wanted), None)


def county_path(unit: OrgUnit) -> str:
    """The path of the county over a unit, or of its parent where there is none (a branch of the city's own)."""
    keys = [part for part in unit.path.split("/") if part]
    most = (
        Level.COUNTY.value
        if unit.level >= Level.COUNTY and len(keys) == unit.level
        else max(len(keys) - 1, 1)
    )
    return "/" + "/".join(keys[:most]) + "/"


def open_tasks(unit: OrgUnit) -> Any:
    """The unit's open tasks."""
    return DispatchTask.objects.filter(unit=unit, state__in=OPEN)


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A unit's open tasks by whose turn it is, how many are late, and how many left today."""

    unit_id: int
    code: str
    name: str
    level: int
    path: str
    locating: int
    to_grab: int
    manager: int
    county: int
    area: int
    offered: int
    taken: int
    late: int
    done: int

    @property
    def open(self) -> int:
        """All that somebody has to do something about."""
        return (
            self.locating + self.to_grab + self.manager + self.county + self.area + self.offered + self.taken
        )


def is_late_now() -> Q:
    """The condition on open tasks whose clock has run out."""
    return Q(state__in=OPEN) & (Q(late=True) | Q(due_at__lte=now()))


def board(found: Any) -> list[BoardRow]:
    """The units of some tasks with their counts, the latest first. One statement, whatever their number."""
    midnight = now().replace(hour=0, minute=0, second=0, microsecond=0)
    left_today = Q(state=State.DONE, ended_at__gte=midnight)
    waiting = {
        name: Count("pk", filter=Q(state=State.WAITING, stage=stage))
        for name, stage in (
            ("to_grab", Stage.STAFF), ("manager", Stage.MANAGER), ("county", Stage.COUNTY), ("area", Stage.AREA),
        )
    }  # fmt: skip
    counted = (
        found.filter(Q(state__in=OPEN) | left_today)
        .order_by()
        .values("unit_id", "unit__code", "unit__name", "unit__short_name", "unit__level", "unit__path")
        .annotate(
            locating=Count("pk", filter=Q(state=State.LOCATING)), offered=Count("pk", filter=Q(state=State.OFFERED)),
            taken=Count("pk", filter=Q(state=State.TAKEN)), is_late=Count("pk", filter=is_late_now()),
            done=Count("pk", filter=left_today), **waiting,
        )
    )  # fmt: skip
    rows_ = [
        BoardRow(
            row["unit_id"], row["unit__code"], row["unit__short_name"] or row["unit__name"], row["unit__level"],
            row["unit__path"], row["locating"], row["to_grab"], row["manager"], row["county"], row["area"],
            row["offered"], row["taken"], row["is_late"], row["done"],
        )
        for row in counted
    ]  # fmt: skip
    return sorted(rows_, key=lambda row: (-row.late, -row.open, row.path))


def told(row: DispatchTask) -> list[DispatchEntry]:
    """What happened to a task, first things first, with `actor` as people call whoever did it. Two statements."""
    entries = list(DispatchEntry.objects.filter(task=row).order_by("pk"))
    known = directory()
    names = known.names({one.actor for one in entries}, ()) if known is not None else {}
    for one in entries:
        one.actor = names.get(one.actor, "系统")
    return entries
