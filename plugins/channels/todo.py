"""What waits for a person: applications to visit or to hand on, visits that are due."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from plugins.org_hierarchy.interfaces import Level, staff_of
from saleor_o2o.backoffice.todo import Todo
from saleor_o2o.kernel.clock import SHANGHAI, now, today
from saleor_o2o.kernel.scope import rows_for

from .models import OPEN_PLAN, Channel, Visit, VisitKind
from .types import OWN_TYPES, ChannelStatus

MOST = 10
#: Days in which an applicant is visited.
VISIT_WITHIN = timedelta(days=3)


def todo(user: Any) -> list[Todo]:
    """The oldest first; nothing for whoever does not visit. Two statements.

    Who sits above the branches does not make the visits: he is told of those that are late, and of his own.
    """
    if not user.has_perm("channel.visit"):
        return []
    mine = staff_of(user)
    above = mine is None or mine.unit.level < Level.BRANCH
    waiting = (
        rows_for(user, Channel)
        .filter(status=ChannelStatus.APPLIED)
        .exclude(type__in=OWN_TYPES)
        .exclude(Exists(Visit.objects.filter(channel=OuterRef("pk"), done_at__isnull=False)))
    )
    plans = (
        rows_for(user, Visit)
        .filter(OPEN_PLAN, planned_on__lte=today() + timedelta(days=1))
        .exclude(channel__status=ChannelStatus.LEFT)
        # nobody needs to look whether a shop may open that has opened, or asked anew
        .exclude(~Q(channel__status=ChannelStatus.APPLIED), kind=VisitKind.OPENING)
    )
    if above:
        waiting = waiting.filter(created_at__lt=now() - VISIT_WITHIN)
        plans = plans.filter(
            Q(planned_on__lt=today()) | Q(visitor=mine) if mine else Q(planned_on__lt=today())
        )
    found = [
        Todo(
            _("走访开店申请：%(name)s") % {"name": channel.name},
            channel.unit.name,
            reverse("admin:o2o_channels_channel_change", args=[channel.pk]),
            channel.created_at,
            channel.created_at + VISIT_WITHIN,
        )
        for channel in waiting.select_related("unit").order_by("created_at", "pk")[:MOST]
    ]
    return found + [
        Todo(
            _("拜访：%(name)s") % {"name": plan.channel.name},
            str(plan.visitor or plan.channel.unit.name),
            reverse("admin:o2o_channels_channel_change", args=[plan.channel_id]),
            plan.created_at,
            datetime.combine(plan.planned_on or today(), time.max, SHANGHAI),
        )
        for plan in plans.select_related("channel__unit", "visitor").order_by("planned_on", "pk")[:MOST]
    ]
