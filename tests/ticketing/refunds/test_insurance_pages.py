"""The page of insurance products: what is wrong is told beside the field, in words."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from plugins.ticketing.kernel.access import SUPPLIER_EDIT, SUPPLIER_VIEW
from plugins.ticketing.kernel.choices import INSURANCE
from plugins.ticketing.kernel.models import InsuranceProduct, SupplierAccount
from tests.orgs import again, person

from .conftest import Tickets
from .test_refund_pages import browser, text_of

ADD = "admin:o2o_ticketing_insuranceproduct_add"


@pytest.mark.parametrize(
    ("told", "field", "words"),
    [
        ({"price": "0"}, "price", "保费须大于 0"),
        ({"price": "-3"}, "price", "保费须大于 0"),
        ({"share": "-1"}, "share", "保险公司所得不能小于 0"),
        ({"share": "3.01"}, "share", "保险公司所得不能高于保费"),
        ({}, "", ""),
    ],
)
def test_a_price_that_is_none_is_told_in_words(
    coach: Tickets, told: dict[str, Any], field: str, words: str
) -> None:
    # given
    insurer = SupplierAccount.objects.create(code="I1", name="平安", trade=INSURANCE, adapter="insurer")
    keeper = again(person(coach.org["CQ"], "keeper", (SUPPLIER_VIEW, SUPPLIER_EDIT)))
    sent = {
        "code": "acc-3", "name": "出行意外险", "trade": "coach", "insurer": insurer.pk, "price": "3.00",
        "share": "2.40", "covers": "意外身故 20 万元", "terms": "", "active": "on",
    }  # fmt: skip

    # when
    answer = browser(keeper).post(reverse(ADD), {**sent, **told})

    # then
    assert InsuranceProduct.objects.count() == (0 if told else 1)
    if told:
        errors = answer.context_data["adminform"].form.errors  # type: ignore[attr-defined]
        assert (list(errors), words in text_of(answer)) == ([field], True)
        assert "o2o_ticketing" not in "".join(map(str, errors.values()))
