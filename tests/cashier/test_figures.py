"""The report of money: each yuan under the way it came, on the day it moved, of the orders in reach."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from saleor.payment import ChargeStatus
from saleor.payment.models import Payment

from plugins.org_hierarchy.models import OrderAttribution, OrgUnit
from saleor_o2o.cashier import figure_tables, figures
from saleor_o2o.cashier.figures import Report
from saleor_o2o.cashier.interfaces import Section, cancel_intent, refund_order, register_table
from saleor_o2o.cashier.models import PaymentIntent
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.ordering.models import OrderProfile
from tests.orgs import again, person, small_org
from tests.stock.world import make_order

from .conftest import Till, with_card, with_points
from .test_shares import arrive

D = Decimal
BACKEND = "django.contrib.auth.backends.ModelBackend"
PAGE = "admin:o2o_cashier_paymentintent_report"


def told(intents: QuerySet[PaymentIntent] | None = None, days: int = 0) -> Report:
    day = today() - timedelta(days=days)
    rows = PaymentIntent.objects.all() if intents is None else intents
    return figures.report(rows, Payment.objects.filter(order__payment_intents__in=rows), day, day)


def mixed(till: Till) -> PaymentIntent:
    """89.80 by a card (33.33), points (20.00) and a code (36.47)."""
    intent = till.buy()
    till.compose(intent, with_card(till.card("33.33")), with_points("20"))
    till.pay(till.scan(intent))
    return intent


def test_each_share_counts_where_it_came_from(till: Till) -> None:
    # given
    paid = mixed(till)
    refund_order(paid.order_id, D("10.01"), reason="坏果", key="k1")

    # when: the provider's share of the refund is still under way
    before = told()
    arrive(till)
    after = told()

    # then
    rows = {row.method: (row.payments, row.taken, row.refunded, row.waiting) for row in before.methods}
    assert rows == {
        "微信扫码支付": (1, D("36.47"), D(0), D("4.07")),
        "储值卡": (1, D("33.33"), D("3.71"), D(0)),
        "积分": (1, D("20.00"), D("2.23"), D(0)),
    }
    assert (after.taken, after.refunded, after.waiting) == (D("89.80"), D("10.01"), D(0))
    assert [(day.taken, day.refunded) for day in after.days] == [(D("89.80"), D("10.01"))]
    assert after.reasons == [("客服退款", 3, D("10.01"))]
    assert told(days=1).methods == []


def test_how_tries_end_and_why_payments_are_closed(till: Till) -> None:
    # given: one of two tries brought money, another order was given up
    intent = till.buy(1)
    till.pay(till.scan(intent))
    given_up = till.buy(1)
    till.scan(given_up)
    cancel_intent(given_up.pk, "ORDER_CANCELLED")

    # when
    found = told()

    # then
    [row] = found.tries
    assert (row.method, row.begun, row.paid, row.closed, row.rate) == ("微信扫码支付", 2, 1, 1, 50.0)
    assert row.seconds is not None and row.seconds >= 0
    assert (found.intents, found.paid, found.closed) == (2, 1, [("ORDER_CANCELLED", 1)])


def test_money_without_an_intent_counts_too(till: Till) -> None:
    # given: a sale at a counter, and a card that was charged at once and given back in part
    for gateway, back in (("saleor.payments.manual", "0"), ("mirumee.payments.stripe", "3")):
        order = make_order(till.world)
        payment = Payment.objects.create(
            order=order, gateway="manual" if "manual" in gateway else gateway, is_active=True, total=D(20),
            captured_amount=D(20) - D(back), currency="CNY", charge_status=ChargeStatus.FULLY_CHARGED,
        )  # fmt: skip
        payment.transactions.create(
            kind="capture", is_success=True, amount=D(20), currency="CNY", gateway_response={}
        )
        payment.transactions.create(
            kind="capture", is_success=False, amount=D(7), currency="CNY", gateway_response={}
        )
        if D(back):
            payment.transactions.create(
                kind="refund", is_success=True, amount=D(back), currency="CNY", gateway_response={}
            )

    # when
    found = figures.report(PaymentIntent.objects.all(), Payment.objects.all(), today(), today())

    # then
    assert {row.method: (row.taken, row.refunded) for row in found.methods} == {
        "现金（柜台）": (D(20), D(0)),
        "银行卡（Stripe）": (D(20), D(3)),
    }


def test_statements_do_not_grow(till: Till) -> None:
    # given
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            told()
        return len(captured)

    mixed(till)
    one = statements()
    for _ in range(2):
        refund_order(mixed(till).order_id, D("10.01"), reason="", key=f"k{_}")

    # then
    assert (one, statements()) == (12, 12)


@pytest.fixture
def served(till: Till) -> dict[str, Client]:
    """Money at B111, and browsers: who may take it out, who only looks, a stranger, a shopper."""
    org = small_org()
    intent = mixed(till)
    unit = OrgUnit.objects.get(code="B111")
    OrderAttribution.objects.update_or_create(
        order=intent.order, defaults={"unit": unit, "org_path": unit.path, "basis": "test"}
    )
    OrderProfile.objects.filter(order=intent.order).update(org_path=unit.path)
    look = ("order.view", "payment.view")
    found = {}
    for name, at, rights in (
        ("finance", "C11", (*look, "payment.export")),
        ("looks", "C11", look),
        ("stranger", "C12", (*look, "payment.export")),
        ("nobody", "C11", ("order.view",)),
    ):
        client = Client()
        client.force_login(again(person(org[at], name, rights)), backend=BACKEND)
        found[name] = client
    return found


def test_the_page_and_the_workbook(served: dict[str, Client]) -> None:
    # when
    text = served["finance"].get(reverse(PAGE)).content.decode()
    answer = served["finance"].get(reverse(PAGE), {"format": "xlsx"})
    book = load_workbook(BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]

    # then
    assert "¥89.80" in text and "储值卡" in text and "导出 Excel" in text
    assert book.sheetnames[:3] == ["按支付方式", "支付成功率", "退款原因"]
    rows = {row[0]: row[3] for row in list(book["按支付方式"].values)[2:]}
    assert rows["储值卡"] == 33.33  # a number: an accountant adds it up
    assert AuditEntry.objects.filter(action="backoffice.export.made").count() == 1


@pytest.mark.parametrize(
    ("who", "status", "sees", "takes"),
    [("looks", 200, True, 403), ("stranger", 200, False, 200), ("nobody", 403, False, 403)],
)
def test_the_report_is_of_what_is_in_reach(
    served: dict[str, Client], who: str, status: int, sees: bool, takes: int
) -> None:
    # when
    answer = served[who].get(reverse(PAGE))

    # then
    assert (answer.status_code, "¥89.80" in answer.content.decode()) == (status, sees)
    assert served[who].get(reverse(PAGE), {"format": "xlsx"}).status_code == takes


@pytest.mark.parametrize(("unit", "sees"), [("C11", True), ("B112", False), ("X\0", False)])
def test_the_report_of_a_unit(served: dict[str, Client], unit: str, sees: bool) -> None:
    # when
    answer = served["finance"].get(reverse(PAGE), {"unit": unit, "first": "nonsense"})

    # then
    assert (answer.status_code, "¥89.80" in answer.content.decode()) == (200, sees)


def test_plugins_add_tables(served: dict[str, Client], monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(figure_tables, "_sections", {})
    asked: list[Any] = []
    register_table("none", 1, lambda intents, first, last: asked.append((intents.count(), first, last)))  # type: ignore[func-returns-value]
    register_table(
        "fees", 2, lambda *_asked: Section("手续费", ("商户号", "手续费"), [("1900000001", "¥0.54")])
    )

    # when
    text = (
        served["finance"].get(reverse(PAGE), {"first": "2026-01-01", "last": "2026-01-02"}).content.decode()
    )

    # then
    assert "手续费" in text and "¥0.54" in text
    assert [(n, str(first), str(last)) for n, first, last in asked] == [(1, "2026-01-01", "2026-01-02")]
