"""Trap 4: what several warehouses have adds up, whatever is joined."""

from __future__ import annotations

from typing import Any

import pytest
from saleor.core.exceptions import InsufficientStock
from saleor.graphql.product.enums import StockAvailability
from saleor.graphql.product.filters import (
    filter_products_by_stock_availability,
    filter_quantity,
    filter_warehouses,
)
from saleor.product.models import Product, ProductVariant
from saleor.shipping.models import ShippingZone
from saleor.warehouse import availability
from saleor.warehouse.models import Stock, Warehouse

from tests.stock.world import World, gid, make_address, make_order


def second_warehouse(world: World, quantity: int, *zones: ShippingZone) -> Stock:
    """Another warehouse with some of the variant."""
    number = Warehouse.objects.count()
    warehouse = Warehouse.objects.create(name=f"仓{number}", slug=f"w{number}", address=make_address())
    warehouse.shipping_zones.add(*zones)
    return Stock.objects.create(warehouse=warehouse, product_variant=world.variant, quantity=quantity)


def seen(world: World, country: str | None = "CN") -> int:
    """What a customer sees."""
    return availability.get_available_quantity_for_customer(world.variant, country)


def test_equal_quantities_add_up(world: World) -> None:
    # given 10 here and 10 there
    second_warehouse(world, 10, world.zone)
    # then
    assert seen(world) == 20
    assert seen(world, None) == 20
    assert availability.get_available_quantity(world.variant, "CN") == 20
    availability.check_stock_quantity(world.variant, "CN", 20)
    with pytest.raises(InsufficientStock):
        availability.check_stock_quantity(world.variant, "CN", 21)
    assert availability.is_variant_in_stock(world.variant, "CN")
    assert seen(world, "JP") == 0


def test_allocations_count_once(world: World) -> None:
    # given 10 + 10 and two orders of 3 that share a stock
    second_warehouse(world, 10, world.zone)
    make_order(world, quantity=3)
    make_order(world, quantity=3)
    # then
    assert availability.get_available_quantity(world.variant, "CN") == 14
    assert availability.get_quantity_allocated(world.variant, "CN") == 6
    assert (seen(world), seen(world, None)) == (14, 14)


def test_two_zones_of_one_country_count_once(world: World) -> None:
    # given a warehouse in two zones of the country, and one in the second zone only
    southwest = ShippingZone.objects.create(name="西南", countries=["CN"])
    world.warehouse.shipping_zones.add(southwest)
    second_warehouse(world, 5, southwest)
    make_order(world, quantity=2)
    # then
    assert seen(world) == 13
    assert availability.get_available_quantity(world.variant, "CN") == 13
    assert seen(world, None) == 13  # the best zone
    # and a warehouse elsewhere does not help
    second_warehouse(world, 30, ShippingZone.objects.create(name="日本", countries=["JP"]))
    assert (seen(world), seen(world, "JP"), seen(world, None)) == (13, 30, 30)


def test_warehouses_in_different_zones_of_the_country(world: World) -> None:
    second_warehouse(world, 10, ShippingZone.objects.create(name="西南", countries=["CN"]))
    assert seen(world) == 20  # what allocation can reach


def test_limits(world: World, settings: Any) -> None:
    second_warehouse(world, 100, world.zone)
    assert seen(world) == settings.MAX_CHECKOUT_LINE_QUANTITY == 50
    world.stock.quantity = 0
    world.stock.save()
    Stock.objects.exclude(pk=world.stock.pk).delete()
    assert seen(world) == 0
    assert not availability.is_product_in_stock(world.product, "CN")
    world.variant.track_inventory = False
    assert seen(world) == 50
    availability.check_stock_quantity(world.variant, "CN", 1000)


def test_over_allocated_stock_is_not_in_stock(world: World) -> None:
    make_order(world, quantity=5)
    Stock.objects.update(quantity=3)
    assert seen(world) == 0
    assert availability.get_available_quantity(world.variant, "CN") == 0
    assert not availability.is_product_in_stock(world.product, "CN")


def test_query_counts_do_not_grow(world: World, django_assert_num_queries: Any) -> None:
    # given one warehouse: stock asks once for the customer's quantity, twice for a check
    def ask() -> None:
        with django_assert_num_queries(1):
            seen(world)
        with django_assert_num_queries(2):
            availability.check_stock_quantity(world.variant, "CN", 1)
        with django_assert_num_queries(1):
            availability.is_product_in_stock(world.product, "CN")

    # when / then
    ask()
    for _number in range(5):
        second_warehouse(world, 10, world.zone)
    ask()


def test_stock_availability_filter(world: World) -> None:
    # given 10 units of which 3 + 3 are allocated: joined, the stock would count twice
    make_order(world, quantity=5)
    make_order(world, quantity=5)
    # then
    everything = Product.objects.all()
    assert list(filter_products_by_stock_availability(everything, StockAvailability.IN_STOCK)) == []
    assert list(filter_products_by_stock_availability(everything, StockAvailability.OUT_OF_STOCK)) == [
        world.product
    ]
    # and a second warehouse brings it back
    second_warehouse(world, 1, world.zone)
    assert list(filter_products_by_stock_availability(everything, StockAvailability.IN_STOCK)) == [
        world.product
    ]


def test_stock_filters_list_a_product_once(world: World) -> None:
    # given two variants in two warehouses
    other = ProductVariant.objects.create(product=world.product, sku="ORANGE-1KG")
    stock = second_warehouse(world, 10, world.zone)
    Stock.objects.create(warehouse=world.warehouse, product_variant=other, quantity=20)
    ids = [gid("Warehouse", world.warehouse), gid("Warehouse", stock.warehouse)]
    everything = Product.objects.all()
    # then
    assert list(filter_warehouses(everything, None, ids)) == [world.product]
    assert list(filter_quantity(everything, {"gte": 20})) == [world.product]
    assert list(filter_quantity(everything, {"gte": 20}, ids[1:])) == []
    assert list(filter_quantity(everything, {"gte": 10, "lte": 10}, ids[1:])) == [world.product]
