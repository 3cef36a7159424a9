"""A clerk serves somebody at the counter or on the telephone: asks, agrees, takes goods in, hands out, pays out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import NotAllowed, get_row, policy_for
from saleor_o2o.kernel.states import move
from saleor_o2o.ordering.interfaces import paymaster_of

from ..checking import for_staff, serves
from ..choices import SWAPS, Clock, Outcome, State, Via
from ..clocks import clock
from ..errors import AfterSaleError
from ..errors import AfterSaleErrorCode as Code
from ..models import AfterSale
from ..noting import note
from ..paying import given_back
from ..permissions import DECIDE
from ..places import counter_address
from ..selectors import unit_of
from .applying import Wanted, apply
from .deciding import agree, wrong_state
from .exchanging import arrive_locked, take_in_locked
from .holding import hand_out
from .refunding import look_for_payout
from .returning import Found, accept_locked

#: What stands where a carrier would: the goods changed hands at the counter.
BROUGHT, HANDED = "柜台交回", "柜台交付"


@dataclass(frozen=True, slots=True)
class Yes:
    """What the clerk agrees to at once.

    `goods_here`: they lie on the counter; `damaged`: by sub-order line how many of them cannot be sold again;
    `return_to`: where they are to be sent otherwise.
    """

    goods_here: bool = False
    damaged: Mapping[int, int] = field(default_factory=dict)
    return_to: str = ""
    why: str = ""


def serve(
    user: Any,
    order_id: int,
    wanted: Wanted,
    *,
    key: str,
    via: str,
    photos: Sequence[Any] = (),
    yes: Yes | None,
) -> tuple[AfterSale, DomainError | None]:
    """Apply for a customer and, with `yes`, agree at once; the after-sale, and why it was not agreed to.

    Two transactions: what was asked for stays when agreeing is refused (no right to, no stock for an exchange), and
    is decided on its page. The same key again changes nothing. Locks and errors as `apply`; then as `agree`.
    """
    row = apply(user, order_id, wanted, key=key, photos=photos, via=via)
    if yes is None or row.state != State.APPLIED:
        return row, None
    here = via == Via.COUNTER
    to = yes.return_to or (counter_address(unit_of(order_id)) if yes.goods_here else "")
    try:
        with transaction.atomic():
            row = agree(user, row.pk, return_to=to, why=yes.why, seen=State.APPLIED, at_counter=here)
            if yes.goods_here and row.state == State.TO_RETURN:
                row = hand_in(user, row.pk, _by_line(row, yes.damaged))
    except DomainError as refusal:
        return AfterSale.objects.get(pk=row.pk), refusal
    return row, None


def _by_line(row: AfterSale, damaged: Mapping[int, int]) -> dict[int, int]:
    return {line.pk: damaged[line.part_line_id] for line in row.lines.all() if line.part_line_id in damaged}


@transaction.atomic
def hand_in(user: Any, pk: int, damaged: Mapping[int, int] | None = None, *, seen: str = "") -> AfterSale:
    """The customer brings the goods to the counter: a return is opened and paid back, other goods are taken in.

    `damaged`: by line of the after-sale. Locks: the after-sale, then as `refunding.start`. Raises OutOfScope,
    NotAllowed, AfterSaleError (CHANGED_MEANWHILE, WRONG_STATE, QUANTITY_INVALID), and what `refunding.settle` raises.
    """
    row: AfterSale = for_staff(user, AfterSale, pk, DECIDE, seen)
    if row.state != State.TO_RETURN:
        raise wrong_state(row)
    line = row.sub_order.line
    move(row, "ship_back", carrier=BROUGHT, waybill=row.number, due_at=clock(Clock.INSPECT, line).until)
    note(row, "顾客把商品交到柜台")
    row.decided_by = user
    row.save(update_fields=["decided_by"])
    if row.kind in SWAPS:
        return take_in_locked(row, damaged or {})
    found = {
        one.pk: Found(one.quantity, (damaged or {}).get(one.pk, 0), one.amount) for one in row.lines.all()
    }
    return accept_locked(row, user, found, why=row.answer, at_counter=True)


@transaction.atomic
def hand_over(user: Any, pk: int, *, seen: str = "") -> AfterSale:
    """The replacement, or the customer's own goods, are handed over at the counter: it is finished.

    Locks: the after-sale, stock rows. Raises OutOfScope, NotAllowed, AfterSaleError (CHANGED_MEANWHILE, WRONG_STATE,
    OUT_OF_STOCK).
    """
    row: AfterSale = for_staff(user, AfterSale, pk, DECIDE, seen)
    if row.state != State.TO_SEND:
        raise wrong_state(row)
    if row.outcome == Outcome.SWAPPED:
        hand_out(row)
    until = clock(Clock.ARRIVE, row.sub_order.line).until
    move(row, "send_out", carrier=HANDED, waybill=row.number, due_at=until)
    return arrive_locked(row, f"{row.get_outcome_display()}，已在柜台交给顾客，售后完成")


def pay_out(user: Any, pk: int, *, slip: str = "", seen: str = "") -> AfterSale:
    """Give the money that was taken over a counter back there, out of the clerk's open shift; twice is once.

    The sum was agreed, and approved where it had to be. `slip`: the terminal's slip of a card's return. Two
    transactions: the paymaster's, then the after-sale's; a sweep does the second one when nobody is left to. Raises
    OutOfScope, NotAllowed, AfterSaleError (WRONG_STATE, CHANGED_MEANWHILE, REFUND_ELSEWHERE), and what the paymaster
    refuses (no open shift, no slip).
    """
    row = get_row(user, AfterSale, pk=pk)
    if not serves(user, row) and not policy_for(AfterSale).may(user, DECIDE, row):
        raise NotAllowed
    if row.state == State.DONE:
        return row
    if (seen and row.state != seen) or row.refund_base is None or not row.is_paid_out:
        raise wrong_state(row)
    found = paymaster_of(row.order_id)
    if found is None:
        raise AfterSaleError(
            Code.REFUND_ELSEWHERE, _("这笔款不是柜台收的"), hint=_("请到收款的支付渠道办理退款")
        )
    before = given_back(row.order_id)
    rest = row.goes_back - (before - row.refund_base)
    if rest > 0:
        reason = str(row.get_reason_display())
        found[0].give_back(user, row.order_id, rest, reason=reason, key=row.number, seen=before, slip=slip)
    look_for_payout(row.pk)
    return AfterSale.objects.get(pk=row.pk)
