"""The small city of two counties, its people, and their browsers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from saleor.account.models import User
from saleor.core.permissions import get_permissions
from saleor.product.models import Category, Product, ProductType, ProductVariant

from plugins.org_hierarchy.access.registry import permissions
from plugins.org_hierarchy.models import DataScope, OrgUnit

from ..orgs import person, small_org
from .city import PRICE, Rows, rows_at

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def org(db: None) -> dict[str, OrgUnit]:
    return small_org()


@pytest.fixture
def variant(db: None) -> ProductVariant:
    """What both counties sell."""
    kind = ProductType.objects.create(name="鲜果", slug="fresh")
    category = Category.objects.create(name="水果", slug="fruit")
    product = Product.objects.create(
        name="奉节脐橙", slug="navel-orange", product_type=kind, category=category, price_amount=PRICE,
        minimal_variant_price_amount=PRICE, is_published=True,
    )  # fmt: skip
    return ProductVariant.objects.create(product=product, sku="ORANGE-5KG", name="5 千克")


@pytest.fixture
def ours(org: dict[str, OrgUnit], variant: ProductVariant) -> Rows:
    """County C11, branch B111."""
    return rows_at(org["B111"], "jia", variant)


@pytest.fixture
def theirs(org: dict[str, OrgUnit], variant: ProductVariant) -> Rows:
    """County C12, branch B121."""
    return rows_at(org["B121"], "yi", variant)


@pytest.fixture
def people(org: dict[str, OrgUnit]) -> dict[str, User | None]:
    """Somebody of each kind: the clerks may do everything within their county, the manager in the city."""
    every = list(permissions())
    return {
        "anonymous": None,
        "shopper": User.objects.create_user("shopper@example.com", "pass-word"),
        "ours": person(org["C11"], "clerk-a", every, limits={"refund": "1000"}),
        "theirs": person(org["C12"], "clerk-b", every, limits={"refund": "1000"}),
        "area": person(org["A1"], "area", every, limits={"refund": "1000"}),
        "city": person(org["CQ"], "city", every, scope=DataScope.ALL, limits={"refund": "1000"}),
        "superuser": User.objects.create_superuser("root@example.com", "pass-word"),
    }


@pytest.fixture
def staff(people: dict[str, User | None]) -> dict[str, User | None]:
    """The same people; those of the staff have every permission of stock, so that the organisation alone must hold."""
    every = get_permissions()
    for user in people.values():
        if user is not None and user.is_staff:
            user.user_permissions.set(every)
    return people


@pytest.fixture
def browser() -> Callable[[User | None], Client]:
    """A browser in which somebody is logged in to the back office."""

    def make(user: User | None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user, backend=BACKEND)
        return client

    return make


@pytest.fixture
def visit(people: dict[str, User | None], browser: Callable[[User | None], Client]) -> Callable[..., Any]:
    """Get (or post to) an address as somebody of `people`."""
    browsers: dict[str, Client] = {}

    def go(who: str, address: str, data: dict[str, Any] | None = None, method: str = "get") -> Any:
        client = browsers.setdefault(who, browser(people[who]))
        return getattr(client, method)(address, data or {})

    return go
