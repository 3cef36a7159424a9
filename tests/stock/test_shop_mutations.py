"""Stock's mutations of the shop itself: settings, shipping, warehouses, menus, pages, plugins, webhooks, metadata."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.sites.models import Site
from saleor.account.models import StaffNotificationRecipient
from saleor.app.models import App
from saleor.checkout.models import Checkout
from saleor.menu.models import Menu
from saleor.page.models import Page
from saleor.plugins.models import PluginConfiguration
from saleor.shipping.models import ShippingMethod, ShippingZone
from saleor.site.models import AuthorizationKey
from saleor.warehouse.models import Warehouse
from saleor.webhook.models import Webhook

from plugins.stripe_pay.configuration import opened

from .graphql_api import Api
from .world import ADDRESS, World, gid, make_order, money

DRAFT_JS = json.dumps({"blocks": [], "entityMap": {}})


def test_shop_settings(api: Api, world: World) -> None:
    api.mutate("shopDomainUpdate", input={"domain": "mall.example.com", "name": "邮乐"})
    api.mutate(
        "shopSettingsUpdate",
        input={
            "headerText": "欢迎",
            "description": "社区服务",
            "defaultWeightUnit": "KG",
            "includeTaxesInPrices": True,
            "automaticFulfillmentDigitalProducts": True,
            "defaultMailSenderName": "邮乐",
            "defaultMailSenderAddress": "no-reply@example.com",
            "customerSetPasswordUrl": "https://www.example.com/set",
        },
    )
    api.mutate("shopSettingsTranslate", languageCode="EN", input={"headerText": "Welcome"})
    made = api.mutate("shopAddressUpdate", input={**ADDRESS, "companyName": "邮政"})
    assert made["shop"]["companyAddress"]["companyName"] == "邮政"
    site = Site.objects.get()
    assert (site.domain, site.settings.header_text, site.settings.company_address.city) == (
        "mall.example.com", "欢迎", "渝中区",
    )  # fmt: skip
    assert site.settings.default_from_email == "邮乐 <no-reply@example.com>"
    assert api.refused("shopFetchTaxRates") == [(None, "CANNOT_FETCH_TAX_RATES")]
    api.mutate("authorizationKeyAdd", keyType="FACEBOOK", input={"key": "k", "password": "p"})
    assert AuthorizationKey.objects.get().name == "facebook"
    api.mutate("authorizationKeyDelete", keyType="FACEBOOK")
    made = api.mutate("staffNotificationRecipientCreate", input={"email": "desk@example.com"})
    recipient = made["staffNotificationRecipient"]["id"]
    api.mutate("staffNotificationRecipientUpdate", id=recipient, input={"active": False})
    assert api.refused("staffNotificationRecipientCreate", input={"email": "desk@example.com"}) == [
        ("staffEmail", "UNIQUE")
    ]
    api.mutate("staffNotificationRecipientDelete", id=recipient)
    assert not StaffNotificationRecipient.objects.exists()


def test_warehouses(api: Api, world: World) -> None:
    address = {
        key: ADDRESS[key] for key in ("streetAddress1", "city", "countryArea", "postalCode", "country")
    }
    # when a warehouse with a Chinese name is made
    made = api.mutate("createWarehouse", input={"name": "江北仓", "companyName": "邮政", "address": address})
    warehouse = Warehouse.objects.get(name="江北仓")
    # then
    assert warehouse.slug == "jiang-bei-cang"
    identity = gid("Warehouse", warehouse)
    assert made["warehouse"]["id"] == identity
    assert api.refused("createWarehouse", input={"name": "x", "slug": "yuzhong", "address": address}) == [
        ("slug", "UNIQUE")
    ]
    zone = gid("ShippingZone", world.zone)
    api.mutate("assignWarehouseShippingZone", id=identity, shippingZoneIds=[zone])
    assert list(warehouse.shipping_zones.all()) == [world.zone]
    api.mutate("unassignWarehouseShippingZone", id=identity, shippingZoneIds=[zone])
    moved = {**address, "city": "江北区"}
    api.mutate("updateWarehouse", id=identity, input={"companyName": "邮政江北", "address": moved})
    warehouse.refresh_from_db()
    assert (warehouse.company_name, warehouse.address.city) == ("邮政江北", "江北区")
    assert api.refused("updateWarehouse", id=identity, input={"slug": ""}) == [("slug", "REQUIRED")]
    api.mutate("deleteWarehouse", id=identity)
    assert Warehouse.objects.count() == 1


def test_shipping(api: Api, world: World) -> None:
    made = api.mutate(
        "shippingZoneCreate",
        input={"name": "日本", "countries": ["JP"], "addWarehouses": [gid("Warehouse", world.warehouse)]},
    )
    zone = ShippingZone.objects.get(name="日本")
    identity = gid("ShippingZone", zone)
    assert made["shippingZone"]["countries"] == [
        {"__typename": "CountryDisplay", "code": "JP", "country": zone.countries[0].name}
    ]
    api.mutate(
        "shippingZoneUpdate", id=identity, input={"removeWarehouses": [gid("Warehouse", world.warehouse)]}
    )
    assert zone.warehouses.count() == 0
    api.mutate(
        "shippingPriceCreate",
        input={"name": "航空", "type": "WEIGHT", "price": "99.50", "shippingZone": identity,
               "minimumOrderWeight": "0", "maximumOrderWeight": "20"},
    )  # fmt: skip
    method = ShippingMethod.objects.get(name="航空")
    assert (method.price, method.maximum_order_weight.kg) == (money("99.50"), 20)
    wrong = {
        "name": "x",
        "type": "WEIGHT",
        "price": "1",
        "minimumOrderWeight": "5",
        "maximumOrderWeight": "1",
    }
    assert api.refused("shippingPriceCreate", input={**wrong, "shippingZone": identity}) == [
        ("maximumOrderWeight", "MAX_LESS_THAN_MIN")
    ]
    api.mutate(
        "shippingPriceUpdate",
        id=gid("ShippingMethod", method),
        input={"price": "88", "shippingZone": identity},
    )
    api.mutate(
        "shippingPriceTranslate", id=gid("ShippingMethod", method), languageCode="EN", input={"name": "Air"}
    )
    api.mutate("shippingPriceDelete", id=gid("ShippingMethod", method))
    assert api.mutate("shippingPriceBulkDelete", ids=[gid("ShippingMethod", world.method)])["count"] == 1
    api.mutate("shippingZoneDelete", id=identity)
    assert api.mutate("shippingZoneBulkDelete", ids=[gid("ShippingZone", world.zone)])["count"] == 1


def test_menus(api: Api, world: World) -> None:
    category = gid("Category", world.category)
    # when
    made = api.mutate(
        "menuCreate",
        input={
            "name": "顶部",
            "items": [{"name": "水果", "category": category}, {"name": "外链", "url": "https://e.com/"}],
        },
    )
    menu = Menu.objects.get(name="顶部")
    identity = gid("Menu", menu)
    # then
    assert [item["name"] for item in made["menu"]["items"]] == ["水果", "外链"]
    api.mutate("menuUpdate", id=identity, input={"name": "顶栏"})
    parent = gid("MenuItem", menu.items.get(name="水果"))
    for name in ("甲", "乙"):
        api.mutate(
            "menuItemCreate",
            input={"name": name, "menu": identity, "parent": parent, "url": "https://e.com/"},
        )
    twice = {"name": "丙", "menu": identity, "url": "https://e.com/", "category": category}
    assert api.refused("menuItemCreate", input=twice) == [(None, "TOO_MANY_MENU_ITEMS")]
    first = menu.items.get(name="甲")
    api.mutate(
        "menuItemUpdate", id=gid("MenuItem", first), input={"collection": gid("Collection", world.collection)}
    )
    api.mutate("menuItemTranslate", id=gid("MenuItem", first), languageCode="EN", input={"name": "A"})
    # moving
    moves = [{"itemId": gid("MenuItem", first), "parentId": parent, "sortOrder": 1}]
    api.mutate("menuItemMove", menu=identity, moves=moves)
    assert list(menu.items.get(name="水果").children.values_list("name", flat=True)) == ["乙", "甲"]
    api.mutate("menuItemMove", menu=identity, moves=[{"itemId": gid("MenuItem", first), "sortOrder": -2}])
    assert list(menu.items.filter(parent=None).values_list("name", flat=True)) == ["甲", "水果", "外链"]
    inside = [{"itemId": parent, "parentId": gid("MenuItem", menu.items.get(name="乙")), "sortOrder": 0}]
    assert api.refused("menuItemMove", menu=identity, moves=inside) == [("parentId", "CANNOT_ASSIGN_NODE")]
    answer = api.mutate("assignNavigation", navigationType="MAIN", menu=identity)
    assert answer["menu"]["name"] == "顶栏"
    api.mutate("menuItemDelete", id=gid("MenuItem", first))
    assert api.mutate("menuItemBulkDelete", ids=[gid("MenuItem", menu.items.get(name="外链"))])["count"] == 1
    api.mutate("menuDelete", id=identity)
    assert api.mutate("menuBulkDelete", ids=[gid("Menu", row) for row in Menu.objects.all()])["count"] >= 1


def test_pages(api: Api, world: World) -> None:
    made = api.mutate(
        "pageCreate",
        input={"title": "关于我们", "content": "…", "contentJson": DRAFT_JS, "isPublished": True,
               "publicationDate": "2020-01-01", "seo": {"title": "关于"}},
    )  # fmt: skip
    page = Page.objects.get()
    identity = gid("Page", page)
    assert (made["page"]["id"], page.slug) == (identity, "guan-yu-wo-men")
    assert api.refused("pageCreate", input={"title": "x", "slug": page.slug}) == [("slug", "UNIQUE")]
    api.mutate("pageUpdate", id=identity, input={"title": "关于", "content": "好"})
    api.mutate(
        "pageTranslate", id=identity, languageCode="EN", input={"title": "About", "contentJson": DRAFT_JS}
    )
    assert api.mutate("pageBulkPublish", ids=[identity], isPublished=False)["count"] == 1
    other = Page.objects.create(title="x", slug="x")
    assert api.mutate("pageBulkDelete", ids=[gid("Page", other)])["count"] == 1
    api.mutate("pageDelete", id=identity)
    assert not Page.objects.exists()


def test_plugins(api: Api, world: World) -> None:
    plugin = "mirumee.payments.stripe"
    secret = [
        {"name": "Secret API key", "value": "sk_live_0123456789"},
        {"name": "Public API key", "value": "pk_9876"},
    ]
    api.mutate("pluginUpdate", id=plugin, input={"active": True, "configuration": secret})
    saved = PluginConfiguration.objects.get(identifier=plugin)
    stored = {item["name"]: item["value"] for item in saved.configuration}
    assert stored["Secret API key"].startswith("enc:")
    assert opened(stored["Secret API key"]) == "sk_live_0123456789"
    shown = api.query("plugin", id=plugin)["configuration"]
    # four characters, as stock shows them; of what is stored, not of the key
    assert {item["name"]: item["value"] for item in shown}["Secret API key"] == stored["Secret API key"][-4:]
    assert api.refused("pluginUpdate", id="nothing", input={"active": True}) == [("id", "NOT_FOUND")]


def test_webhooks(api: Api, world: World) -> None:
    app = App.objects.create(name="柜台")
    made = api.mutate(
        "webhookCreate",
        input={"name": "通知", "targetUrl": "https://hook.example.com/", "events": ["ORDER_CREATED"],
               "app": gid("App", app), "secretKey": "s"},
    )  # fmt: skip
    webhook = Webhook.objects.get()
    identity = gid("Webhook", webhook)
    assert [event["eventType"] for event in made["webhook"]["events"]] == ["ORDER_CREATED"]
    api.mutate(
        "webhookUpdate",
        id=identity,
        input={"events": ["PRODUCT_CREATED", "ORDER_UPDATED"], "isActive": False},
    )
    assert set(webhook.events.values_list("event_type", flat=True)) == {"product_created", "order_updated"}
    assert api.refused("webhookUpdate", id=identity, input={"targetUrl": "nonsense"}) == [
        ("targetUrl", "INVALID")
    ]
    api.mutate("webhookDelete", id=identity)
    assert not Webhook.objects.exists()


OLD_METADATA = {
    "attribute": "Attribute",
    "category": "Category",
    "checkout": "Checkout",
    "collection": "Collection",
    "product": "Product",
    "productType": "ProductType",
    "productVariant": "ProductVariant",
}


@pytest.mark.parametrize(("prefix", "kind"), OLD_METADATA.items())
def test_metadata(api: Api, world: World, prefix: str, kind: str) -> None:
    # given
    rows: dict[str, Any] = {
        "Attribute": world.colour,
        "Category": world.category,
        "Collection": world.collection,
        "Product": world.product,
        "ProductType": world.product_type,
        "ProductVariant": world.variant,
    }
    row = rows[kind] if kind in rows else Checkout.objects.create(currency=money(1).currency)
    identity = gid(kind, row)
    meta = {"namespace": "o2o", "clientName": "desk", "key": "old"}
    # when / then: the deprecated mutations
    for name, column in (("Metadata", "metadata"), ("PrivateMetadata", "private_metadata")):
        api.mutate(f"{prefix}Update{name}", id=identity, input={**meta, "value": "v"})
        row.refresh_from_db()
        assert getattr(row, column) == {"old": "v"}
        api.mutate(f"{prefix}Clear{name}", id=identity, input=meta)
    # and the current ones
    pair = [{"key": "产地", "value": "奉节"}]
    api.mutate("updateMetadata", id=identity, input=pair)
    api.mutate("updatePrivateMetadata", id=identity, input=pair)
    row.refresh_from_db()
    assert (row.metadata, row.private_metadata) == ({"产地": "奉节"}, {"产地": "奉节"})
    api.mutate("deleteMetadata", id=identity, keys=["产地"])
    api.mutate("deletePrivateMetadata", id=identity, keys=["产地"])
    row.refresh_from_db()
    assert (row.metadata, row.private_metadata) == ({}, {})


def test_metadata_of_orders(api: Api, world: World) -> None:
    order = make_order(world)
    api.mutate("updateMetadata", id=gid("Order", order), input=[{"key": "k", "value": "v"}])
    order.refresh_from_db()
    assert order.metadata == {"k": "v"}
