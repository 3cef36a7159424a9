"""The clerk's page, audit, stuck money, the report, and the same through the API."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags
from openpyxl import load_workbook
from saleor.account.models import User

from plugins.org_hierarchy.models import OrgUnit
from plugins.ticketing.kernel import access, trades
from plugins.ticketing.kernel.models import FeeQuote, MoneyBack, RefundRequest, TicketOrder
from plugins.ticketing.kernel.todo import audits
from saleor_o2o.cashier.models import OrderRefund
from saleor_o2o.kernel.clock import today
from tests.buying.shopper import ask
from tests.orgs import again, person

from .conftest import Tickets

D = Decimal
BACKEND = "django.contrib.auth.backends.ModelBackend"


def browser(user: User) -> Client:
    client = Client()
    client.force_login(again(user), backend=BACKEND)
    return client


def text_of(response: Any) -> str:
    return " ".join(strip_tags(response.content.decode()).split())


def new(order: TicketOrder) -> str:
    return reverse("admin:o2o_ticketing_refundrequest_new", args=[order.pk])


def hidden(response: Any) -> dict[str, str]:
    form = response.context_data["form"]
    return {name: form[name].value() for name in ("key", "tokens", "shown_cause")}


def test_a_clerk_picks_a_ticket_reads_the_fee_and_confirms(coach: Tickets) -> None:
    # given
    order = coach.order()
    client = browser(coach.people["seller"])
    page = client.get(new(order))
    assert page.status_code == 200
    assert "¥3.99" in text_of(page) and "¥35.91" in text_of(page)
    ticket = coach.tickets(order)[0]

    # when
    done = client.post(
        new(order),
        {**hidden(page), "tickets": [ticket.pk], "cause": "passenger", "reason": "改行程", "do": "1"},
    )

    # then: what was shown is what is done
    assert done.status_code == 302
    assert "应退客户 ¥35.91" in text_of(client.get(done["Location"]))
    request = RefundRequest.objects.get()
    assert (request.due, request.reason, request.asked_by) == (D("35.91"), "改行程", coach.people["seller"])

    # when: the button was hit twice
    client.post(new(order), {**hidden(page), "tickets": [ticket.pk], "cause": "passenger", "do": "1"})

    # then
    assert OrderRefund.objects.get().amount == D("35.91")
    detail = text_of(client.get(reverse("admin:o2o_ticketing_refundrequest_change", args=[request.pk])))
    assert "与客户、与采购" in detail and "¥34.01" in detail


def test_another_cause_is_reckoned_anew_before_it_counts(coach: Tickets) -> None:
    # given
    order = coach.order()
    client = browser(coach.people["faulty"])
    page = client.get(new(order))
    told = {"tickets": [coach.tickets(order)[0].pk], "cause": "carrier", "reason": "班车停运", "do": "1"}

    # when
    changed = client.post(new(order), {**hidden(page), **told})

    # then: nothing was done, the page shows what it costs now
    assert "原因方改了，请核对新的金额后再确认" in text_of(changed)
    assert RefundRequest.objects.count() == 0

    # when
    done = client.post(new(order), {**hidden(changed), **told})

    # then
    assert done.status_code == 302
    assert RefundRequest.objects.get().due == D("39.90")


def test_rubbish_in_the_form_is_told_and_does_nothing(coach: Tickets) -> None:
    # given
    order = coach.order()
    client = browser(coach.people["seller"])
    page = client.get(new(order))

    for told in (
        {"tickets": ["x"], "cause": "passenger"},
        {"tickets": [], "cause": "passenger"},
        {"tickets": [coach.tickets(order)[0].pk], "cause": "carrier"},
        {"tickets": [coach.tickets(order)[0].pk], "cause": "passenger", "tokens": "[1"},
        {"tickets": [coach.tickets(order)[0].pk], "cause": "passenger", "key": "x"},
    ):
        # when
        answer = client.post(new(order), {**hidden(page), **told, "do": "1"})

        # then
        assert answer.status_code == 200, told
    assert RefundRequest.objects.count() == 0


def test_who_opens_which_page(coach: Tickets) -> None:
    # given
    coach.supplier.moods = ["less"]
    order = coach.order()
    request = coach.refund(order, by=coach.people["seller"])
    money = MoneyBack.objects.create(
        key="K1",
        order=order.order,
        amount=1,
        unit=coach.org["B111"],
        reason="x",
        refund=request,
        state="failed",
    )
    pages = {
        new(order): (200, 200, 404, 403),
        reverse("admin:o2o_ticketing_refundrequest_changelist"): (200, 200, 200, 200),
        reverse("admin:o2o_ticketing_refundrequest_change", args=[request.pk]): (200, 200, 404, 200),
        reverse("admin:o2o_ticketing_refundrequest_audit", args=[request.pk]): (403, 200, 404, 403),
        reverse("admin:o2o_ticketing_refundrequest_report"): (403, 200, 200, 200),
        reverse("admin:o2o_ticketing_moneyback_changelist"): (200, 200, 200, 200),
        reverse("admin:o2o_ticketing_moneyback_change", args=[money.pk]): (200, 200, 404, 200),
        reverse("admin:o2o_ticketing_moneyback_again", args=[money.pk]): (200, 200, 404, 403),
        reverse("admin:o2o_ticketing_refundbatch_changelist"): (200, 200, 200, 200),
    }

    # then
    for at, who in enumerate(("seller", "auditor", "other", "accountant")):
        client = browser(coach.people[who])
        for address, expected in pages.items():
            assert client.get(address).status_code == expected[at], (who, address)


def test_audit_waits_on_the_home_page_and_is_decided_on_its_own(coach: Tickets) -> None:
    # given
    coach.supplier.moods = ["less"]
    order = coach.order()
    request = coach.refund(order, by=coach.people["seller"])
    address = reverse("admin:o2o_ticketing_refundrequest_audit", args=[request.pk])
    client = browser(coach.people["auditor"])
    assert [one.title for one in audits(again(coach.people["auditor"]))] == [f"审核退票 {request.number}"]
    assert audits(again(coach.people["seller"])) == []
    page = text_of(client.get(address))
    assert "供应商实退 ¥33.01，应退 ¥34.01" in page

    # when
    item = request.items.get()
    done = client.post(address, {"decision": "pay", f"due_{item.pk}": "35.91", "note": "我方承担", "do": "1"})

    # then
    assert done.status_code == 302
    assert OrderRefund.objects.get().amount == D("35.91")

    # and whoever comes later reads what became of it, and finds no form
    late = client.get(address, follow=True)
    assert late.redirect_chain == [
        (reverse("admin:o2o_ticketing_refundrequest_change", args=[request.pk]), 302)
    ]
    assert "这笔退票不在待审核：退款中" in text_of(late)


def test_the_report_has_both_sides_and_a_workbook(coach: Tickets) -> None:
    # given
    order = coach.order()
    coach.refund(order, by=coach.people["seller"])
    coach.supplier.moods = ["refused"]
    coach.refund(order, key="key-00000002", by=coach.people["seller"])
    coach.supplier.moods = ["working"]
    coach.refund(order, key="key-00000003", by=coach.people["seller"])
    client = browser(coach.people["auditor"])
    address = reverse("admin:o2o_ticketing_refundrequest_report")

    # when
    seen = client.get(address)
    page = text_of(seen)
    book = load_workbook(io.BytesIO(b"".join(client.get(f"{address}?format=xlsx").streaming_content)))
    nobody = text_of(browser(coach.people["other"]).get(address))

    # then: the refused one does not count, nor what is not decided, others see nothing of it
    assert "尚在办理，未计入1张（次），应退 ¥35.91" in page
    assert "汽车票1¥39.90¥0.00¥0.00¥0.00¥0.00¥0.00¥3.99¥35.91¥0.00¥34.01¥34.01¥0.00" in page
    assert "seller1¥39.90" in page and "省网1¥39.90" in page
    sheet = book["按采购来源"]
    assert [cell.value for cell in sheet[3]][:2] == ["省网", 1]
    assert [float(cell.value) for cell in sheet[3][9:14]] == [35.91, 0.0, 34.01, 34.01, 0.0]
    assert "省网" not in nobody
    # and it is drawn: the day, the line, the outlet, the kind of ticket
    drawn = {str(name): json.loads(data) for name, _kind, data, _options in seen.context["charts"]}
    assert list(drawn) == ["每天退票（张）", "各票种退票（张）", "退票最多的线路（产品）", "退票最多的机构"]
    days = drawn["每天退票（张）"]
    assert (days["labels"][-1], days["datasets"][0]["data"]) == (f"{today():%m-%d}", [0.0] * 30 + [1.0])
    kinds = drawn["各票种退票（张）"]
    assert (kinds["labels"], kinds["datasets"][0]["data"]) == (["汽车票"], [1.0])


def test_days_of_one_product_are_one_bar_and_a_shopper_is_not_named(
    coach: Tickets, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: tickets of two days, one is given back by its shopper, one by a clerk; and of what the trade does not know
    monkeypatch.setitem(
        trades._names, "coach", lambda keys: {"coach:1": "主城—万州"} if "coach:1" in keys else {}
    )
    User.objects.filter(pk=coach.shopper.pk).update(first_name="三丰")
    for at, (title, key) in enumerate(
        (("万州 12-01", "coach:1"), ("万州 12-02", "coach:1"), ("酉阳 12-02", "x:2"))
    ):
        order = coach.order(count=1)
        TicketOrder.objects.filter(pk=order.pk).update(title=title, key=key)
        coach.refund(order, key=f"key-0000000{at}", by=coach.people["seller"] if at else None)

    # when
    seen = browser(coach.people["auditor"]).get(reverse("admin:o2o_ticketing_refundrequest_report"))

    # then
    drawn = {str(name): json.loads(data) for name, _kind, data, _options in seen.context["charts"]}
    lines = drawn["退票最多的线路（产品）"]
    assert (lines["labels"], lines["datasets"][0]["data"]) == (["主城—万州", "酉阳 12-02"], [2.0, 1.0])
    by = next(one for one in seen.context["tables"] if one.title == "按经办人")
    assert [row[:2] for row in by.rows] == [("seller", 2), ("客户本人", 1)]


def test_the_report_of_a_unit_is_that_of_those_below_it_too(coach: Tickets) -> None:
    # given: a branch gives a ticket back, its county's auditor asks by the county's code
    order = coach.order()
    coach.refund(order, by=coach.people["seller"])
    client, address = browser(coach.people["auditor"]), reverse("admin:o2o_ticketing_refundrequest_report")

    # when
    told = {
        code: client.get(address, {"unit": code}).context["cards"][0][1]
        for code in ("", "B111", "C11", "c11", "B112", "X9")
    }

    # then
    assert told == {"": "1", "B111": "1", "C11": "1", "c11": "1", "B112": "0", "X9": "0"}


def test_two_units_and_two_clerks_of_one_name_are_two_rows(coach: Tickets) -> None:
    # given: two branches with the name of a street, in each of them somebody called the same
    second = person(coach.org["B112"], "seller2", (access.ORDER_VIEW, access.REFUND))
    User.objects.filter(pk=second.pk).update(first_name="seller")
    OrgUnit.objects.filter(code__in=("B111", "B112")).update(name="人民路支局")
    for at, (unit, who) in enumerate((("B111", coach.people["seller"]), ("B112", second))):
        made = coach.refund(coach.order(count=1), key=f"key-0000000{at}", by=coach.people["seller"])
        RefundRequest.objects.filter(pk=made.pk).update(unit=coach.org[unit], asked_by=who)

    # when
    seen = browser(coach.people["auditor"]).get(reverse("admin:o2o_ticketing_refundrequest_report"))

    # then
    told = {one.title: [row[:2] for row in one.rows] for one in seen.context["tables"]}
    assert told["按受理机构"] == [("人民路支局（B111）", 1), ("人民路支局（B112）", 1)]
    assert told["按经办人"] == [("seller（seller2）", 1), ("seller（seller）", 1)]


PREVIEW = """mutation($tickets: [String!]!, $cause: TicketRefundCause, $token: String) {
  ticketRefundPreview(tickets: $tickets, cause: $cause, token: $token) {
    quotes { ticket token fee back allowed words validUntil quantity } fee back
    errors { code message hint field } } }"""
REFUND = """mutation($key: String!, $tickets: [TicketRefundInput!]!, $token: String) {
  ticketRefund(key: $key, tickets: $tickets, token: $token) {
    refund { number state title due why items { ticket fee due words } money { amount title } }
    quotes { token } words errors { code message } } }"""
LIST = """query($order: String!, $token: String) { ticketRefunds(order: $order, token: $token) { number due } }"""


def test_a_shopper_looks_and_gives_back(coach: Tickets) -> None:
    # given
    order = coach.order()
    numbers = [one.number for one in coach.tickets(order)]

    # when
    seen = ask(PREVIEW, {"tickets": numbers}, coach.shopper)["ticketRefundPreview"]
    wanted = [{"ticket": numbers[1], "token": seen["quotes"][1]["token"]}]
    done = ask(REFUND, {"key": "key-00000001", "tickets": wanted}, coach.shopper)["ticketRefund"]

    # then
    assert seen["errors"] == [] and (seen["fee"], seen["back"]) == (11.97, 107.73)
    assert done["errors"] == []
    assert (done["refund"]["state"], done["refund"]["due"]) == ("PAYING", 35.91)
    assert done["refund"]["items"][0]["ticket"] == numbers[1]
    assert [one["title"] for one in done["refund"]["money"]] == ["退款中"]
    mine = ask(LIST, {"order": order.number}, coach.shopper)["ticketRefunds"]
    assert mine == [{"number": done["refund"]["number"], "due": 35.91}]


def test_a_cause_that_is_null_is_the_passengers(coach: Tickets) -> None:
    # given: a client that fills in every variable
    order = coach.order()
    number = coach.tickets(order)[0].number
    refund = REFUND.replace("$token: String)", "$token: String, $cause: TicketRefundCause)", 1).replace(
        "token: $token)", "token: $token, cause: $cause)", 1
    )

    # when
    seen = ask(PREVIEW, {"tickets": [number], "cause": None, "token": None}, coach.shopper)
    [quote] = seen["ticketRefundPreview"]["quotes"]
    wanted = [{"ticket": number, "token": quote["token"]}]
    told = {"key": "key-00000001", "tickets": wanted, "cause": None, "token": None}
    done = ask(refund, told, coach.shopper)["ticketRefund"]

    # then
    assert (quote["fee"], done["errors"], done["refund"]["due"]) == (3.99, [], 35.91)
    assert RefundRequest.objects.get().cause == "passenger"


def test_strangers_learn_nothing_and_guests_need_the_token(coach: Tickets) -> None:
    # given
    order = coach.order()
    TicketOrder.objects.filter(pk=order.pk).update(user=None)
    numbers = [coach.tickets(order)[0].number]
    token = order.order.token  # type: ignore[union-attr]

    # then
    for who, told in ((None, ""), (None, "x"), (coach.people["other"], ""), (coach.shopper, "")):
        answer = ask(PREVIEW, {"tickets": numbers, "token": told}, who)["ticketRefundPreview"]
        assert [one["code"] for one in answer["errors"]] == ["NOT_FOUND"]
        assert ask(LIST, {"order": order.number, "token": told}, who)["ticketRefunds"] == []
    assert FeeQuote.objects.count() == 0
    fault = ask(PREVIEW, {"tickets": numbers, "token": token, "cause": "CARRIER"})["ticketRefundPreview"]
    assert [one["code"] for one in fault["errors"]] == ["PERMISSION_DENIED"]

    # when
    seen = ask(PREVIEW, {"tickets": numbers, "token": token})["ticketRefundPreview"]

    # then
    assert (seen["errors"], seen["back"]) == ([], 35.91)


@pytest.mark.parametrize("tickets", [[], ["x"], ["票\x00"], ["P"] * 300])
def test_bad_numbers_are_refused_in_words(coach: Tickets, tickets: list[str]) -> None:
    answer = ask(PREVIEW, {"tickets": tickets}, coach.shopper)["ticketRefundPreview"]
    assert [one["code"] for one in answer["errors"]] in (["NOT_FOUND"], ["INVALID_INPUT"])
