"""A small shop, and two ways to ask it: stock's view on stock's schema, and ours on ours."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import MiddlewareNotUsed
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils.module_loading import import_string
from graphql_jwt.shortcuts import get_token
from saleor.account.models import User
from saleor.graphql.api import schema as stock_schema
from saleor.graphql.views import GraphQLView

from benchmarks.graphql_shop import Shop, build_shop
from saleor_o2o.graphql.documents import documents
from saleor_o2o.graphql.schema import schema
from saleor_o2o.graphql.view import PlatformGraphQLView

Send = Callable[..., HttpResponse]


@pytest.fixture(scope="module")
def shop(django_db_setup: None, django_db_blocker: Any) -> Iterator[Shop]:
    """One shop for a module; nothing of it is left."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build_shop(products=3, variants=2, images=2)
        transaction.set_rollback(True)


def _served(view: Callable[[HttpRequest], HttpResponse]) -> Send:
    handler: Any = lambda request: view(request)  # noqa: E731
    for path in reversed(settings.MIDDLEWARE):
        try:
            handler = import_string(path)(handler) or handler
        except MiddlewareNotUsed:
            continue

    def send(
        data: Any = None, *, user: str = "", token: str = "", authorization: str = "", **extra: Any
    ) -> HttpResponse:
        """POST ``data`` as JSON, or ``raw`` with ``content_type``; the database is as before afterwards."""
        if user:
            token = get_token(User.objects.get(email=user))
        if token:
            authorization = f"JWT {token}"
        if authorization:
            extra["HTTP_AUTHORIZATION"] = authorization
        body = extra.pop("raw", None)
        content_type = extra.pop("content_type", "application/json")
        request = RequestFactory().post(
            "/graphql/", json.dumps(data) if body is None else body, content_type=content_type, **extra
        )
        with transaction.atomic():
            response: HttpResponse = handler(request)
            transaction.set_rollback(True)
        return response

    return send


@pytest.fixture(scope="session")
def stock() -> Send:
    return _served(GraphQLView.as_view(schema=stock_schema))


@pytest.fixture(scope="session")
def ours() -> Send:
    return _served(PlatformGraphQLView.as_view(schema=schema))


@pytest.fixture
def no_documents() -> Iterator[None]:
    documents.clear()
    yield
    documents.clear()


@pytest.fixture
def nobody() -> AnonymousUser:
    return AnonymousUser()
