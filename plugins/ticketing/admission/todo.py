"""What waits for somebody on the home page: stock that runs low for those who may size it, lots to be drawn."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, F, IntegerField, Value
from django.db.models.functions import Coalesce, TruncDate
from django.urls import reverse
from django.utils.translation import gettext as _

from saleor_o2o.backoffice.todo import Todo
from saleor_o2o.kernel.clock import SHANGHAI, now, today
from saleor_o2o.kernel.scope import rows_for

from .access import EDIT, STOCK
from .choices import DrawState, SessionState
from .models import Draw, Quota, Session
from .services.alarms import free_seats_of

#: Shown at most.
MOST = 20
_OVER = (SessionState.CANCELLED, SessionState.ENDED)
_ORDER = ("alarmed_at", "of", "pk")


def todo(user: Any) -> list[Todo]:
    """Lots to be drawn; quotas and sessions that were found low and are not filled again; in reach, the oldest first.

    Two statements.
    """
    return [*_draws(user), *_low(user)]


def _draws(user: Any) -> list[Todo]:
    if not user.has_perm(EDIT):
        return []
    rows = rows_for(user, Draw, EDIT).filter(state=DrawState.OPEN, closes_at__lte=now())
    return [
        Todo(
            _("待抽签：%(what)s") % {"what": row},
            _("登记截止一小时后自动抽签"),
            reverse("admin:o2o_admission_draw_change", args=[row.pk]),
            row.closes_at,
        )
        for row in rows.select_related("ticket_class__product", "session").order_by("closes_at", "pk")[:MOST]
    ]


def _low(user: Any) -> list[Todo]:
    if not user.has_perm(STOCK):
        return []
    quotas = rows_for(user, Quota, STOCK).filter(alarmed_at__isnull=False).exclude(day__lt=today())
    sessions = rows_for(user, Session, STOCK).filter(alarmed_at__isnull=False).exclude(state__in=_OVER)
    found = _told(
        quotas.exclude(session__state__in=_OVER).exclude(slot__day__lt=today()), "quota", F("name"),
        Coalesce(TruncDate("session__starts_at", tzinfo=SHANGHAI), "slot__day", "day"), F("capacity") - F("taken"),
    ).union(
        _told(sessions, "session", F("name"), TruncDate("starts_at", tzinfo=SHANGHAI), free_seats_of())
    )  # fmt: skip
    return [
        Todo(
            _("低库存：%(product)s %(what)s") % {"product": row["title"], "what": _when(row)},
            _("剩 %(left)d，低于 %(below)d") % {"left": max(0, row["rest"]), "below": row["alarm_below"]},
            reverse(f"admin:o2o_admission_{row['of']}_change", args=[row["pk"]]),
            row["alarmed_at"],
        )
        for row in found.order_by(*_ORDER)[:MOST]
    ]


def _told(rows: Any, of: str, called: Any, on: Any, left: Any) -> Any:
    return rows.order_by().annotate(
        of=Value(of, CharField()), title=F("product__name"), called=called, on=on,
        rest=Coalesce(left, 0, output_field=IntegerField()),
    ).values("of", "pk", "title", "called", "on", "rest", "alarm_below", "alarmed_at")  # fmt: skip


def _when(row: dict[str, Any]) -> str:
    day, called = str(row["on"] or ""), str(row["called"])
    return called if day and called.startswith(day) else f"{day} {called}".strip()
