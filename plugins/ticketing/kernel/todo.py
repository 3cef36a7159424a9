"""What waits for somebody on the home page: rules that he may publish and did not submit himself."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from saleor_o2o.backoffice.todo import Todo
from saleor_o2o.kernel.scope import rows_for

from .access import PUBLISH, may_for_city
from .choices import RuleState
from .models import FeeRule

#: Shown at most.
MOST = 20


def todo(user: Any) -> list[Todo]:
    """The oldest rules that wait for this user's decision."""
    if not user.has_perm(PUBLISH):
        return []
    waiting = list(
        rows_for(user, FeeRule)
        .filter(state=RuleState.PENDING)
        .exclude(made_by_id=user.pk)
        .order_by("pk")[:MOST]
    )
    if not waiting or not may_for_city(user, PUBLISH):
        return []
    return [
        Todo(
            _("复核退改规则：%(name)s") % {"name": rule.name},
            rule.reason,
            reverse("admin:o2o_ticketing_feerule_decide", args=[rule.pk]),
            rule.made_at,
        )
        for rule in waiting
    ]
