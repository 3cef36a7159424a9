"""A refund above one's limit: asked for, decided in the approval flow, carried out once under its key."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.approvals.interfaces import ApprovalRequest, open_request, submit
from plugins.approvals.interfaces import withdraw as withdraw_approval
from plugins.org_hierarchy.interfaces import limit_at
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.money import format_yuan
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.kernel.request import actor_label, bind_request
from saleor_o2o.kernel.scope import NotAllowed, get_row, require
from saleor_o2o.kernel.states import move

from ..error_codes import CounterErrorCode as Code
from ..errors import CounterError
from ..locks import lock_refund_request, lock_sale
from ..models import (
    OPEN_REQUESTS,
    CounterSale,
    PaidBy,
    RefundRequest,
    RefundRequestState,
    SaleRefund,
    Shift,
    ShiftState,
)
from ..numbers import REFUND_REQUEST
from ..permissions import REFUND
from ..selectors.shifts import needs_shift
from .pos import PosSlip
from .refunds import check_left, check_wish, give_back, request_of

#: The matter in the approval flow.
MATTER = "counter_sales.refund"
ASKED = audit.action("counter.refund_asked", _("申请超限退款"))


@transaction.atomic
def ask_refund(
    user: Any, sale_pk: int, amount: Decimal, reason: str, *, key: str, goods_back: bool = False
) -> RefundRequest:
    """Ask those who may for a refund above the user's own limit; the same `key` again is the same request.

    Nothing moves before it is approved. Locks: sale. Raises OutOfScope, NotAllowed, ApprovalError (NOT_RESPONSIBLE,
    NO_ROUTE …), CounterError: REFUND_INVALID, REASON_REQUIRED, NOT_PAID, KEY_REUSED, WITHIN_LIMIT (nobody need be
    asked), REFUND_ASKED (one a sale).
    """
    found = get_row(user, CounterSale, pk=sale_pk)
    require(user, REFUND, found)
    check_wish(amount, reason)
    request = request_of(found, key)
    sale = lock_sale(found.pk)
    known = RefundRequest.objects.filter(key=key).first()
    if known is not None and (known.sale_id, known.amount, known.asked_by_id) == (sale.pk, amount, user.pk):
        return known
    if known is not None or SaleRefund.objects.filter(request_key=request).exists():
        raise CounterError(Code.KEY_REUSED, _("这次退款已登记过，请刷新页面"), "amount")
    check_left(sale, amount)
    whole = sale.refunded + amount
    if user.is_superuser or whole <= limit_at(user, "refund", sale.unit):
        raise CounterError(Code.WITHIN_LIMIT, _("在您的退款额度以内，请直接退款"))
    open_ = (
        RefundRequest.objects.filter(sale=sale, state__in=OPEN_REQUESTS).select_related("asked_by").first()
    )
    if open_ is not None:
        raise CounterError(
            Code.REFUND_ASKED,
            _("这笔销售已有退款申请 %(number)s（%(who)s，%(sum)s）")
            % {"number": open_.number, "who": open_.asked_by.first_name, "sum": format_yuan(open_.amount)},
            hint=_("请等审批结果，或由申请人撤回后再申请"),
        )
    row = RefundRequest.objects.create(
        number=next_number(REFUND_REQUEST),
        sale=sale,
        key=key,
        amount=amount,
        reason=reason.strip()[:200],
        goods_back=goods_back,
        asked_by=user,
    )
    # Routed by all that goes back: a large refund must not pass in small pieces.
    submit(MATTER, row, sale.unit, user, note=row.reason, amount=whole)
    audit.record(
        ASKED,
        sale,
        after={"request": row.number, "amount": amount, "reason": row.reason},
        org_path=sale.unit.path,
    )
    return row


def decided(approval: ApprovalRequest, *, approved: bool) -> None:
    """What follows the last decision, in its transaction: approved money goes back at once where it can.

    By code: at once. Cash: at once from the drawer of whoever asked, if his shift is open; else it waits for
    `carry_out`, as a card does for the terminal's slip. Locks: the approval's row is locked; sale, request, and those
    of `give_back`. Raises CounterError REFUND_INVALID, NOT_PAID: the money went back another way meanwhile.
    """
    key = RefundRequest.objects.values_list("sale_id", flat=True).get(pk=approval.subject_id)
    sale = lock_sale(key)
    row = lock_refund_request(int(approval.subject_id))
    last = approval.actions.order_by("-pk").first()
    told: dict[str, Any] = {"user_id": last.actor_id if last else None, "words": last.note if last else ""}
    if not approved:
        move(row, "refuse", reason=told["words"], **told)
        return
    check_left(sale, row.amount)
    move(row, "approve", reason=told["words"], **told)
    if not _at_hand(sale, row):
        return
    try:
        # His drawer, his receipt: the decision was somebody else's, the hand is his.
        with transaction.atomic(), bind_request(actor=actor_label(row.asked_by)):
            _carry_out(row.asked_by, sale, row, None)
    except CounterError as refusal:
        if refusal.code is not Code.SHIFT_REQUIRED:  # counted in this very moment: it waits
            raise


def withdrawn(approval: ApprovalRequest) -> None:
    """Whoever asked has taken it back, in the flow. Locks: sale, request."""
    key = RefundRequest.objects.values_list("sale_id", flat=True).get(pk=approval.subject_id)
    lock_sale(key)
    move(lock_refund_request(int(approval.subject_id)), "withdraw")


@transaction.atomic
def carry_out(user: Any, request_pk: int, *, pos: PosSlip | None = None) -> RefundRequest:
    """Give approved money back: the notes are in the hand, or the terminal has returned it (`pos`). Twice is once.

    Locks: sale, request, and those of `give_back`. Raises OutOfScope, NotAllowed, CounterError REFUND_NOT_APPROVED,
    REFUND_INVALID, NOT_PAID, SHIFT_REQUIRED, POS_INVALID, POS_SLIP_USED.
    """
    found = get_row(user, RefundRequest, pk=request_pk)
    require(user, REFUND, found.sale)
    sale = lock_sale(found.sale_id)
    row = lock_refund_request(found.pk)
    if row.state == RefundRequestState.DONE:
        return row
    if row.state != RefundRequestState.APPROVED:
        raise CounterError(
            Code.REFUND_NOT_APPROVED,
            _("退款申请 %(number)s：%(state)s，不能退款")
            % {"number": row.number, "state": row.get_state_display()},
        )
    check_left(sale, row.amount)
    _carry_out(user, sale, row, pos)
    return row


@transaction.atomic
def withdraw_refund(user: Any, request_pk: int) -> RefundRequest:
    """Give up a request that is open, or an approved one whose money has not gone back.

    Locks: the approval, sale, request. Raises OutOfScope, NotAllowed (somebody else asked), ApprovalError, IllegalMove.
    """
    found = get_row(user, RefundRequest, pk=request_pk)
    if found.asked_by_id != user.pk:
        raise NotAllowed
    approval = open_request(found, MATTER)
    if approval is not None:
        withdraw_approval(approval, user)
        return RefundRequest.objects.get(pk=found.pk)
    lock_sale(found.sale_id)
    row = lock_refund_request(found.pk)
    move(row, "withdraw")
    return row


def _carry_out(user: Any, sale: CounterSale, row: RefundRequest, pos: PosSlip | None) -> None:
    refund = give_back(
        user,
        sale,
        row.amount,
        row.reason,
        request=request_of(sale, row.key),
        goods_back=row.goods_back,
        pos=pos,
    )
    move(row, "finish", refund=refund)


def _at_hand(sale: CounterSale, row: RefundRequest) -> bool:
    """True when the money can go back without anybody's doing: from a provider, or from the asker's own drawer."""
    if sale.paid_by == PaidBy.CODE:
        return True
    if sale.paid_by == PaidBy.POS:
        return False
    shifts = Shift.objects.filter(unit=sale.unit_id, state=ShiftState.OPEN)
    return shifts.filter(clerk=row.asked_by_id).exists() or not (needs_shift(sale.unit_id) or shifts.exists())
