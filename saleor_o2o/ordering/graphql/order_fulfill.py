"""``orderFulfill``: nothing leaves the warehouse before the money is here, and never twice."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from saleor.core.permissions import OrderPermissions
from saleor.graphql.core.types.common import OrderError
from saleor.graphql.core.utils import from_global_id_strict_type
from saleor.graphql.order.mutations.fulfillments import OrderFulfill as StockOrderFulfill
from saleor.graphql.order.types import Order as OrderType
from saleor.graphql.order.types import OrderLine as OrderLineType
from saleor.order.error_codes import OrderErrorCode

from ..services.fulfilling import FulfilmentRefused, lock_for_fulfilment
from ..services.withdrawing import check_to_send


class OrderFulfill(StockOrderFulfill):
    """Stock's mutation under the order's lock; an order that waits for its money is refused."""

    class Meta:
        description = "Creates new fulfillments for an order."
        permissions = (OrderPermissions.MANAGE_ORDERS,)
        error_type_class = OrderError
        error_type_field = "order_errors"

    @classmethod
    def perform_mutation(cls, _root: Any, info: Any, order: str | None = None, **data: Any) -> Any:
        """Locks: the order's row, so that two clerks cannot send the same line twice; then its stock rows, in order."""
        if not order:
            raise ValidationError(
                {"order": ValidationError("请指定要发货的订单", code=OrderErrorCode.REQUIRED)}
            )
        pk = from_global_id_strict_type(order, OrderType, field="order")
        with transaction.atomic():
            try:
                lock_for_fulfilment(pk)
            except FulfilmentRefused as refusal:
                raise ValidationError(
                    {"order": ValidationError(refusal.message, code=OrderErrorCode.PAYMENT_MISSING)}
                ) from refusal
            try:
                check_to_send(int(pk), _wanted(data.get("input") or {}))
            except FulfilmentRefused as refusal:
                raise ValidationError(
                    {
                        "order_line_id": ValidationError(
                            refusal.message, code=OrderErrorCode.FULFILL_ORDER_LINE
                        )
                    }
                ) from refusal
            return super().perform_mutation(_root, info, order, **data)


def _wanted(typed: Any) -> dict[int, int]:
    """How many of each line are to be sent; lines that do not exist are stock's to refuse."""
    wanted: dict[int, int] = {}
    for line in typed.get("lines") or ():
        try:
            key = int(from_global_id_strict_type(line["order_line_id"], OrderLineType, field="lines"))
        except (ValidationError, ValueError):
            continue
        wanted[key] = wanted.get(key, 0) + sum(one["quantity"] for one in line["stocks"])
    return wanted
