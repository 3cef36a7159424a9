"""What waits on the home page: sales without money, adjustments to confirm, floats that run low."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from plugins.org_hierarchy.interfaces import UnitStatus
from saleor_o2o.backoffice.todo import Todo
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.money import format_yuan
from saleor_o2o.kernel.scope import rows_for

from .models import (
    AdjustmentState,
    FloatAccount,
    FloatAdjustment,
    RefundRequestState,
    Remittance,
    RemittanceState,
    Shift,
    ShiftState,
)
from .permissions import ADJUST, SELL, SHIFTS, TOP_UP, VERIFY_REMITTANCE
from .selectors.refund_requests import open_requests
from .selectors.remittances import not_handed_in
from .selectors.sales import unfinished
from .selectors.shifts import forgotten

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
        found += [
            Todo(
                _("您的班次还没有交 %(number)s") % {"number": shift.number},
                f"{shift.unit.name} {shift.drawer.name}",
                reverse("admin:o2o_counter_sales_shift_till"),
                shift.opened_at,
            )
            for shift in forgotten(Shift.objects.filter(clerk=user)).select_related("unit", "drawer")
        ]
        found += [
            Todo(
                _("已批准，请退款给顾客 %(number)s") % {"number": asked.sale.number},
                format_yuan(asked.amount),
                reverse("admin:o2o_counter_sales_refundrequest_change", args=[asked.pk]),
                asked.decided_at or asked.asked_at,
            )
            for asked in open_requests(user)
            if asked.state == RefundRequestState.APPROVED
        ]
    if user.has_perm(SHIFTS):
        rows = rows_for(user, Shift, SHIFTS).select_related("unit", "drawer", "clerk")
        held = rows.filter(state=ShiftState.HELD).exclude(clerk=user).exclude(counted_by=user)
        found += [
            Todo(
                _("确认长短款 %(number)s") % {"number": shift.number},
                f"{shift.unit.name} {shift.clerk.first_name} {format_yuan(shift.difference)}",
                reverse("admin:o2o_counter_sales_shift_change", args=[shift.pk]),
                shift.counted_at or shift.opened_at,
            )
            for shift in held.order_by("pk")[:SHOWN]
        ]
        found += [
            Todo(
                _("昨日未交班 %(number)s") % {"number": shift.number},
                f"{shift.unit.name} {shift.drawer.name} {shift.clerk.first_name}",
                reverse("admin:o2o_counter_sales_shift_change", args=[shift.pk]),
                shift.opened_at,
            )
            for shift in forgotten(rows).order_by("pk")[:SHOWN]
        ]
    if user.has_perm(VERIFY_REMITTANCE):
        slips = rows_for(user, Remittance, VERIFY_REMITTANCE).exclude(made_by=user)
        found += [
            Todo(
                _("缴款单待核对 %(number)s") % {"number": slip.number}
                if slip.state == RemittanceState.SUBMITTED
                else _("缴款单待入账 %(number)s") % {"number": slip.number},
                f"{slip.unit.name} {format_yuan(slip.amount)}",
                reverse("admin:o2o_counter_sales_remittance_change", args=[slip.pk]),
                slip.submitted_at or slip.made_at,
            )
            for slip in slips.filter(state__in=(RemittanceState.SUBMITTED, RemittanceState.CHECKED))
            .select_related("unit")
            .order_by("pk")[:SHOWN]
        ]
        found += [
            Todo(
                _("未按时缴款"),
                _("%(unit)s：%(count)s 个班次") % {"unit": late.unit.name, "count": late.shifts},
                reverse("admin:o2o_counter_sales_shift_changelist") + f"?unit__id__exact={late.unit.pk}",
                late.since,
                late.due,
            )
            for late in not_handed_in(user)[:SHOWN]
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
        low = (
            rows_for(user, FloatAccount, TOP_UP)
            .filter(alarm_below__gt=0, balance__lt=F("alarm_below") - F("credit_limit"))
            .exclude(unit__status=UnitStatus.CLOSED)
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
