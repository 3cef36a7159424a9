"""Money of parts that people give back outside: it waits on the desk, with its amount, until somebody says how."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.numbering import next_number, number_kind
from saleor_o2o.kernel.request import actor_label, current
from saleor_o2o.kernel.scope import get_row, require
from saleor_o2o.kernel.states import move

from ..error_codes import CashierErrorCode
from ..errors import CashierError
from ..locking import lock_intent
from ..models import OrderRefund, PartRefund, PaymentPart, ShareState
from ..tenders import lock_tenders, tender_of

SHARE = number_kind("part_refund", "TH")
HANDED_BACK = audit.action("cashier.handed_back", _("登记人工退回"))
REFUND = "payment.refund"


def write_share(
    part: PaymentPart, amount: Decimal, order_refund: OrderRefund | None, *, at_counter: bool
) -> PartRefund:
    """Give a share of a *locked* captured part back, at once or by hand. The caller keeps `part.refunded`."""
    share = PartRefund.objects.create(
        order_refund=order_refund, part=part, number=next_number(SHARE), amount=amount
    )
    if tender_of(part.kind).refund(part, amount, share.number, at_counter=at_counter):
        move(share, "finish", reference="", done_by=current().actor)
    return share


def leave_to_people(part: PaymentPart, amount: Decimal) -> PartRefund:
    """Note that a *locked* part was given up although its money must go back by hand."""
    return PartRefund.objects.create(part=part, number=next_number(SHARE), amount=amount)


@transaction.atomic
def hand_back(user: Any, share_pk: int, reference: str) -> PartRefund:
    """Somebody gave a waiting share back and says how: a slip's number, a transfer's. Twice is once.

    Locks and errors as `note_handed_back`, and OutOfScope, NotAllowed.
    """
    require(user, REFUND, get_row(user, PartRefund, pk=share_pk))
    return note_handed_back(user, share_pk, reference)


@transaction.atomic
def note_handed_back(user: Any, share_pk: int, reference: str) -> PartRefund:
    """Note it for somebody whose right to do so the caller has checked (a clerk with the customer before him).

    Locks: intent, part, share, the tender's rows. Raises CashierError REASON_REQUIRED, and what the tender refuses.
    """
    from .order_refunds import conclude

    found = PartRefund.objects.select_related("part").get(pk=share_pk)
    if not reference.strip():
        raise CashierError(CashierErrorCode.REASON_REQUIRED, field="reference", message=_("请填写退回凭据号"))
    intent = lock_intent(found.part.intent_id)
    part = lock_rows(PaymentPart.objects.filter(pk=found.part_id))[0]
    share = lock_rows(PartRefund.objects.filter(pk=share_pk))[0]
    if share.state == ShareState.DONE:
        return share
    lock_tenders({(part.kind, part.ref)})
    tender_of(part.kind).handed_back(part, share.amount, share.number, reference.strip()[:64], user)
    move(share, "finish", reference=reference.strip()[:64], done_by=actor_label(user))
    audit.record(HANDED_BACK, share, after={"amount": share.amount, "reference": share.reference})
    if share.order_refund_id is not None:
        conclude(share.order_refund_id, intent)
    return share
