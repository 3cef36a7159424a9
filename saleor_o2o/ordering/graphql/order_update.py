"""``orderUpdate``: an address that is changed after placing is part of the story, and moves the delivery."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from saleor.core.permissions import OrderPermissions
from saleor.graphql.core.types.common import OrderError
from saleor.graphql.order.mutations.orders import OrderUpdate as StockOrderUpdate
from saleor.order.error_codes import OrderErrorCode
from saleor.order.models import Order

from saleor_o2o.kernel.locks import LockTimeout, bounded_wait

from ..services.readdressing import Where, note_readdressed


class OrderUpdate(StockOrderUpdate):
    """Stock's mutation, with the change of the address in the order's timeline."""

    class Meta:
        description = StockOrderUpdate._meta.description
        model = Order
        permissions = (OrderPermissions.MANAGE_ORDERS,)
        error_type_class = OrderError
        error_type_field = "order_errors"

    @classmethod
    def save(cls, info: Any, instance: Order, cleaned_input: Any) -> None:
        """Locks: the order's sub-orders, after stock's rows. Waiting too long is an order error, in words."""
        try:
            with transaction.atomic(), bounded_wait():
                before = Where.of(instance.pk)
                super().save(info, instance, cleaned_input)
                note_readdressed(instance.pk, before)
        except LockTimeout as busy:
            raise ValidationError(
                {"id": ValidationError(busy.message, code=OrderErrorCode.INVALID)}
            ) from busy
