"""What waits for a person: tasks in hand, to be taken, to be given away, offers to answer; the most urgent first."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from plugins.org_hierarchy.interfaces import Level, Seat, access_of
from saleor_o2o.backoffice.todo import Todo

from .choices import OPEN, Stage, State
from .models import DispatchTask
from .noting import called
from .permissions import ASSIGN, GRAB

MOST = 10
_ASKED = (State.WAITING, State.TAKEN)


def todo(user: Any) -> list[Todo]:
    """Of the units where the user works, not of all in sight: what a branch may still take is not the county's turn.

    One statement.
    """
    mine = turn_of(user)
    if mine is None:
        return []
    rows = DispatchTask.objects.filter(mine, state__in=OPEN).exclude(state=State.LOCATING)
    found = rows.select_related("unit", "offered_to", "sub_order").order_by("due_at", "pk")[:MOST]
    return [
        Todo(
            _("派单%(what)s：%(unit)s")
            % {"what": _what(row, user), "unit": called(row.offered_to or row.unit)},
            f"{row.number} · {row.sub_order.number}",
            reverse("admin:o2o_dispatch_dispatchtask_change", args=[row.pk]),
            row.placed_at or row.created_at,
            row.due_at,
        )
        for row in found
    ]


def turn_of(user: Any) -> Q | None:
    """The condition on tasks that wait for this person; None for somebody whom no task waits for."""
    if getattr(user, "is_superuser", False):
        return Q(stage__in=(Stage.COUNTY, Stage.AREA)) | Q(holder=user, state=State.TAKEN)
    found = Q(pk__in=[])
    seats = access_of(user).seats
    for seat in seats:
        found |= _at(seat)
    if any(GRAB in seat.permissions for seat in seats):
        found |= Q(holder=user, state=State.TAKEN)
    return found if seats else None


def _at(seat: Seat) -> Q:
    found = Q(pk__in=[])
    if GRAB in seat.permissions:
        found |= Q(unit=seat.unit_id, state=State.WAITING)
    if ASSIGN not in seat.permissions:
        return found
    found |= Q(offered_to=seat.unit_id, state=State.OFFERED)
    if seat.level >= Level.BRANCH:
        return found | (Q(unit=seat.unit_id, state__in=_ASKED) & ~Q(stage=Stage.STAFF))
    stages = (Stage.COUNTY, Stage.AREA) if seat.level == Level.COUNTY else (Stage.AREA,)
    theirs = Q(stage__in=stages, state__in=_ASKED)
    return found | (theirs if seat.reach.everything else theirs & seat.reach.on_units("unit"))


def _what(row: DispatchTask, user: Any) -> str:
    if row.state == State.OFFERED:
        return _("转派待接受")
    if row.state == State.TAKEN:
        return _("待发出") if row.holder_id == user.pk else _("超时未发出")
    return _("待抢单") if row.stage == Stage.STAFF else _("待指派")
