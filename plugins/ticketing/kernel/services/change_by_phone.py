"""A supplier says by telephone what became of a change whose call it never answered: changed, with numbers, or not.

What is recorded is what the supplier would have answered itself, and goes the same way afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from plugins.org_hierarchy.interfaces import require_limit
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.request import actor_label

from ..choices import CallKind, CallState, ChangeState, DeskKind
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..models import ChangeRequest, DeskTask, SupplierCall
from ..ports import Issued
from .by_phone import changed, refuse_asker, words_of
from .calls import BY_HAND, OPEN, Answer
from .change_asking import record
from .change_ending import items_of, locked_change
from .desk import end_task, own_task

TOLD = audit.action("ticketing.change_told", _("登记供应商改签答复"))


def open_changes(task: DeskTask) -> list[SupplierCall]:
    """Calls for changes of a task's order that wait for their supplier; a statement where the task is about one."""
    if task.kind != DeskKind.UNKNOWN:
        return []
    calls = SupplierCall.objects.filter(
        ticket_order__change_of__ticket_order=task.ticket_order_id, kind=CallKind.CHANGE, state__in=OPEN,
        ticket_order__change_of__state=ChangeState.AT_SUPPLIER, asked_again__gt=0,
    )  # fmt: skip
    return list(calls.select_related("ticket_order__change_of", "supplier").order_by("pk"))


def changed_by_phone(
    by: Any,
    task_pk: int,
    call_pk: int,
    numbers: Mapping[int, str] | None,
    note: str,
    *,
    pick: Mapping[str, str] | None = None,
) -> ChangeRequest:
    """Record what a supplier said of a change: its number of each new ticket by our key, and how they are fetched;
    `numbers` None: it did not change them, and the old tickets count again.

    A late answer of the supplier changes nothing any more; where it is another one, people are called. Locks: both
    ticket orders, their tickets, the change, the call, what `change_asking.record` locks, the task last. Raises
    OutOfScope, NotAllowed; TicketError TASK_TAKEN, TASK_DONE, INVALID_INPUT, SAME_PERSON, CHANGED_MEANWHILE; OrgError
    LIMIT_EXCEEDED where money goes back; LockTimeout.
    """
    words = words_of(note)
    task = own_task(by, task_pk)
    found = {one.pk: one for one in open_changes(task)}.get(call_pk)
    if found is None:
        raise changed(_("改签"))
    with transaction.atomic():
        request = locked_change(found.ticket_order.change_of.pk)
        [call] = lock_rows(SupplierCall.objects.filter(pk=call_pk))
        if request.state != ChangeState.AT_SUPPLIER or call.state not in OPEN:
            raise changed(_("改签"))
        refuse_asker(request, by, _("改签"))
        if request.back and numbers is not None:
            require_limit(by, "refund", request.back, request.unit)
        record(call, _answer(request, numbers, pick or {}))
        SupplierCall.objects.filter(pk=call_pk).update(code=BY_HAND, words=words)
        [row] = lock_rows(DeskTask.objects.filter(pk=task.pk))
        if row.taken_by_id != by.pk:
            raise TicketError(Code.TASK_TAKEN, _("这项任务不在您手上"), "task", _("请先领取任务"))
        end_task(row, by, words)
        request = ChangeRequest.objects.select_related("unit").get(pk=request.pk)
        after = {"call": call.number, "state": request.state, "note": words}
        audit.record(TOLD, request, after=after, actor=actor_label(by), org_path=request.unit.path)
    return request


def _answer(request: ChangeRequest, numbers: Mapping[int, str] | None, pick: Mapping[str, str]) -> Answer:
    """What the supplier would have answered. Raises INVALID_INPUT for a ticket without a number of its own."""
    if numbers is None:
        # the buyer reads this; what was said stands with the call
        return Answer(CallState.REFUSED, None, BY_HAND, _("电话核实没有改成"))
    told = {one.new.number: str(numbers.get(one.new_id, "")).strip()[:64] for one in items_of(request)}
    if not all(told.values()) or len(set(told.values())) < len(told):
        raise TicketError(
            Code.INVALID_INPUT,
            _("请填写每张新票的票号，不能重复"),
            "numbers",
            _("请按供应商给的票号逐张填写"),
        )
    return Answer(CallState.DONE, Issued(tickets=told, pick=dict(pick)), BY_HAND, _("电话核实已改签"))
