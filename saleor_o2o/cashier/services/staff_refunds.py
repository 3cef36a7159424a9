"""A refund that somebody of the staff asks for: in reach, permitted, within the person's limit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _
from saleor.order.models import Order
from saleor.payment import TransactionKind
from saleor.payment.models import Transaction

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.money import to_fen
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import get_row, organisation, require

from ..error_codes import CashierErrorCode as Code
from ..errors import CashierError
from ..interfaces import lock_intent_of
from ..models import OrderRefund
from .order_refunds import refund_order

REFUND = "order.refund"
REFUNDED = audit.action("cashier.order_refund", _("订单退款"))


@transaction.atomic
def refund_by_staff(user: Any, order_pk: int, amount: Decimal, *, reason: str, key: str) -> OrderRefund:
    """Give `amount` yuan back, once per `key` (the caller's own, kept under the order's).

    What was given back of the order before counts towards the person's limit. Errors as `refund_order`, and OutOfScope,
    NotAllowed, OrgError LIMIT_EXCEEDED, CashierError REASON_REQUIRED. Locks as `refund_order`.
    """
    order = get_row(user, Order, pk=order_pk)
    require(user, REFUND, order)
    if to_fen(amount) <= 0:
        raise CashierError(Code.INVALID_AMOUNT, field="amount")
    if not reason.strip():
        raise CashierError(Code.REASON_REQUIRED, field="reason", message=_("请填写退款原因"))
    if not 0 < len(key.strip()) <= 48:
        raise CashierError(Code.REASON_REQUIRED, field="key", message=_("请求号无效，请刷新页面"))
    own_key = f"staff:{order_pk}:{key.strip()}"
    known = OrderRefund.objects.filter(key=own_key).exists()
    if not known and organisation().confines(user):
        lock_intent_of(order_pk)
        back = Transaction.objects.filter(
            payment__order_id=order_pk, kind=TransactionKind.REFUND, is_success=True
        ).aggregate(total=Sum("amount"))["total"]
        organisation().check_limit(user, "refund", (back or Decimal(0)) + amount, order)
    done = refund_order(order_pk, amount, reason=reason, key=own_key, by=actor_label(user), user=user)
    if not known:
        audit.record(REFUNDED, done, after={"amount": amount, "reason": reason.strip()[:200]})
    return done
