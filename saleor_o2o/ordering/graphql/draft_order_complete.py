"""``draftOrderComplete``: all lines are allocated, or none is and the draft stays a draft."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from saleor.core.exceptions import InsufficientStock
from saleor.core.permissions import OrderPermissions
from saleor.graphql.core.types.common import OrderError
from saleor.graphql.core.utils import from_global_id_strict_type
from saleor.graphql.order.mutations.draft_orders import DraftOrderComplete as StockDraftOrderComplete
from saleor.graphql.order.types import Order as OrderType
from saleor.graphql.order.utils import validate_draft_order
from saleor.order.error_codes import OrderErrorCode
from saleor.order.models import Order
from saleor.order.utils import get_order_country

from ..services.drafts import DraftRefused, lock_draft, place_draft


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
            found = _lock(id) if id else None
            if found is None:
                return super().perform_mutation(_root, info, id=id)  # stock's words for "not found"
            order, stocks = found
            cls.get_node_or_error(info, id, only_type=OrderType)
            validate_draft_order(order, get_order_country(order))
            cls.update_user_fields(order)
            try:
                place_draft(order, stocks, info.context.user)
            except InsufficientStock as error:
                raise ValidationError(
                    {
                        "lines": ValidationError(
                            f"Insufficient product stock: {error.item}",
                            code=OrderErrorCode.INSUFFICIENT_STOCK,
                        )
                    }
                ) from error
        return cls(order=order)


def _lock(identity: str) -> tuple[Order, Any] | None:
    try:
        return lock_draft(from_global_id_strict_type(identity, OrderType))
    except DraftRefused as refusal:
        raise ValidationError(
            {"id": ValidationError(refusal.message, code=OrderErrorCode.NOT_EDITABLE)}
        ) from refusal
