"""A supplier says by telephone what became of a refund whose call it never answered.

What is recorded is what the supplier would have answered itself, ticket by ticket, and goes the same way afterwards:
another amount than expected, or a ticket that it did not take although nobody can travel on it, is decided by those who
audit refunds.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from plugins.org_hierarchy.interfaces import require_limit
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.money import format_yuan, to_fen
from saleor_o2o.kernel.request import actor_label

from ..choices import CallKind, DeskKind, RefundState
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..models import DeskTask, RefundItem, RefundRequest, SupplierCall
from ..ports import Refunded
from .by_phone import changed, refuse_asker, words_of
from .calls import BY_HAND, OPEN
from .desk import end_task, own_task, refuse_others
from .refund_outcomes import lock_refund, refused, said

TOLD = audit.action("ticketing.refund_told", _("登记供应商退票答复"))


def open_calls(task: DeskTask) -> list[SupplierCall]:
    """Calls for refunds of a task's order that wait for their supplier; a statement where the task is about one."""
    if task.kind != DeskKind.UNKNOWN:
        return []
    calls = SupplierCall.objects.filter(
        ticket_order=task.ticket_order_id, kind=CallKind.REFUND, state__in=OPEN,
        refund__state=RefundState.AT_SUPPLIER, asked_again__gt=0,
    )  # fmt: skip
    return list(calls.select_related("refund", "supplier").order_by("pk"))


def told_by_phone(
    by: Any, task_pk: int, call_pk: int, amounts: Mapping[int, Decimal | None], note: str
) -> RefundRequest:
    """Record what a supplier said of a refund: what it gave for each item (None: it did not take this ticket back).

    A late answer of the supplier changes nothing any more; where it is another one, people are called. Locks: the
    ticket order, its tickets, the refund, the call, the task. Raises OutOfScope, NotAllowed; TicketError TASK_TAKEN,
    TASK_DONE, INVALID_INPUT, AMOUNT_INVALID, SAME_PERSON, CHANGED_MEANWHILE; OrgError LIMIT_EXCEEDED; LockTimeout.
    """
    words = words_of(note)
    task = own_task(by, task_pk)
    found = {one.pk: one for one in open_calls(task)}.get(call_pk)
    if found is None or found.refund_id is None:
        raise changed(_("退票"))
    with transaction.atomic():
        request = lock_refund(found.refund_id)
        [call] = lock_rows(SupplierCall.objects.filter(pk=call_pk))
        if request.state != RefundState.AT_SUPPLIER or call.state not in OPEN:
            raise changed(_("退票"))
        refuse_asker(request, by, _("退票"))
        items = list(request.items.select_related("ticket").order_by("pk"))
        _check(items, amounts)
        taken = {one.ticket.number: amounts[one.pk] for one in items if amounts[one.pk] is not None}
        if taken:
            require_limit(by, "refund", request.due, request.unit)
            no = {one.ticket.number: words for one in items if amounts[one.pk] is None}
            said(call_pk, Refunded(amounts={n: a for n, a in taken.items() if a is not None}, refused=no))
        else:
            refused(call_pk, BY_HAND, words)
        SupplierCall.objects.filter(pk=call_pk).update(code=BY_HAND, words=words)
        [row] = lock_rows(DeskTask.objects.select_related("ticket_order__unit").filter(pk=task.pk))
        refuse_others(row, by)
        end_task(row, by, words)
        request = RefundRequest.objects.select_related("unit").get(pk=request.pk)
        after = {
            "call": found.number, "state": request.state, "note": words,
            "back": {number: str(amount) for number, amount in taken.items()},
        }  # fmt: skip
        audit.record(TOLD, request, after=after, actor=actor_label(by), org_path=request.unit.path)
    return request


def _check(items: list[RefundItem], amounts: Mapping[int, Decimal | None]) -> None:
    if {one.pk for one in items} != set(amounts):
        raise changed(_("退票"))
    for one in items:
        amount, most = amounts[one.pk], one.face + one.service
        if amount is not None and (to_fen(amount) < 0 or amount > most):
            raise TicketError(
                Code.AMOUNT_INVALID,
                _("票 %(number)s 供应商最多退 %(most)s")
                % {"number": one.ticket.number, "most": format_yuan(most)},
                "amount",
            )
