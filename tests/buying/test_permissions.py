"""Who may do what: anonymous, shopper, clerk without the right, clerk with it, manager; a refusal changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from saleor.account.models import User
from saleor.order.models import Order
from saleor.payment.models import Transaction

from tests.stock.world import World, gid, make_order

from . import clerk
from .books import Books, books
from .conftest import WechatPay
from .shopper import GATEWAY, INTENT, START, buy, post, start

UPDATE = "mutation($id: ID!) { pluginUpdate(id: $id, input: {active: false}) { pluginsErrors { code } } }"
PLUGIN = "query($id: ID!) { plugin(id: $id) { active } }"
DRAFT = "mutation($id: ID!) { draftOrderComplete(id: $id) { orderErrors { code } } }"
VOID = "mutation($id: ID!) { paymentVoid(paymentId: $id) { paymentErrors { code } } }"
PAY_REFUND = "mutation($id: ID!) { paymentRefund(paymentId: $id, amount: 1) { paymentErrors { code } } }"
PAY_CAPTURE = "mutation($id: ID!) { paymentCapture(paymentId: $id, amount: 1) { paymentErrors { code } } }"

#: Who → the permissions they have; None is nobody at all, and the manager has them all.
PEOPLE = ("anonymous", "shopper", "clerk", "order_clerk", "manager")
STAFF_OF_ORDERS = {"order_clerk", "manager"}

Call = Callable[[World, Order], tuple[str, dict[str, Any]]]


def by_id(query: str) -> Call:
    return lambda world, order: (query, {"id": gid("Order", order)})


def with_amount(query: str) -> Call:
    return lambda world, order: (query, {"id": gid("Order", order), "amount": "1.00"})


def by_payment(query: str) -> Call:
    return lambda world, order: (query, {"id": gid("Payment", order.payments.get())})


def fulfil(world: World, order: Order) -> tuple[str, dict[str, Any]]:
    return clerk.FULFILL, {"order": gid("Order", order), "input": {"lines": []}}


def plugin(query: str) -> Call:
    return lambda world, order: (query, {"id": GATEWAY})


def draft(world: World, order: Order) -> tuple[str, dict[str, Any]]:
    return DRAFT, {"id": gid("Order", make_order(world, 1, status="draft"))}


TABLE: dict[str, tuple[Call, set[str]]] = {
    "orderRefund": (with_amount(clerk.REFUND), STAFF_OF_ORDERS),
    "orderCapture": (with_amount(clerk.CAPTURE), STAFF_OF_ORDERS),
    "orderCancel": (by_id(clerk.CANCEL), STAFF_OF_ORDERS),
    "orderVoid": (by_id(clerk.VOID), STAFF_OF_ORDERS),
    "orderFulfill": (fulfil, STAFF_OF_ORDERS),
    "paymentVoid": (by_payment(VOID), STAFF_OF_ORDERS),
    "paymentRefund": (by_payment(PAY_REFUND), STAFF_OF_ORDERS),
    "paymentCapture": (by_payment(PAY_CAPTURE), STAFF_OF_ORDERS),
    "draftOrderComplete": (draft, STAFF_OF_ORDERS),
    "pluginUpdate": (plugin(UPDATE), {"manager"}),
    "plugin": (plugin(PLUGIN), {"manager"}),
}


def person(world: World, who: str) -> User | None:
    if who == "anonymous":
        return None
    if who == "shopper":
        return world.customer
    if who == "manager":
        return world.admin
    user = User.objects.create_user(f"{who}@example.com", "password-3", is_staff=True)
    if who == "order_clerk":
        user.user_permissions.add(Permission.objects.get(codename="manage_orders"))
    else:
        user.user_permissions.add(Permission.objects.get(codename="manage_products"))
    return user


def state(order: Order) -> tuple[Books, int, int]:
    return books(order), Transaction.objects.count(), Order.objects.filter(status="draft").count()


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("operation", TABLE)
def test_who_may_do_what(world: World, wechat: WechatPay, operation: str, who: str) -> None:
    # given
    order = buy(world)
    call, allowed = TABLE[operation]
    query, variables = call(world, order)
    before = state(order)

    # when
    answer = post(query, variables, person(world, who))

    # then
    codes = [error["extensions"]["exception"]["code"] for error in answer.get("errors", [])]
    if who in allowed:
        assert codes == []
    else:
        assert codes == ["PermissionDenied"]
        assert answer["data"] == {operation: None}
        assert state(order) == before


@pytest.mark.parametrize("who", PEOPLE)
def test_whoever_has_the_orders_token_may_pay_it(world: World, wechat: WechatPay, who: str) -> None:
    # given
    order = buy(world)
    user = person(world, who)

    # when
    started = post(START, {"token": order.token, "method": "WECHAT_NATIVE"}, user)
    asked = post(INTENT, {"token": order.token}, user)

    # then
    assert started["data"]["paymentStart"]["errors"] == []
    assert asked["data"]["paymentIntent"]["state"] == "PENDING"


def test_another_orders_token_says_nothing_of_this_one(world: World, wechat: WechatPay) -> None:
    # given
    first, second = buy(world), buy(world)
    start(first)

    # when
    asked = post(INTENT, {"token": second.token}, world.customer)

    # then
    assert asked["data"]["paymentIntent"]["number"] == second.payment_intents.get().number
    assert books(second).attempts == ()
