"""What waits on the home page: changes for a second person, bills that did not come."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from saleor_o2o.backoffice.todo import Todo
from saleor_o2o.kernel.scope import rows_for

from .models import Bill, BillState, Change, ChangeState
from .permissions import BILL_FETCH, DECIDE

#: Entries of one kind at most.
SHOWN = 5


def todo(user: Any) -> list[Todo]:
    """At most five of each kind, of those the user may act on."""
    found: list[Todo] = []
    if user.has_perm(DECIDE):
        waiting = rows_for(user, Change, DECIDE).filter(state=ChangeState.WAITING).exclude(proposer=user)
        found += [
            Todo(
                _("复核：%(what)s") % {"what": change.get_kind_display()},
                change.reason,
                reverse("admin:o2o_wechat_pay_change_change", args=[change.pk]),
                change.proposed_at,
            )
            for change in waiting.order_by("proposed_at")[:SHOWN]
        ]
    if user.has_perm(BILL_FETCH):
        failed = rows_for(user, Bill, BILL_FETCH).filter(state=BillState.FAILED).select_related("account")
        found += [
            Todo(
                _("微信账单没有取到：%(day)s") % {"day": bill.day},
                f"{bill.account} {bill.get_kind_display()} {bill.last_error}",
                reverse("admin:o2o_wechat_pay_bill_change", args=[bill.pk]),
                bill.created_at,
            )
            for bill in failed.order_by("day")[:SHOWN]
        ]
    return found
