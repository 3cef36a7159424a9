"""A query put together once answers as the one put together each time."""

import pytest
from django.db import connection
from django.db.models import Exists, F, OuterRef, QuerySet, Value
from django.test.utils import CaptureQueriesContext
from saleor.product.models import Category, Product, ProductType

from saleor_o2o.kernel.fixed_queries import Columns, FixedQuery
from tests.stock.world import money
from tests.threads import together


def products(category: int) -> QuerySet[Product]:
    children = Category.objects.filter(parent_id=OuterRef("category_id"))
    return (
        Product.objects.select_related("category", "product_type")
        .annotate(has_children=Exists(children), twice=F("pk") * Value(2))
        .filter(category_id=category)
        .order_by("pk")
    )


@pytest.fixture
def shelves(db: None) -> list[Category]:
    kind = ProductType.objects.create(name="水果", slug="fruit")
    shelves = [Category.objects.create(name=name, slug=name) for name in ("柑", "橙", "空")]
    Category.objects.create(name="脐橙", slug="qi", parent=shelves[1])
    for position, shelf in enumerate((shelves[0], shelves[0], shelves[1])):
        Product.objects.create(
            name=f"果{position}", slug=f"p{position}", product_type=kind, category=shelf, price=money(5)
        )
    return shelves


def seen(rows: list[Product]) -> list[tuple[object, ...]]:
    return [
        (row.pk, row.name, row.category.name, row.product_type.name, row.has_children, row.twice)  # type: ignore[attr-defined]
        for row in rows
    ]


def test_each_value_gets_its_own_rows_with_what_comes_along(shelves: list[Category]) -> None:
    # given
    fixed = FixedQuery(products, -1)
    fixed(shelves[0].pk)

    for shelf in shelves:
        # when
        with CaptureQueriesContext(connection) as captured:
            told = seen(fixed(shelf.pk))

        # then: one statement, no more for what came along
        assert told == seen(list(products(shelf.pk)))
        assert len(captured) == 1
    assert [len(fixed(shelf.pk)) for shelf in shelves] == [2, 1, 0]


def test_threads_do_not_get_each_others_rows(shelves: list[Category]) -> None:
    # given: nothing put together yet, and each thread with a connection of its own sees no row of this transaction
    fixed = FixedQuery(lambda pk: ProductType.objects.filter(pk=pk).annotate(given=Value(0)), -1)

    # when
    counts = together(*[lambda: len(fixed(0))] * 4)

    # then
    assert counts == [0, 0, 0, 0]
    kind = ProductType.objects.get()
    assert fixed(kind.pk) == [kind]


@pytest.mark.parametrize(
    "make",
    [
        lambda _value: Category.objects.filter(pk=1),
        lambda value: Category.objects.filter(pk=value).prefetch_related("products"),
    ],
)
def test_what_cannot_be_fixed_is_refused(db: None, make: object) -> None:
    with pytest.raises(ValueError, match="fixed query"):
        FixedQuery(make, -1)(1)  # type: ignore[arg-type]


def test_columns_make_rows_as_the_orm_does(shelves: list[Category]) -> None:
    # given: some, and all but one of a model's columns
    some = Columns(Category, "one", only=("slug",))
    made = {one.name for one in Category._meta.concrete_fields if hasattr(one, "from_db_value")}
    most = Columns(Category, "one", without=made)

    # when
    rows = []
    for columns in (some, most):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {columns.sql} FROM product_category AS one WHERE slug = 'qi'")
            rows.append(columns.row(cursor.fetchone()))

    # then
    told = Category.objects.get(slug="qi")
    few, many = rows
    assert (few.pk, many.pk, many.name, many.parent_id) == (told.pk, told.pk, "脐橙", shelves[1].pk)
    assert many.get_deferred_fields() == made >= {"description_json"}
    assert few.get_deferred_fields() == {one.attname for one in Category._meta.concrete_fields} - {
        "id",
        "slug",
    }
    with CaptureQueriesContext(connection) as captured:
        assert (few.slug, few.name) == ("qi", "脐橙")
    assert len(captured) == 1
    with pytest.raises(ValueError, match="not read as it stands"):
        _ = Columns(Category, "one").sql
