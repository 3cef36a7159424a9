"""The pages: who gets which, what they say when refused, and that nothing typed is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from saleor.account.models import User
from saleor.order.models import Order

from plugins.counter_sales.models import CounterBasket, CounterSale, FloatAccount, FloatAdjustment, SaleState
from plugins.counter_sales.services.cash import pay_cash
from tests.orgs import again

from .conftest import FINANCE, Counter, Wechat

D = Decimal
SALES = "/admin/o2o_counter_sales/countersale/"
FLOATS = "/admin/o2o_counter_sales/floataccount/"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def client_of(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user, backend=BACKEND)
    return client


def ask(client: Client, name: str, body: Any = None, status: int = 200) -> Any:
    raw = body if isinstance(body, str) else json.dumps(body or {})
    response = client.post(f"{SALES}ask/{name}/", raw, content_type="application/json")
    assert response.status_code == status, response.content[:500]
    return response.json()


@pytest.fixture
def desk(counter: Counter) -> Client:
    return client_of(counter.clerk)


@pytest.fixture
def paid(counter: Counter) -> CounterSale:
    sale = counter.place(2, phone="13812340000", customer_name="张三丰")
    pay_cash(counter.clerk, sale.pk, D("100.00"))
    return sale


def test_a_sale_from_the_search_to_the_slip(counter: Counter, desk: Client) -> None:
    # given
    page = desk.get(f"{SALES}workbench/")
    assert page.status_code == 200
    assert "备付金可用 ¥500.00" in page.content.decode()
    [goods] = ask(desk, "goods", {"q": "脐橙"})["goods"]
    basket = counter.basket(2)

    # when
    total = ask(desk, "quote", basket)["quote"]["total"]
    sale = ask(desk, "place", {**basket, "expected_total": total})["sale"]
    done = ask(desk, "cash", {"sale": sale["id"], "tendered": "100"})["sale"]
    slip = desk.post(done["slip"], {"paper": "80mm"}).content.decode()
    second = desk.post(done["slip"], {"paper": "a5"}).content.decode()

    # then
    assert (goods["price"], total, done["change"]) == ("39.90", "79.80", "20.20")
    code = CounterSale.objects.get().pickup_code
    assert f"{code[:4]}-{code[4:]}" in slip and "<svg" in slip
    assert "重印" not in slip and "重印 · 第 2 次打印" in second
    # a roll has no pages; each sheet of a long slip says whose it is and which of how many
    number = CounterSale.objects.get()
    assert "counter(pages)" not in slip and "counter(pages)" in second
    assert f'content: "{number.number}  #{number.order_id}"' in second
    assert ask(desk, "float", {})["available"] == "420.20"


def test_a_code_on_the_screen(counter: Counter, desk: Client, wechat: Wechat) -> None:
    # given
    sale = counter.place(1)

    # when
    shown = ask(desk, "code", {"sale": sale.pk})
    assert shown["svg"].startswith("<svg") and shown["sale"]["codeUntil"]
    wechat.pay(sale)

    # then
    assert ask(desk, "status", {"sale": sale.pk})["sale"]["state"] == "placed"
    assert ask(desk, "status", {"sale": sale.pk, "ask": True})["sale"]["state"] == "paid"


def test_refusals_say_the_field_and_keep_the_basket(counter: Counter, desk: Client) -> None:
    # given
    basket = counter.basket(11)
    ask(desk, "keep", {"key": basket["key"], "content": {"lines": basket["lines"], "fields": {"note": "急"}}})

    # when
    error = ask(desk, "place", basket, 409)["error"]

    # then
    assert (error["code"], error["field"]) == ("INSUFFICIENT_STOCK", "lines")
    assert error["details"]["left"] == {str(counter.world.variant.pk): 10}
    [kept] = ask(desk, "waiting")["baskets"]
    assert kept["content"]["fields"] == {"note": "急"}
    assert Order.objects.count() == 0


@pytest.mark.parametrize(
    "name", ["goods", "quote", "customer", "place", "cash", "code", "status", "cancel", "keep"]
)
@pytest.mark.parametrize(
    "body",
    ["", "null", "[]", "{", '"x"', "{}", '{"sale": "x", "lines": 5, "key": 7, "q": {}, "phone": []}',
     '{"sale": -1, "lines": [null], "key": null, "content": [], "discount": "x"}',
     '{"sale": 99999999999999, "lines": [{"variant": true, "quantity": 1e3}], "address": "x", "delivery": {}}'],
)  # fmt: skip
def test_nonsense_is_never_a_server_error(desk: Client, name: str, body: str) -> None:
    # when
    response = desk.post(f"{SALES}ask/{name}/", body, content_type="application/json")

    # then
    assert response.status_code in (200, 400, 404, 409)
    assert Order.objects.count() == 0


def test_other_peoples_baskets_stay_theirs(
    counter: Counter, desk: Client, colleague: Callable[..., User]
) -> None:
    # given
    other = client_of(colleague("B111", "second"))
    key = str(uuid4())
    ask(desk, "keep", {"key": key, "content": {"fields": {"phone": "13812340000"}}})

    # then
    assert ask(other, "waiting")["baskets"] == []
    ask(other, "keep", {"key": key, "content": {}}, 409)
    ask(other, "drop", {"key": key})
    assert CounterBasket.objects.get().content == {"fields": {"phone": "13812340000"}}


PAGES = {
    f"{SALES}workbench/": {"clerk", "abroad", "root"},
    f"{SALES}pickup/": {"clerk", "abroad", "root"},
    f"{SALES}day/": {"clerk", "abroad", "root"},
    SALES: {"clerk", "abroad", "finance", "root"},
    "{sale}/change/": {"clerk", "finance", "root"},
    "{sale}/refund/": {"clerk", "root"},
    FLOATS: {"clerk", "abroad", "finance", "root"},
    "{float}/change/": {"clerk", "finance", "root"},
    "{float}/top-up/": {"finance", "root"},
    "{float}/remit/": {"finance", "root"},
    "{float}/adjust/": {"finance", "root"},
    "{float}/configure/": {"finance", "root"},
    f"{FLOATS}open/": {"finance", "root"},
    f"{FLOATS}export/": {"finance", "root"},
    "/admin/o2o_counter_sales/floatmovement/": {"clerk", "abroad", "finance", "root"},
    "/admin/o2o_counter_sales/floatadjustment/": {"clerk", "abroad", "finance", "root"},
}


@pytest.mark.parametrize(("address", "seen"), PAGES.items())
def test_who_gets_which_page(
    counter: Counter, paid: CounterSale, colleague: Callable[..., User], address: str, seen: set[str]
) -> None:
    # given
    people = {
        "anonymous": None,
        "shopper": counter.world.customer,
        "clerk": counter.clerk,
        "abroad": colleague("B121", "abroad"),
        "finance": counter.finance,
        "root": counter.world.admin,
    }
    address = address.replace("{sale}", f"{SALES}{paid.pk}").replace(
        "{float}", f"{FLOATS}{counter.account.pk}"
    )

    # then
    for who, user in people.items():
        status = client_of(user).get(address).status_code
        if who in seen:
            assert status == 200, (who, status)
        elif user is None or not user.is_staff:
            assert status == 302, (who, status)
        else:
            assert status in (403, 404), (who, status)


def test_lists_show_what_is_in_reach_only(
    counter: Counter, paid: CounterSale, colleague: Callable[..., User]
) -> None:
    # given
    abroad = client_of(colleague("B121", "abroad"))

    # then
    for address in (SALES, FLOATS, "/admin/o2o_counter_sales/floatmovement/"):
        own = client_of(counter.clerk).get(address).content.decode()
        far = abroad.get(address).content.decode()
        shown = paid.number if address == SALES else "甲县一支局"
        assert shown in own and shown not in far
    page = client_of(counter.clerk).get(SALES).content.decode()
    assert "138****0000" in page and "13812340000" not in page and "张三丰" not in page


@pytest.mark.parametrize("found", ["number", "order", "phone", "code"])
def test_sales_are_searched(counter: Counter, desk: Client, paid: CounterSale, found: str) -> None:
    # given
    other = counter.place(1)
    word = {
        "number": paid.number,
        "order": f"#{paid.order_id}",
        "phone": "13812340000",
        "code": f"{paid.pickup_code[:4]}-{paid.pickup_code[4:].lower()}",
    }[found]

    # then
    page = desk.get(SALES, {"q": word}).content.decode()
    assert paid.number in page and other.number not in page


def test_goods_are_handed_over_on_the_page(counter: Counter, desk: Client, paid: CounterSale) -> None:
    # when
    looked = desk.post(f"{SALES}pickup/", {"code": paid.pickup_code.lower()}).content.decode()
    wrong = desk.post(f"{SALES}pickup/", {"code": "ACDEFGHJ"}).content.decode()
    done = desk.post(f"{SALES}{paid.pk}/hand-over/", follow=True).content.decode()
    after = desk.post(f"{SALES}pickup/", {"code": paid.pickup_code}).content.decode()
    twice = desk.post(f"{SALES}{paid.pk}/hand-over/", follow=True).content.decode()

    # then
    assert "核对无误，交付商品" in looked and "共 2" in looked
    assert "没有找到这个取货码" in wrong and "ACDEFGHJ" in wrong
    assert "已全部交付" in done
    assert "不能重复交付" in after and "核对无误，交付商品" not in after
    assert "不能重复交付" in twice


def test_a_part_is_handed_over_on_the_page_and_a_second_click_does_nothing(
    counter: Counter, desk: Client, paid: CounterSale
) -> None:
    # given
    line, address = paid.order.lines.get(), f"{SALES}{paid.pk}/hand-over/"
    form = {f"line-{line.pk}": "1", "seen": "0"}

    # when
    done = desk.post(address, form, follow=True).content.decode()
    twice = desk.post(address, form, follow=True).content.decode()
    odd = desk.post(address, {f"line-{line.pk}": "x", "seen": "1"}, follow=True).content.decode()

    # then
    assert "已交付一部分，还剩 1 件" in done and "部分取货：已取 1 件，还剩 1 件" in done
    assert "刚刚已有人交付过" in twice and "还剩 1 件未取" in odd
    line.refresh_from_db(fields=["quantity_fulfilled"])
    assert line.quantity_fulfilled == 1


def test_a_refund_on_the_page_keeps_what_was_typed(counter: Counter, desk: Client, paid: CounterSale) -> None:
    # given
    address = f"{SALES}{paid.pk}/refund/"
    typed = {"amount": "79.80", "reason": "", "key": str(uuid4())}

    # when
    refused = desk.post(address, typed).content.decode()
    odd = desk.post(address, {**typed, "amount": "七十", "reason": "x"}).content.decode()
    for _click in range(2):
        done = desk.post(address, {**typed, "reason": "录错商品"}, follow=True).content.decode()

    # then
    assert "请填写退款原因" in refused and typed["key"] in refused
    assert "七十" in odd and "金额" in odd
    assert "已退款 ¥79.80" in done
    assert CounterSale.objects.get().state == SaleState.REFUNDED
    assert counter.balance() == D("500.00")


def test_a_float_is_run_from_the_pages(counter: Counter, colleague: Callable[..., User]) -> None:
    # given
    finance = client_of(counter.finance)
    other = client_of(colleague("C11", "other", FINANCE))
    at = f"{FLOATS}{counter.account.pk}"
    key = str(uuid4())

    # when
    for _click in range(2):
        finance.post(f"{at}/top-up/", {"amount": "100.00", "note": "八月", "key": key})
    refused = finance.post(f"{at}/top-up/", {"amount": "-1", "note": "留着", "key": key}).content.decode()
    finance.post(
        f"{at}/configure/", {"credit_limit": "50", "alarm_below": "100", "is_frozen": "", "frozen_reason": ""}
    )
    finance.post(f"{at}/adjust/", {"amount": "-20.00", "reason": "短款"})
    asked = FloatAdjustment.objects.get()
    own = finance.post(
        f"/admin/o2o_counter_sales/floatadjustment/{asked.pk}/decide/", {"verdict": "confirm"}
    ).content.decode()
    other.post(f"/admin/o2o_counter_sales/floatadjustment/{asked.pk}/decide/", {"verdict": "confirm"})
    finance.post(
        f"{FLOATS}open/",
        {"unit": counter.org["B112"].pk, "channel_code": "", "credit_limit": "0", "alarm_below": "0"},
    )

    # then
    assert "金额须大于零" in refused and "留着" in refused
    assert "须由另一人复核" in own
    account = FloatAccount.objects.get(pk=counter.account.pk)
    assert (account.balance, account.credit_limit, account.alarm_below) == (
        D("580.00"),
        D("50.00"),
        D("100.00"),
    )
    assert FloatAccount.objects.filter(unit=counter.org["B112"]).exists()
    statement = finance.get(f"{at}/change/").content.decode()
    assert "调整" in statement and "¥580.00" in statement


def test_the_statement_is_taken_out(counter: Counter, paid: CounterSale) -> None:
    # when
    response = client_of(counter.finance).post(
        "/admin/o2o_counter_sales/floatmovement/export/", {"format": "csv"}
    )

    # then
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    assert "甲县一支局" in text and "-79.8" in text and "500" in text


def test_lists_take_the_same_statements_whatever_they_show(
    counter: Counter, desk: Client, django_assert_max_num_queries: Any
) -> None:
    # given
    for _number in range(3):
        pay_cash(counter.clerk, counter.place(1, phone="13812340000").pk, D("50.00"))
    counted = []
    desk.get(SALES)  # what Django reads once per process
    desk.get("/admin/o2o_counter_sales/floatmovement/")
    for _round in range(2):
        with django_assert_max_num_queries(60) as captured:
            assert desk.get(SALES).status_code == 200
            assert desk.get("/admin/o2o_counter_sales/floatmovement/").status_code == 200
        counted.append(len(captured))
        pay_cash(again(counter.clerk), counter.place(1).pk, D("50.00"))

    # then
    assert counted[0] == counted[1]


def test_the_day_on_a_page(counter: Counter, desk: Client, paid: CounterSale) -> None:
    # when
    page = desk.get(f"{SALES}day/").content.decode()
    odd = desk.get(f"{SALES}day/", {"day": "2026-13-99"})

    # then
    assert "我应有现金" in page and "¥79.80" in page and paid.number in page and "¥420.20" in page
    assert odd.status_code == 200
