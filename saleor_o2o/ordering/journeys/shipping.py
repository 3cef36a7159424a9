"""How a clerk sends everything of an order over the API, each line from a warehouse that has it."""

from __future__ import annotations

from typing import Any

from saleor_o2o.journeys.world import World

LINES = """query($id: ID!) { order(id: $id) { lines { id quantity
  variant { stocks { quantity warehouse { id } } } } } }"""
FULFILL = """mutation($order: ID!, $input: OrderFulfillInput!) { orderFulfill(order: $order, input: $input) {
  fulfillments { id status } orderErrors { field message code } } }"""


def send_all(world: World, order_id: str) -> list[dict[str, Any]]:
    """Send all lines; the errors of the answer, none where it went."""
    lines = []
    for line in world.ask(LINES, {"id": order_id}, who="admin")["order"]["lines"]:
        stocks = line["variant"]["stocks"]
        stock = next(one for one in stocks if one["quantity"] >= line["quantity"])
        place = {"quantity": line["quantity"], "warehouse": stock["warehouse"]["id"]}
        lines.append({"orderLineId": line["id"], "stocks": [place]})
    wanted = {"lines": lines, "notifyCustomer": False}
    done = world.ask(FULFILL, {"order": order_id, "input": wanted}, who="clerk")["orderFulfill"]
    return list(done["orderErrors"])
