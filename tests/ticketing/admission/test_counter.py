"""Admission tickets over the counter: by the keyboard alone, and what bad input does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from playwright.sync_api import sync_playwright
from pytest_socket import enable_socket
from saleor.account.models import User

from plugins.counter_sales.models import CounterSale
from plugins.ticketing.admission.models import Quota, ScenicSpot, TicketClass, Voucher
from plugins.ticketing.admission.services.catalogue import add_class, change_class, make_product, move_product
from plugins.ticketing.admission.services.places import make_place
from plugins.ticketing.admission.services.stock import make_quota
from plugins.ticketing.admission.vouchers.codes import in_fours
from plugins.ticketing.kernel.access import ORDER_VIEW, SELL
from plugins.ticketing.kernel.models import TicketOrder
from saleor_o2o.journeys.browser import find_chromium, must_have_browser
from saleor_o2o.kernel.clock import today
from tests.counter_sales.conftest import SELLING, Counter, counter, world  # noqa: F401 - fixtures
from tests.orgs import again, person

CHROMIUM = find_chromium()
#: Keys for a sale, fewer than.
MOST_KEYS = 20
D = Decimal


@pytest.fixture
def clerk(counter: Counter) -> Iterator[User]:  # noqa: F811 - the fixture
    """Sells at B111 what the city has: adults without a name, students with a paper each; nine are left tomorrow."""
    cache.clear()
    city = counter.org["CQ"]
    spot = make_place(None, ScenicSpot, city, "karst", name="天生三桥", address="重庆市武隆区")
    product = make_product(None, city, code="karst", kind="scenic", name="天生三桥门票", spot=spot)
    add_class(None, product, code="adult", name="成人票", price=D("125.00"))
    add_class(None, product, code="student", name="学生票", price=D("60.00"), real_name="each")
    move_product(None, product, "put_on_sale")
    for left, day in ((8, today()), (9, today() + timedelta(days=1))):
        make_quota(None, product, left, day=day)
    yield again(
        person(counter.org["B111"], "seller", (*SELLING, SELL, ORDER_VIEW), limits={"cash": "2000.00"})
    )


def answer(client: Client, name: str, told: Any) -> tuple[int, Any]:
    body = told if isinstance(told, bytes) else json.dumps(told)
    address = reverse("admin:o2o_admission_admissionproduct_ask", args=[name])
    found = client.post(address, body, content_type="application/json")
    return found.status_code, found.json()


def test_what_the_counter_refuses_and_in_which_words(clerk: User, counter: Counter) -> None:  # noqa: F811
    # given
    client, day = Client(), str(today() + timedelta(days=1))
    client.force_login(clerk)
    adult, student = (TicketClass.objects.get(code=code).pk for code in ("adult", "student"))
    wanted = {"key": "counter-1", "product": "karst", "day": day}

    # then: how many are left of what
    [told] = answer(client, "times", {"product": "karst", "day": day})[1]["times"]
    assert (told["label"], told["day"]) == ("当天", day)
    assert [(one["name"], one["price"], one["left"], one["open"]) for one in told["classes"]] == [
        ("成人票", "125.00", 9, True), ("学生票", "60.00", 9, True),
    ]  # fmt: skip

    def refused(status: int, field: str | None, told: Any, name: str = "hold") -> None:
        code, said = answer(client, name, told)
        assert (code, said["error"].get("field")) == (status, field), said
        assert said["error"]["message"]

    someone = {"name": "张三", "number": "11010519491231002X"}
    refused(409, "product", {**wanted, "product": "nothing\x00"})
    refused(409, "day", {**wanted, "day": "tomorrow"}, "times")
    # the calendar's last day has none after it
    assert answer(client, "times", {"product": "karst", "day": "9999-12-31"})[1] == {"times": []}
    refused(409, "day", {**wanted, "day": "9999-12-31", "counts": {str(adult): 1}})
    refused(409, "counts", {**wanted, "counts": {}})
    refused(409, "counts", {**wanted, "counts": {str(adult): -1}})
    refused(409, "counts", {**wanted, "counts": {str(adult): 10**30}})
    refused(409, "counts", {**wanted, "counts": {"9" * 5000: 1}})
    refused(409, "passengers", {**wanted, "counts": {str(student): 1}})
    refused(
        409,
        "people.0.number",
        {**wanted, "counts": {str(student): 1}, "people": [{**someone, "number": "1"}]},
    )
    refused(409, "people", {**wanted, "counts": {str(student): 1}, "people": [someone, someone]})
    refused(400, None, b"[1]")
    refused(400, None, b"[" * 100_000)
    refused(404, None, {"number": "PW1"}, "standing")
    refused(404, None, {}, "other")
    # it costs 125.00 now: no more than what the clerk was shown
    refused(409, "most", {**wanted, "counts": {str(adult): 1}, "most": "cheap"})
    code, said = answer(client, "hold", {**wanted, "counts": {str(adult): 1}, "most": "124.99"})
    assert (code, said["error"]["code"], said["error"]["details"]) == (
        409,
        "PRICE_CHANGED",
        {"total": "125.00"},
    )
    assert not TicketOrder.objects.exists()

    # when: more than are left
    assert answer(client, "hold", {**wanted, "counts": {str(adult): 10}})[1]["error"]["code"] == "SOLD_OUT"

    # when: a student with a paper; the same request again
    for _time in range(2):
        code, said = answer(
            client, "hold", {**wanted, "counts": {str(student): 1}, "people": [someone], "most": "60.00"}
        )
        assert (code, said["order"]["total"], said["order"]["tickets"]) == (
            200, "60.00", [{"fare": "学生票", "seat": "", "name": "张*"}],
        )  # fmt: skip
    assert TicketOrder.objects.exclude(state="hold_failed").get().unit == counter.org["B111"]

    # then: nobody without the right
    nosy = Client()
    nosy.force_login(person(counter.org["B111"], "nosy", (ORDER_VIEW,)))
    assert answer(nosy, "times", {"product": "karst", "day": day})[0] == 403
    assert nosy.get(reverse("admin:o2o_admission_admissionproduct_counter")).status_code == 403


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None and not must_have_browser(), reason="没有找到 Chromium")
def test_two_tickets_for_cash_in_few_keys(
    clerk: User, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: Chromium at the counter; its driver has a loop of its own in this thread
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    enable_socket()
    client = Client()
    client.force_login(clerk)
    keys = 0
    with sync_playwright() as driver:
        options = ["--no-sandbox", "--no-proxy-server", "--disable-dev-shm-usage"]
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=options)
        page = chromium.new_page(locale="zh-CN", timezone_id="Asia/Shanghai")
        page.set_default_timeout(30_000)
        cookie = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))

        def press(*names: str) -> None:
            nonlocal keys
            for name in names:
                page.keyboard.press(name)
                keys += 1

        # when: what, when (tomorrow, by +), how many, the money that is due
        page.goto(live_server.url + reverse("admin:o2o_admission_admissionproduct_counter"))
        page.locator("#what:focus").wait_for()
        press("k", "a", "Enter")
        page.locator("#times:focus").wait_for()
        press("+")
        page.get_by_text("余 9").first.wait_for()
        # which has risen since it was shown: both sums are said, and the key that sells agrees to nothing
        change_class(None, TicketClass.objects.get(code="adult"), price=D("130.00"))
        press("Enter", "2", "Enter")
        page.locator("#risen:focus").wait_for()
        assert "原来 ¥250.00，现在 ¥260.00" in page.locator("#risen").inner_text()
        assert (page.locator("#total").inner_text(), page.locator("#pay").is_visible()) == ("¥260.00", False)
        asked: list[str] = []
        page.on("request", lambda one: asked.append(one.url) if one.url.endswith("/hold/") else None)
        for _time in range(2):
            page.keyboard.press("Enter")
        page.locator("#counts").focus()
        page.keyboard.press("Enter")
        page.locator("#risen:focus").wait_for()
        # who did not agree is asked again, for the old price the tickets are not to be had
        page.keyboard.press("Escape")
        page.locator("#counts:focus").wait_for()
        assert (page.locator("#risen").count(), asked) == (0, [])
        page.keyboard.press("Enter")
        page.locator("#risen:focus").wait_for()
        assert (len(asked), TicketOrder.objects.filter(state="held").count()) == (1, 0)
        # a key of its own agrees
        press("F10")
        page.locator("#tendered:focus").wait_for()
        assert page.locator("#risen").count() == 0
        assert page.locator("#payTotal").inner_text() == "¥260.00"
        # and goes away: the tickets are free at once
        press("Escape")
        page.get_by_text("票已放回").wait_for()
        assert Quota.objects.get(day=today() + timedelta(days=1)).taken == 0
        # the next one; the line is down when the money is to be asked for
        page.route("**/ask/place/", lambda route: route.abort(), times=1)
        press("k", "a", "Enter")
        page.locator("#times:focus").wait_for()
        press("Enter", "2", "Enter")
        page.locator("#retry:focus").wait_for()
        assert "网络不通" in page.locator("#payAlert").inner_text()
        press("Enter")
        page.locator("#tendered:focus").wait_for()
        press("Enter")
        page.get_by_text("已出票", exact=True).first.wait_for()
        told = page.locator("#tickets").inner_text()
        press("Enter")
        page.locator("#pay").wait_for(state="hidden")
        page.locator("#what:focus").wait_for()
        chromium.close()

    # then
    order = TicketOrder.objects.exclude(state="closed").get()
    assert (order.state, order.total, order.made_by) == ("issued", D("260.00"), clerk)
    assert order.place["day"] == str(today() + timedelta(days=1))
    assert Quota.objects.get(day=today() + timedelta(days=1)).taken == 2
    assert CounterSale.objects.get(state="paid").order_id == order.order_id
    assert in_fours(Voucher.objects.get().code) in told
    assert complaints == []
    assert keys < 2 * MOST_KEYS
