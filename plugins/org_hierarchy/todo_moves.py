"""Re-parentings that could not happen when their day came wait for whoever may move the unit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from saleor_o2o.backoffice.todo import Todo
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.scope import rows_for

from .models import PlannedMove

#: How long a failed move is shown, unless the unit was moved since.
SHOWN = timedelta(days=30)
MOST = 20


def todo(user: Any) -> list[Todo]:
    """The failed moves of the units that this user may move. One statement."""
    if not user.has_perm("org_unit.move"):
        return []
    since = PlannedMove.objects.filter(unit=OuterRef("unit"), pk__gt=OuterRef("pk"))
    failed = PlannedMove.objects.filter(
        ~Exists(since), state=PlannedMove.State.FAILED, done_at__gte=now() - SHOWN
    )
    found = rows_for(user, failed, "org_unit.move").select_related("unit", "parent")[:MOST]
    return [
        Todo(
            title=_("隶属变更未能生效：%(name)s") % {"name": one.unit.name},
            note=one.problem,
            href=reverse("admin:o2o_org_hierarchy_orgunit_change", args=[one.unit_id]),
            since=one.done_at or one.created_at,
        )
        for one in found
    ]
