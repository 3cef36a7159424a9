"""The home page and what hangs on rows: only of what is in reach, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from plugins.org_hierarchy.models import OrgUnit

from ..orgs import person
from .city import Rows, order_at, rows_at

pytestmark = pytest.mark.django_db

Visit = Callable[..., Any]


@pytest.mark.parametrize(
    ("who", "times"), [("ours", 1), ("theirs", 1), ("area", 2), ("city", 2), ("superuser", 2)]
)
def test_the_day_in_numbers_is_the_county_s(
    ours: Rows, theirs: Rows, visit: Visit, who: str, times: int
) -> None:
    # when
    response = visit(who, reverse("admin:index"))

    # then: an order of 79.80 each, one refund that went wrong each
    cards = {card.title: card.value for card in response.context["o2o_cards"]}
    assert cards["今日订单"] == str(times)
    assert cards["今日实收"] == f"¥{79.8 * times:.2f}"
    worries = {worry.title: worry.number for worry in response.context["o2o_worries"]}
    assert (worries["支付单需人工处理"], worries["退款异常或失败"]) == (times, times)
    assert ("支付通知未处理" in worries) == (who in ("city", "superuser"))
    assert len(response.context["o2o_latest"]["rows"]) == times
    page = response.content.decode()
    for rows, foreign in ((ours, "theirs"), (theirs, "ours")):
        assert (f"#{rows.order.pk}<" in page) == (who != foreign)


def test_money_is_shown_with_its_permission_only(
    org: dict[str, OrgUnit], ours: Rows, browser: Callable[..., Any]
) -> None:
    # given
    clerk = person(org["C11"], "clerk", ["order.view"])

    # when
    response = browser(clerk).get(reverse("admin:index"))
    order = browser(clerk).get(reverse("admin:o2o_backoffice_order_change", args=[ours.order.pk]))

    # then
    assert [card.title for card in response.context["o2o_cards"]] == ["今日订单"]
    assert response.context["o2o_worries"] == []
    assert ours.intent.number not in order.content.decode()
    assert ours.refund.number not in order.content.decode()


def test_a_shared_customer_s_page_shows_only_our_orders(
    org: dict[str, OrgUnit], ours: Rows, visit: Visit
) -> None:
    # given
    foreign = order_at(org["B121"], "yi", ours.customer)
    address = reverse("admin:o2o_backoffice_user_change", args=[ours.customer.pk])

    # when
    pages = {who: visit(who, address) for who in ("ours", "theirs", "area")}

    # then
    for who, number in (("ours", 1), ("theirs", 1), ("area", 2)):
        found = pages[who].context["original"]
        assert found.o2o_orders == number, who
    assert f"#{foreign.pk}<" not in pages["ours"].content.decode()
    assert f"#{ours.order.pk}<" not in pages["theirs"].content.decode()
    assert f"{pages['ours'].context['original'].o2o_spent:.2f}" == "79.80"
    assert pages["theirs"].context["original"].o2o_spent is None


def test_home_costs_the_same_for_many_orders(org: dict[str, OrgUnit], ours: Rows, visit: Visit) -> None:
    # given
    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            visit("ours", reverse("admin:index"))
        return len(seen)

    statements()
    few = statements()
    for number in range(5):
        rows_at(org["B112"], f"bing{number}")

    # then
    assert statements() == few <= 81  # the to-dos of every plugin among them


def test_nobody_s_home_is_empty(org: dict[str, OrgUnit], ours: Rows, browser: Callable[..., Any]) -> None:
    # given
    clerk = person(org["C11"], "clerk", [])

    # then
    response = browser(clerk).get(reverse("admin:index"))
    assert "o2o_cards" not in response.context and response.context["o2o_worries"] == []
    assert "¥79.80" not in response.content.decode()
    assert "o2o_backoffice/order" not in response.content.decode()
