"""The seller answers: yes, or no with a reason; and what the customer can do about it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.states import move

from ..checking import clean, for_staff, mine
from ..choices import OVER, Clock, Kind, State
from ..clocks import clock
from ..errors import AfterSaleError
from ..errors import AfterSaleErrorCode as Code
from ..events import AfterSaleClosed
from ..models import AfterSale
from ..noting import note
from ..permissions import DECIDE
from ..selectors import unit_of
from .holding import put_back, set_aside
from .refunding import settle, start

REFUSED = audit.action("after_sale.refused", _("拒绝售后"))


@transaction.atomic
def agree(
    user: Any, pk: int, *, return_to: str = "", why: str = "", seen: str = "", at_counter: bool = False
) -> AfterSale:
    """Say yes to a wish that waits: the money goes back, or the goods may come (to `return_to`).

    `at_counter`: the customer stands before whoever agrees, and takes a share that was paid in cash.

    Locks: the after-sale, then as `refunding.start`. Raises OutOfScope, NotAllowed, AfterSaleError
    (CHANGED_MEANWHILE, WRONG_STATE, REQUIRED), and what `refunding.settle` raises.
    """
    row: AfterSale = for_staff(user, AfterSale, pk, DECIDE, seen)
    if row.state != State.APPLIED:
        raise wrong_state(row)
    row.decided_by = user
    row.answer = clean(why, "why")
    row.save(update_fields=["decided_by", "answer"])
    return agree_locked(row, user, return_to, row.answer, at_counter=at_counter)


def agree_locked(
    row: AfterSale, user: Any, return_to: str = "", why: str = "", *, at_counter: bool = False
) -> AfterSale:
    """Say yes to a *locked* wish; `user` None: silence, or a ruling, did."""
    if row.kind != Kind.REFUND:
        if row.kind == Kind.EXCHANGE:
            set_aside(row)
        address = clean(return_to, "return_to", required=_("请填写退货地址、收件人和电话"), most=200)
        move(row, "agree_return", return_to=address, due_at=clock(Clock.SHIP_BACK, row.sub_order.line).until)
        what = "退货" if row.kind == Kind.RETURN else row.get_kind_display()
        until = timezone.localtime(row.due_at)
        note(row, f"同意{what}，{row.get_bearer_display()}寄回运费，请买家在 {until:%m-%d %H:%M} 前寄回")
        return row
    row.agreed = row.amount
    row.save(update_fields=["agreed"])
    return settle(row, user, why, at_counter=at_counter)


@transaction.atomic
def refuse(user: Any, pk: int, why: str, *, seen: str = "") -> AfterSale:
    """Say no, to the wish or to the goods that came. Raises OutOfScope, NotAllowed, IllegalMove, AfterSaleError."""
    row: AfterSale = for_staff(user, AfterSale, pk, DECIDE, seen)
    reason = clean(why, "why", required=_("请填写拒绝原因，买家会看到"))
    if row.state not in (State.APPLIED, State.TO_RECEIVE):
        raise wrong_state(row)
    row.answer, row.decided_by = reason, user
    row.save(update_fields=["answer", "decided_by"])
    move(row, "refuse", reason=reason[:200], due_at=clock(Clock.ARBITRATE, row.sub_order.line).until)
    audit.record(
        REFUSED, row, after={"number": row.number, "why": reason}, org_path=unit_of(row.order_id).path
    )
    note(row, f"{row.get_state_display()}：{reason}")
    return row


@transaction.atomic
def retry(user: Any, pk: int, *, seen: str = "") -> AfterSale:
    """Send a refund that the provider gave up once more, under a number of its own.

    The sum was approved when it was agreed. Locks and errors as `agree`.
    """
    row: AfterSale = for_staff(user, AfterSale, pk, DECIDE, seen)
    if row.state != State.REFUND_FAILED:
        raise wrong_state(row)
    return start(row, user, "再次退款")


@transaction.atomic
def withdraw_wish(user: Any, number: str) -> AfterSale:
    """The customer takes a wish back. Again: no change. Raises OutOfScope, AfterSaleError WRONG_STATE, LockTimeout."""
    row = mine(user, number)
    if row.state == State.CANCELLED:
        return row
    if row.state not in (State.APPLIED, State.TO_RETURN, State.REFUSED, State.GOODS_REFUSED):
        raise wrong_state(row)
    move(row, "withdraw")
    end(row, "买家撤销申请")
    return row


def end(row: AfterSale, text: str) -> None:
    """Free the lines of a *locked* after-sale that is over without money, and what is held for it; tell.

    Locks: stock rows, where an exchange holds some.
    """
    put_back(row)
    row.lines.update(is_open=False)
    note(row, text)
    publish(
        AfterSaleClosed(
            after_sale_id=row.pk, order_id=row.order_id, sub_order_id=row.sub_order_id, state=str(row.state)
        ),
        key=f"order:{row.order_id}",
    )


def wrong_state(row: AfterSale) -> AfterSaleError:
    """What to say when an after-sale is not where it would have to be."""
    hint = _("请刷新后查看") if row.state in OVER else None
    return AfterSaleError(
        Code.WRONG_STATE,
        _("售后现在是“%(state)s”，不能这样处理") % {"state": row.get_state_display()},
        hint=hint,
    )
