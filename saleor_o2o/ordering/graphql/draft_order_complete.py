"""``draftOrderComplete``: all lines are allocated, or none is and the draft stays a draft."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from saleor.core.permissions import OrderPermissions
from saleor.graphql.core.types.common import OrderError
from saleor.graphql.core.utils import from_global_id_strict_type
from saleor.graphql.order.mutations.draft_orders import DraftOrderComplete as StockDraftOrderComplete
from saleor.graphql.order.types import Order as OrderType
from saleor.order.error_codes import OrderErrorCode
from saleor.order.models import Order, OrderLine
from saleor.order.utils import get_order_country

from saleor_o2o.kernel.locks import lock_rows

from ..allocation import lock_stocks


class DraftOrderComplete(StockDraftOrderComplete):
    """Stock's mutation in one transaction that holds the order and its stock rows first."""

    class Meta:
        description = "Completes creating an order."
        permissions = (OrderPermissions.MANAGE_ORDERS,)
        error_type_class = OrderError
        error_type_field = "order_errors"

    @classmethod
    def perform_mutation(cls, _root: Any, info: Any, id: str) -> Any:
        """Locks: the order, then the stock rows of its tracked lines in primary-key order."""
        with transaction.atomic():
            if id:
                pk = from_global_id_strict_type(id, OrderType)
                rows = lock_rows(Order.objects.filter(pk=pk))
                if rows:
                    _refuse_unless_draft(rows[0])
                    tracked = OrderLine.objects.filter(order_id=pk, variant__track_inventory=True)
                    lock_stocks(tracked.values_list("variant_id", flat=True), get_order_country(rows[0]))
            return super().perform_mutation(_root, info, id=id)


def _refuse_unless_draft(order: Order) -> None:
    """Stock would allocate a placed order a second time, and bring a cancelled one back to life."""
    if not order.is_draft():
        raise ValidationError(
            {"id": ValidationError("这张订单已经提交，不是草稿", code=OrderErrorCode.NOT_EDITABLE)}
        )
