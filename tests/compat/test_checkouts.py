"""Checkouts get stock's answers for fewer statements."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from measurement.measures import Weight
from saleor.account.forms import get_address_form
from saleor.account.i18n import COUNTRY_FORMS, AddressForm
from saleor.checkout.models import Checkout
from saleor.checkout.utils import remove_voucher_from_checkout
from saleor.shipping.models import ShippingMethod, ShippingZone

from tests.stock.world import money

GIVEN = {
    "first_name": "桂英",
    "last_name": "李",
    "street_address_1": "民族路 18 号",
    "city": "渝中区",
    "country_area": "重庆市",
    "postal_code": "400010",
    "phone": "+8613800138000",
}


def method(zone: ShippingZone, name: str, price: int, **limits: object) -> ShippingMethod:
    return ShippingMethod.objects.create(
        shipping_zone=zone, name=name, type="price", price=money(price), **limits
    )


def names(country: str, amount: int = 50) -> list[str]:
    found = ShippingMethod.objects.applicable_shipping_methods(money(amount), Weight(kg=1), country)
    return [one.name for one in found]


def test_applicable_methods_take_one_statement(db: None) -> None:
    # given
    ShippingMethod.objects.all().delete()
    zone = ShippingZone.objects.create(name="中国", countries=["CN"])
    rest = ShippingZone.objects.create(name="其他", default=True, countries=["JP", "CN"])
    method(zone, "快递", 10)
    method(zone, "满百包邮", 0, minimum_order_price_amount=100)
    method(rest, "国际", 80)
    by_weight = ShippingMethod.objects.create(
        shipping_zone=zone, name="小件", type="weight", price=money(5), maximum_order_weight=Weight(kg=2)
    )

    # when
    with CaptureQueriesContext(connection) as captured:
        found = list(ShippingMethod.objects.applicable_shipping_methods(money(50), Weight(kg=1), "CN"))
        zones = {one.shipping_zone.name for one in found}

    # then: cheapest first, only of the country's own zone, with the zone
    assert ([one.name for one in found], zones) == (["小件", "快递"], {"中国"})
    assert len(captured) == 1
    assert names("CN", 100) == ["满百包邮", "小件", "快递"]
    # a country without a zone of its own gets the default one
    assert names("JP") == ["国际"]
    by_weight.delete()
    zone.shipping_methods.all().delete()
    assert names("CN") == ["国际"]


@pytest.mark.parametrize("discounted", [True, False])
def test_a_checkout_without_a_voucher_is_not_written(db: None, discounted: bool) -> None:
    # given
    checkout = Checkout.objects.create(discount_amount=Decimal(1 if discounted else 0))

    # when
    with CaptureQueriesContext(connection) as captured:
        remove_voucher_from_checkout(checkout)

    # then
    assert len(captured) == int(discounted)
    checkout.refresh_from_db()
    assert checkout.discount_amount == 0


def test_forms_of_addresses_share_their_countries() -> None:
    # when
    first, second = (COUNTRY_FORMS["CN"]({**GIVEN, "country": "CN"}) for _ in range(2))

    # then
    assert first.fields["country"] is not second.fields["country"]
    assert first.fields["country"]._choices is second.fields["country"]._choices
    assert first.is_valid(), first.errors
    assert not COUNTRY_FORMS["CN"]({**GIVEN, "country": "XX"}).is_valid()
    assert len(list(AddressForm().fields["country"].choices)) > 200


@pytest.mark.parametrize(("country", "valid"), [("CN", True), ("XX", False), ("", False)])
def test_a_country_is_checked(db: None, country: str, valid: bool) -> None:
    # when
    form, _preview = get_address_form({**GIVEN, "country": country}, country)

    # then
    assert form.is_valid() is valid
