"""Payments: what the gateway answered is for staff."""

from __future__ import annotations

from typing import Any

from .registry import Stage, adaptation


@adaptation(
    Stage.APPS,
    "order.payments.transactions.gatewayResponse has no permission check: whoever knows an order's token reads it",
)
def gateway_response_for_staff() -> None:
    from saleor.core.permissions import OrderPermissions
    from saleor.graphql.payment.types import Transaction

    def resolve_gateway_response(root: Any, info: Any) -> Any:
        user, app = info.context.user, getattr(info.context, "app", None)
        allowed = (app or user).has_perm(OrderPermissions.MANAGE_ORDERS)
        return root.gateway_response if allowed else {}

    Transaction.resolve_gateway_response = staticmethod(resolve_gateway_response)


@adaptation(Stage.APPS, "payment.availableCaptureAmount answers a Decimal where the schema promises money")
def capture_amount_is_money() -> None:
    from prices import Money
    from saleor.graphql.payment.types import Payment

    def resolve_available_capture_amount(root: Any, info: Any) -> Any:
        return Money(root.get_charge_amount(), root.currency) if root.can_capture() else None

    Payment.resolve_available_capture_amount = staticmethod(resolve_available_capture_amount)
