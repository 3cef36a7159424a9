"""The issue desk: people do what no supplier's answer did. Whoever takes a task has it for a while.

What a person says is a fact (he has telephoned): tickets typed by hand, or that the supplier did not issue. Nothing is
sent to a supplier here while a lock is held; handing over to another one goes the usual way afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import get_row, require
from saleor_o2o.kernel.states import move_locked

from ..access import DESK
from ..choices import CallKind, CallState, DeskKind, DeskState, OrderState
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..locks import lock_tickets
from ..models import DeskTask, SupplierAccount, SupplierCall, TicketOrder
from ..ports import Issued
from ..settings import taken_for
from .calls import BY_HAND, OPEN, Answer, settle
from .failing import fail
from .health import may_hold
from .issuing import finish, later, lock_both
from .releasing import free

S = OrderState
TOOK = audit.action("ticketing.desk_taken", _("领取出票台任务"))
TYPED = audit.action("ticketing.desk_issued", _("手工录入出票"))
HANDED = audit.action("ticketing.desk_handed", _("转其他供应商出票"))
GAVE_UP = audit.action("ticketing.desk_gave_up", _("放弃出票并退款"))
ENDED = audit.action("ticketing.desk_done", _("办结出票台任务"))
SHORTEST = 4
#: Matters of a paid order that has no tickets yet.
ISSUE_KINDS = (DeskKind.ISSUE, DeskKind.UNKNOWN, DeskKind.HOURS)


def is_taken(task: DeskTask, moment: datetime) -> bool:
    """Whether somebody has it now."""
    return task.taken_by_id is not None and task.taken_until is not None and task.taken_until > moment


@transaction.atomic
def take(by: Any, pk: int) -> DeskTask:
    """Have a task for oneself for a while; one's own again: a while longer.

    Locks: the task. Raises OutOfScope, NotAllowed, TicketError TASK_TAKEN, TASK_DONE.
    """
    found = get_row(by, DeskTask.objects.select_related("ticket_order__unit"), pk=pk)
    require(by, DESK, found)
    [task] = lock_rows(DeskTask.objects.select_related("ticket_order__unit", "taken_by").filter(pk=pk))
    moment = now()
    _refuse_done(task)
    if is_taken(task, moment) and task.taken_by_id != by.pk:
        raise TicketError(
            Code.TASK_TAKEN, _("同事正在处理这项任务"), "task", _("请处理其他任务，或等锁定时间过后再领取")
        )  # fmt: skip
    fresh = task.taken_by_id != by.pk
    task.taken_by, task.taken_until, task.state = by, moment + taken_for(), DeskState.TAKEN
    task.save(update_fields=["taken_by", "taken_until", "state"])
    if fresh:
        _audit(TOOK, task, by)
    return task


@transaction.atomic
def put_back(by: Any, pk: int) -> DeskTask:
    """Leave one's task to others. Locks: the task. Raises OutOfScope, NotAllowed, TASK_TAKEN, TASK_DONE."""
    get_row(by, DeskTask, pk=pk)
    [task] = lock_rows(DeskTask.objects.filter(pk=pk))
    refuse_others(task, by)
    task.taken_by, task.taken_until, task.state = None, None, DeskState.WAITING
    task.save(update_fields=["taken_by", "taken_until", "state"])
    return task


def issue_by_hand(
    by: Any, pk: int, numbers: Mapping[int, str], *, pick: Mapping[str, str] | None = None, note: str = ""
) -> TicketOrder:
    """Tickets were got by telephone or at the station: their numbers by our tickets' keys, and how they are fetched.

    Locks: the order that bought it with its stock, the ticket order, its open call, its tickets, the task. Raises
    OutOfScope, NotAllowed, TicketError TASK_TAKEN, TASK_DONE, INVALID_INPUT (a ticket without a number), NOT_POSSIBLE
    for an order that is not to be issued (any more).
    """
    task = own_task(by, pk)
    with transaction.atomic():
        bought, order = _locked(task, by)
        tickets = lock_tickets(order)
        told = {ticket.number: str(numbers.get(ticket.pk, "")).strip()[:64] for ticket in tickets}
        if not all(told.values()) or len(set(told.values())) < len(told):
            raise TicketError(
                Code.INVALID_INPUT, _("请填写每张票的票号，不能重复"), "numbers", _("请按供应商给的票号逐张填写")
            )  # fmt: skip
        _settle_calls(order, Answer(CallState.DONE, None, BY_HAND, str(_("人工核实：已出票"))))
        finish(order, bought, tickets, Issued(tickets=told, pick=dict(pick or {})))
        end_task(task, by, _("手工录入票号出票"))
        _audit(TYPED, task, by, {"note": note.strip()[:200]})
    return order


def hand_to(by: Any, pk: int, supplier: SupplierAccount, *, not_issued: bool = False) -> TicketOrder:
    """Another supplier shall issue it, at whatever it costs us; what the present one holds is given back.

    `not_issued`: the person has made sure that the present one did not issue. Locks as `issue_by_hand`. Raises also
    TicketError SUPPLIER_ASKED where it may have issued, SUPPLIER_UNAVAILABLE.
    """
    task = own_task(by, pk)
    with transaction.atomic():
        _bought, order = _locked(task, by)
        known = {one["supplier"] for one in order.candidates}
        if supplier.code not in known or not may_hold(supplier, now()):
            raise TicketError(
                Code.SUPPLIER_UNAVAILABLE, _("这个供应商现在不能出这张票"), "supplier", _("请选择其他供应商")
            )  # fmt: skip
        _surely_not_issued(order, not_issued=not_issued)
        free(order)
        order.supplier = supplier
        # who is asked first, at any price: people have decided
        chosen = [one for one in order.candidates if one["supplier"] == supplier.code]
        order.candidates = [
            {**chosen[0], "any_price": True},
            *(c for c in order.candidates if c not in chosen),
        ]
        order.save()
        end_task(task, by, _("转 %(name)s 出票") % {"name": supplier.name})
        _audit(HANDED, task, by, {"supplier": supplier.code})
        later(order.pk)
    return order


def give_up(by: Any, pk: int, reason: str, *, not_issued: bool = False) -> TicketOrder:
    """Nobody will issue it: all of the money goes back. `not_issued` as in `hand_to`. Locks and errors alike.

    Raises TicketError INVALID_INPUT for a reason that is too short.
    """
    why = reason.strip()[:150]
    if len(why) < SHORTEST:
        raise TicketError(
            Code.INVALID_INPUT, _("请写明原因（不少于 %(count)d 字）") % {"count": SHORTEST}, "reason"
        )
    task = own_task(by, pk)
    with transaction.atomic():
        _bought, order = _locked(task, by)
        _surely_not_issued(order, not_issued=not_issued)
        end_task(task, by, why)
        fail(order, why)
        _audit(GAVE_UP, task, by, {"reason": why})
    return order


def try_again(by: Any, pk: int, *, not_issued: bool = False) -> TicketOrder:
    """Issue it the usual way once more. Locks and errors as `hand_to`."""
    task = own_task(by, pk)
    with transaction.atomic():
        _bought, order = _locked(task, by)
        _surely_not_issued(order, not_issued=not_issued)
        end_task(task, by, _("重新出票"))
        later(order.pk)
    return order


@transaction.atomic
def conclude(by: Any, pk: int, result: str) -> DeskTask:
    """A matter that needed a look was looked at. Not for orders that have no tickets yet: those end by themselves.

    Locks: the task. Raises OutOfScope, NotAllowed, TicketError TASK_TAKEN, TASK_DONE, INVALID_INPUT, NOT_POSSIBLE.
    """
    told = result.strip()[:200]
    if len(told) < SHORTEST:
        raise TicketError(
            Code.INVALID_INPUT, _("请写明处理结果（不少于 %(count)d 字）") % {"count": SHORTEST}, "result"
        )
    found = own_task(by, pk)
    [task] = lock_rows(DeskTask.objects.select_related("ticket_order__unit").filter(pk=found.pk))
    refuse_others(task, by)
    if task.kind in ISSUE_KINDS and task.ticket_order.state in (S.PAID, S.ISSUING):
        raise TicketError(
            Code.NOT_POSSIBLE, _("订单还没有出票"), "task", _("请录入票号、转供应商出票，或放弃并退款")
        )  # fmt: skip
    end_task(task, by, told)
    _audit(ENDED, task, by, {"result": told})
    return task


def own_task(by: Any, pk: int) -> DeskTask:
    """A task that one has, or takes now. Raises and locks as `take`."""
    found = get_row(by, DeskTask.objects.select_related("ticket_order__unit"), pk=pk)
    require(by, DESK, found)
    return take(by, found.pk)


def _locked(task: DeskTask, by: Any) -> tuple[Any, TicketOrder]:
    bought, order = lock_both(task.ticket_order_id)
    [row] = lock_rows(DeskTask.objects.filter(pk=task.pk))
    refuse_others(row, by)
    if order is None or order.state not in (S.PAID, S.ISSUING):
        raise TicketError(
            Code.NOT_POSSIBLE, _("订单不是待出票，不能再出票"), "task", _("请刷新后查看最新状态")
        )  # fmt: skip
    return bought, order


def _refuse_done(task: DeskTask) -> None:
    if task.state == DeskState.DONE:
        raise TicketError(Code.TASK_DONE, _("这项任务已经办结"), "task", _("请刷新出票台"))


def refuse_others(task: DeskTask, by: Any) -> None:
    """Only whoever has an open task goes on with it. Raises TicketError TASK_DONE, TASK_TAKEN."""
    _refuse_done(task)
    if task.taken_by_id != by.pk:
        raise TicketError(Code.TASK_TAKEN, _("这项任务不在您手上"), "task", _("请先领取任务"))


def _surely_not_issued(order: TicketOrder, *, not_issued: bool) -> None:
    """An issue call without an answer may have made tickets: nobody asks again before that is known."""
    calls = order.calls.filter(kind=CallKind.ISSUE, state__in=OPEN)
    if calls.exists() and not not_issued:
        raise TicketError(
            Code.SUPPLIER_ASKED, _("供应商可能已经出票"), "not_issued", _("请先电话核实；确认没有出票的，勾选已核实")
        )  # fmt: skip
    _settle_calls(order, Answer(CallState.REFUSED, None, BY_HAND, str(_("人工核实：未出票"))))
    if order.state == S.ISSUING:
        move_locked(order, "hand_over", reason=str(_("人工核实：未出票")))


def _settle_calls(order: TicketOrder, answer: Answer) -> None:
    for call in lock_rows(
        SupplierCall.objects.filter(ticket_order=order, kind=CallKind.ISSUE, state__in=OPEN)
    ):
        settle(call, answer)


def end_task(task: DeskTask, by: Any, result: Any) -> None:
    """Somebody's *locked* task is done."""
    DeskTask.objects.filter(pk=task.pk).exclude(state=DeskState.DONE).update(
        state=DeskState.DONE, done_at=now(), result=str(result)[:200], taken_by=by
    )


def _audit(action: audit.Action, task: DeskTask, by: Any, told: Mapping[str, Any] | None = None) -> None:
    order = task.ticket_order
    after = {"order": order.number, "kind": task.kind, **(told or {})}
    audit.record(action, task, after=after, actor=actor_label(by), org_path=order.unit.path)
