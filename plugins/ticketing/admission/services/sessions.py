"""Sessions: made with their seats, opened, paused, cancelled, put off."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import SHANGHAI, now
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import move_locked

from ..access import CANCEL, EDIT
from ..choices import MapState, SeatState, SessionState
from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code
from ..events import SessionCancelled, SessionPostponed
from ..models import AdmissionProduct, Hall, Quota, SeatMap, Session, SessionSeat
from .capacity import check_hall, people_of
from .common import actor, allow, invalid

MADE = audit.action("admission.session_made", _("新建场次"))
MOVED = audit.action("admission.session_moved", _("开放、暂停场次"))
CANCELLED = audit.action("admission.session_cancelled", _("取消场次"))
POSTPONED = audit.action("admission.session_postponed", _("延期场次"))

#: What a cancelled session's free seats say.
CLOSED = "场次取消"
_COPY = """
INSERT INTO o2o_admission_sessionseat
    (session_id, seat_id, zone, "row", number, line, place, category, state, hold, note)
SELECT %s, id, zone, "row", number, line, place, category, CASE WHEN blocked THEN 'blocked' ELSE 'free' END, '', ''
FROM o2o_admission_seat WHERE seat_map_id = %s
"""


@transaction.atomic
def make_session(
    by: Any, product: AdmissionProduct, *, starts_at: datetime, ends_at: datetime, hall: Hall | None = None,
    seat_map: SeatMap | None = None, name: str = "", opens_at: datetime | None = None,
    closes_at: datetime | None = None,
) -> Session:  # fmt: skip
    """A session that is not sold yet, with a row for every seat of its map.

    Its sale is from now on until it begins, if not told otherwise. Locks: the hall. Raises OutOfScope, NotAllowed,
    INVALID, SESSION_OVER, MAP_STATE.
    """
    allow(by, EDIT, product)
    if ends_at <= starts_at:
        raise invalid(_("结束须晚于开始"), "ends_at")
    if ends_at <= now():
        raise AdmissionError(Code.SESSION_OVER, _("场次时间已经过去"), "starts_at", _("请选择以后的时间"))
    opens, closes = opens_at or now(), closes_at or starts_at
    if closes <= opens or closes > ends_at:
        raise invalid(_("停售须晚于开售，且不晚于结束"), "closes_at")
    if seat_map is not None:
        if seat_map.state != MapState.PUBLISHED:
            raise AdmissionError(Code.MAP_STATE, _("座位图还没有启用"), "seat_map", _("请先启用座位图"))
        hall = seat_map.hall
    if hall is not None:
        _keep_free(hall.pk, starts_at, ends_at)
    made = Session.objects.create(
        product=product, name=name, hall=hall, seat_map=seat_map, starts_at=starts_at, ends_at=ends_at,
        opens_at=opens, closes_at=closes,
    )  # fmt: skip
    if hall is not None:
        made.gates.set(hall.venue.gates.filter(active=True))
    if seat_map is not None:
        with connection.cursor() as cursor:
            cursor.execute(_COPY, [made.pk, seat_map.pk])
    audit.record(MADE, made, after=audit.snapshot(made), actor=actor(by), org_path=product.unit.path)
    return made


def _keep_free(hall: int, starts_at: datetime, ends_at: datetime, but: int = 0) -> None:
    """Refuse a time in which a hall has another session than `but`. Locks: the hall, until the transaction ends."""
    lock_rows(Hall.objects.filter(pk=hall), no_key=True)
    there = Session.objects.filter(hall=hall, starts_at__lt=ends_at, ends_at__gt=starts_at)
    busy = there.exclude(Q(pk=but) | Q(state=SessionState.CANCELLED)).order_by("starts_at").first()
    if busy is not None:
        at = f"{busy.starts_at.astimezone(SHANGHAI):%m-%d %H:%M}"
        raise invalid(_("这个厅 %(at)s 已有场次") % {"at": at}, "starts_at", _("请换时间或换厅"))


@transaction.atomic
def move_session(by: Any, row: Session, to: str) -> Session:
    """`open`, `pause` or `end`. Locks: the session.

    Raises OutOfScope, NotAllowed, IllegalMove, SESSION_OVER, INVALID, and CAPACITY for more than its hall may hold.
    """
    allow(by, EDIT, row)
    [fresh] = lock_rows(Session.objects.filter(pk=row.pk).select_related("product__unit"))
    if to == "open" and fresh.ends_at <= now():
        raise AdmissionError(Code.SESSION_OVER, _("场次时间已经过去"))
    if to == "open" and fresh.seat_map_id is None and not fresh.quotas.exists():
        # its own: cancelling closes it
        raise invalid(_("这个场次没有座位图，也没有配额"), hint=_("请先给场次设配额"))
    if to == "open" and fresh.hall is not None:
        check_hall(fresh.hall, people_of(fresh)[0])
    move_locked(fresh, to, actor=actor(by))
    audit.record(
        MOVED, fresh, after={"state": fresh.state}, actor=actor(by), org_path=fresh.product.unit.path
    )
    return fresh


@transaction.atomic
def cancel_session(by: Any, row: Session, reason: str) -> Session:
    """It does not take place: nothing of it can be taken any more, and who bought is told and refunded by receivers.

    Locks: the session, its free seats, its quotas. Whoever takes at the same moment either has it before its seats and
    quotas are closed, and is found by the receivers, or gets nothing. Raises OutOfScope, NotAllowed, IllegalMove,
    INVALID.
    """
    allow(by, CANCEL, row)
    if len(reason.strip()) < 4:
        raise invalid(_("请写明取消原因，购票人会看到"), "reason")
    [fresh] = lock_rows(Session.objects.filter(pk=row.pk).select_related("product__unit"))
    fresh.reason = reason.strip()[:200]
    move_locked(fresh, "cancel", actor=actor(by), reason=fresh.reason)
    seats = SessionSeat.objects.filter(
        session=fresh, state__in=(SeatState.FREE, SeatState.RETURNING)
    ).order_by("pk")
    keys = [seat.pk for seat in lock_rows(seats)]
    # what was taken while this waited for the rows stays taken
    seats.filter(pk__in=keys).update(state=SeatState.BLOCKED, note=CLOSED, until=None)
    quotas = lock_rows(Quota.objects.filter(session=fresh))
    Quota.objects.filter(pk__in=[quota.pk for quota in quotas]).update(capacity=F("taken"))
    audit.record(
        CANCELLED, fresh, after={"reason": fresh.reason}, actor=actor(by), org_path=fresh.product.unit.path
    )
    publish(SessionCancelled(session_id=fresh.pk, reason=fresh.reason), key=f"session:{fresh.pk}")
    return fresh


@transaction.atomic
def postpone_session(by: Any, row: Session, starts_at: datetime, reason: str) -> Session:
    """It begins at another time, and lasts as long; the sale ends as long before as it did.

    Locks: the session, its hall. Raises OutOfScope, NotAllowed, SESSION_STATE, SESSION_OVER, INVALID.
    """
    allow(by, CANCEL, row)
    if len(reason.strip()) < 4:
        raise invalid(_("请写明延期原因，购票人会看到"), "reason")
    [fresh] = lock_rows(Session.objects.filter(pk=row.pk).select_related("product__unit"))
    if fresh.state in {SessionState.CANCELLED, SessionState.ENDED}:
        raise AdmissionError(Code.SESSION_STATE, _("已取消或已结束的场次不能延期"))
    if starts_at <= now():
        raise AdmissionError(Code.SESSION_OVER, _("新的时间已经过去"), "starts_at", _("请选择以后的时间"))
    if starts_at == fresh.starts_at:  # sent twice: who bought is told once
        raise invalid(_("新的开始时间与现在相同"), "starts_at", _("请刷新后查看"))
    shift: timedelta = starts_at - fresh.starts_at
    ends_at = fresh.ends_at + shift
    if fresh.hall_id is not None:
        _keep_free(fresh.hall_id, starts_at, ends_at, but=fresh.pk)
    before = fresh.starts_at
    fresh.postponed_from = fresh.postponed_from or before
    fresh.starts_at, fresh.ends_at, fresh.closes_at = starts_at, ends_at, fresh.closes_at + shift
    fresh.opens_at = min(fresh.opens_at, fresh.closes_at - timedelta(minutes=1))
    fresh.reason = reason.strip()[:200]
    fresh.save(update_fields=["postponed_from", "starts_at", "ends_at", "closes_at", "opens_at", "reason"])
    audit.record(
        POSTPONED, fresh, before={"starts_at": before}, after={"starts_at": starts_at, "reason": fresh.reason},
        actor=actor(by), org_path=fresh.product.unit.path,
    )  # fmt: skip
    publish(
        SessionPostponed(session_id=fresh.pk, before=before, after=starts_at, reason=fresh.reason),
        key=f"session:{fresh.pk}",
    )
    return fresh
