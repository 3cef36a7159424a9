"""The sum is agreed: within the limit it is written at once, above it the approval flow decides."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.approvals.interfaces import submit
from plugins.org_hierarchy.interfaces import limit_at
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.money import format_yuan
from saleor_o2o.kernel.states import move
from saleor_o2o.ordering.interfaces import withdraw

from ..choices import Clock, Kind, Phase, State
from ..clocks import clock
from ..errors import AfterSaleError
from ..errors import AfterSaleErrorCode as Code
from ..models import AfterSale
from ..noting import note
from ..paying import ELSEWHERE, give_back, given_back, lock_order, rest_of
from ..selectors import decided_before, unit_of
from ..telling import refunded_event
from .holding import put_back

MATTER = "after_sale.refund"
AGREED = audit.action("after_sale.agreed", _("同意售后退款"))


def settle(row: AfterSale, user: Any, why: str = "", *, at_counter: bool = False) -> AfterSale:
    """Give an agreed sum of a *locked* after-sale back, or ask for approval when it is above the person's limit.

    What other after-sales of the order gave back counts along. `user` None: silence agreed. Locks and errors as
    `start`, and what the approval flow raises.
    """
    unit = unit_of(row.order_id)
    whole = row.goes_back + decided_before(row)
    if user is not None and not user.is_superuser and whole > limit_at(user, "refund", unit):
        move(row, "ask_approval", reason=why[:200])
        submit(MATTER, row, unit, user, note=why, amount=whole)
        note(row, f"退款 {format_yuan(row.goes_back)} 超过经办人上限，提交审批", amount=row.goes_back)
        return row
    return start(row, user, why, at_counter=at_counter)


def start(row: AfterSale, user: Any, why: str = "", *, at_counter: bool = False) -> AfterSale:
    """Write the refund of a *locked* after-sale, and what its goods do. It is sent after the commit.

    Locks: intent, order, (the cashier's rows, Saleor payment), stock, sub-orders. Raises AfterSaleError
    REFUND_UNDER_WAY, REFUND_REFUSED; FulfilmentRefused SHIPPED_MEANWHILE; LockTimeout: nothing has happened then.
    """
    first = row.refund_tries == 0
    move(row, "start_refund", reason=why[:200])
    order = lock_order(row.order_id)
    if first:
        pieces, restock = _goods(row)
        withdraw(order, pieces, restock=restock, user=user)
    # After a failure the next try is another refund, of what the failed one did not bring.
    amount = row.goes_back if first else rest_of(row.refund_key)
    key = row.number if first else f"{row.number}-{row.refund_tries}"
    arrived_at_once = _write_refund(row, order, amount, key, user, at_counter=at_counter)
    if arrived_at_once is None:
        return row
    audit.record(
        AGREED, row, after={"number": row.number, "amount": row.goes_back, "key": row.refund_key, "why": why},
        org_path=unit_of(row.order_id).path,
    )  # fmt: skip
    words = (
        f"同意退款 {format_yuan(row.goes_back)}，正在原路退回"
        if row.goes_back
        else "同意，这些商品没有付过钱，不退款"
    )
    note(row, words, amount=row.goes_back)
    # Cards and cash give back in this transaction: whoever agreed sees it done, not when the news has come round.
    return _arrived(row) if arrived_at_once else row


def _write_refund(
    row: AfterSale, order: Any, amount: Decimal, key: str, user: Any, *, at_counter: bool
) -> bool | None:
    """Write it at the cashier; whether all of it has arrived. None: the money came another way, people pay it out.

    Where no money goes back (points or a coupon paid) there is nothing to write: it has arrived.
    """
    if not amount:
        return True
    try:
        reason = str(row.get_reason_display())
        row.refund_ref, arrived_at_once = give_back(
            order, amount, reason=reason, key=key, user=user, at_counter=at_counter
        )
    except AfterSaleError as refusal:
        if refusal.code != ELSEWHERE:
            raise
        _await_payout(row)
        return None
    row.refund_key = key
    row.save(update_fields=["refund_key", "refund_ref"])
    return arrived_at_once


def _await_payout(row: AfterSale) -> None:
    others = AfterSale.objects.filter(
        order_id=row.order_id, state=State.REFUNDING, refund_base__isnull=False
    ).exclude(pk=row.pk)
    if others.exists():
        raise AfterSaleError(
            Code.REFUND_UNDER_WAY,
            _("这个订单还有一笔待柜台或渠道退款的售后"),
            hint=_("请先办完那一笔"),
        )
    row.await_payout(given_back(row.order_id), clock(Clock.PAY_OUT, row.sub_order.line).until)
    row.save(update_fields=["refund_base", "due_at", "escalated_at"])
    audit.record(
        AGREED, row, after={"number": row.number, "amount": row.goes_back, "elsewhere": True},
        org_path=unit_of(row.order_id).path,
    )  # fmt: skip
    note(row, f"同意退款 {format_yuan(row.goes_back)}，请收款的柜台或支付渠道办理", amount=row.goes_back)


@transaction.atomic
def look_for_payout(pk: int) -> AfterSale | None:
    """Finish an after-sale whose money people have given back where it was taken; again: no change.

    What Saleor's payments of the order booked since it was agreed must cover it. Locks: the after-sale, stock
    held, sub-orders.
    """
    rows = lock_rows(AfterSale.objects.filter(pk=pk))
    row: AfterSale | None = rows[0] if rows else None
    if row is None or row.refund_base is None or not row.is_paid_out:
        return None
    if given_back(row.order_id) - row.refund_base < row.goes_back:
        return None
    return _arrived(row)


def _goods(row: AfterSale) -> tuple[dict[int, tuple[int, int]], dict[int, int]]:
    """By line: pieces that had not left and that had; and how many of the latter can be sold again."""
    pieces: dict[int, tuple[int, int]] = {}
    restock: dict[int, int] = {}
    for one in row.lines.select_related("part_line").order_by("part_line_id"):
        line, count = one.part_line, one.pieces
        if not count:
            continue
        free = line.quantity - line.shipped - line.withdrawn
        # Asked for before anything left: never silently paid for goods that are on their way now.
        unsent = count if row.phase == Phase.BEFORE else min(count, free)
        unsent = 0 if row.kind == Kind.RETURN else unsent
        pieces[line.pk] = (unsent, count - unsent)
        one.freed = unsent
        one.save(update_fields=["freed"])
        if row.kind == Kind.RETURN:
            restock[line.pk] = count - one.damaged
    return pieces, restock


@transaction.atomic
def arrived(refund_key: str) -> AfterSale | None:
    """The money of a refund has reached the customer; again: no change. Locks: the after-sale, stock
    held for it, the sub-orders.
    """
    row = _of(refund_key)
    if row is None or row.state != State.REFUNDING:
        return row
    return _arrived(row)


def _arrived(row: AfterSale) -> AfterSale:
    move(row, "finish")
    row.lines.update(is_open=False)
    put_back(row)  # what was held for an exchange that became a refund
    words = f"退款 {format_yuan(row.goes_back)} 已到账" if row.goes_back else "售后已办结"
    note(row, words, amount=row.goes_back)
    publish(refunded_event(row), key=f"order:{row.order_id}")
    return row


@transaction.atomic
def failed(refund_key: str, code: str) -> AfterSale | None:
    """The provider gave a refund up: people decide what next; again: no change. Locks: the after-sale."""
    row = _of(refund_key)
    if row is None or row.state != State.REFUNDING:
        return row
    move(row, "fail_refund", why=code, reason=code[:200])
    note(row, f"退款 {format_yuan(row.goes_back)} 失败（{code}），等待人工处理", code=code)
    return row


def _of(refund_key: str) -> AfterSale | None:
    rows = lock_rows(AfterSale.objects.filter(refund_key=refund_key)) if refund_key else []
    return rows[0] if rows else None
