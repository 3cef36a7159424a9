"""Stock's mutations of the catalogue: attributes, categories, collections, types, products, variants, files."""

from __future__ import annotations

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from saleor.product.models import (
    Attribute,
    AttributeValue,
    Category,
    Collection,
    DigitalContentUrl,
    Product,
    ProductImage,
    ProductType,
    ProductVariant,
)

from .conftest import make_picture
from .graphql_api import Api
from .world import World, gid, money

DRAFT_JS = json.dumps({"blocks": [{"text": "甜", "type": "unstyled"}], "entityMap": {}})


def test_attributes(api: Api, world: World) -> None:
    # when an attribute is made with its values
    made = api.mutate(
        "attributeCreate", input={"name": "产地", "values": [{"name": "奉节"}, {"name": "江津"}]}
    )
    attribute = Attribute.objects.get(name="产地")
    # then
    assert made["attribute"]["id"] == gid("Attribute", attribute)
    assert list(attribute.values.values_list("name", flat=True)) == ["奉节", "江津"]
    assert list(attribute.values.values_list("slug", flat=True)) == ["feng-jie", "jiang-jin"]
    # and values that are not unique, or exist, are refused
    twice = {"name": "颜色二", "values": [{"name": "red"}, {"name": "Red"}]}
    assert api.refused("attributeCreate", input=twice) == [("values", "UNIQUE")]
    assert api.refused(
        "attributeUpdate", id=gid("Attribute", world.colour), input={"addValues": [{"name": "red"}]}
    ) == [("addValues", "INVALID")]
    assert api.refused("attributeCreate", input={"name": "颜色", "slug": "colour"}) == [("slug", "UNIQUE")]

    second = attribute.values.last()
    api.mutate(
        "attributeUpdate",
        id=gid("Attribute", attribute),
        input={
            "name": "原产地",
            "addValues": [{"name": "涪陵"}],
            "removeValues": [gid("AttributeValue", second)],
        },
    )
    assert list(attribute.values.values_list("name", flat=True)) == ["奉节", "涪陵"]
    api.mutate("attributeValueCreate", attribute=gid("Attribute", attribute), input={"name": "Wanzhou"})
    wanzhou = AttributeValue.objects.get(name="Wanzhou")
    assert wanzhou.slug == "wanzhou"
    assert api.refused(
        "attributeValueCreate", attribute=gid("Attribute", attribute), input={"name": "wanzhou"}
    ) == [("name", "ALREADY_EXISTS")]
    api.mutate("attributeValueUpdate", id=gid("AttributeValue", wanzhou), input={"name": "万州"})
    api.mutate(
        "attributeReorderValues",
        attributeId=gid("Attribute", attribute),
        moves=[{"id": gid("AttributeValue", wanzhou), "sortOrder": -2}],
    )
    assert list(attribute.values.values_list("name", flat=True)) == ["万州", "奉节", "涪陵"]
    translation = {"languageCode": "EN", "input": {"name": "Origin"}}
    api.mutate("attributeTranslate", id=gid("Attribute", attribute), **translation)
    api.mutate("attributeValueTranslate", id=gid("AttributeValue", wanzhou), **translation)
    assert wanzhou.translations.get(language_code="en").name == "Origin"

    product_type = gid("ProductType", world.product_type)
    operation = {"id": gid("Attribute", attribute), "type": "PRODUCT"}
    api.mutate("attributeAssign", productTypeId=product_type, operations=[operation])
    assert set(world.product_type.product_attributes.values_list("slug", flat=True)) == {"colour", "chan-di"}
    assert api.refused("attributeAssign", productTypeId=product_type, operations=[operation]) == [
        ("operations", "ATTRIBUTE_ALREADY_ASSIGNED")
    ]
    api.mutate(
        "productTypeReorderAttributes",
        productTypeId=product_type,
        type="PRODUCT",
        moves=[{"id": gid("Attribute", attribute), "sortOrder": -1}],
    )
    ordered = world.product_type.attributeproduct.order_by("sort_order").values_list(
        "attribute__slug", flat=True
    )
    assert list(ordered) == [attribute.slug, "colour"]
    api.mutate("attributeUnassign", productTypeId=product_type, attributeIds=[gid("Attribute", attribute)])
    assert world.product_type.product_attributes.count() == 1

    api.mutate("attributeValueDelete", id=gid("AttributeValue", wanzhou))
    rest = [gid("AttributeValue", value) for value in attribute.values.all()]
    assert api.mutate("attributeValueBulkDelete", ids=rest)["count"] == 2
    api.mutate("attributeDelete", id=gid("Attribute", attribute))
    assert api.mutate("attributeBulkDelete", ids=[gid("Attribute", world.size)])["count"] == 1
    assert list(Attribute.objects.values_list("slug", flat=True)) == ["colour"]


def test_categories(api: Api, world: World, picture: SimpleUploadedFile) -> None:
    # when
    made = api.mutate(
        "categoryCreate",
        parent=gid("Category", world.category),
        input={"name": "Citrus", "descriptionJson": DRAFT_JS, "seo": {"title": "柑橘", "description": "…"}},
    )
    citrus = Category.objects.get(slug="citrus")
    # then
    assert made["category"]["parent"]["slug"] == "fruit"
    assert (citrus.level, citrus.seo_title) == (1, "柑橘")
    # and a slug that exists, or is empty, is an answer
    assert api.refused("categoryCreate", input={"name": "水果", "slug": "fruit"}) == [("slug", "UNIQUE")]
    assert api.refused("categoryUpdate", id=gid("Category", citrus), input={"slug": ""}) == [
        ("slug", "REQUIRED")
    ]
    assert api.refused("categoryUpdate", id=gid("Category", citrus), input={"slug": "fruit"}) == [
        ("slug", "UNIQUE")
    ]

    api.mutate("categoryUpdate", id=gid("Category", citrus), input={"name": "柑橘"})
    document = (
        "mutation($id: ID!, $input: CategoryInput!) { categoryUpdate(id: $id, input: $input) "
        "{ errors { field message } category { backgroundImage(size: 100) { url alt } } } }"
    )
    variables = {
        "id": gid("Category", citrus),
        "input": {"backgroundImage": None, "backgroundImageAlt": "橙"},
    }
    answer = api.upload(document, variables, "input.backgroundImage", picture)
    citrus.refresh_from_db()
    assert answer["data"]["categoryUpdate"]["errors"] == []
    assert answer["data"]["categoryUpdate"]["category"]["backgroundImage"]["alt"] == "橙"
    assert citrus.background_image.name.startswith("category-backgrounds/orange")
    text = SimpleUploadedFile("a.txt", b"text", content_type="text/plain")
    answer = api.upload(document, variables, "input.backgroundImage", text)
    assert [error["field"] for error in answer["data"]["categoryUpdate"]["errors"]] == ["backgroundImage"]

    api.mutate(
        "categoryTranslate",
        id=gid("Category", citrus),
        languageCode="EN",
        input={"name": "Citrus", "seoTitle": "Citrus", "descriptionJson": DRAFT_JS},
    )
    api.mutate("categoryDelete", id=gid("Category", citrus))
    assert api.mutate("categoryBulkDelete", ids=[gid("Category", world.category)])["count"] == 1
    world.product.refresh_from_db()
    assert (world.product.category, world.product.is_published) == (None, False)


def test_collections(api: Api, world: World) -> None:
    other = Product.objects.create(
        name="花椒", slug="pepper", product_type=world.product_type, category=world.category, price=money(9)
    )
    # when
    made = api.mutate(
        "collectionCreate",
        input={"name": "Gifts", "isPublished": True, "products": [gid("Product", world.product)]},
    )
    gifts = Collection.objects.get(slug="gifts")
    assert made["collection"]["id"] == gid("Collection", gifts)
    assert api.refused("collectionCreate", input={"name": "时令", "slug": "season"}) == [
        ("name", "UNIQUE"),
        ("slug", "UNIQUE"),
    ]
    api.mutate(
        "collectionUpdate",
        id=gid("Collection", gifts),
        input={"name": "礼盒", "publicationDate": "2030-01-01"},
    )
    api.mutate(
        "collectionAddProducts", collectionId=gid("Collection", gifts), products=[gid("Product", other)]
    )
    api.mutate(
        "collectionReorderProducts",
        collectionId=gid("Collection", gifts),
        moves=[{"productId": gid("Product", other), "sortOrder": -1}],
    )
    # then
    ordered = gifts.collectionproduct.order_by("sort_order").values_list("product__slug", flat=True)
    assert list(ordered) == ["pepper", "navel-orange"]
    api.mutate(
        "collectionRemoveProducts", collectionId=gid("Collection", gifts), products=[gid("Product", other)]
    )
    assert gifts.products.count() == 1
    api.mutate("collectionTranslate", id=gid("Collection", gifts), languageCode="EN", input={"name": "Gifts"})
    api.mutate("collectionBulkPublish", ids=[gid("Collection", gifts)], isPublished=False)
    gifts.refresh_from_db()
    assert gifts.is_published is False
    api.mutate("homepageCollectionUpdate", collection=gid("Collection", world.collection))
    api.mutate("collectionDelete", id=gid("Collection", gifts))
    api.mutate("collectionBulkDelete", ids=[gid("Collection", world.collection)])
    assert Collection.objects.count() == 0


def test_product_types(api: Api, world: World) -> None:
    made = api.mutate(
        "productTypeCreate",
        input={
            "name": "Tea",
            "hasVariants": True,
            "isShippingRequired": True,
            "weight": "0.5",
            "productAttributes": [gid("Attribute", world.colour)],
            "variantAttributes": [gid("Attribute", world.size)],
        },
    )
    tea = ProductType.objects.get(slug="tea")
    assert made["productType"]["weight"]["value"] == 0.5
    assert api.refused("productTypeCreate", input={"name": "鲜果", "slug": "fresh"}) == [("slug", "UNIQUE")]
    api.mutate("productTypeUpdate", id=gid("ProductType", tea), input={"name": "茶", "variantAttributes": []})
    assert tea.variant_attributes.count() == 0
    api.mutate("productTypeDelete", id=gid("ProductType", tea))
    api.mutate("productTypeBulkDelete", ids=[gid("ProductType", world.product_type)])
    assert (ProductType.objects.count(), Product.objects.count()) == (0, 0)


def test_products(api: Api, world: World) -> None:
    # given
    simple = ProductType.objects.create(name="干货", slug="dry", has_variants=False)
    simple.product_attributes.add(world.colour)
    # when a product without variants is made with stock
    made = api.mutate(
        "productCreate",
        input={
            "name": "Pepper",
            "productType": gid("ProductType", simple),
            "category": gid("Category", world.category),
            "collections": [gid("Collection", world.collection)],
            "basePrice": "25.50",
            "sku": "PEPPER-1",
            "weight": "0.25",
            "trackInventory": True,
            "isPublished": True,
            "publicationDate": "2020-01-01",
            "descriptionJson": DRAFT_JS,
            "chargeTaxes": False,
            "seo": {"title": "江津花椒"},
            "attributes": [{"id": gid("Attribute", world.colour), "values": ["red"]}],
            "stocks": [{"warehouse": gid("Warehouse", world.warehouse), "quantity": 7}],
        },
    )
    pepper = Product.objects.get(slug="pepper")
    # then
    assert made["product"]["basePrice"]["amount"] == 25.5
    assert pepper.variants.get().stocks.get().quantity == 7
    assert pepper.minimal_variant_price == money("25.50")
    same = {"name": "脐橙", "slug": "navel-orange", "basePrice": 1}
    same["productType"] = gid("ProductType", world.product_type)
    same["category"] = gid("Category", world.category)
    same["attributes"] = [{"id": gid("Attribute", world.colour), "values": ["red"]}]
    assert api.refused("productCreate", input=same) == [("slug", "UNIQUE")]
    assert api.refused("productUpdate", id=gid("Product", pepper), input={"sku": "ORANGE-5KG"}) == [
        ("sku", "ALREADY_EXISTS")
    ]
    api.mutate(
        "productUpdate",
        id=gid("Product", pepper),
        input={"name": "花椒", "basePrice": "26", "sku": "PEPPER-2"},
    )
    pepper.refresh_from_db()
    assert (pepper.name, pepper.price, pepper.minimal_variant_price) == ("花椒", money(26), money(26))
    api.mutate("productTranslate", id=gid("Product", pepper), languageCode="EN", input={"name": "Pepper"})
    api.mutate("productBulkPublish", ids=[gid("Product", pepper)], isPublished=False)
    api.mutate("productDelete", id=gid("Product", pepper))
    api.mutate("productBulkDelete", ids=[gid("Product", world.product)])
    assert Product.objects.count() == 0


def test_product_images(api: Api, world: World) -> None:
    document = (
        "mutation($input: ProductImageCreateInput!) { productImageCreate(input: $input) { productErrors { field "
        "message } image { id url(size: 60) } } }"
    )
    images = []
    for alt in ("一", "二", "三"):
        variables = {"input": {"product": gid("Product", world.product), "image": None, "alt": alt}}
        answer = api.upload(document, variables, "input.image", make_picture())
        payload = answer["data"]["productImageCreate"]
        assert payload["productErrors"] == []
        assert payload["image"]["url"].startswith("http://testserver/media/__sized__/products/orange")
        images.append(payload["image"]["id"])
    api.mutate("productImageUpdate", id=images[0], input={"alt": "壹"})
    api.mutate("productImageReorder", productId=gid("Product", world.product), imagesIds=images[::-1])
    assert list(world.product.images.values_list("alt", flat=True)) == ["三", "二", "壹"]
    variant = gid("ProductVariant", world.variant)
    api.mutate("variantImageAssign", imageId=images[0], variantId=variant)
    assert world.variant.images.get().alt == "壹"
    api.mutate("variantImageUnassign", imageId=images[0], variantId=variant)
    api.mutate("productImageDelete", id=images[0])
    api.mutate("productImageBulkDelete", ids=images[1:])
    assert ProductImage.objects.count() == 0


def test_variants(api: Api, world: World) -> None:
    warehouse = gid("Warehouse", world.warehouse)
    product = gid("Product", world.product)
    small = [{"id": gid("Attribute", world.size), "values": ["small"]}]
    # when
    made = api.mutate(
        "productVariantCreate",
        input={
            "product": product,
            "sku": "ORANGE-2KG",
            "priceOverride": "19.90",
            "costPrice": "9",
            "attributes": small,
            "weight": "2",
            "stocks": [{"warehouse": warehouse, "quantity": 3}],
        },
    )
    variant = ProductVariant.objects.get(sku="ORANGE-2KG")
    # then
    assert made["productVariant"]["id"] == gid("ProductVariant", variant)
    world.product.refresh_from_db()
    assert world.product.minimal_variant_price == money("19.90")
    large = [{"id": gid("Attribute", world.size), "values": ["x"]}]
    again = {"product": product, "sku": "ORANGE-5KG", "attributes": large}
    assert api.refused("productVariantCreate", input=again) == [("sku", "UNIQUE")]
    assert api.refused(
        "productVariantCreate", input={"product": product, "sku": "S3", "attributes": small}
    ) == [("attributes", "DUPLICATED_INPUT_ITEM")]
    identity = gid("ProductVariant", variant)
    api.mutate("productVariantUpdate", id=identity, input={"sku": "ORANGE-2", "priceOverride": "18"})
    api.mutate("productVariantTranslate", id=identity, languageCode="EN", input={"name": "2 kg"})

    api.mutate(
        "productVariantStocksUpdate", variantId=identity, stocks=[{"warehouse": warehouse, "quantity": 8}]
    )
    assert variant.stocks.get().quantity == 8
    one = [{"warehouse": warehouse, "quantity": 1}]
    taken = api.refused("productVariantStocksCreate", variantId=identity, stocks=one)
    assert taken == [("warehouse", "UNIQUE")]
    api.mutate("productVariantStocksDelete", variantId=identity, warehouseIds=[warehouse])
    api.mutate(
        "productVariantStocksCreate", variantId=identity, stocks=[{"warehouse": warehouse, "quantity": 1}]
    )
    assert variant.stocks.get().quantity == 1

    bulk = api.mutate(
        "productVariantBulkCreate",
        product=product,
        variants=[
            {
                "sku": f"BULK-{name}",
                "attributes": [{"id": gid("Attribute", world.size), "values": [name]}],
                "stocks": [{"warehouse": warehouse, "quantity": 4}],
            }
            for name in ("tiny", "huge")
        ],
    )
    assert bulk["count"] == 2
    rows = ProductVariant.objects.filter(sku__startswith="BULK-")
    assert sorted(stock.quantity for row in rows for stock in row.stocks.all()) == [4, 4]
    assert (
        api.mutate("productVariantBulkDelete", ids=[gid("ProductVariant", row) for row in rows])["count"] == 2
    )
    api.mutate("productVariantDelete", id=identity)
    assert ProductVariant.objects.get() == world.variant


def test_digital_content(api: Api, world: World, unhandled: list[Any]) -> None:
    # given
    ProductType.objects.update(is_digital=True, is_shipping_required=False)
    document = (
        "mutation($id: ID!, $input: DigitalContentUploadInput!) { digitalContentCreate(variantId: $id, input: $input)"
        " { productErrors { field } content { id maxDownloads } } }"
    )
    variant = gid("ProductVariant", world.variant)
    book = SimpleUploadedFile("地图.pdf", b"%PDF-1.4 map", content_type="application/pdf")
    variables = {
        "id": variant,
        "input": {
            "useDefaultSettings": False,
            "maxDownloads": 1,
            "urlValidDays": 3,
            "automaticFulfillment": True,
        },
    }
    # when
    answer = api.upload(document, variables, "input.contentFile", book)
    # then
    content = answer["data"]["digitalContentCreate"]["content"]
    assert content["maxDownloads"] == 1
    made = api.mutate("digitalContentUrlCreate", input={"content": content["id"]})
    assert made["digitalContentUrl"]["downloadNum"] == 0
    url = f"/digital-download/{DigitalContentUrl.objects.get().token}/"
    response = api.client.get(url)
    assert b"".join(response.streaming_content) == b"%PDF-1.4 map"
    assert "pdf" in response["Content-Type"]
    assert api.client.get(url).status_code == 404  # one download was allowed
    api.mutate("digitalContentUpdate", variantId=variant, input={"useDefaultSettings": True})
    api.mutate("digitalContentDelete", variantId=variant)
    assert not DigitalContentUrl.objects.exists()
