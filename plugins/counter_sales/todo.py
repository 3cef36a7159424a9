"""What waits on the home page: sales without money, adjustments to confirm, floats that run low."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from saleor_o2o.backoffice.todo import Todo
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.money import format_yuan
from saleor_o2o.kernel.scope import rows_for

from .models import AdjustmentState, FloatAccount, FloatAdjustment
from .permissions import ADJUST, SELL, TOP_UP
from .selectors.sales import unfinished

#: Entries of one kind at most.
SHOWN = 5


def todo(user: Any) -> list[Todo]:
    """At most five of each kind, of those the user may act on."""
    found: list[Todo] = []
    if user.has_perm(SELL):
        found += [
            Todo(
                _("柜台待收款 %(number)s") % {"number": sale.number},
                format_yuan(sale.total),
                reverse("admin:o2o_counter_sales_countersale_change", args=[sale.pk]),
                sale.made_at,
            )
            for sale in unfinished(user)[:SHOWN]
        ]
    if user.has_perm(ADJUST):
        waiting = rows_for(user, FloatAdjustment, ADJUST).filter(state=AdjustmentState.WAITING)
        found += [
            Todo(
                _("复核备付金调整 %(number)s") % {"number": asked.number},
                f"{asked.account.unit.name} {format_yuan(asked.amount)}",
                reverse("admin:o2o_counter_sales_floatadjustment_change", args=[asked.pk]),
                asked.requested_at,
            )
            for asked in waiting.exclude(requested_by=user)
            .select_related("account__unit")
            .order_by("requested_at")[:SHOWN]
        ]
    if user.has_perm(TOP_UP):
        low = rows_for(user, FloatAccount, TOP_UP).filter(
            alarm_below__gt=0, balance__lt=F("alarm_below") - F("credit_limit")
        )
        found += [
            Todo(
                _("备付金不足"),
                f"{account.unit.name} {format_yuan(account.available)}",
                reverse("admin:o2o_counter_sales_floataccount_change", args=[account.pk]),
                now(),
            )
            for account in low.select_related("unit").order_by("balance")[:SHOWN]
        ]
    return found
