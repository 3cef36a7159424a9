"""What waits for a person: wishes to answer, parcels to open, refunds that failed, complaints."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from saleor_o2o.backoffice.todo import Todo
from saleor_o2o.kernel.money import format_yuan
from saleor_o2o.kernel.scope import rows_for

from .choices import FOR_STAFF, ComplaintState, State
from .models import AfterSale, Complaint
from .permissions import DECIDE, HANDLE, RULE, SPEAK

MOST = 10
_WAITS = Q(state__in=FOR_STAFF) | Q(state=State.REFUNDING, refund_base__isnull=False)
_OF = {ComplaintState.NEW: HANDLE, ComplaintState.APPEAL: SPEAK, ComplaintState.RULING: RULE}


def todo(user: Any) -> list[Todo]:
    """The most urgent first. Two statements at most."""
    found = []
    if user.has_perm(DECIDE):
        waiting = rows_for(user, AfterSale.objects.filter(_WAITS), DECIDE)
        found += [
            Todo(
                _("售后 %(state)s：%(amount)s")
                % {"state": row.get_state_display(), "amount": format_yuan(row.goes_back)},
                f"{row.number} · #{row.order_id}",
                reverse("admin:o2o_after_sale_aftersale_change", args=[row.pk]),
                row.created_at,
                row.due_at,
            )
            for row in waiting.order_by("due_at", "pk")[:MOST]
        ]
    states = [state for state, permission in _OF.items() if user.has_perm(permission)]
    if states:
        found += [
            Todo(
                _("投诉 %(state)s") % {"state": row.get_state_display()},
                f"{row.number} · #{row.order_id}",
                reverse("admin:o2o_after_sale_complaint_change", args=[row.pk]),
                row.created_at,
                row.due_at,
            )
            for row in rows_for(user, Complaint.objects.filter(state__in=states)).order_by("due_at", "pk")[
                :MOST
            ]
        ]
    return found
