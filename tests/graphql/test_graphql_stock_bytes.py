"""What stock answers, our view answers in the same bytes: successes, permissions, bad tokens, bad queries."""

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt
import pytest
from django.conf import settings
from freezegun import freeze_time
from graphql.utils.introspection_query import introspection_query
from graphql_jwt.shortcuts import get_token
from saleor.account.models import User
from saleor.app.models import App

from benchmarks.graphql_queries import CARD, MONEY, PAGES, PRICES, PRODUCT, VARIANT
from benchmarks.graphql_shop import Shop

pytestmark = pytest.mark.filterwarnings("ignore")

ME = "{ me { email isStaff orders(first: 5) { edges { node { number } } } checkout { token } } }"
ORDERS = """query($first: Int) { orders(first: $first) { totalCount edges { node {
  number status userEmail total { gross { amount } } customer: user { email } payments { id }
  lines { productName quantity }
} } } }"""
PRODUCT_UPDATE = """mutation($id: ID!, $name: String) { productUpdate(id: $id, input: { name: $name }) {
  product { name slug } errors { field message } productErrors { field code } } }"""
CHECKOUT_CREATE = """mutation($variant: ID!, $quantity: Int!) { checkoutCreate(input: {
  lines: [{ quantity: $quantity, variantId: $variant }], email: "a@example.com" }) {
  checkout { email lines { quantity totalPrice { gross { amount } } variant { sku } } totalPrice { gross { amount } } }
  errors { field message } checkoutErrors { field code } } }"""
LINES_UPDATE = """mutation($id: ID!, $lines: [CheckoutLineInput]!) {
  checkoutLinesUpdate(checkoutId: $id, lines: $lines) {
  checkout { lines { quantity variant { sku images { alt } } } subtotalPrice { gross { amount } } isShippingRequired
    availableShippingMethods { name price { amount } } }
  errors { field message } } }"""
TOKEN_CREATE = """mutation($email: String!, $password: String!) { tokenCreate(email: $email, password: $password) {
  token user { email } errors { field message } } }"""
TOKEN_VERIFY = "mutation($token: String!) { tokenVerify(token: $token) { user { email } payload } }"
TOKEN_REFRESH = "mutation($token: String!) { tokenRefresh(token: $token) { token payload } }"

As = Callable[[Shop], dict[str, Any]]


@dataclass(frozen=True)
class Case:
    name: str
    query: str
    variables: Callable[[Shop], Any] = lambda shop: {}
    sent: As = lambda shop: {}
    operation: Any = None


def _customer(shop: Shop) -> dict[str, Any]:
    return {"user": shop.customer_email}


def _staff(shop: Shop) -> dict[str, Any]:
    return {"user": shop.staff_email}


def _bad(shop: Shop) -> dict[str, Any]:
    return {"token": "not.a.token"}


def _expired_signature(shop: Shop) -> dict[str, Any]:
    return {"token": get_token(User.objects.get(email=shop.customer_email))[:-3] + "abc"}


def _disabled(shop: Shop) -> dict[str, Any]:
    user = User.objects.get_or_create(email="disabled@example.com", is_active=False)[0]
    return {"token": get_token(user)}


def _unknown(shop: Shop) -> dict[str, Any]:
    return {"token": get_token(User(email="gone@example.com"))}


def _app(shop: Shop) -> dict[str, Any]:
    app = App.objects.get_or_create(name="bytes")[0]
    token = app.tokens.get_or_create(name="bytes", auth_token="0123456789")[0]
    return {"authorization": f"Bearer {token.auth_token}"}


CASES = [
    *[Case(f"page-{page.name}", page.query, page.variables) for page in PAGES],
    *[Case(f"customer-{page.name}", page.query, page.variables, _customer) for page in PAGES if page.name != "shop"],
    Case("introspection", introspection_query),
    Case("service", "{ _service { sdl } }"),
    Case("typename", "{ __typename shop { __typename name } }"),
    # a type that we add no field to
    Case("type", '{ __type(name: "Collection") { name fields { name type { name kind } } } }'),
    # who is asking
    Case("me-nobody", ME),
    Case("me-customer", ME, sent=_customer),
    Case("me-staff", ME, sent=_staff),
    Case("me-unknown", ME, sent=_unknown),
    Case("me-null-header", ME, sent=lambda shop: {"authorization": "null"}),
    Case("me-empty-scheme", ME, sent=lambda shop: {"authorization": "JWT"}),
    Case("me-other-scheme", ME, sent=lambda shop: {"authorization": "Basic abc"}),
    Case("me-three-words", ME, sent=lambda shop: {"authorization": "JWT a b"}),
    Case("me-lower-case", ME, sent=lambda shop: {"authorization": "jwt none"}),
    Case("bad-token", "{ shop { name } me { email } products(first: 1) { totalCount } }", sent=_bad),
    Case("bad-token-nonnull", "{ a: shop { name } b: shop { name } }", sent=_bad),
    Case("bad-token-typename", "{ __typename }", sent=_bad),
    Case("bad-token-schema", "{ __schema { queryType { name } } }", sent=_bad),
    Case("bad-signature", "{ shop { name } me { email } }", sent=_expired_signature),
    Case("disabled-user", "{ shop { name } me { email } }", sent=_disabled),
    Case("bad-token-invalid-query", "{ nothing }", sent=_bad),
    Case("orders-nobody", ORDERS, lambda shop: {"first": 10}),
    Case("orders-customer", ORDERS, lambda shop: {"first": 10}, _customer),
    Case("orders-staff", ORDERS, lambda shop: {"first": 10}, _staff),
    Case("orders-app", ORDERS, lambda shop: {"first": 10}, _app),
    Case("orders-unknown-app", ORDERS, lambda shop: {"first": 10}, lambda shop: {"authorization": "Bearer nope"}),
    # errors that stock words
    Case("no-first", "{ products { edges { node { id } } } }"),
    Case("first-101", "{ products(first: 101) { edges { node { id } } } }"),
    Case("first-negative", "{ products(first: -1) { edges { node { id } } } }"),
    Case("wrong-id", "query($id: ID!) { product(id: $id) { name } }", lambda shop: {"id": shop.category}),
    Case("field-errors-in-order", """{ a: products { edges { node { id } } } shop { name }
        b: products(first: 101) { edges { node { id } } } c: orders(first: 1) { totalCount } }"""),
    Case("syntax", "{ shop { name }"),
    Case("empty", ""),
    Case("null-query", None),  # type: ignore[arg-type]
    Case("query-is-object", {"type": "dict"}),  # type: ignore[arg-type]
    Case("unknown-field", "{ shop { nothing } }"),
    Case("missing-variable", PRODUCT + CARD + PRICES + VARIANT + MONEY),
    Case("wrong-variable", ORDERS, lambda shop: {"first": "ten"}),
    Case("undeclared-variables", "{ shop { name } }", lambda shop: "text"),
    Case("unknown-operation", "query A { shop { name } }", operation="B"),
    Case("operation-null", "query A { shop { name } }", operation="null"),
    Case("which-operation", "query A { shop { name } } query B { shop { name } }"),
    Case("second-operation", "query A { shop { name } } query B { shop { description } }", operation="B"),
    Case("subscription", "subscription { shop { name } }"),
    Case("fragment-only", "fragment F on Shop { name }"),
    Case("type-definition", "type A { b: String } { shop { name } }"),
    Case("object-for-list", "query($ids: [ID!]) { productVariants(ids: $ids, first: 5) { totalCount } }",
         lambda shop: {"ids": {}}),
    Case("include", "query($yes: Boolean!) { shop { name description @include(if: $yes) } }",
         lambda shop: {"yes": False}),
    # mutations
    Case("token-create", TOKEN_CREATE, lambda shop: {"email": shop.customer_email, "password": "password"}),
    Case("token-create-wrong", TOKEN_CREATE, lambda shop: {"email": shop.customer_email, "password": "wrong"}),
    Case("token-create-bad-header", TOKEN_CREATE,
         lambda shop: {"email": shop.customer_email, "password": "password"}, _bad),
    Case("token-verify", TOKEN_VERIFY, lambda shop: {"token": get_token(User.objects.get(email=shop.customer_email))}),
    Case("token-verify-bad", TOKEN_VERIFY, lambda shop: {"token": "bad"}),
    Case("token-refresh", TOKEN_REFRESH,
         lambda shop: {"token": get_token(User.objects.get(email=shop.customer_email))}),
    Case("token-refresh-bad", TOKEN_REFRESH, lambda shop: {"token": "bad"}),
    Case("token-create-then-me", TOKEN_CREATE.replace("mutation(", "mutation T(") + " query Q { me { email } }",
         lambda shop: {"email": shop.customer_email, "password": "password"}, operation="T"),
    Case("update-nobody", PRODUCT_UPDATE, lambda shop: {"id": shop.product, "name": "新名"}),
    Case("update-customer", PRODUCT_UPDATE, lambda shop: {"id": shop.product, "name": "新名"}, _customer),
    Case("update-staff", PRODUCT_UPDATE, lambda shop: {"id": shop.product, "name": "新名"}, _staff),
    Case("update-wrong-id", PRODUCT_UPDATE, lambda shop: {"id": "UHJvZHVjdDow", "name": "新名"}, _staff),
    Case("checkout-create", CHECKOUT_CREATE, lambda shop: {"variant": shop.variants[0], "quantity": 2}),
    Case("checkout-create-too-many", CHECKOUT_CREATE, lambda shop: {"variant": shop.variants[0], "quantity": 5000}),
    Case("lines-update", LINES_UPDATE, lambda shop: {
        "id": base64.b64encode(f"Checkout:{shop.checkout_token}".encode()).decode(),
        "lines": [{"quantity": 4, "variantId": shop.variants[0]}, {"quantity": 0, "variantId": shop.variants[1]}]}),
]  # fmt: skip


def _told(response: Any) -> tuple[int, bytes]:
    """Status and bytes; a shopper's token as stock would have made it: ours also names its login (decision 0046)."""

    def as_stock(found: re.Match[bytes]) -> bytes:
        claims = jwt.decode(
            found[1].decode(), settings.SECRET_KEY, algorithms=["HS256"], options={"verify_exp": False}
        )
        claims.pop("o2oSession", None)
        return b'"token": "%s"' % json.dumps(claims).encode().hex().encode()

    return response.status_code, re.sub(rb'"token": "(eyJ[^"]+)"', as_stock, response.content)


def _data(case: Case, shop: Shop) -> dict[str, Any]:
    data: dict[str, Any] = {"query": case.query, "variables": case.variables(shop)}
    if case.operation is not None:
        data["operationName"] = case.operation
    return data


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_same_bytes(case: Case, shop: Shop, stock: Any, ours: Any) -> None:
    # given
    with freeze_time("2026-11-22 08:00:00", ignore=["psycopg2"]):
        data, sent = _data(case, shop), case.sent(shop)

        # when
        expected = stock(data, **sent)
        first = ours(data, **sent)
        again = ours(data, **sent)  # from the kept document

    # then
    if case.name in ("introspection", "service"):  # we add to the schema and never take away
        assert first.status_code == 200
        assert first.content == again.content
        return
    assert _told(first) == _told(expected)
    assert _told(again) == _told(expected)


def test_pages_succeed(shop: Shop, ours: Any) -> None:
    for page in PAGES:
        # when
        response = ours({"query": page.query, "variables": page.variables(shop)})

        # then
        content = json.loads(response.content)
        assert response.status_code == 200, page.name
        assert "errors" not in content, page.name
        assert all(value is not None for value in content["data"].values()), page.name


def test_batches_have_the_same_bytes(shop: Shop, stock: Any, ours: Any) -> None:
    # given
    batch = [
        {"query": "{ shop { name } }"},
        {"query": "{ nothing }"},
        {"query": TOKEN_CREATE, "variables": {"email": shop.customer_email, "password": "password"}},
        {"query": ME},
    ]

    for sent in (batch, [], [batch[0]]):
        # when
        with freeze_time("2026-11-22 08:00:00", ignore=["psycopg2"]):
            expected, answer = stock(sent), ours(sent)

        # then
        assert _told(answer) == _told(expected)


@pytest.mark.parametrize(
    ("content_type", "raw"),
    [
        ("application/json", b"nonsense"),
        ("application/json", b'{"query": "\xff"}'),
        ("application/graphql", b"{ shop { name } }"),
        ("application/graphql", b"\xff"),
        ("application/x-www-form-urlencoded", b"query=%7Bshop%7Bname%7D%7D"),
        ("text/plain", b"{ shop { name } }"),
    ],
)
def test_other_bodies_have_the_same_bytes(
    shop: Shop, stock: Any, ours: Any, content_type: str, raw: bytes
) -> None:
    # when
    expected, answer = (send(raw=raw, content_type=content_type) for send in (stock, ours))

    # then
    assert (answer.status_code, answer.content) == (expected.status_code, expected.content)


def test_headers_are_stocks(shop: Shop, stock: Any, ours: Any) -> None:
    # when
    expected, answer = (send({"query": "{ shop { name } }"}) for send in (stock, ours))

    # then
    for response in (expected, answer):
        del response["X-Request-ID"]
    assert dict(answer.items()) == dict(expected.items())
