"""A shopper's device: the storefront's six mutations over the real view."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client
from saleor.account.models import User
from saleor.order.models import Order
from saleor.product.models import ProductVariant

from tests.stock.world import World, gid

GATEWAY = "o2o.wechat_pay"
#: A municipality has districts where a province has cities.
ADDRESS = {
    "firstName": "桂英",
    "lastName": "李",
    "streetAddress1": "民族路 18 号",
    "city": "渝中区",
    "countryArea": "重庆市",
    "postalCode": "400010",
    "country": "CN",
    "phone": "+8613800138000",
}

CREATE = """mutation($input: CheckoutCreateInput!) { checkoutCreate(input: $input) {
  checkout { id token totalPrice { gross { amount } } } checkoutErrors { field message code } } }"""
SHIPPING = """mutation($id: ID!, $method: ID!) { checkoutShippingMethodUpdate(
  checkoutId: $id, shippingMethodId: $method) {
  checkout { totalPrice { gross { amount } } } checkoutErrors { field message code } } }"""
PAYMENT = """mutation($id: ID!, $input: PaymentInput!) { checkoutPaymentCreate(checkoutId: $id, input: $input) {
  payment { id } paymentErrors { field message code } } }"""
COMPLETE = """mutation($id: ID!) { checkoutComplete(checkoutId: $id) {
  order { id token status paymentStatus total { gross { amount } } } confirmationNeeded
  checkoutErrors { field message code } } }"""
START = """mutation($token: String!, $method: PayMethod!, $payer: String) { paymentStart(
  orderToken: $token, method: $method, payerId: $payer) {
  paymentIntent { number state amount expiresAt methods refunds { number } } codeUrl h5Url
  jsapi { appId timeStamp nonceStr package signType paySign } errors { field message hint code } } }"""
INTENT = """query($token: String!) { paymentIntent(orderToken: $token) {
  number state amount paidAt refunds { number state amount } } }"""


def ask(query: str, variables: dict[str, Any], user: User | None = None, client: Client | None = None) -> Any:
    """Post one operation; the data, after asserting that there is no top-level error."""
    answer = post(query, variables, user, client)
    assert "errors" not in answer, answer["errors"]
    return answer["data"]


def post(
    query: str, variables: dict[str, Any], user: User | None = None, client: Client | None = None
) -> Any:
    """Post one operation; the whole answer."""
    headers = {}
    if user is not None:
        from graphql_jwt.shortcuts import get_token

        headers["authorization"] = f"JWT {get_token(user)}"
    response = (client or Client()).post(
        "/graphql/",
        json.dumps({"query": query, "variables": variables}),
        content_type="application/json",
        headers=headers,
    )
    return response.json()


def fill_checkout(
    world: World, lines: dict[ProductVariant, int] | int = 1, user: User | None = None
) -> dict[str, Any]:
    """Cart, address and shipping; gives the checkout's id, token and total (a string)."""
    wanted = {world.variant: lines} if isinstance(lines, int) else lines
    made = ask(
        CREATE,
        {
            "input": {
                "email": "li@example.com",
                "lines": [{"variantId": gid("ProductVariant", v), "quantity": q} for v, q in wanted.items()],
                "shippingAddress": ADDRESS,
                "billingAddress": ADDRESS,
            }
        },
        user,
    )["checkoutCreate"]
    assert made["checkoutErrors"] == [], made["checkoutErrors"]
    checkout = made["checkout"]
    shipped = ask(SHIPPING, {"id": checkout["id"], "method": gid("ShippingMethod", world.method)}, user)
    assert shipped["checkoutShippingMethodUpdate"]["checkoutErrors"] == []
    total = shipped["checkoutShippingMethodUpdate"]["checkout"]["totalPrice"]["gross"]["amount"]
    return {"id": checkout["id"], "token": checkout["token"], "total": total}


def choose_payment(checkout: dict[str, Any], gateway: str = GATEWAY, token: str = "cart") -> dict[str, Any]:
    """Choose a gateway for the whole total."""
    return ask(
        PAYMENT,
        {"id": checkout["id"], "input": {"gateway": gateway, "token": token, "amount": checkout["total"]}},
    )["checkoutPaymentCreate"]


def complete(checkout: dict[str, Any], user: User | None = None) -> dict[str, Any]:
    """Place the order."""
    return ask(COMPLETE, {"id": checkout["id"]}, user)["checkoutComplete"]


def buy(
    world: World, lines: dict[ProductVariant, int] | int = 1, gateway: str = GATEWAY, token: str = "cart"
) -> Order:
    """All of it; the order."""
    checkout = fill_checkout(world, lines)
    assert choose_payment(checkout, gateway, token)["paymentErrors"] == []
    done = complete(checkout)
    assert done["checkoutErrors"] == []
    return Order.objects.get(token=done["order"]["token"])


def start(order: Order, method: str = "WECHAT_NATIVE", payer: str | None = None) -> dict[str, Any]:
    """Begin paying."""
    return ask(START, {"token": order.token, "method": method, "payer": payer})["paymentStart"]


def intent_state(order: Order) -> dict[str, Any]:
    """What the payer's page sees."""
    return ask(INTENT, {"token": order.token})["paymentIntent"]
