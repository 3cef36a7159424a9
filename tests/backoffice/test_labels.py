"""How money looks on pages and in charts, and who did what, by name."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.urls import reverse

from saleor_o2o.backoffice.admin.reports import chart, options
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.cashier.models import PaymentIntent
from saleor_o2o.cashier.registry import account_title, gateway_title, gateways


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Decimal("1234.5"), "¥1,234.50"),
        (Decimal("-13.8"), "-¥13.80"),
        (Decimal("-0.00001"), "¥0.00"),
        (Decimal("0.005"), "¥0.01"),
        (0, "¥0.00"),
        (None, "¥0.00"),
        (-5, "-¥5.00"),
    ],
)
def test_yuan(amount: Decimal | int | None, text: str) -> None:
    assert yuan(amount) == text


def test_charts_of_money_write_yuan_and_others_whole_numbers() -> None:
    # when
    money, lying = (json.loads(options(in_yuan=True, horizontal=which)) for which in (False, True))
    counts = json.loads(options())

    # then: the browser's own formatter puts the sign in front, as in `-¥13.80`
    assert money["locale"] == "zh-CN"
    assert money["scales"]["y"]["ticks"]["format"] == {"style": "currency", "currency": "CNY"}
    assert lying["scales"]["x"]["ticks"]["format"] == {"style": "currency", "currency": "CNY"}
    assert lying["scales"]["y"]["ticks"]["autoSkip"] is False
    assert counts["scales"]["y"]["ticks"]["precision"] == 0 and "format" not in counts["scales"]["y"]["ticks"]


def test_long_names_of_a_chart_are_told_in_lines_that_a_card_has_room_for() -> None:
    # when
    labels = json.loads(
        chart(["龙头寺汽车站", "南岸南坪支局业务处理中心", "长" * 40], [("张数", [1, 2, 3], "#059669")])
    )["labels"]

    # then: a chart writes a list's parts below each other
    assert labels == ["龙头寺汽车站", ["南岸南坪支局业务处", "理中心"], ["长" * 9, "长" * 9, "长" * 8 + "…"]]


def test_gateways_have_names_for_people() -> None:
    assert gateways() == {"o2o.wechat_pay": "微信支付", "mirumee.payments.stripe": "银行卡（Stripe）"}
    assert gateway_title("mirumee.payments.dummy") == "Dummy"


@pytest.mark.django_db
def test_an_account_that_nobody_knows_keeps_its_code() -> None:
    assert account_title("long-gone") == "long-gone"


def test_the_page_of_a_payment_tells_its_way(everything, visit) -> None:
    # given
    intent = PaymentIntent.objects.get()

    # when
    page = visit("superuser", reverse("admin:o2o_cashier_paymentintent_change", args=[intent.pk]))

    # then: the move and who made it
    text = page.content.decode()
    way = text[text.index("状态变更") :]
    assert "待支付" in way and "已支付" in way and "系统" in way
