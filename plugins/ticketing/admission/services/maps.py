"""Seat maps: drawn, replaced while they are drawn, put to use, followed by another version."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import move_locked

from ..access import EDIT
from ..choices import MapState
from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code
from ..layouts import Layout, SeatAt, to_json
from ..models import Hall, Seat, SeatMap
from .capacity import check_hall
from .common import actor, allow

DRAWN = audit.action("admission.map_drawn", _("绘制座位图"))
MOVED = audit.action("admission.map_moved", _("启用、停用座位图"))


@transaction.atomic
def draw_map(by: Any, hall: Hall, layout: Layout, note: str = "") -> SeatMap:
    """The next version of a hall's map. Locks: the hall. Raises OutOfScope, NotAllowed."""
    allow(by, EDIT, hall)
    lock_rows(Hall.objects.filter(pk=hall.pk))
    last = hall.maps.aggregate(last=Max("version"))["last"] or 0
    made = SeatMap.objects.create(
        hall=hall, version=last + 1, note=note[:200], categories=dict(layout.categories)
    )
    _write(made, layout)
    _told(made, by, len(layout.seats))
    return made


@transaction.atomic
def redraw_map(by: Any, row: SeatMap, layout: Layout) -> SeatMap:
    """Other seats for a version that nobody uses yet. Locks: the map. Raises OutOfScope, NotAllowed, MAP_STATE."""
    allow(by, EDIT, row)
    [fresh] = lock_rows(SeatMap.objects.filter(pk=row.pk))
    if fresh.state != MapState.DRAFT:
        raise AdmissionError(
            Code.MAP_STATE, _("使用中的座位图不能再改"), hint=_("请复制成新版本，改好后启用")
        )
    fresh.seats.all().delete()
    fresh.categories = dict(layout.categories)
    fresh.save(update_fields=["categories"])
    _write(fresh, layout)
    _told(fresh, by, len(layout.seats))
    return fresh


@transaction.atomic
def publish_map(by: Any, row: SeatMap) -> SeatMap:
    """Sessions may use it from now on; it never changes again. Locks: the map.

    Raises OutOfScope, NotAllowed, IllegalMove, MAP_INVALID, CAPACITY.
    """
    allow(by, EDIT, row)
    [fresh] = lock_rows(SeatMap.objects.filter(pk=row.pk).select_related("hall__venue"))
    seats = fresh.seats.count()
    if not seats:
        raise AdmissionError(Code.MAP_INVALID, _("座位图里没有座位"), hint=_("请先绘制或导入"))
    check_hall(fresh.hall, seats)
    move_locked(fresh, "publish", actor=actor(by))
    audit.record(MOVED, fresh, after={"state": fresh.state}, actor=actor(by), org_path=_path(fresh))
    return fresh


@transaction.atomic
def retire_map(by: Any, row: SeatMap) -> SeatMap:
    """No new session uses it. Locks: the map. Raises OutOfScope, NotAllowed, IllegalMove."""
    allow(by, EDIT, row)
    [fresh] = lock_rows(SeatMap.objects.filter(pk=row.pk))
    move_locked(fresh, "retire", actor=actor(by))
    audit.record(MOVED, fresh, after={"state": fresh.state}, actor=actor(by), org_path=_path(fresh))
    return fresh


def plan_of(row: SeatMap) -> dict[str, Any]:
    """A map as the editor and files have it. One statement."""
    seats = row.seats.order_by("line", "place").values_list(
        "zone", "row", "number", "line", "place", "category", "blocked"
    )
    return to_json((SeatAt(*told) for told in seats), row.categories)


def _write(made: SeatMap, layout: Layout) -> None:
    Seat.objects.bulk_create(
        (
            Seat(
                seat_map=made, zone=one.zone, row=one.row, number=one.number, line=one.line, place=one.place,
                category=one.category, blocked=one.blocked,
            )
            for one in layout.seats
        ),
        batch_size=1000,
    )  # fmt: skip


def _told(made: SeatMap, by: Any, count: int) -> None:
    audit.record(
        DRAWN,
        made,
        after={"version": made.version, "seats": count},
        actor=actor(by),
        org_path=_path(made),
    )


def _path(row: SeatMap) -> str:
    return row.hall.venue.unit.path
