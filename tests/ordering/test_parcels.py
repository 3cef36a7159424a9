"""What a buyer sees of parcels on their way and of goods that wait at an outlet; nobody else sees any of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from saleor.account.models import User
from saleor.order.models import Fulfillment, FulfillmentStatus, Order

from plugins.org_hierarchy.interfaces import OrderAttribution
from saleor_o2o.ordering.models import OrderProfile, SubOrder
from saleor_o2o.ordering.parcels import read_tracking
from saleor_o2o.ordering.services.receiving import receive
from saleor_o2o.ordering.shopping import one, parcels, pickup
from tests.buying.shopper import ask
from tests.orgs import small_org

from .conftest import Mall
from .test_states import send

ONE = """query($number: String!) { myOrder(number: $number) {
  parcels { waybill carrier warehouse receivedAt subOrderNumbers lines { productName quantity } }
  pickup { code name address phone hours navigationUrl } } }"""


def number(order: Order) -> str:
    return OrderProfile.objects.get(order=order).number


def shown(order: Order, who: User | None) -> Any:
    return ask(ONE, {"number": number(order)}, who)["myOrder"]


@pytest.mark.parametrize(
    ("typed", "carrier", "waybill"),
    [
        ("EB123456785CN", "中国邮政", "EB123456785CN"),
        (" 1012345678901 ", "中国邮政", "1012345678901"),
        ("SF1234567890123", "顺丰速运", "SF1234567890123"),
        ("韵达快递：4312345678901", "韵达快递", "4312345678901"),
        ("EMS EB123456785CN", "中国邮政", "EB123456785CN"),
        ("邮政 EB 123 456 785 CN", "邮政", "EB123456785CN"),
        ("4312345678901", "", "4312345678901"),
        ("找小王拿", "", "找小王拿"),
        ("", "", ""),
    ],
)
def test_what_the_staff_typed(typed: str, carrier: str, waybill: str) -> None:
    assert read_tracking(typed) == (carrier, waybill)


def test_parts_that_leave_one_by_one(mall: Mall, order: Order) -> None:
    # given: paid, nothing has left
    mall.pay(order)
    assert shown(order, mall.world.customer)["parcels"] == []

    # when: one of two oranges leaves and gets its number, then the tea
    send(mall, order, 1, 1)
    Fulfillment.objects.filter(order=order).update(tracking_number="中国邮政 EB123456785CN")
    send(mall, order, 2)
    receive(order.pk, [SubOrder.objects.get(order=order, position=2).pk])

    # then: what is fetched is in no parcel
    found = shown(order, mall.world.customer)["parcels"]
    assert [(one_["carrier"], one_["waybill"], one_["warehouse"]) for one_ in found] == [
        ("中国邮政", "EB123456785CN", mall.world.warehouse.name), ("", "", mall.world.warehouse.name),
    ]  # fmt: skip
    assert [(line["productName"], line["quantity"]) for one_ in found for line in one_["lines"]] == [
        (mall.orange.product.name, 1), ("鸡鸣茶", 1),
    ]  # fmt: skip
    assert [one_["subOrderNumbers"] for one_ in found] == [[f"{number(order)}-01"], [f"{number(order)}-02"]]
    assert [one_["receivedAt"] is not None for one_ in found] == [False, True]

    # when: the first one is taken back
    Fulfillment.objects.filter(order=order, fulfillment_order=1).update(status=FulfillmentStatus.CANCELED)

    # then
    assert [one_["lines"][0]["productName"] for one_ in shown(order, mall.world.customer)["parcels"]] == [
        "鸡鸣茶"
    ]


def test_what_waits_at_the_outlet(mall: Mall, order: Order) -> None:
    # given: nothing waits before the money is here
    org = small_org()
    OrderAttribution.objects.update_or_create(
        order=order, defaults={"unit": org["B111"], "org_path": org["B111"].path, "basis": "test"}
    )
    assert shown(order, mall.world.customer)["pickup"] is None

    # when
    mall.pay(order)

    # then: the order's number is the code where a counter gave none
    found = shown(order, mall.world.customer)["pickup"]
    assert (found["code"], found["name"]) == (number(order), org["B111"].name)

    # when: the order is the county's
    OrderAttribution.objects.filter(order=order).update(unit=org["C11"])

    # then: no outlet is named that might be the wrong one
    assert shown(order, mall.world.customer)["pickup"]["name"] is None


def test_nobody_else_and_few_statements(mall: Mall, order: Order) -> None:
    # given
    mall.pay(order)
    send(mall, order, 1)
    send(mall, order, 2)
    stranger = User.objects.create_user("stranger@example.com", "pass-word")

    # then
    assert shown(order, stranger) is None
    assert shown(order, None) is None
    view = one(mall.world.customer, number(order))
    with CaptureQueriesContext(connection) as captured:
        assert len(parcels(view)) == 2
    assert len(captured) == 1
    with CaptureQueriesContext(connection) as captured:
        assert pickup(view) is not None
    assert len(captured) == 2
