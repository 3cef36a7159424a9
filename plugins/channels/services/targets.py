"""Targets by month."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import today

from .. import audits
from ..errors import ChannelError, ChannelErrorCode
from ..models import Channel, Metric, Target


@transaction.atomic
def set_target(channel: Channel, month: date, metric: str, goal: Decimal) -> Target:
    """Set a channel's goal of a month (any day of it); a goal that is there is replaced.

    Raises ChannelError INVALID: a month that is over, a goal of nought or less.
    """
    first = month.replace(day=1)
    if first < today().replace(day=1):
        raise ChannelError(ChannelErrorCode.INVALID, _("不能设定已过去月份的目标"), "month")
    if goal <= 0:
        raise ChannelError(ChannelErrorCode.INVALID, _("目标值应大于 0"), "goal")
    target, _made = Target.objects.update_or_create(
        channel=channel, month=first, metric=Metric(metric), defaults={"goal": goal}
    )
    audit.record(
        audits.RULE, target, after={"month": str(first), "metric": metric, "goal": str(goal)},
        org_path=channel.unit.path,
    )  # fmt: skip
    return target
