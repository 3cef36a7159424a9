"""Every stock query field answers the superuser with all it has, and the sortings and filters work."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import settings
from saleor.account.models import StaffNotificationRecipient
from saleor.app.models import App
from saleor.checkout.models import Checkout
from saleor.discount.models import Sale, Voucher
from saleor.giftcard.models import GiftCard
from saleor.menu.models import Menu
from saleor.order.models import FulfillmentStatus, Order
from saleor.page.models import Page
from saleor.payment.models import Payment
from saleor.product.models import DigitalContent, ProductImage
from saleor.webhook.models import Webhook

from .conftest import make_picture
from .graphql_api import Api
from .world import World, gid, make_order, money

CURRENCY = settings.DEFAULT_CURRENCY


@pytest.fixture
def rows(world: World) -> dict[str, Any]:
    """One row of everything that can be queried, by the name of its query field."""
    order = make_order(world)
    draft = make_order(world, status="draft", user=None)
    draft.lines.all().delete()  # the sales report leaves out every variant that is in a draft
    payment = Payment.objects.create(
        gateway="mirumee.payments.dummy",
        order=order,
        total=order.total.gross.amount,
        currency=CURRENCY,
        token="t",
    )
    payment.transactions.create(
        token="t", kind="auth", is_success=True, amount=1, currency=CURRENCY, gateway_response={"a": 1}
    )
    fulfillment = order.fulfillments.create(status=FulfillmentStatus.FULFILLED)
    fulfillment.lines.create(order_line=order.lines.get(), quantity=1, stock=world.stock)
    order.events.create(type="placed", user=world.customer)
    checkout = Checkout.objects.create(user=world.customer, email=world.customer.email, currency=CURRENCY)
    checkout_line = checkout.lines.create(variant=world.variant, quantity=1)
    checkout.shipping_address = checkout.billing_address = world.address.get_copy()
    checkout.save()
    menu = Menu.objects.create(name="底部")
    item = menu.items.create(name="水果", category=world.category)
    menu.items.create(name="脐橙", url="https://shop.example.com/", parent=item)
    app = App.objects.create(name="柜台")
    app.tokens.create(name="默认")
    webhook = Webhook.objects.create(name="通知", app=app, target_url="https://hook.example.com/")
    webhook.events.create(event_type="order_created")
    ProductImage.objects.create(product=world.product, image=make_picture(), alt="脐橙")
    StaffNotificationRecipient.objects.create(user=world.admin)
    from django.contrib.auth.models import Group

    return {
        "order": order,
        "draft": draft,
        "payment": payment,
        "checkout": checkout,
        "checkoutLine": checkout_line,
        "menu": menu,
        "menuItem": item,
        "app": app,
        "webhook": webhook,
        "sale": Sale.objects.create(name="双十一", value=5),
        "voucher": Voucher.objects.create(code="NEW", discount_value=5),
        "giftCard": GiftCard.objects.create(
            code="GIFT", initial_balance=money(10), current_balance=money(10), user=world.customer
        ),
        "page": Page.objects.create(title="关于", slug="about", content="…", is_published=True),
        "digitalContent": DigitalContent.objects.create(
            product_variant=world.variant, content_file=make_picture()
        ),
        "permissionGroup": Group.objects.create(name="客服"),
    }


def test_connections_answer_with_their_rows(api: Api, rows: dict[str, Any]) -> None:
    # given one row of everything
    # when / then
    for name in (
        "apps", "attributes", "categories", "checkoutLines", "checkouts", "collections", "customers",
        "digitalContents", "draftOrders", "giftCards", "homepageEvents", "menuItems", "menus", "orders", "pages",
        "payments", "permissionGroups", "productTypes", "productVariants", "products", "sales",
        "serviceAccounts", "shippingZones", "staffUsers", "stocks", "vouchers", "warehouses", "webhooks",
    ):  # fmt: skip
        edges = api.query(name, first=20)["edges"]
        assert edges, name
        assert all(edge["node"]["id"] for edge in edges), name
    assert api.query("plugins", first=100, depth=1)["edges"]
    assert api.query("reportProductSales", first=5, period="THIS_MONTH")["edges"]
    for kind in (
        "ATTRIBUTE", "ATTRIBUTE_VALUE", "CATEGORY", "COLLECTION", "MENU_ITEM", "PAGE", "PRODUCT", "SALE",
        "SHIPPING_METHOD", "VARIANT", "VOUCHER",
    ):  # fmt: skip
        assert api.query("translations", first=5, kind=kind)["edges"], kind


def test_single_rows_answer(api: Api, world: World, rows: dict[str, Any]) -> None:
    # given
    ids = {
        "app": gid("App", rows["app"]),
        "attribute": gid("Attribute", world.colour),
        "category": gid("Category", world.category),
        "checkoutLine": gid("CheckoutLine", rows["checkoutLine"]),
        "collection": gid("Collection", world.collection),
        "digitalContent": gid("DigitalContent", rows["digitalContent"]),
        "giftCard": gid("GiftCard", rows["giftCard"]),
        "menu": gid("Menu", rows["menu"]),
        "menuItem": gid("MenuItem", rows["menuItem"]),
        "order": gid("Order", rows["order"]),
        "page": gid("Page", rows["page"]),
        "payment": gid("Payment", rows["payment"]),
        "permissionGroup": gid("Group", rows["permissionGroup"]),
        "product": gid("Product", world.product),
        "productType": gid("ProductType", world.product_type),
        "productVariant": gid("ProductVariant", world.variant),
        "sale": gid("Sale", rows["sale"]),
        "serviceAccount": gid("ServiceAccount", rows["app"]),
        "shippingZone": gid("ShippingZone", world.zone),
        "stock": gid("Stock", world.stock),
        "user": gid("User", world.customer),
        "voucher": gid("Voucher", rows["voucher"]),
        "warehouse": gid("Warehouse", world.warehouse),
        "webhook": gid("Webhook", rows["webhook"]),
    }
    # when / then
    for name, value in ids.items():
        assert (api.query(name, id=value) or {}).get("id") == value, name
    assert api.query("plugin", id="mirumee.payments.dummy", depth=1)["name"] == "Dummy"


def test_what_has_no_id(api: Api, shopper: Api, world: World, rows: dict[str, Any]) -> None:
    order, checkout = rows["order"], rows["checkout"]
    assert api.query("shop")["name"] == "邮乐生活"
    asked = shopper.query("address", depth=0, id=gid("Address", world.address))
    assert asked["streetAddress1"] == "民族路 18 号"
    assert api.query("me")["email"] == "admin@example.com"
    assert shopper.post("{ me { email } }") == {"data": {"me": {"email": "li@example.com"}}}
    assert api.query("checkout", token=str(checkout.token))["lines"][0]["quantity"] == 1
    assert api.query("orderByToken", token=order.token)["id"] == gid("Order", order)
    assert api.query("ordersTotal", period="TODAY")["gross"]["amount"] == 89.8
    assert api.query("webhookEvents", depth=1)
    assert api.query("taxTypes") == []
    rules = api.query("addressValidationRules", countryCode="CN")
    assert rules["countryName"] == "CHINA"
    assert {choice["verbose"] for choice in rules["countryAreaChoices"]} >= {"重庆市"}
    item = api.query("translation", kind="PRODUCT", id=gid("Product", world.product))
    assert item["ProductTranslatableContent_name"] == "奉节脐橙"
    assert "type Product" in api.query("_service")["sdl"]
    asked = "query($r: [_Any]) { _entities(representations: $r) { ... on Product { name } } }"
    product = {"__typename": "Product", "id": gid("Product", world.product)}
    assert api.post(asked, {"r": [product]}) == {"data": {"_entities": [{"name": "奉节脐橙"}]}}


def test_webhook_sample_payloads(api: Api, world: World, rows: dict[str, Any]) -> None:
    # given orders in every state that has a sample
    order: Order = rows["order"]
    Payment.objects.update(charge_status="fully-charged")
    make_order(world, quantity=1, status="canceled")
    for event, count in {
        "CHECKOUT_QUANTITY_CHANGED": 1,
        "CUSTOMER_CREATED": 1,
        "FULFILLMENT_CREATED": 1,
        "ORDER_CANCELLED": 1,
        "ORDER_CREATED": 1,
        "ORDER_FULFILLED": 1,
        "ORDER_FULLY_PAID": 1,
        "ORDER_UPDATED": 1,
        "PRODUCT_CREATED": 1,
    }.items():
        # when
        payload = api.query("webhookSamplePayload", eventType=event)
        # then
        decoded = json.loads(payload)
        assert len(decoded) == count, event
        assert f'"{order.user_email}"' not in payload, event
    checkout = json.loads(api.query("webhookSamplePayload", eventType="CHECKOUT_QUANTITY_CHANGED"))[0]
    assert [line["sku"] for line in checkout["lines"]] == ["ORANGE-5KG"]


SORTINGS = {
    "AppSortingInput": "apps",
    "AttributeSortingInput": "attributes",
    "CategorySortingInput": "categories",
    "CollectionSortingInput": "collections",
    "MenuItemSortingInput": "menuItems",
    "MenuSortingInput": "menus",
    "OrderSortingInput": "orders",
    "PageSortingInput": "pages",
    "PermissionGroupSortingInput": "permissionGroups",
    "PluginSortingInput": "plugins",
    "ProductOrder": "products",
    "ProductTypeSortingInput": "productTypes",
    "SaleSortingInput": "sales",
    "UserSortingInput": "customers",
    "VoucherSortingInput": "vouchers",
    "WarehouseSortingInput": "warehouses",
    "WebhookSortingInput": "webhooks",
}


def test_every_sorting_pages_both_ways(api: Api, rows: dict[str, Any]) -> None:
    # given the sorting of each connection
    for kind, name in SORTINGS.items():
        sort_field = api.schema.get_type(kind).fields["field"].type
        sort_enum = getattr(sort_field, "of_type", sort_field)
        document = (
            f"query($sort: {kind}, $first: Int, $last: Int, $after: String, $before: String) "
            f"{{ {name}(sortBy: $sort, first: $first, last: $last, after: $after, before: $before) "
            "{ totalCount pageInfo { endCursor startCursor } edges { node { __typename } } } }"
        )
        for value in sort_enum.values:
            for direction in ("ASC", "DESC"):
                sort = {"field": value.name, "direction": direction}
                # when
                answer = api.post(document, {"sort": sort, "first": 1})
                # then
                assert "errors" not in answer, (kind, value.name, answer)
                page = answer["data"][name]
                assert page["totalCount"] >= 1
                further = {"after": page["pageInfo"]["endCursor"], "first": 1}
                assert "errors" not in api.post(document, {"sort": sort, **further}), (kind, value.name)
                back = {"before": page["pageInfo"]["endCursor"], "last": 1}
                assert "errors" not in api.post(document, {"sort": sort, **back}), (kind, value.name)


def test_orders_by_customer_page_over_those_without_an_address(api: Api, world: World) -> None:
    # given two sales at a counter, which have no address, before one to somebody
    counter = [make_order(world, 1, billing_address=None, shipping_address=None) for _ in range(2)]
    sent = make_order(world, 1)
    expected = [str(one.pk) for one in (sent, *counter)]
    document = (
        "query($sort: OrderSortingInput, $after: String) { orders(sortBy: $sort, first: 1, after: $after) "
        "{ pageInfo { hasNextPage endCursor } edges { node { number } } } }"
    )
    for direction, order in (("ASC", expected), ("DESC", expected[::-1])):
        # when
        seen, page = [], {"hasNextPage": True, "endCursor": None}
        while page["hasNextPage"] and len(seen) < 5:
            sort = {"field": "CUSTOMER", "direction": direction}
            answer = api.post(document, {"sort": sort, "after": page["endCursor"]})
            assert "errors" not in answer, answer
            seen += [edge["node"]["number"] for edge in answer["data"]["orders"]["edges"]]
            page = answer["data"]["orders"]["pageInfo"]
        # then
        assert seen == order


def test_filters_find_and_miss(api: Api, world: World, rows: dict[str, Any]) -> None:
    today = "2020-01-01"
    cases: list[tuple[str, dict[str, Any], int]] = [
        ("products", {"search": "奉节脐橙"}, 1),
        ("products", {"search": "苹果"}, 0),
        ("products", {"isPublished": True, "hasCategory": True}, 1),
        ("products", {"categories": [gid("Category", world.category)]}, 1),
        ("products", {"collections": [gid("Collection", world.collection)]}, 1),
        ("products", {"productTypes": [gid("ProductType", world.product_type)]}, 1),
        ("products", {"productType": gid("ProductType", world.product_type)}, 1),
        ("products", {"attributes": [{"slug": "colour", "value": "red"}]}, 1),
        ("products", {"attributes": [{"slug": "size", "values": ["big", "small"]}]}, 1),
        ("products", {"attributes": [{"slug": "colour", "value": "yellow"}]}, 0),
        ("products", {"price": {"gte": 39, "lte": 40}, "minimalPrice": {"gte": 39}}, 1),
        ("products", {"price": {"gte": 100}}, 0),
        ("products", {"stockAvailability": "IN_STOCK"}, 1),
        ("products", {"stockAvailability": "OUT_OF_STOCK"}, 0),
        ("products", {"stocks": {"warehouseIds": [gid("Warehouse", world.warehouse)]}}, 1),
        ("products", {"stocks": {"quantity": {"gte": 10, "lte": 10}}}, 1),
        ("attributes", {"search": "颜色", "filterableInStorefront": True}, 1),
        ("attributes", {"inCategory": gid("Category", world.category)}, 2),
        ("attributes", {"inCollection": gid("Collection", world.collection)}, 2),
        ("attributes", {"ids": [gid("Attribute", world.size)]}, 1),
        ("categories", {"search": "水果", "ids": [gid("Category", world.category)]}, 1),
        ("collections", {"search": "时令", "published": "PUBLISHED"}, 1),
        ("productTypes", {"search": "鲜果", "configurable": "CONFIGURABLE", "productType": "SHIPPABLE"}, 1),
        (
            "customers",
            {"search": "li@", "dateJoined": {"gte": today}, "numberOfOrders": {"gte": 1, "lte": 1}},
            1,
        ),
        ("customers", {"moneySpent": {"gte": 89.8, "lte": 89.8}, "placedOrders": {"gte": today}}, 1),
        ("customers", {"search": "nobody@"}, 0),
        ("staffUsers", {"search": "admin", "status": "ACTIVE"}, 1),
        ("orders", {"search": "li@", "status": ["UNFULFILLED"], "created": {"gte": today}}, 1),
        ("orders", {"status": ["READY_TO_FULFILL"], "paymentStatus": ["NOT_CHARGED"]}, 0),
        ("orders", {"customer": "桂英"}, 1),
        ("draftOrders", {"search": "li@"}, 1),
        ("sales", {"search": "双十一", "status": ["ACTIVE"], "saleType": "FIXED"}, 1),
        ("sales", {"started": {"gte": "2020-01-01T00:00:00Z"}}, 1),
        ("vouchers", {"search": "NEW", "status": ["ACTIVE"], "discountType": ["FIXED"]}, 1),
        ("vouchers", {"timesUsed": {"gte": 0, "lte": 5}}, 1),
        ("menus", {"search": "底部"}, 1),
        ("menuItems", {"search": "脐橙"}, 1),
        ("pages", {"search": "关于"}, 1),
        ("apps", {"search": "柜台", "isActive": True}, 1),
        ("serviceAccounts", {"search": "柜台", "isActive": True}, 1),
        ("webhooks", {"search": "通知", "isActive": True}, 1),
        ("permissionGroups", {"search": "客服"}, 1),
        ("plugins", {"search": "Dummy", "active": False}, 0),
        ("warehouses", {"search": "渝中", "ids": [gid("Warehouse", world.warehouse)]}, 1),
        ("stocks", {"search": "脐橙", "quantity": 10}, 1),
    ]
    query = api.schema.get_query_type()
    for name, given, expected in cases:
        # when
        kind = query.fields[name].args["filter"].type
        document = f"query($f: {kind}) {{ {name}(filter: $f, first: 5) {{ edges {{ node {{ id }} }} }} }}"
        answer = api.post(document, {"f": given})
        # then
        assert "errors" not in answer, (name, given, answer)
        assert len(answer["data"][name]["edges"]) == expected, (name, given, answer)


def test_products_sorted_by_attribute(api: Api, world: World) -> None:
    # given a second product without the attribute
    from saleor.product.models import Product

    Product.objects.create(
        name="江津花椒", slug="pepper", product_type=world.product_type, category=world.category,
        price=money(20), is_published=True,
    )  # fmt: skip
    document = "query($sort: ProductOrder) { products(sortBy: $sort, first: 5) { edges { node { name } } } }"
    for direction, names in {"ASC": ["奉节脐橙", "江津花椒"], "DESC": ["江津花椒", "奉节脐橙"]}.items():
        # when
        answer = api.post(
            document, {"sort": {"attributeId": gid("Attribute", world.colour), "direction": direction}}
        )
        # then
        assert [edge["node"]["name"] for edge in answer["data"]["products"]["edges"]] == names


def test_bad_ids_are_answers(api: Api, unhandled: list[Any]) -> None:
    # given identifiers that mean nothing
    document = "query($id: ID!) { productType(id: $id) { name } }"
    # when / then
    answer = api.post(document, {"id": gid("ProductType", 999999)})
    assert answer == {"data": {"productType": None}}
    assert (
        api.post('{ checkout(token: "11111111-1111-1111-1111-111111111111") { id } }')["data"]["checkout"]
        is None
    )


def test_shopper_is_denied(shopper: Api, anyone: Api, rows: dict[str, Any], world: World) -> None:
    for caller in (shopper, anyone):
        for name in (
            "orders",
            "draftOrders",
            "customers",
            "staffUsers",
            "payments",
            "apps",
            "giftCards",
            "plugins",
        ):
            caller.denied(name, first=1)
        caller.denied("productDelete", id=gid("Product", world.product))
        caller.denied("pluginUpdate", id="x", input={})
        caller.denied("staffCreate", input={"email": "x@example.com"})
