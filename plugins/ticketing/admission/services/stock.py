"""Quotas, what is kept back of them, and seats that are not for sale."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows

from ..access import STOCK
from ..choices import SeatState
from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code
from ..inventory.quotas import put_back, sold_out, take_units
from ..models import AdmissionProduct, Quota, Reserve, Session, SessionSeat, Slot, TicketClass
from .capacity import check_hall
from .common import actor, allow, invalid

MADE = audit.action("admission.quota_made", _("新建配额"))
SIZED = audit.action("admission.quota_sized", _("调整配额"))
KEPT = audit.action("admission.reserve_made", _("预留工作票"))
LET_GO = audit.action("admission.reserve_released", _("释放工作票"))
SEATS = audit.action("admission.seats_blocked", _("留座、放座"))


@transaction.atomic
def make_quota(
    by: Any, product: AdmissionProduct, capacity: int, *, name: str = "", day: date | None = None,
    session: Session | None = None, slot: Slot | None = None, channel: str = "",
    classes: Sequence[TicketClass] = (), alarm_below: int = 0,
) -> Quota:  # fmt: skip
    """A new quota; without classes it is for all. Raises OutOfScope, NotAllowed, INVALID, CAPACITY."""
    allow(by, STOCK, product)
    others = {one.product_id for one in (session, slot, *classes) if one is not None} - {product.pk}
    if capacity < 0 or others:
        raise invalid(_("总量不能为负，场次、时段、票类须属于这个产品"), "capacity")
    if session is not None:
        check_hall(session.hall, capacity, "capacity")
    made = Quota.objects.create(
        product=product, name=name or str(_("总量")), day=day, session=session, slot=slot, channel=channel,
        for_all=not classes, capacity=capacity, alarm_below=alarm_below,
    )  # fmt: skip
    made.classes.set(classes)
    audit.record(MADE, made, after=audit.snapshot(made), actor=actor(by), org_path=product.unit.path)
    return made


@transaction.atomic
def quotas_for_days(
    by: Any, product: AdmissionProduct, days: Collection[date], capacity: int, *, name: str = "", channel: str = "",
    classes: Sequence[TicketClass] = (), alarm_below: int = 0,
) -> int:  # fmt: skip
    """A quota for each day that has none of this name and channel; days that have one get the capacity.

    Returns how many were new. Locks: the product, the quotas that are there. Raises OutOfScope, NotAllowed, CAPACITY.
    """
    allow(by, STOCK, product)
    _one_at_a_time(product)
    label = name or str(_("总量"))
    there = lock_rows(
        Quota.objects.filter(
            product=product, day__in=days, session=None, slot=None, name=label, channel=channel
        )
    )
    for quota in there:
        _check_capacity(quota, capacity)
    Quota.objects.filter(pk__in=[quota.pk for quota in there]).update(
        capacity=capacity, alarm_below=alarm_below, alarmed_at=None
    )
    fresh = sorted(set(days) - {quota.day for quota in there})
    made = Quota.objects.bulk_create(
        Quota(
            product=product, name=label, day=day, channel=channel, for_all=not classes, capacity=capacity,
            alarm_below=alarm_below,
        )
        for day in fresh
    )  # fmt: skip
    for one in classes:
        one.quotas.add(*made)
    audit.record(
        SIZED, product, after={"days": len(set(days)), "capacity": capacity, "channel": channel}, actor=actor(by),
        org_path=product.unit.path,
    )  # fmt: skip
    return len(made)


@transaction.atomic
def quota_of_all_days(
    by: Any, product: AdmissionProduct, capacity: int, *, name: str = "", channel: str = "",
    classes: Sequence[TicketClass] = (), alarm_below: int = 0,
) -> bool:  # fmt: skip
    """The quota of what is sold without a day, as year cards are; another capacity where there is one of this name.

    Returns whether it is new. Locks: the product, the quota. Raises OutOfScope, NotAllowed, INVALID, CAPACITY.
    """
    allow(by, STOCK, product)
    _one_at_a_time(product)
    label = name or str(_("总量"))
    there = Quota.objects.filter(
        product=product, day=None, session=None, slot=None, name=label, channel=channel
    )
    row = there.order_by("pk").first()
    if row is not None:
        resize_quota(by, row, capacity, alarm_below)
        return False
    make_quota(by, product, capacity, name=label, channel=channel, classes=classes, alarm_below=alarm_below)
    return True


def _one_at_a_time(product: AdmissionProduct) -> None:
    """Two who set a quota of a product at once make one, not two. Locks: the product."""
    lock_rows(AdmissionProduct.objects.filter(pk=product.pk), no_key=True)


@transaction.atomic
def resize_quota(by: Any, row: Quota, capacity: int, alarm_below: int | None = None) -> Quota:
    """Another capacity, never below what is taken. Locks: the quota. Raises OutOfScope, NotAllowed, CAPACITY."""
    allow(by, STOCK, row)
    [fresh] = lock_rows(Quota.objects.filter(pk=row.pk).select_related("product__unit"))
    _check_capacity(fresh, capacity)
    if fresh.session is not None:
        check_hall(fresh.session.hall, capacity, "capacity")
    before = audit.snapshot(fresh, ("capacity", "alarm_below"))
    fresh.capacity = capacity
    if alarm_below is not None:
        fresh.alarm_below = alarm_below
    fresh.alarmed_at = None
    fresh.save(update_fields=["capacity", "alarm_below", "alarmed_at"])
    after = audit.snapshot(fresh, ("capacity", "alarm_below"))
    audit.record(SIZED, fresh, before=before, after=after, actor=actor(by), org_path=fresh.product.unit.path)
    return fresh


def _check_capacity(quota: Quota, capacity: int) -> None:
    if capacity < quota.taken:
        raise AdmissionError(
            Code.CAPACITY, _("“%(name)s”已占 %(taken)d，总量不能少于它") % {"name": quota.name, "taken": quota.taken},
            "capacity", _("请先退票或释放工作票"),
        )  # fmt: skip


@transaction.atomic
def reserve(by: Any, row: Quota, quantity: int, reason: str) -> Reserve:
    """Keep units back from the sale. Locks: the quota. Raises OutOfScope, NotAllowed, INVALID, SOLD_OUT."""
    allow(by, STOCK, row)
    if quantity < 1 or len(reason.strip()) < 2:
        raise invalid(_("请填写数量和用途"), "reason")
    if not take_units({row.pk: quantity}):
        raise sold_out()
    made = Reserve.objects.create(quota=row, quantity=quantity, reason=reason.strip()[:200], made_by=by)
    audit.record(KEPT, made, after=audit.snapshot(made), actor=actor(by), org_path=row.product.unit.path)
    return made


@transaction.atomic
def let_go(by: Any, row: Reserve) -> Reserve:
    """Sell again what was kept back; once. Locks: the reserve, its quota. Raises OutOfScope, NotAllowed, INVALID."""
    allow(by, STOCK, row)
    [fresh] = lock_rows(Reserve.objects.filter(pk=row.pk).select_related("quota__product__unit"))
    if fresh.released_at is not None:
        raise invalid(_("已经释放过了"))
    fresh.released_at = now()
    fresh.save(update_fields=["released_at"])
    put_back({fresh.quota_id: fresh.quantity})
    path = fresh.quota.product.unit.path
    audit.record(LET_GO, fresh, after=audit.snapshot(fresh), actor=actor(by), org_path=path)
    return fresh


@transaction.atomic
def watch_session(by: Any, row: Session, below: int) -> Session:
    """Tell of a session's free seats when they are fewer; 0: never. Locks: the session.

    Raises OutOfScope, NotAllowed, INVALID for one without a map.
    """
    allow(by, STOCK, row)
    if row.seat_map_id is None:
        raise invalid(_("不对号入座的场次请在配额里设置提醒"), "alarm_below")
    [fresh] = lock_rows(Session.objects.filter(pk=row.pk).select_related("product__unit"), no_key=True)
    before = audit.snapshot(fresh, ("alarm_below",))
    fresh.alarm_below, fresh.alarmed_at = below, None
    fresh.save(update_fields=["alarm_below", "alarmed_at"])
    after = audit.snapshot(fresh, ("alarm_below",))
    audit.record(SIZED, fresh, before=before, after=after, actor=actor(by), org_path=fresh.product.unit.path)
    return fresh


@transaction.atomic
def block_seats(by: Any, session: Session, seats: Sequence[int], note: str, *, blocked: bool = True) -> int:
    """Keep free seats (keys of the map's) back, or sell them again; all of them or none. Returns how many.

    Locks: the seats. Raises OutOfScope, NotAllowed, INVALID, SEAT_TAKEN.
    """
    allow(by, STOCK, session)
    if not seats or (blocked and not note.strip()):
        raise invalid(_("请选座位并填写用途"), "note")
    before, after = (SeatState.FREE, SeatState.BLOCKED) if blocked else (SeatState.BLOCKED, SeatState.FREE)
    rows = lock_rows(SessionSeat.objects.filter(session=session, seat__in=seats))
    wrong = [row.label for row in rows if row.state != before]
    if wrong or len(rows) != len(set(seats)):
        raise AdmissionError(
            Code.SEAT_TAKEN, _("%(seats)s 当前不能这样操作") % {"seats": "、".join(wrong[:3]) or _("有座位")}, "seats",
            _("请刷新座位图再选"),
        )  # fmt: skip
    SessionSeat.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=after, note=note.strip()[:60] if blocked else ""
    )
    audit.record(
        SEATS, session, after={"seats": len(rows), "blocked": blocked, "note": note}, actor=actor(by),
        org_path=session.product.unit.path,
    )  # fmt: skip
    return len(rows)
