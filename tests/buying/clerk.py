"""A clerk's dashboard: what staff do to an order, over the real view."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from saleor.account.models import User
from saleor.order.models import Order

from tests.stock.world import World, gid

from .shopper import ask

_ERRORS = "orderErrors { field message code }"
REFUND = f"mutation($id: ID!, $amount: Decimal!) {{ orderRefund(id: $id, amount: $amount) {{ {_ERRORS} }} }}"
CAPTURE = (
    f"mutation($id: ID!, $amount: Decimal!) {{ orderCapture(id: $id, amount: $amount) {{ {_ERRORS} }} }}"
)
CANCEL = f"mutation($id: ID!) {{ orderCancel(id: $id) {{ {_ERRORS} }} }}"
VOID = f"mutation($id: ID!) {{ orderVoid(id: $id) {{ {_ERRORS} }} }}"
FULFILL = f"""mutation($order: ID!, $input: OrderFulfillInput!) {{
  orderFulfill(order: $order, input: $input) {{ fulfillments {{ id }} {_ERRORS} }} }}"""


def refund(world: World, order: Order, amount: Decimal | str) -> list[dict[str, Any]]:
    """Give money back; the errors."""
    return _done("orderRefund", REFUND, world.admin, order, str(amount))


def capture(world: World, order: Order, amount: Decimal | str) -> list[dict[str, Any]]:
    """Say that the money is here; the errors."""
    return _done("orderCapture", CAPTURE, world.admin, order, str(amount))


def cancel(world: World, order: Order) -> list[dict[str, Any]]:
    """Cancel the order; the errors."""
    return _done("orderCancel", CANCEL, world.admin, order)


def void(world: World, order: Order) -> list[dict[str, Any]]:
    """Void its payment; the errors."""
    return _done("orderVoid", VOID, world.admin, order)


def fulfill(world: World, order: Order) -> list[dict[str, Any]]:
    """Send everything; the errors."""
    lines = [
        {
            "orderLineId": gid("OrderLine", line),
            "stocks": [{"quantity": line.quantity, "warehouse": gid("Warehouse", world.warehouse)}],
        }
        for line in order.lines.all()
    ]
    variables = {"order": gid("Order", order), "input": {"lines": lines, "notifyCustomer": False}}
    return ask(FULFILL, variables, world.admin)["orderFulfill"]["orderErrors"]


def _done(name: str, query: str, user: User, order: Order, amount: str | None = None) -> list[dict[str, Any]]:
    variables = {"id": gid("Order", order), **({"amount": amount} if amount is not None else {})}
    return ask(query, variables, user)[name]["orderErrors"]
