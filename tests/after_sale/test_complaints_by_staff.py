"""登记投诉: a clerk writes down what somebody says on the telephone or at the counter, about no after-sale."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from saleor.account.models import User
from saleor.order.models import Order

from plugins.after_sale.models import Complaint
from plugins.after_sale.services import complaining
from saleor_o2o.ordering.models import OrderTimeline
from tests.buying.shopper import ask
from tests.orgs import again, person

from .conftest import KEY, Shop
from .test_api_and_pages import browser

RECORD = "admin:o2o_after_sale_complaint_record"
PAGE = "admin:o2o_after_sale_complaint_change"
CREATE = """mutation($key: String!, $part: String!, $via: AfterSaleVia) {
  complaintCreate(key: $key, subOrderNumber: $part, topic: SERVICE, text: "等了一小时没人接", via: $via) {
    complaint { number via state } errors { field code } } }"""


@pytest.fixture
def server(shop: Shop) -> User:
    """B111's clerk who serves customers."""
    return person(shop.org["B111"], "server", ("after_sale.view", "after_sale.apply", "complaint.view"))


@pytest.fixture
def order(shop: Shop) -> Order:
    """Paid, by somebody without a login."""
    made = shop.buy()
    Order.objects.filter(pk=made.pk).update(user=None)
    return made


def filled(shop: Shop, order: Order, **changes: Any) -> dict[str, Any]:
    told = {
        "key": f"{KEY}p",
        "via": "phone",
        "part": shop.part(order).pk,
        "topic": "service",
        "text": "态度差",
    }
    return {**told, **changes}


def test_what_is_said_on_the_telephone_becomes_a_complaint(shop: Shop, order: Order, server: User) -> None:
    # given
    desk, at = browser(server), f"{reverse(RECORD)}?order={order.pk}"
    assert "登记投诉" in desk.get(at).content.decode()

    # when: sent, and clicked once more
    for _click in range(2):
        answer = desk.post(at, filled(shop, order), follow=True)
        assert answer.status_code == 200

    # then: one complaint, of nobody's account, written down by the clerk
    made = Complaint.objects.get()
    assert (made.customer, made.recorded_by, made.via, made.state) == (None, server, "phone", "new")
    assert [(one.party, one.author) for one in made.statements.all()] == [("buyer", server)]
    assert answer.redirect_chain[-1][0] == reverse(PAGE, args=[made.pk])
    assert OrderTimeline.objects.filter(order=order, text__contains="来电，由员工登记").count() == 1
    text = answer.content.decode()
    assert "来电 · " in text
    assert "没有账号" in desk.get(at).content.decode()
    assert f"已有投诉 {made.number}" in desk.get(at).content.decode()

    # when: the customer calls again, and at last takes it back
    page = reverse(PAGE, args=[made.pk])
    desk.post(page, {"act": "say", "said": "还是没人回电", "seen": "new"})
    complaining.accept(again(shop.people["county"]), made.pk)
    desk.post(page, {"act": "withdraw", "seen": "appeal"})

    # then
    made = Complaint.objects.get()
    assert (made.state, made.statements.count()) == ("withdrawn", 2)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"text": " "}, "请说明投诉内容"),
        ({"text": "长" * 501}, "最多 500 个字"),
        ({"part": "0"}, "请选择投诉哪一部分"),
        ({"via": "self"}, "请选择顾客是到柜台还是来电"),
        ({"topic": "after_sale"}, "请选择投诉主题"),
        ({"key": "x"}, "请求号须为"),
    ],
)
def test_what_is_refused_stays_typed(
    shop: Shop, order: Order, server: User, changes: dict[str, Any], words: str
) -> None:
    # when
    said = filled(shop, order, **changes)
    answer = browser(server).post(f"{reverse(RECORD)}?order={order.pk}", said)

    # then
    page = answer.content.decode()
    assert (answer.status_code, words in page, str(said["text"]) in page) == (200, True, True)
    assert not Complaint.objects.exists()


def test_a_customer_with_a_login_sees_it_on_the_phone(shop: Shop, server: User) -> None:
    # given
    order = shop.buy()
    part = shop.part(order).number

    # when: over GraphQL
    done = ask(CREATE, {"key": f"{KEY}g", "part": part, "via": "PHONE"}, again(server))["complaintCreate"]

    # then
    assert (done["errors"], done["complaint"]["via"]) == ([], "PHONE")
    mine = ask("{ myComplaints { number via } }", {}, shop.shopper)["myComplaints"]
    assert mine == [{"number": done["complaint"]["number"], "via": "PHONE"}]


@pytest.mark.parametrize("who", ["nobody", "shopper", "other", "stranger", "viewer"])
def test_who_may_not_write_one_down(shop: Shop, order: Order, who: str) -> None:
    # given
    users = {"nobody": None, "shopper": shop.shopper, "other": shop.people["clerk"], **shop.people}
    user, part = users[who], shop.part(order).number

    # when
    done = ask(CREATE, {"key": f"{KEY}n", "part": part, "via": "PHONE"}, again(user) if user else None)

    # then: of the order nothing is known
    assert [one["code"] for one in done["complaintCreate"]["errors"]] == ["NOT_FOUND"]
    if user is not None and user.is_staff:
        page = browser(user).get(f"{reverse(RECORD)}?order={order.pk}")
        assert page.status_code == 403
    assert not Complaint.objects.exists()


def test_an_order_out_of_reach_is_not_found(shop: Shop, order: Order) -> None:
    # given: somebody who serves customers in another county
    far = person(shop.org["C12"], "far", ("after_sale.view", "after_sale.apply", "complaint.view"))

    # when
    answer = browser(far).post(f"{reverse(RECORD)}?order={order.pk}", filled(shop, order))

    # then
    assert (answer.status_code, Complaint.objects.count()) == (404, 0)
