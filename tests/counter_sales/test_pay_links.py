"""Paying from afar: who may send a link, what it opens, and when it ends."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils.timezone import localtime
from saleor.account.models import User

from plugins.counter_sales.errors import CounterError
from plugins.counter_sales.models import CounterSale, PayLink, SaleState
from plugins.counter_sales.services.cancelling import cancel_sale
from plugins.counter_sales.services.cash import pay_cash
from plugins.counter_sales.services.pay_links import send_link
from plugins.members.models import SmsMessage
from plugins.members.ports import Outgoing
from plugins.members.services import sms
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from tests.orgs import again

from .conftest import Counter, Wechat
from .looking import D, fresh

CALLER, PAYER = "13800000001", "13900000002"
PAGE = re.compile(r"https?://\S+?(/counter_sales/pay/[\w-]+/)")


class Texts:
    """The messages that went out."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []

    def send(self, message: Outgoing) -> str:
        self.sent.append(message)
        return message.number

    def find(self, number: str) -> str | None:
        return None

    def address(self) -> str:
        """The page that the newest link opens."""
        found = [PAGE.search(one.text) for one in self.sent if one.template == "counter_pay_link"]
        assert found[-1] is not None
        return found[-1][1]


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> Texts:
    made = Texts()
    monkeypatch.setattr(sms, "gateway", lambda: made)
    cache.clear()
    return made


@pytest.fixture
def sale(counter: Counter, wechat: Wechat) -> CounterSale:
    """A caller ordered one box at 39.90, to be fetched."""
    return counter.place(phone=CALLER, customer_name="王女士")


def link(counter: Counter, sale: CounterSale, mobile: str = "") -> PayLink:
    return send_link(again(counter.clerk), sale.pk, mobile)


def get(address: str) -> Any:
    return Client().get(address)


def test_a_caller_pays_from_afar_and_gets_the_code(
    counter: Counter, sale: CounterSale, wechat: Wechat, texts: Texts
) -> None:
    # when: the clerk sends it to somebody who pays for the caller
    sent = link(counter, sale, "139-0000 0002")

    # then: the text names place, amount and time; the address is kept nowhere
    [told] = texts.sent
    until = f"{localtime(sent.expires_at):%H:%M} 前"
    assert told.mobile == PAYER and "¥39.90" in told.text and until in told.text and "甲县一支局" in told.text
    token = texts.address().split("/")[-2]
    assert len(token) == 22 and token not in str(PayLink.objects.values().get())
    assert SmsMessage.objects.get().parameters == {}
    assert sent.expires_at - now() > timedelta(minutes=29)

    # when: it is opened on a phone
    shown = get(texts.address())

    # then: what is bought and what it costs, nobody's name or number
    text = shown.content.decode()
    assert shown.status_code == 200 and "¥39.90" in text and "奉节脐橙" in text and sale.number in text
    assert CALLER not in text and "王" not in text and "1380" not in text and sale.pickup_code not in text
    assert "Set-Cookie" not in shown.headers and shown["Referrer-Policy"] == "no-referrer"

    # when
    started = Client().post(texts.address(), {"how": "page"}).content.decode()

    # then
    assert "https://pay.example/h5?prepay=" in started and "redirect_url=http" in started
    wechat.notify(wechat.pay(sale))
    assert fresh(sale).state == SaleState.PAID
    pickup = texts.sent[-1]
    assert (pickup.template, pickup.mobile) == ("counter_pickup", CALLER) and sale.pickup_code in pickup.text
    after = get(texts.address())
    assert after.status_code == 200 and "已付款" in after.content.decode()
    assert "微信支付" not in after.content.decode() and sale.pickup_code not in after.content.decode()


def test_money_that_nobody_tells_of_is_asked_for_when_the_payer_comes_back(
    counter: Counter, sale: CounterSale, wechat: Wechat, texts: Texts
) -> None:
    # given
    link(counter, sale)
    Client().post(texts.address(), {"how": "code"})
    wechat.pay(sale)

    # when
    text = get(texts.address()).content.decode()

    # then
    assert "已付款" in text and fresh(sale).state == SaleState.PAID


def test_the_next_link_ends_the_one_before(counter: Counter, sale: CounterSale, texts: Texts) -> None:
    # given: sent to a wrong number
    link(counter, sale, PAYER)
    wrong = texts.address()

    # when
    link(counter, sale)

    # then
    assert (get(wrong).status_code, get(texts.address()).status_code) == (410, 200)
    assert Client().post(wrong, {"how": "page"}).status_code == 409
    assert [one.mobile for one in PayLink.objects.filter(ended_at__isnull=True)] == [CALLER]


def test_a_link_ends_with_its_time(counter: Counter, sale: CounterSale, texts: Texts) -> None:
    # given
    link(counter, sale)

    # when / then
    with frozen(now() + timedelta(minutes=31)):
        assert get(texts.address()).status_code == 410
        assert Client().post(texts.address(), {"how": "page"}).status_code == 409


def test_a_link_ends_with_the_sale(counter: Counter, sale: CounterSale, texts: Texts) -> None:
    # given
    link(counter, sale)

    # when
    cancel_sale(again(counter.clerk), sale.pk)

    # then
    answer = get(texts.address())
    assert answer.status_code == 200 and "订单已取消" in answer.content.decode()
    assert Client().post(texts.address(), {"how": "page"}).status_code == 409


def test_who_comes_and_pays_cash_after_all_pays_once(
    counter: Counter, sale: CounterSale, wechat: Wechat, texts: Texts
) -> None:
    # given: the page was opened
    link(counter, sale)
    Client().post(texts.address(), {"how": "page"})

    # when
    pay_cash(again(counter.clerk), sale.pk, D("40.00"))

    # then: nothing can be paid by the link any more, and no code is texted: the slip is in her hand
    assert {one.state.value for one in wechat.trades.values()} == {"CLOSED"}
    assert Client().post(texts.address(), {"how": "page"}).status_code == 409
    assert [one.template for one in texts.sent] == ["counter_pay_link"]


@pytest.mark.parametrize("token", ["x", "A" * 22, "a" * 200, "%E4%B8%AD"])
def test_what_nobody_was_sent_is_not_there(counter: Counter, texts: Texts, token: str) -> None:
    assert get(f"/counter_sales/pay/{token}/").status_code == 404


def test_guessing_is_slowed_down(counter: Counter, texts: Texts) -> None:
    # when
    with frozen(now()):
        answers = [get(f"/counter_sales/pay/guess{number}/").status_code for number in range(21)]
    # then
    assert answers == [404] * 20 + [429]


def test_a_provider_that_is_down_leaves_everything_as_it_was(
    counter: Counter, sale: CounterSale, wechat: Wechat, texts: Texts
) -> None:
    # given
    link(counter, sale)
    wechat.is_up = False

    # when
    answer = Client().post(texts.address(), {"how": "page"})

    # then: words, and the buttons again
    text = answer.content.decode()
    assert answer.status_code == 409 and 'role="alert"' in text and "微信支付" in text
    assert fresh(sale).state == SaleState.PLACED


@pytest.mark.parametrize(
    ("mobile", "times", "code"), [("123", 1, "PHONE_INVALID"), ("", 4, "TOO_MANY_TRIES")]
)
def test_a_link_that_is_refused_sends_nothing(
    counter: Counter, sale: CounterSale, texts: Texts, mobile: str, times: int, code: str
) -> None:
    # given
    for _time in range(times - 1):
        link(counter, sale)

    # when
    with pytest.raises(CounterError) as refusal:
        link(counter, sale, mobile)

    # then: what was sent before still counts
    assert refusal.value.code == code
    assert (len(texts.sent), PayLink.objects.count()) == (times - 1, times - 1)


def test_one_telephone_gets_five_links_a_day(counter: Counter, wechat: Wechat, texts: Texts) -> None:
    # given
    for _sale in range(5):
        link(counter, counter.place(), PAYER)

    # when
    with pytest.raises(CounterError) as refusal:
        link(counter, counter.place(), PAYER)

    # then
    assert refusal.value.code == "TOO_MANY_TRIES" and len(texts.sent) == 5


def test_a_sale_without_a_number_needs_one(counter: Counter, wechat: Wechat, texts: Texts) -> None:
    with pytest.raises(CounterError) as refusal:
        link(counter, counter.place())
    assert (refusal.value.code, refusal.value.field) == ("PHONE_INVALID", "linkPhone")


def test_who_may_send_a_link(
    counter: Counter, sale: CounterSale, texts: Texts, colleague: Callable[..., User]
) -> None:
    # given
    people = {
        "abroad": (colleague("B121", "abroad"), OutOfScope),
        "looks only": (colleague("B111", "looks", ["counter_order.view"]), NotAllowed),
        "shopper": (counter.world.customer, OutOfScope),
    }

    # when / then
    for who, (user, error) in people.items():
        with pytest.raises(error):
            send_link(again(user), sale.pk)
        assert texts.sent == [], who
    link(counter, sale)
    line = AuditEntry.objects.get(action="counter.pay_link_sent")
    assert line.after["sent_to"] == "138****0001" and line.org_path == counter.org["B111"].path


def test_the_desk_says_where_the_link_went(counter: Counter, sale: CounterSale, texts: Texts) -> None:
    # given
    visitor = Client()
    visitor.force_login(counter.clerk, backend="django.contrib.auth.backends.ModelBackend")

    def ask(name: str, **typed: Any) -> Any:
        address = f"/admin/o2o_counter_sales/countersale/ask/{name}/"
        return visitor.post(address, {"sale": sale.pk, **typed}, content_type="application/json")

    # when
    refused, sent = ask("link", phone="12"), ask("link", phone="")

    # then
    assert (refused.status_code, refused.json()["error"]["field"]) == (409, "linkPhone")
    assert (sent.status_code, sent.json()["sale"]["linkTo"]) == (200, "138****0001")
