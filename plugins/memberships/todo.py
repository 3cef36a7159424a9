"""What waits for a person: settlement sheets to confirm, objections to answer, confirmed ones to pay."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.backoffice.todo import Todo
from saleor_o2o.kernel.scope import rows_for

from .choices import SheetState
from .models import SettlementSheet
from .permissions import SHEET_ANSWER, SHEET_CONFIRM, SHEET_PAY

#: More than these are found on the page of sheets.
LISTED = 10
#: By right: the state of what waits, and what it is called.
WAITING = (
    (SHEET_CONFIRM, SheetState.MADE, _("确认权益结算单：%(payee)s")),
    (SHEET_ANSWER, SheetState.OBJECTED, _("答复结算单异议：%(payee)s")),
    (SHEET_PAY, SheetState.CONFIRMED, _("支付权益结算单：%(payee)s")),
)


def todo(user: Any) -> list[Todo]:
    """The sheets that this user may move on, the oldest first. One statement where none waits for anybody."""
    mine = [one for one in WAITING if user.has_perm(one[0])]
    if not mine:
        return []
    there = SettlementSheet.objects.filter(state__in=[state for _right, state, _words in mine])
    waiting = set(there.order_by().values_list("state", flat=True).distinct())
    found = []
    for right, state, words in mine:
        if state not in waiting:
            continue
        rows = rows_for(user, SettlementSheet.objects.filter(state=state), right)
        found += [
            Todo(
                title=str(words) % {"payee": one.payee},
                note=f"{one.number} {yuan(one.amount)}",
                href=reverse("admin:o2o_memberships_settlementsheet_change", args=[one.pk]),
                since=one.made_at,
            )
            for one in rows.select_related("seller", "unit").order_by("pk")[:LISTED]
        ]
    return found
