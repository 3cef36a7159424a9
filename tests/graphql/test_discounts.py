"""The sales of the moment are those that stock would find."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from saleor.discount import DiscountInfo
from saleor.discount.models import Sale
from saleor.discount.utils import fetch_discounts
from saleor.product.models import Category, Collection, Product, ProductType

from saleor_o2o.discounts import active_discounts
from tests.stock.world import money

NOW = timezone.now()


def sale(name: str, start: int = -2, end: int | None = None) -> Sale:
    """A sale from ``start`` to ``end`` days from now."""
    return Sale.objects.create(
        name=name,
        value=5,
        start_date=NOW + timedelta(days=start),
        end_date=None if end is None else NOW + timedelta(days=end),
    )


def by_name(found: list[DiscountInfo]) -> dict[str, tuple[set[int], set[int], set[int]]]:
    return {
        one.sale.name: (set(one.product_ids), set(one.collection_ids), set(one.category_ids)) for one in found
    }


@pytest.mark.django_db
def test_what_applies_now_and_to_what_is_as_stock_finds_it() -> None:
    # given
    fruit = Category.objects.create(name="水果", slug="fruit")
    citrus = Category.objects.create(name="柑橘", slug="citrus", parent=fruit)
    kind = ProductType.objects.create(name="鲜果", slug="fresh")
    products = [
        Product.objects.create(name=name, slug=name, product_type=kind, category=citrus, price=money(9))
        for name in ("orange", "pomelo")
    ]
    collection = Collection.objects.create(name="当季", slug="season")
    sale("无期限").categories.add(fruit)
    both = sale("到后天", end=2)
    both.products.add(*products)
    both.collections.add(collection)
    sale("什么也不管")
    sale("还没开始", start=1)
    sale("已经结束", end=-1)

    # when
    with CaptureQueriesContext(connection) as captured:
        found = active_discounts(NOW)

    # then
    assert by_name(found) == by_name(fetch_discounts(NOW))
    assert by_name(found) == {
        "无期限": (set(), set(), {fruit.pk, citrus.pk}),
        "到后天": ({one.pk for one in products}, {collection.pk}, set()),
        "什么也不管": (set(), set(), set()),
    }
    assert [one.sale.value for one in found] == [5, 5, 5]
    assert len(captured) == 3  # the sales; the categories named, and those below them
