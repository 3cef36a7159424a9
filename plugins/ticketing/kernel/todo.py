"""What waits for somebody on the home page: rules that he may publish and did not submit himself."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from saleor_o2o.backoffice.todo import Todo
from saleor_o2o.kernel.scope import rows_for

from .access import PUBLISH, REFUND_AUDIT, may_for_city
from .choices import RefundState, RuleState
from .models import FeeRule, RefundRequest

#: Shown at most.
MOST = 20


def audits(user: Any) -> list[Todo]:
    """The oldest refunds in reach that wait for an audit and that this user did not ask for."""
    if not user.has_perm(REFUND_AUDIT):
        return []
    waiting = rows_for(user, RefundRequest.objects.filter(state=RefundState.AUDIT), REFUND_AUDIT)
    return [
        Todo(
            _("审核退票 %(number)s") % {"number": one.number},
            one.why,
            reverse("admin:o2o_ticketing_refundrequest_audit", args=[one.pk]),
            one.asked_at,
        )
        for one in waiting.exclude(asked_by_id=user.pk).order_by("pk")[:MOST]
    ]


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
