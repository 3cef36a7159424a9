"""What waits for somebody on the home page: changes that he may confirm and did not submit himself."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from plugins.org_hierarchy.interfaces import may_at
from saleor_o2o.backoffice.todo import Todo
from saleor_o2o.kernel.scope import rows_for

from .access import CONFIRM
from .choices import ChangeState
from .models import RateChange

#: Shown at most.
MOST = 20


def todo(user: Any) -> list[Todo]:
    """The oldest changes that wait for this user's decision."""
    if not user.has_perm(CONFIRM):
        return []
    waiting = (
        rows_for(user, RateChange)
        .filter(state=ChangeState.PENDING)
        .exclude(made_by_id=user.pk)
        .select_related("plan__owner")
        .order_by("pk")[:MOST]
    )
    return [
        Todo(
            _("复核佣金变更：%(plan)s") % {"plan": change.plan.name},
            change.reason,
            reverse("admin:o2o_commissions_change_decide", args=[change.pk]),
            change.made_at,
        )
        for change in waiting
        if may_at(user, CONFIRM, change.plan.owner)
    ]
