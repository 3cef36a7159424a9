"""What a member of the staff may do with a complaint now: the page and the API ask here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.scope import policy_for, rows_for

from .choices import ComplaintState as S
from .models import Complaint
from .permissions import HANDLE, RULE, SPEAK


class ComplaintAct(TextChoices):
    """What can be done."""

    ACCEPT = "accept", _("受理")
    ANSWER = "answer", _("代表商家申诉")
    ESCALATE = "escalate", _("提交市中心仲裁")
    FOR_BUYER = "for_buyer", _("支持买家")
    FOR_SELLER = "for_seller", _("不支持买家")


def is_final(user: Any, row: Complaint) -> bool:
    """True for those whose ruling is the last word."""
    return policy_for(Complaint).may(user, RULE, row)


def rights_over(user: Any, rows: Sequence[Complaint]) -> dict[int, set[str]]:
    """By complaint which of the three rights the user holds over it. Three statements, however many rows."""
    found: dict[int, set[str]] = {row.pk: set() for row in rows}
    for right in (HANDLE, SPEAK, RULE):
        held = rows_for(user, Complaint, right).filter(pk__in=found) if found else Complaint.objects.none()
        for key in held.values_list("pk", flat=True):
            found[key].add(right)
    return found


def complaint_acts(user: Any, row: Complaint, rights: set[str] | None = None) -> list[ComplaintAct]:
    """In the order of the page. `rights`: as `rights_over` told, for lists."""
    if row.is_over or (row.customer_id == user.pk and not user.is_superuser):
        return []
    held = rights_over(user, [row])[row.pk] if rights is None else rights
    handles, rules = HANDLE in held, RULE in held
    found = []
    if handles and row.state == S.NEW:
        found.append(ComplaintAct.ACCEPT)
    if SPEAK in held and row.state in (S.APPEAL, S.DIALOGUE, S.RULING):
        found.append(ComplaintAct.ANSWER)
    if handles and row.state in (S.NEW, S.APPEAL, S.DIALOGUE):
        found.append(ComplaintAct.ESCALATE)
    if (rules and row.state in (S.DIALOGUE, S.RULING)) or (handles and row.state == S.DIALOGUE):
        found.append(ComplaintAct.FOR_BUYER)
    if rules and row.state in (S.DIALOGUE, S.RULING):
        found.append(ComplaintAct.FOR_SELLER)
    return found
