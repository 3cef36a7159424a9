"""What waits on the home page: call-backs that could not be worked on."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from plugins.ticketing.kernel.access import may_for_city
from saleor_o2o.backoffice.todo import Todo
from saleor_o2o.kernel.scope import rows_for

from ..access import STATION_EDIT
from .models import NetworkNotice
from .told import NoticeState

SHOWN = 5


def todo(user: Any) -> list[Todo]:
    """At most five, the oldest first."""
    if not user.has_perm(STATION_EDIT):
        return []
    stuck = list(
        rows_for(user, NetworkNotice, STATION_EDIT).filter(state=NoticeState.STUCK).order_by("pk")[:SHOWN]
    )
    if not stuck or not may_for_city(user, STATION_EDIT):
        return []
    return [
        Todo(
            _("客票网回调处理不了：%(what)s") % {"what": notice.get_kind_display()},
            notice.why,
            reverse("admin:o2o_coach_suppliers_networknotice_change", args=[notice.pk]),
            notice.received_at,
        )
        for notice in stuck
    ]
