"""What a storefront asks for, page by page: the benchmark's load, and operations that must stay byte-compatible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .graphql_shop import Shop

MONEY = "fragment Money on TaxedMoney { gross { amount currency } net { amount currency } }"
CARD = """
fragment Card on Product {
  id
  name
  thumbnail { url alt }
  retina: thumbnail(size: 510) { url }
}"""
PRICES = """
fragment Prices on Product {
  pricing {
    onSale
    priceRangeUndiscounted { start { ...Money } stop { ...Money } }
    priceRange { start { ...Money } stop { ...Money } }
  }
}"""
VARIANT = """
fragment Variant on ProductVariant {
  id
  sku
  name
  isAvailable
  quantityAvailable(countryCode: CN)
  images { id url alt }
  pricing { onSale priceUndiscounted { ...Money } price { ...Money } }
  attributes { attribute { id name slug } values { id name value: name } }
}"""
ADDRESS = """
fragment Address on Address {
  id firstName lastName companyName streetAddress1 streetAddress2 city cityArea postalCode countryArea phone
  country { code country }
}"""

PRODUCT = """
query ProductPage($id: ID!) {
  product(id: $id) {
    ...Card
    ...Prices
    descriptionJson
    category {
      id
      name
      products(first: 3) { edges { node { ...Card ...Prices } } }
    }
    images { id alt url }
    attributes { attribute { id name } values { id name } }
    variants { ...Variant }
    seoDescription
    seoTitle
    isAvailable
  }
}"""
CATEGORY = """
query CategoryPage($id: ID!, $first: Int!, $after: String, $filter: ProductFilterInput, $sortBy: ProductOrder) {
  category(id: $id) {
    id
    seoTitle
    name
    backgroundImage { url }
    ancestors(last: 5) { edges { node { id name } } }
    children(first: 20) { edges { node { id name } } }
  }
  attributes(filter: { inCategory: $id, filterableInStorefront: true }, first: 100) {
    edges { node { id name slug values { id name slug } } }
  }
  products(first: $first, after: $after, filter: $filter, sortBy: $sortBy) {
    totalCount
    edges { node { ...Card ...Prices category { id name } } }
    pageInfo { endCursor hasNextPage hasPreviousPage startCursor }
  }
}"""
FEATURED = """
query FeaturedProducts {
  shop {
    homepageCollection {
      id
      products(first: 20) { edges { node { ...Card ...Prices category { id name } } } }
    }
  }
}"""
SEARCH = """
query Search($query: String!, $first: Int!) {
  products(filter: { search: $query }, first: $first) {
    totalCount
    edges { node { ...Card ...Prices } }
    pageInfo { endCursor hasNextPage }
  }
}"""
CHECKOUT = """
query CheckoutPage($token: UUID) {
  checkout(token: $token) {
    id
    token
    email
    shippingAddress { ...Address }
    billingAddress { ...Address }
    availableShippingMethods { id name price { amount currency } }
    availablePaymentGateways { id name config { field value } }
    shippingMethod { id name price { amount currency } }
    lines { id quantity totalPrice { ...Money }
      variant { id sku name pricing { price { ...Money } }
      product { ...Card } } }
    subtotalPrice { ...Money }
    totalPrice { ...Money }
    shippingPrice { ...Money }
    discount { amount currency }
    isShippingRequired
  }
}"""
ORDER = """
query OrderPage($token: UUID!) {
  orderByToken(token: $token) {
    id
    number
    status
    statusDisplay
    paymentStatus
    paymentStatusDisplay
    created
    shippingAddress { ...Address }
    lines { id productName quantity variant { id name product { ...Card } } unitPrice { ...Money currency } }
    subtotal { ...Money }
    total { ...Money }
    shippingPrice { ...Money }
  }
}"""
MENU = """
query MainMenu {
  shop {
    navigation {
      main {
        id
        items { id name url category { id name } collection { id name } children { id name url category { id name } } }
      }
    }
  }
}"""
SHOP_NAME = "{ shop { name } }"


@dataclass(frozen=True)
class Page:
    """One request of a storefront: its text and its variables for a given shop."""

    name: str
    title: str
    query: str
    variables: Callable[[Shop], dict[str, Any]] = lambda shop: {}


PAGES = (
    Page("product", "商品详情", PRODUCT + CARD + PRICES + VARIANT + MONEY, lambda shop: {"id": shop.product}),
    Page(
        "category",
        "分类列表",
        CATEGORY + CARD + PRICES + MONEY,
        lambda shop: {
            "id": shop.category,
            "first": 20,
            "filter": {"categories": [shop.category], "attributes": []},
            "sortBy": {"field": "PRICE", "direction": "ASC"},
        },
    ),
    Page("featured", "首页推荐", FEATURED + CARD + PRICES + MONEY),
    Page("search", "搜索", SEARCH + CARD + PRICES + MONEY, lambda shop: {"query": "奉节脐橙", "first": 10}),
    Page("menu", "导航菜单", MENU),
    Page(
        "checkout", "结算页", CHECKOUT + CARD + ADDRESS + MONEY, lambda shop: {"token": shop.checkout_token}
    ),
    Page("order", "订单详情", ORDER + CARD + ADDRESS + MONEY, lambda shop: {"token": shop.order_token}),
    Page("shop", "店铺名称", SHOP_NAME),
)
