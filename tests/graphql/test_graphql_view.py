"""Authentication, errors, malformed requests, middleware and kept documents of our view."""

import json
import logging
import threading
from typing import Any
from unittest.mock import patch

import opentracing
import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError, connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from graphene import Node
from graphene_django.settings import graphene_settings
from graphql.backend import core as graphql_backend
from graphql_jwt.shortcuts import get_token
from opentracing.mocktracer import MockTracer
from saleor.account.models import User
from saleor.graphql.product.types import Product
from saleor.order.models import OrderLine
from saleor.product.models import ProductVariant
from saleor.shipping.models import ShippingZone
from saleor.warehouse import availability
from saleor.warehouse.models import Allocation, Stock, Warehouse

from benchmarks.graphql_queries import PAGES
from benchmarks.graphql_shop import Shop
from saleor_o2o.graphql import documents as documents_module
from saleor_o2o.graphql import view as view_module
from saleor_o2o.graphql.documents import DocumentCache, load
from saleor_o2o.graphql.schema import schema
from saleor_o2o.kernel.errors import DomainError, KernelErrorCode

SHOP = "{ shop { name } }"
ME = "{ me { email } }"
PRODUCT = "query($id: ID!) { product(id: $id) { name } }"


def _json(response: Any) -> Any:
    return json.loads(response.content)


# -- who is asking ------------------------------------------------------------------------------------------------


def test_a_session_cookie_gives_nothing(shop: Shop, ours: Any) -> None:
    # given
    staff = User.objects.get(email=shop.staff_email)
    session = SessionStore()
    session[SESSION_KEY] = str(staff.pk)
    session.save()
    cookies = f"sessionid={session.session_key}; JWT={get_token(staff)}"

    # when
    response = ours({"query": ME}, HTTP_COOKIE=cookies)

    # then
    assert _json(response) == {"data": {"me": None}}


def test_a_user_set_by_somebody_else_gives_nothing(shop: Shop) -> None:
    # given
    from django.test import RequestFactory

    from saleor_o2o.graphql.authentication import identify

    request = RequestFactory().post("/graphql/")
    request.user = User.objects.get(email=shop.staff_email)

    # when
    accepted = identify(request)

    # then
    assert accepted
    assert request.user.is_anonymous
    assert request.app is None


def test_a_client_that_is_logged_out_may_say_so(shop: Shop, ours: Any) -> None:
    # when the client puts the token it does not have behind its scheme
    response = ours({"query": "{ shop { name } me { email } }"}, token="null")

    # then it is nobody, and no error (stock refuses every field)
    assert "errors" not in _json(response)
    assert _json(response)["data"]["me"] is None


@pytest.mark.parametrize(("sent_by", "queries"), [("nobody", 2), ("customer", 3)])
def test_a_user_is_looked_up_once(shop: Shop, ours: Any, sent_by: str, queries: int) -> None:
    # given
    sent = {"token": get_token(User.objects.get(email=shop.customer_email))} if sent_by == "customer" else {}
    batch = [{"query": "{ a: shop { name } b: shop { name } }"}] * 2
    ours(batch, **sent)

    # when
    with CaptureQueriesContext(connection) as captured:
        response = ours(batch, **sent)

    # then
    selects = [query for query in captured.captured_queries if query["sql"].startswith("SELECT")]
    users = [query for query in selects if '"account_user"' in query["sql"]]
    assert response.status_code == 200
    assert len(selects) == queries
    assert len(users) == queries - 2


@override_settings(GRAPHQL_JWT={"JWT_VERIFY_EXPIRATION": True})
def test_an_expired_token_is_a_graphql_error(shop: Shop, stock: Any, ours: Any) -> None:
    # given
    token = get_token(User.objects.get(email=shop.customer_email), exp=1_600_000_000)

    # when
    expected, answer = (
        send({"query": "{ shop { name } me { email } }"}, token=token) for send in (stock, ours)
    )

    # then
    assert (answer.status_code, answer.content) == (expected.status_code, expected.content)
    codes = [error["extensions"]["exception"]["code"] for error in _json(answer)["errors"]]
    assert answer.status_code == 200
    assert codes[0] == "JSONWebTokenExpired"


# -- errors -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", [RuntimeError("secret"), OSError("secret"), KeyError("secret"), OperationalError("secret")]
)
def test_unexpected_errors_do_not_speak(shop: Shop, ours: Any, error: Exception) -> None:
    # when
    with patch.object(Product, "get_node", side_effect=error):
        response = ours(
            {"query": PRODUCT, "variables": {"id": shop.product}}, HTTP_X_REQUEST_ID="request-12345678"
        )

    # then
    assert response.status_code == 200
    assert response["X-Request-ID"] == "request-12345678"
    assert b"secret" not in response.content
    assert _json(response) == {
        "errors": [
            {
                "message": "系统繁忙，请稍后再试（编号 request-12345678）",
                "locations": [{"line": 1, "column": 19}],
                "path": ["product"],
                "extensions": {
                    "exception": {"code": type(error).__name__},
                    "code": "INTERNAL_ERROR",
                    "requestId": "request-12345678",
                },
            }
        ],
        "data": {"product": None},
    }


@pytest.mark.parametrize("error", [PermissionDenied("text"), ValidationError("text"), AssertionError("text")])
def test_errors_about_the_request_keep_stocks_words(
    shop: Shop, stock: Any, ours: Any, error: Exception
) -> None:
    # when
    with patch.object(Product, "get_node", side_effect=error):
        expected, answer = (
            send({"query": PRODUCT, "variables": {"id": shop.product}}) for send in (stock, ours)
        )

    # then
    assert answer.content == expected.content


@override_settings(DEBUG=True)
def test_development_shows_text_and_stack(shop: Shop, ours: Any) -> None:
    # when
    with patch.object(Product, "get_node", side_effect=RuntimeError("what happened")):
        response = ours({"query": PRODUCT, "variables": {"id": shop.product}})

    # then
    (error,) = _json(response)["errors"]
    assert error["message"] == "what happened"
    assert error["extensions"]["exception"]["stacktrace"][-1] == "RuntimeError: what happened"


def test_domain_errors_carry_code_field_and_hint(shop: Shop, ours: Any) -> None:
    # given
    refused = DomainError(
        KernelErrorCode.INVALID_AMOUNT, "金额不正确", field="amount", hint="请输入大于零的金额"
    )

    # when
    with patch.object(Product, "get_node", side_effect=refused):
        response = ours({"query": PRODUCT, "variables": {"id": shop.product}})

    # then
    (error,) = _json(response)["errors"]
    assert response.status_code == 200
    assert error["message"] == "金额不正确"
    assert error["extensions"] == {
        "exception": {"code": "DomainError"},
        "code": "INVALID_AMOUNT",
        "field": "amount",
        "hint": "请输入大于零的金额",
    }


def test_an_executor_that_fails_is_a_400_in_its_words(
    shop: Shop, ours: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: as Saleor's own suite does it
    def failing(*args: Any, **kwargs: Any) -> None:
        raise OSError("Spanish inquisition")

    monkeypatch.setattr(graphql_backend, "execute_and_validate", failing)

    # when
    response = ours({"query": SHOP})

    # then
    assert response.status_code == 400
    assert _json(response)["errors"][0]["message"] == "Spanish inquisition"


# -- malformed requests -------------------------------------------------------------------------------------------

JSON = "application/json"
FORM = "multipart/form-data; boundary=B"


def _form(**fields: str) -> bytes:
    parts = [f'--B\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()]
    return "".join([*parts, "--B--\r\n"]).encode()


@pytest.mark.parametrize(
    ("content_type", "raw"),
    [
        (JSON, b"null"),
        (JSON, b"5"),
        (JSON, b'"text"'),
        (JSON, b"[null]"),
        (JSON, b'[[{"query": "{ shop { name } }"}]]'),
        (JSON, b"[" * 100_000 + b"]" * 100_000),
        (JSON, b'{"query": "query($a: ID!) { product(id: $a) { name } }", "variables": "text"}'),
        (JSON, b'{"query": "query($a: ID!) { product(id: $a) { name } }", "variables": [1]}'),
        (JSON, b'{"query": "query($a: ID!) { product(id: $a) { name } }", "variables": 7}'),
        (FORM.partition(";")[0], b"no boundary"),
        (FORM, _form(operations="nonsense")),
        (FORM, _form(operations="[1]")),
        (FORM, _form(operations="{}", map="[1]")),
        (FORM, _form(operations="{}", map='{"0": 5}')),
        (FORM, _form(operations='{"variables": []}', map='{"0": ["variables.9"]}')),
        ("application/x-www-form-urlencoded; charset=gbk", b"query=%7Bshop%7Bname%7D%7D"),
    ],
)
def test_malformed_requests_are_a_clear_400(shop: Shop, ours: Any, content_type: str, raw: bytes) -> None:
    # when
    response = ours(raw=raw, content_type=content_type)

    # then
    answer = _json(response)
    error = (answer[0] if isinstance(answer, list) else answer)["errors"][0]
    assert response.status_code == 400
    assert error["extensions"]["code"] == "MALFORMED_REQUEST"
    assert any("\u4e00" <= letter <= "\u9fff" for letter in error["message"])


def test_a_body_that_is_too_large_is_a_clear_400(shop: Shop, ours: Any) -> None:
    # when
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100):
        response = ours({"query": SHOP + " " * 200})

    # then
    assert response.status_code == 400
    assert _json(response)["errors"][0]["extensions"]["code"] == "MALFORMED_REQUEST"


@pytest.mark.parametrize("operation", [5, [1], {"a": 1}, pytest.param("\ud800", id="surrogate")])
def test_strange_operation_names_are_a_400(
    shop: Shop, ours: Any, operation: Any, caplog: pytest.LogCaptureFixture
) -> None:
    # given: no log line, since half a character cannot be sent from one test process to another
    caplog.set_level(logging.CRITICAL, logger="saleor.graphql.errors.handled")

    # when
    response = ours({"query": "query A { shop { name } }", "operationName": operation})

    # then
    assert response.status_code == 400
    assert _json(response)["errors"][0]["message"].startswith("Unknown operation named")


def test_uploads_are_read_as_stock_reads_them(shop: Shop, stock: Any, ours: Any) -> None:
    # given
    operations = json.dumps({"query": PRODUCT, "variables": {"id": shop.product, "file": None}})
    raw = _form(operations=operations, map='{"0": ["variables.file"]}')

    # when
    expected, answer = (send(raw=raw, content_type=FORM) for send in (stock, ours))

    # then
    assert answer.status_code == 200
    assert answer.content == expected.content


# -- middleware and tracing ---------------------------------------------------------------------------------------


class Loud:
    """Middleware of somebody else."""

    made = 0

    def __init__(self) -> None:
        Loud.made += 1

    def resolve(self, next_: Any, root: Any, info: Any, **arguments: Any) -> Any:
        answer = next_(root, info, **arguments)
        return answer.then(lambda name: name.upper()) if info.field_name == "name" else answer


def test_middleware_of_others_runs_and_is_made_once(
    shop: Shop, ours: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(graphene_settings, "MIDDLEWARE", [*graphene_settings.MIDDLEWARE, Loud])
    Loud.made = 0

    # when
    answers = [_json(ours({"query": SHOP})) for _ in range(3)]

    # then
    name = answers[0]["data"]["shop"]["name"]
    assert name == name.upper()
    assert answers[0] == answers[2]
    assert Loud.made == 1


def test_nothing_runs_at_each_field_without_other_middleware() -> None:
    assert view_module.middleware_for(tuple(graphene_settings.MIDDLEWARE), False) is None


def test_spans_are_stocks(shop: Shop, stock: Any, ours: Any) -> None:
    # given
    spans: list[list[Any]] = []
    page = PAGES[0]

    # when
    for send in (stock, ours):
        tracer = MockTracer()
        with patch.object(opentracing, "global_tracer", return_value=tracer):
            assert send({"query": SHOP}).status_code == 200
            assert send({"query": page.query, "variables": page.variables(shop)}).status_code == 200
        kinds = {"http", "graphql_query", "Query.shop", "Query.product", "Product.pricing"}
        spans.append(
            sorted(
                (s.operation_name, str(s.tags)) for s in tracer.finished_spans() if s.operation_name in kinds
            )
        )

    # then
    assert len(spans[1]) == 10
    assert spans[1] == spans[0]


# -- playground and methods ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("enabled", "status"), [(True, 200), (False, 405)])
def test_the_playground_can_be_switched_off(client: Any, enabled: bool, status: int) -> None:
    with override_settings(PLAYGROUND_ENABLED=enabled):
        assert client.get("/graphql/").status_code == status


def test_the_playground_is_ours_and_needs_no_network(client: Any) -> None:
    # when
    with override_settings(PLAYGROUND_ENABLED=True):
        page = client.get("/graphql/").content.decode()

    # then
    assert "接口调试台" in page
    assert "://" not in page
    assert "<script>" not in page
    assert "onclick" not in page


@pytest.mark.parametrize("method", ["put", "patch", "delete", "head"])
def test_other_methods_are_not_allowed(client: Any, method: str) -> None:
    assert getattr(client, method)("/graphql/").status_code == 405


def test_options_answers_the_browser(client: Any) -> None:
    response = client.options("/graphql/")
    assert response.status_code == 200
    assert response["Access-Control-Allow-Headers"] == "Origin, Content-Type, Accept, Authorization"


# -- kept documents -----------------------------------------------------------------------------------------------


def test_a_document_is_parsed_and_validated_once(no_documents: None) -> None:
    # when
    with (
        patch.object(documents_module, "parse", wraps=documents_module.parse) as parse,
        patch.object(documents_module, "validate", wraps=documents_module.validate) as validate,
    ):
        kept = {id(load(schema, SHOP)) for _ in range(5)}

    # then
    assert len(kept) == 1
    assert (parse.call_count, validate.call_count) == (1, 1)


def test_invalid_and_large_documents_are_not_kept() -> None:
    # given
    cache = DocumentCache(10)

    # when
    load(schema, "{ nothing }", cache)
    load(schema, SHOP + " #" + "x" * 70_000, cache)

    # then
    assert len(cache) == 0


def test_the_least_recently_used_document_goes_first() -> None:
    # given
    cache = DocumentCache(2)
    texts = [f"{{ shop {{ a{n}: name }} }}" for n in range(3)]

    # when
    load(schema, texts[0], cache)
    load(schema, texts[1], cache)
    load(schema, texts[0], cache)
    load(schema, texts[2], cache)

    # then
    assert len(cache) == 2
    assert cache.get(schema, texts[0]) is not None
    assert cache.get(schema, texts[1]) is None


def test_documents_are_bounded_in_characters() -> None:
    # given
    cache = DocumentCache(100, characters=100)

    # when
    for n in range(10):
        load(schema, f"{{ shop {{ a{n}: name }} }}", cache)

    # then
    assert len(cache) == 100 // len("{ shop { a0: name } }")


def test_documents_belong_to_a_schema() -> None:
    # given
    from saleor.graphql.api import schema as stock_schema

    cache = DocumentCache(10)

    # when
    first, second = load(schema, SHOP, cache), load(stock_schema, SHOP, cache)

    # then
    assert first is not second
    assert len(cache) == 2


def test_documents_are_safe_between_threads() -> None:
    # given
    cache = DocumentCache(3)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for n in range(60):
                text = f"{{ shop {{ a{n % 7}: name }} }}"
                assert load(schema, text, cache).text == text
        except Exception as error:  # noqa: BLE001 - told to the main thread
            failures.append(error)

    # when
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # then
    assert failures == []
    assert len(cache) == 3


# -- queries of ours in place of stock's --------------------------------------------------------------------------


def _selects(send: Any, page: Any, shop: Shop) -> int:
    data = {"query": page.query, "variables": page.variables(shop)}
    send(data)
    with CaptureQueriesContext(connection) as captured:
        send(data)
    return sum(query["sql"].startswith("SELECT") for query in captured.captured_queries)


def test_pages_ask_the_database_less(shop: Shop, stock: Any, ours: Any) -> None:
    counts = {page.name: (_selects(stock, page, shop), _selects(ours, page, shop)) for page in PAGES}

    assert all(mine <= theirs for theirs, mine in counts.values()), counts
    assert counts["checkout"][1] <= counts["checkout"][0] / 3
    assert counts["product"][1] < counts["product"][0]


@pytest.mark.parametrize("country", ["CN", "PL", None])
def test_availability_of_many_is_that_of_each(shop: Shop, ours: Any, country: str | None) -> None:
    # given: two warehouses with equal quantities in two zones, an allocation, one untracked, one that lies nowhere
    variants = list(ProductVariant.objects.order_by("pk")[:5])
    with transaction.atomic():
        first = Warehouse.objects.get(slug="bench-warehouse")
        zone = ShippingZone.objects.create(name="另一区", countries=["CN"])
        second = Warehouse.objects.create(name="二仓", slug="second", address=first.address)
        second.shipping_zones.add(zone, *first.shipping_zones.all())
        Stock.objects.create(warehouse=second, product_variant=variants[0], quantity=100)
        Stock.objects.filter(product_variant=variants[1]).update(quantity=3)
        Stock.objects.filter(product_variant=variants[2]).update(quantity=0)
        ProductVariant.objects.filter(pk=variants[3].pk).update(track_inventory=False)
        Stock.objects.filter(product_variant=variants[4]).delete()
        stock = Stock.objects.get(product_variant=variants[1])
        Allocation.objects.create(order_line=OrderLine.objects.all()[0], stock=stock, quantity_allocated=2)
        expected = [
            availability.get_available_quantity_for_customer(
                ProductVariant.objects.get(pk=variant.pk), country
            )
            for variant in variants
        ]
        argument = f"(countryCode: {country})" if country else ""

        # when
        ids = [Node.to_global_id("ProductVariant", variant.pk) for variant in variants]
        response = ours({
            "query": "query($ids: [ID!]) { productVariants(ids: $ids, first: 10) { edges { node { id "
            f"quantityAvailable{argument} isAvailable stockQuantity }} }} }} }}",
            "variables": {"ids": ids},
        })  # fmt: skip
        transaction.set_rollback(True)

    # then
    nodes = {edge["node"]["id"]: edge["node"] for edge in _json(response)["data"]["productVariants"]["edges"]}
    assert [nodes[ident]["quantityAvailable"] for ident in ids] == expected
    if country == "CN":
        assert expected == [50, 1, 0, 50, 0]
        assert [nodes[ident]["stockQuantity"] for ident in ids] == expected
        assert [nodes[ident]["isAvailable"] for ident in ids] == [True, True, False, True, False]
