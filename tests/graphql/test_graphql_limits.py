"""Depth, cost, size and batch limits: what is refused, in which words, and that real clients' operations fit."""

import json
from typing import Any

import pytest
from django.test import override_settings
from graphql.utils.introspection_query import introspection_query

from benchmarks.graphql_queries import PAGES
from benchmarks.graphql_shop import Shop
from saleor_o2o.graphql.documents import MOST_SELECTIONS, load
from saleor_o2o.graphql.limits import LIST_SIZE, MUTATION_COST
from saleor_o2o.graphql.schema import schema
from saleor_o2o.kernel.errors import DomainError

#: The heaviest kinds of lists and forms of a dashboard: nested menus, product forms, order details, type lists.
MENU_TREE = (
    "{ menus(first: 20) { edges { node { id name items { ...I children { ...I children { ...I } } } } } } } "
)
MENU_ITEM = "fragment I on MenuItem { id level name url category { id name } collection { id name } page { id title } }"
DEEP_MENU = """query($id: ID!) { menu(id: $id) { id name items { ...I children { ...I children { ...I children {
  ...I children { ...I children { ...I } } } } } } } } """
PRODUCT_FORM = """query($id: ID!) { product(id: $id) {
  id name descriptionJson seoTitle category { id name } collections { id name }
  productType { id name hasVariants productAttributes { id slug name inputType values { id name slug } } }
  attributes { attribute { id slug name values { id name slug } } values { id name slug } }
  pricing { priceRange { start { net { amount currency } } stop { net { amount currency } } } }
  images { id alt sortOrder url }
  variants { id sku name priceOverride { amount currency } margin stocks { id quantity quantityAllocated
    warehouse { id name } } }
  metadata { key value } privateMetadata { key value } } }"""
PRODUCT_LIST = """query($first: Int, $filter: ProductFilterInput) { products(first: $first, filter: $filter) {
  edges { node { id name thumbnail { url } isAvailable productType { id name } basePrice { amount currency }
    attributes { attribute { id } values { id name } } } }
  pageInfo { hasNextPage endCursor } } }"""
TYPE_SEARCH = """query($first: Int!) { productTypes(first: $first) { edges { node { id name hasVariants
  productAttributes { id inputType slug name valueRequired values { id name slug } }
  variantAttributes { id inputType slug name values { id name slug } } } } } }"""
ORDER_FORM = """query($id: ID!) { order(id: $id) { id number status events { id amount date email type user { id email }
    lines { quantity orderLine { id productName } } }
  fulfillments { id status trackingNumber warehouse { id name } lines { id quantity orderLine { ...L } } }
  lines { ...L } user { id email } availableShippingMethods { id name } shippingAddress { ...A } billingAddress { ...A }
  total { gross { amount currency } tax { amount } } }
  shop { countries { code country } defaultWeightUnit } }
fragment L on OrderLine { id isShippingRequired quantity quantityFulfilled productName productSku thumbnail { url }
  unitPrice { gross { amount currency } net { amount } } variant { id product { id name } } }
fragment A on Address { id city cityArea country { code country } firstName lastName phone postalCode }"""
CART = """query($ids: [ID!]) { productVariants(ids: $ids, first: 100) { edges { node { id sku name quantityAvailable
  images { id url } pricing { onSale price { gross { amount } net { amount } } priceUndiscounted { gross { amount } } }
  attributes { attribute { id name } values { id name } }
  product { id name thumbnail { url } productType { isShippingRequired } } } } } }"""
SIMPLE_UPDATE = """mutation($id: ID!, $variant: ID!) {
  productUpdate(id: $id, input: {}) { errors { field } product { id variants { id stocks { id quantity } } } }
  productVariantUpdate(id: $variant, input: {}) { errors { field } productVariant { id } }
  productVariantStocksCreate(stocks: [], variantId: $variant) { bulkStockErrors { code index } productVariant { id } }
  productVariantStocksDelete(warehouseIds: [], variantId: $variant) { stockErrors { code } }
  productVariantStocksUpdate(stocks: [], variantId: $variant) { bulkStockErrors { code index } } }"""
WAREHOUSES = """query { shippingZones(first: 100) { edges { node { id name countries { code country }
  warehouses { id name } shippingMethods { id name price { amount } minimumOrderPrice { amount } } } } } }"""
FITTING = {
    "menus": (MENU_TREE + MENU_ITEM, {}),
    "deep-menu": (DEEP_MENU + MENU_ITEM, {}),
    "product-form": (PRODUCT_FORM, {}),
    "product-list": (PRODUCT_LIST, {"first": 100}),
    "type-search": (TYPE_SEARCH, {"first": 100}),
    "order-form": (ORDER_FORM, {}),
    "cart": (CART, {"ids": []}),
    "simple-update": (SIMPLE_UPDATE, {}),
    "warehouses": (WAREHOUSES, {}),
    "introspection": (introspection_query, {}),
}

NESTED = """query($first: Int) { categories(first: $first) { edges { node { products(first: $first) { edges { node {
  collections { products(first: $first) { edges { node { id name } } } } } } } } } } }"""


def _plan(query: str) -> Any:
    document = load(schema, query)
    assert document.errors == ()
    return next(iter(document.plans.values()))


def _only_error(response: Any) -> dict[str, Any]:
    (error,) = json.loads(response.content)["errors"]
    return dict(error)


@pytest.mark.parametrize("name", FITTING)
def test_heavy_operations_of_the_dashboard_fit(name: str) -> None:
    # given
    query, variables = FITTING[name]

    # when
    plan = _plan(query)
    plan.check(variables)

    # then: not even near
    assert plan.depth <= 17
    assert plan.cost(variables) <= 30_000


def test_pages_of_the_storefront_fit(shop: Shop) -> None:
    for page in PAGES:
        plan = _plan(page.query)
        assert plan.depth <= 10, page.name
        assert plan.cost(page.variables(shop)) <= 3_000, page.name


@pytest.mark.parametrize(
    ("query", "variables", "cost"),
    [
        ("{ shop { name } }", {}, 2),
        ("{ shop { name } again: shop { name } }", {}, 4),
        ("{ products(first: 10) { edges { node { id } } } }", {}, 1 + 10 * 3),
        ("query($n: Int) { products(first: $n) { edges { node { id } } } }", {"n": 7}, 1 + 7 * 3),
        ("query($n: Int = 5) { products(first: $n) { edges { node { id } } } }", {}, 1 + 5 * 3),
        ("query($n: Int = 5) { products(first: $n) { edges { node { id } } } }", {"n": None}, 1 + 5 * 3),
        ("query($n: Int) { products(last: $n) { edges { node { id } } } }", {"n": 7}, 1 + 7 * 3),
        ("query($n: Int) { products(first: $n) { edges { node { id } } } }", {}, 1 + 100 * 3),
        ("query($n: Int) { products(first: $n) { edges { node { id } } } }", {"n": "x"}, 1 + 100 * 3),
        ("query($n: Int) { products(first: $n) { edges { node { id } } } }", {"n": 10**9}, 1 + 100 * 3),
        ("query($n: Int) { products(first: $n) { edges { node { id } } } }", {"n": -3}, 1),
        ("{ products { edges { node { id } } } }", {}, 1 + 100 * 3),
        ("query($n: Int) { products(first: $n) { edges { node { ...F } } } } "
         "fragment F on Product { id images { id } }",
         {"n": 2}, 1 + 2 * (2 + 2 + LIST_SIZE)),
        ("query($y: Boolean!) { shop { name @include(if: $y) description } }", {"y": True}, 3),
        ("query($y: Boolean!) { shop { name @include(if: $y) description } }", {"y": False}, 2),
        ("query($y: Boolean!) { shop { name @skip(if: $y) description } }", {"y": True}, 2),
        ("{ shop { name @skip(if: true) description } }", {}, 2),
        ("{ shop { name @include(if: true) description } }", {}, 3),
        ("{ shop { ... on Shop { name } } __typename __schema { types { name } } }", {}, 2),
        ("mutation { tokenVerify(token: \"\") { payload } }", {}, MUTATION_COST + 1),
        ("mutation { a: tokenVerify(token: \"\") { payload } b: tokenVerify(token: \"\") { payload } }", {},
         2 * (MUTATION_COST + 1)),
    ],
)  # fmt: skip
def test_cost(query: str, variables: dict[str, Any], cost: int) -> None:
    assert _plan(query).cost(variables) == cost


@pytest.mark.parametrize(("first", "passes"), [(10, True), (20, False), (100, False)])
def test_nested_pages_multiply(shop: Shop, ours: Any, first: int, passes: bool) -> None:
    # when
    response = ours({"query": NESTED, "variables": {"first": first}})

    # then
    if passes:
        assert response.status_code == 200
        return
    error = _only_error(response)
    assert response.status_code == 400
    assert error["extensions"]["code"] == "QUERY_TOO_EXPENSIVE"
    assert error["message"].startswith("查询成本过高：")
    assert error["message"].endswith("最多 60000")
    assert error["extensions"]["hint"] == "请减小 first 或 last，减少嵌套的列表，或拆成几次请求"


def test_passwords_cannot_be_tried_under_aliases(shop: Shop, ours: Any) -> None:
    # given
    tries = " ".join(
        f'a{n}: tokenCreate(email: "{shop.customer_email}", password: "{n}") {{ token }}' for n in range(60)
    )

    # when
    response = ours({"query": f"mutation {{ {tries} }}"})

    # then
    assert _only_error(response)["extensions"]["code"] == "QUERY_TOO_EXPENSIVE"


def test_fragments_that_double_are_priced_at_once(shop: Shop, ours: Any) -> None:
    # given: each fragment uses the next one twice, 2^30 in all
    last = "fragment F30 on Category { products(first: $n) { totalCount } }"
    doubling = [
        f"fragment F{n} on Category {{ a: parent {{ ...F{n + 1} }} b: parent {{ ...F{n + 1} }} }}"
        for n in range(30)
    ]
    query = "query($n: Int) { category(id: 1) { ...F0 } }\n" + "\n".join([*doubling, last])

    # when
    with override_settings(O2O_GRAPHQL={"MAX_DEPTH": 100, "MAX_COST": 60000, "MAX_BATCH": 20}):
        response = ours({"query": query, "variables": {"n": 1}})

    # then
    assert _only_error(response)["extensions"]["code"] == "QUERY_TOO_EXPENSIVE"


def test_depth(shop: Shop, ours: Any) -> None:
    # given
    def nested(levels: int) -> str:
        return "{ category(id: 1) { " + "parent { " * (levels - 2) + "id" + " }" * (levels - 2) + " } }"

    # when
    fits, refused = ours({"query": nested(20)}), ours({"query": nested(21)})

    # then
    assert fits.status_code == 200
    error = _only_error(refused)
    assert refused.status_code == 400
    assert error["message"] == "查询嵌套过深：21 层，最多 20 层"
    assert error["extensions"] == {
        "exception": {"code": "DomainError"},
        "code": "QUERY_TOO_DEEP",
        "hint": "请减少嵌套层数，或拆成几次请求",
    }


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ category(id: 1) " + "{ parent " * 3000 + "{ id }" + " }" * 3000 + " }", "QUERY_TOO_DEEP"),
        ("{ products(filter: {ids: " + "[" * 3000 + "]" * 3000 + "}) { totalCount } }", "QUERY_TOO_DEEP"),
        ("{ " + "a: shop { name } " * MOST_SELECTIONS + "}", "QUERY_TOO_LARGE"),
        ("{ shop { name } } #" + "x" * 300_000, "QUERY_TOO_LARGE"),
        ("{ shop { ...A } } fragment A on Shop { ...B } fragment B on Shop { ...A }", "FRAGMENT_CYCLE"),
        ("{ shop { ...A } } fragment A on Shop { ...A }", "FRAGMENT_CYCLE"),
        ("{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
         "INTROSPECTION_TOO_DEEP"),
        ("{ __schema { types { ...A } } } fragment A on __Type { fields { type { ...B } } } "
         "fragment B on __Type { fields { type { fields { name } } } }", "INTROSPECTION_TOO_DEEP"),
        ("{ " + " ".join(f"a{n}: __schema {{ types {{ name }} }}" for n in range(6)) + " }", "INTROSPECTION_TOO_DEEP"),
    ],
)  # fmt: skip
def test_hostile_texts_are_refused(shop: Shop, ours: Any, query: str, code: str) -> None:
    # when
    response = ours({"query": query})

    # then
    assert response.status_code == 400
    assert _only_error(response)["extensions"]["code"] == code


def test_batches_are_limited(shop: Shop, ours: Any) -> None:
    # given
    entry = {"query": "{ shop { name } }"}

    # when
    fits, refused = ours([entry] * 20), ours([entry] * 21)

    # then
    assert fits.status_code == 200
    assert len(json.loads(fits.content)) == 20
    assert refused.status_code == 400
    error = _only_error(refused)
    assert error["message"] == "一次最多提交 20 个操作，收到 21 个"
    assert error["extensions"]["code"] == "BATCH_TOO_LARGE"


def test_one_refused_entry_leaves_the_others(shop: Shop, ours: Any) -> None:
    # when
    response = ours([{"query": "{ shop { name } }"}, {"query": NESTED, "variables": {"first": 100}}, 5])

    # then
    good, expensive, unreadable = json.loads(response.content)
    assert response.status_code == 400
    assert good["data"]["shop"]["name"]
    assert expensive["errors"][0]["extensions"]["code"] == "QUERY_TOO_EXPENSIVE"
    assert unreadable["errors"][0]["extensions"]["code"] == "MALFORMED_REQUEST"


def test_domain_error_is_raised_before_anything_runs() -> None:
    # when / then
    with pytest.raises(DomainError):
        _plan(NESTED).check({"first": 100})
