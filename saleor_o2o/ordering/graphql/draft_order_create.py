"""``draftOrderCreate``: the draft and the note of whose it is are one."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from saleor.core.permissions import OrderPermissions
from saleor.graphql.core.types.common import OrderError
from saleor.graphql.order.mutations.draft_orders import DraftOrderCreate as StockDraftOrderCreate
from saleor.order.error_codes import OrderErrorCode
from saleor.order.models import Order

from saleor_o2o.kernel.locks import LockTimeout, bounded_wait

from ..origin import Made, Origin, order_written


class DraftOrderCreate(StockDraftOrderCreate):
    """Stock's mutation; the order is told to the plugins in the transaction that writes it."""

    class Meta:
        description = StockDraftOrderCreate._meta.description
        model = Order
        permissions = (OrderPermissions.MANAGE_ORDERS,)
        error_type_class = OrderError
        error_type_field = "order_errors"

    @classmethod
    def save(cls, info: Any, instance: Order, cleaned_input: Any) -> None:
        """Also called for later changes by stock's subclasses; only a new draft is told.

        Locks: as the plugins take them, and what the rows refer to. Waiting too long is an order error, in words.
        """
        try:
            with transaction.atomic(), bounded_wait():
                fresh = instance.pk is None
                super().save(info, instance, cleaned_input)
                if fresh:
                    order_written(instance, Origin(Made.DRAFT, info.context.user))
        except LockTimeout as busy:
            raise ValidationError(
                {"id": ValidationError(busy.message, code=OrderErrorCode.INVALID)}
            ) from busy
