"""自邮一族: members are reminded of what their cars need, 60, 30 and 7 days before; once each, by day, one a day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import midnight, now, today
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.scope import get_row, require
from saleor_o2o.kernel.sweeping import sum_each

from ..errors import MemberError
from ..errors import MemberErrorCode as Code
from ..kinds import Due, MemberStatus
from ..models import Member, Vehicle, VehicleReminder
from ..permissions import EDIT
from ..telling import tell
from ..texts import register_text

DONE = audit.action("members.vehicle_done", _("登记车辆年检、保险已办理"))
OCCASION = "vehicle_due"
#: Days before; who is late gets the nearest one only.
STEPS = (7, 30, 60)
#: Hours of the day (Shanghai) in which people are written to.
FROM, UNTIL = 9, 20
#: Years between two inspections of a private car within its first ten years, and afterwards (公安部等四部门
#: 《关于深化机动车检验制度改革优化车检服务工作的意见》，2022-10-01 起).
YOUNG, YOUNG_STEP, OLD_STEP = 10, 2, 1
MOST_AHEAD = 20

register_text(
    OCCASION,
    _(
        "您的车 %(plate)s %(what)s %(date)s 到期，还有 %(left)s 天，可到邮政网点代办。"
        "已办理或不再提醒，请到“我的车辆”登记。"
    ),
    _("车辆到期提醒"),
)


def due_soon(days: int = max(STEPS), day: date | None = None) -> Q:
    """The condition on vehicles of which something ends within so many days, or has ended in the last ninety."""
    start = day or today()
    span = (start - timedelta(days=90), start + timedelta(days=days))
    return Q(inspection_due__range=span) | Q(insurance_due__range=span)


def remind(limit: int = 500, at: datetime | None = None) -> int:
    """Remind who is to be reminded (`at`: now); returns of how many cars. Nothing at night. Each by itself.

    At most one message a member and day; what is left waits for the next. Again: nothing.
    """
    moment = at or now()
    if not FROM <= moment.hour < UNTIL:
        return 0
    start = moment.date()
    span = (start, start + timedelta(days=max(STEPS)))
    rows = Vehicle.objects.filter(
        Q(inspection_due__range=span) | Q(insurance_due__range=span),
        remind=True, member__status=MemberStatus.ACTIVE,
    )  # fmt: skip
    return sum_each(_waiting(rows, start)[:limit], lambda pk: _remind(pk, start), "reminder of a car")


def _waiting(rows: QuerySet[Vehicle], day: date) -> list[int]:
    """Cars of which a reminder is missing; two statements."""
    found = list(rows.only("pk", "member_id", "inspection_due", "insurance_due").order_by("pk"))
    told = {
        (row.vehicle_id, row.kind, row.due, row.days)
        for row in VehicleReminder.objects.filter(vehicle__in=[one.pk for one in found])
    }
    return [one.pk for one in found if any((one.pk, *step) not in told for step in steps_of(one, day))]


def steps_of(vehicle: Vehicle, day: date) -> list[tuple[str, date, int]]:
    """What is to be told of a car on a day: kind, date, and the nearest step reached; nothing of what is over."""
    found = []
    for kind in Due:
        due: date | None = getattr(vehicle, kind.field)
        left = (due - day).days if due is not None else -1
        step = next((days for days in STEPS if 0 <= left <= days), None)
        if due is not None and step is not None:
            found.append((str(kind.value), due, step))
    return sorted(found, key=lambda one: one[1])


@transaction.atomic
def _remind(pk: int, day: date) -> bool:
    """Locks: the member, who is told of one thing a day."""
    member_id = Vehicle.objects.filter(pk=pk).values_list("member_id", flat=True).first() or 0
    members = lock_rows(Member.objects.filter(pk=member_id, status=MemberStatus.ACTIVE), no_key=True)
    vehicle = Vehicle.objects.filter(pk=pk, member_id=member_id, remind=True).first()
    if not members or vehicle is None:
        return False
    if VehicleReminder.objects.filter(vehicle__member=members[0], at__gte=midnight(day)).exists():
        return False
    for kind, due, days in steps_of(vehicle, day):
        row, fresh = VehicleReminder.objects.get_or_create(vehicle=vehicle, kind=kind, due=due, days=days)
        if fresh:
            words = {
                "plate": vehicle.masked, "what": str(Due(kind).label), "date": f"{due:%Y-%m-%d}",
                "left": str((due - day).days),
            }  # fmt: skip
            row.way = tell(members[0], OCCASION, f"vehicle:{row.pk}", words)
            row.save(update_fields=["way"])
            return True
    return False


def following(kind: Due, due: date, registered_on: date | None) -> date:
    """When it is due again: insurance a year later, inspection by the car's age; a year where that is not known."""
    step = OLD_STEP
    if kind is Due.INSPECTION and registered_on is not None and due < _years_on(registered_on, YOUNG):
        step = YOUNG_STEP
    return _years_on(due, step)


def done(member: Member, key: int, kind: Due, day: date | None = None) -> Vehicle:
    """It was done: the car's next date is `day`, or what `following` says. Locks: the member.

    Raises MemberError NOT_FOUND, REQUIRED (no date known, none given), INVALID (not in the future), LockTimeout.
    """
    with transaction.atomic():
        lock_rows(Member.objects.filter(pk=member.pk), no_key=True)
        vehicle = Vehicle.objects.filter(member=member, pk=key).first()
        if vehicle is None:
            raise MemberError(Code.NOT_FOUND, _("没有这辆车，或已删除"), "id")
        return _put(vehicle, kind, day)


def done_at_counter(by: Any, pk: int, kind: Due, day: date | None = None) -> Vehicle:
    """The same, by the staff, for a member in reach; audited. Raises OutOfScope, NotAllowed and those of `done`."""
    vehicle = get_row(by, Vehicle.objects.select_related("member"), pk=pk)
    require(by, EDIT, vehicle.member)
    before = {kind.field: getattr(vehicle, kind.field)}
    saved = done(vehicle.member, vehicle.pk, kind, day)
    audit.record(DONE, saved, before=before, after={kind.field: getattr(saved, kind.field)})
    return saved


def _put(vehicle: Vehicle, kind: Due, day: date | None) -> Vehicle:
    known: date | None = getattr(vehicle, kind.field)
    if day is None and known is None:
        raise MemberError(Code.REQUIRED, _("请填写新的到期日期"), "due")
    following_day = day or following(kind, known or today(), vehicle.registered_on)
    while day is None and following_day <= today():  # registered years ago and never kept up
        following_day = following(kind, following_day, vehicle.registered_on)
    if following_day <= today() or following_day.year > today().year + MOST_AHEAD:
        raise MemberError(Code.INVALID, _("新的到期日期须晚于今天"), "due")
    setattr(vehicle, kind.field, following_day)
    vehicle.updated_at = now()
    vehicle.save(update_fields=[kind.field, "updated_at"])
    return vehicle


def _years_on(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)
