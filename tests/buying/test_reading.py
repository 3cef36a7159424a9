"""What the steps of a checkout read and write at once is what stock reads and writes one by one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.forms import model_to_dict
from django.test.utils import CaptureQueriesContext
from saleor.checkout.models import Checkout, CheckoutLine
from saleor.payment import PaymentError
from saleor.payment.models import Payment
from saleor.payment.utils import create_payment
from saleor.product.models import Collection

from saleor_o2o.ordering.carts import checkout_with_lines, variants_with_products
from saleor_o2o.ordering.services.paying import new_payment
from tests.stock.world import World, make_order

from .shopper import fill_checkout

#: What `remove_checkout` knows to hang on a checkout.
KNOWN = {"checkout.CheckoutLine", "payment.Payment", "checkout.Checkout_gift_cards"}


@pytest.fixture
def checkout(world: World) -> Checkout:
    fill_checkout(world, {world.variant: 2})
    return Checkout.objects.get()


def test_nothing_else_hangs_on_a_checkout() -> None:
    # when
    found = {
        relation.related_model._meta.label
        for relation in Checkout._meta.get_fields(include_hidden=True)
        if relation.one_to_many or relation.one_to_one
        if relation.auto_created
    }

    # then: else its rows would keep an order from being finished
    assert found == KNOWN


@pytest.mark.parametrize("owner", ["checkout", "order"])
def test_a_new_payment_is_stocks(world: World, checkout: Checkout, owner: str) -> None:
    # given
    row = checkout if owner == "checkout" else make_order(world)
    wanted: dict[str, Any] = {
        "gateway": "o2o.wechat_pay", "total": Decimal("12.50"), "currency": "CNY", "email": "li@example.com",
        "customer_ip_address": "10.0.0.1", "payment_token": "token", "extra_data": {"customer_user_agent": "x"},
        owner: row,
    }  # fmt: skip

    assert row.billing_address is not None

    # when
    with CaptureQueriesContext(connection) as captured:
        ours = new_payment(**wanted)
    assert len(captured) == 1
    ours_told = {**model_to_dict(ours), "id": None}
    Payment.objects.all().delete()

    # then
    assert ours_told == {**model_to_dict(create_payment(**wanted)), "id": None}


def test_a_payment_needs_an_address(world: World, checkout: Checkout) -> None:
    # given
    checkout.billing_address = None

    # then
    with pytest.raises(PaymentError) as refused:
        new_payment("o2o.wechat_pay", Decimal(1), "CNY", "li@example.com", checkout=checkout)
    assert refused.value.code == "billing_address_not_set"
    assert not Payment.objects.exists()


def test_collections_come_with_their_keys_and_the_rest_when_asked(world: World, checkout: Checkout) -> None:
    # given
    second = Collection.objects.create(name="年货", slug="new-year")
    second.products.add(world.product)
    expected = {world.collection.pk, second.pk}

    # when
    with CaptureQueriesContext(connection) as captured:
        read = checkout_with_lines(checkout.pk)
        assert read is not None
        [line] = read.lines.all()
        keys = {one.pk for one in line.variant.product.collections.all()}
        [variant] = variants_with_products().filter(pk=world.variant.pk)
        same = set(variant.product.collections.all()) == set(line.variant.product.collections.all())

    # then
    assert (keys, same) == (expected, True)
    assert len(captured) == 3
    assert {one.name for one in line.variant.product.collections.all()} == {world.collection.name, "年货"}
    assert line == CheckoutLine.objects.get()


def test_a_checkout_knows_that_it_has_no_cards(world: World, checkout: Checkout) -> None:
    # when
    read = checkout_with_lines(checkout.pk)

    # then
    assert read is not None
    assert "gift_cards" in read._prefetched_objects_cache
    assert not read.gift_cards.all()
