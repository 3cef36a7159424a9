"""Exchange and repair: goods come in, something goes out again, or money is offered instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.states import move

from ..checking import clean, for_staff, mine, read_waybill
from ..choices import SWAPS, Clock, Kind, Outcome, State
from ..clocks import clock
from ..errors import AfterSaleError
from ..errors import AfterSaleErrorCode as Code
from ..models import AfterSale
from ..noting import note
from ..permissions import DECIDE
from ..places import return_address
from .deciding import end, wrong_state
from .holding import hand_out, put_back


@transaction.atomic
def take_in(user: Any, pk: int, damaged: Mapping[int, int] | None = None, *, seen: str = "") -> AfterSale:
    """The goods to exchange or to repair are here; of an exchange's lines so many cannot be sold again.

    Locks: the after-sale. Raises OutOfScope, NotAllowed, AfterSaleError (CHANGED_MEANWHILE, WRONG_STATE,
    QUANTITY_INVALID), LockTimeout.
    """
    row: AfterSale = for_staff(user, AfterSale, pk, DECIDE, seen)
    if row.state != State.TO_RECEIVE or row.kind not in SWAPS:
        raise wrong_state(row)
    row.decided_by = user
    row.save(update_fields=["decided_by"])
    return take_in_locked(row, damaged or {})


def take_in_locked(row: AfterSale, damaged: Mapping[int, int]) -> AfterSale:
    """The same for a *locked* row; silence finds nothing damaged."""
    for line in row.lines.order_by("pk"):
        count = damaged.get(line.pk, 0)
        if not 0 <= count <= line.quantity:
            raise AfterSaleError(
                Code.QUANTITY_INVALID,
                _("损坏件数须在 0 到 %(most)s 之间") % {"most": line.quantity},
                f"damaged_{line.pk}",
            )
        line.damaged = count
        line.save(update_fields=["damaged"])
    repair = row.kind == Kind.REPAIR
    if not repair:
        row.outcome = Outcome.SWAPPED
        row.save(update_fields=["outcome"])
    which = Clock.REPAIR if repair else Clock.SEND
    move(row, "take_in", due_at=clock(which, row.sub_order.line).until)
    note(row, "已收到寄回的商品，开始维修" if repair else "已收到寄回的商品，准备寄出换货商品")
    return row


@transaction.atomic
def finish_repair(user: Any, pk: int, *, repaired: bool, why: str = "", seen: str = "") -> AfterSale:
    """The repair is done, or cannot be (with the reason, which the customer sees): the goods go out again.

    Locks and errors as `take_in`, and REQUIRED.
    """
    row: AfterSale = for_staff(user, AfterSale, pk, DECIDE, seen)
    if row.state != State.REPAIRING:
        raise wrong_state(row)
    row.answer = clean(why, "why", required="" if repaired else _("请填写不能维修的原因，买家会看到"))
    row.decided_by = user
    row.outcome = Outcome.REPAIRED if repaired else Outcome.UNCHANGED
    row.save(update_fields=["answer", "decided_by", "outcome"])
    move(row, "leave_workshop", due_at=clock(Clock.SEND, row.sub_order.line).until, reason=row.answer[:200])
    note(row, f"{row.get_outcome_display()}，准备寄回{'：' + row.answer if row.answer else ''}")
    return row


@transaction.atomic
def send_out(user: Any, pk: int, carrier: str, waybill: str, *, seen: str = "") -> AfterSale:
    """The replacement, or the customer's own goods, are on their way.

    Locks: the after-sale, stock rows. Errors as `take_in`, and REQUIRED, OUT_OF_STOCK.
    """
    row: AfterSale = for_staff(user, AfterSale, pk, DECIDE, seen)
    if row.state != State.TO_SEND:
        raise wrong_state(row)
    carrier, code = read_waybill(carrier, waybill)
    if row.outcome == Outcome.SWAPPED:
        hand_out(row)
    move(row, "send_out", carrier=carrier, waybill=code, due_at=clock(Clock.ARRIVE, row.sub_order.line).until)
    note(row, f"{row.get_outcome_display()}，已寄出：{carrier} {code}")
    return row


@transaction.atomic
def receive_out(user: Any, number: str) -> AfterSale:
    """The customer has it. Again: no change. Raises OutOfScope, AfterSaleError WRONG_STATE, LockTimeout."""
    row = mine(user, number)
    if row.state == State.FINISHED:
        return row
    if row.state != State.SENT:
        raise wrong_state(row)
    return arrive_locked(row, "买家确认收到，售后完成")


def arrive_locked(row: AfterSale, text: str) -> AfterSale:
    """What was sent out has arrived; no money was touched, so all of it can be asked for again."""
    move(row, "arrive")
    end(row, text)
    return row


@transaction.atomic
def offer_refund(user: Any, pk: int, why: str, *, return_to: str = "", seen: str = "") -> AfterSale:
    """Nothing to exchange for, or not worth repairing: offer the money instead; the customer decides.

    Locks: the after-sale, stock rows (what was held is put back). Errors as `take_in`, and REQUIRED.
    """
    row: AfterSale = for_staff(user, AfterSale, pk, DECIDE, seen)
    if row.kind not in SWAPS or row.state not in (State.APPLIED, State.REPAIRING, State.TO_SEND):
        raise wrong_state(row)
    row.answer = clean(why, "why", required=_("请写明为什么建议退款，买家会看到"))
    if not row.waybill:
        row.return_to = clean(return_to, "return_to", most=200) or return_address(row)
    row.decided_by = user
    row.save(update_fields=["answer", "decided_by", "return_to"])
    put_back(row)
    move(row, "offer_refund", due_at=clock(Clock.CHOOSE, row.sub_order.line).until, reason=row.answer[:200])
    note(row, f"建议改为退款：{row.answer}")
    return row


@transaction.atomic
def choose(user: Any, number: str, *, refund: bool) -> AfterSale:
    """The customer takes the money instead, or does not. Taken: from here on it is a return.

    Raises OutOfScope, AfterSaleError WRONG_STATE, LockTimeout.
    """
    row = mine(user, number)
    if row.state != State.OFFERED:
        raise wrong_state(row)
    if not refund:
        return decline_locked(row, "买家不同意改为退款")
    become_return(row)
    note(row, "买家同意改为退货退款")
    line = row.sub_order.line
    if row.waybill:
        move(row, "keep_goods", due_at=clock(Clock.INSPECT, line).until)
    else:
        move(row, "agree_return", return_to=row.return_to, due_at=clock(Clock.SHIP_BACK, line).until)
    return row


def become_return(row: AfterSale) -> None:
    """Make a *locked* exchange or repair a return for money; what was held is put back. Locks: stock rows."""
    put_back(row)
    row.kind = Kind.RETURN
    row.outcome = ""
    row.save(update_fields=["kind", "outcome"])


def decline_locked(row: AfterSale, text: str) -> AfterSale:
    """No money instead: goods that are here go back as they are; otherwise it is over."""
    if not row.waybill:
        move(row, "close")
        end(row, f"{text}，售后关闭")
        return row
    row.outcome = Outcome.UNCHANGED
    row.save(update_fields=["outcome"])
    move(row, "give_back", due_at=clock(Clock.SEND, row.sub_order.line).until)
    note(row, f"{text}，商品原样寄回")
    return row
