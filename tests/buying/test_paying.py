"""Starting to pay: one trade at a time, under one number, whatever WeChat answers."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from saleor.plugins.models import PluginConfiguration

from plugins.wechat_pay import client
from plugins.wechat_pay.models import AccountKey, KeyKind
from saleor_o2o.cashier.models import PaymentAttempt, PaymentIntent
from saleor_o2o.cashier.services.closing import begin_closing, drive_closing
from saleor_o2o.kernel.clock import now
from tests.stock.world import World
from tests.threads import together

from .books import books, deadline_passes, freed, paid, unpaid
from .conftest import WechatPay
from .shopper import GATEWAY, START, ask, buy, choose_payment, complete, fill_checkout, intent_state, start


def codes(answer: dict) -> list[str]:
    return [error["code"] for error in answer["errors"]]


def numbers() -> list[str]:
    return list(PaymentAttempt.objects.order_by("pk").values_list("number", flat=True))


def test_a_native_payment_gives_a_code_to_scan(world: World, wechat: WechatPay) -> None:
    # given
    order = buy(world, 2)

    # when
    answer = start(order)

    # then
    assert answer["errors"] == []
    assert answer["codeUrl"].startswith("weixin://wxpay/bizpayurl?pr=")
    assert (answer["h5Url"], answer["jsapi"]) == (None, None)
    trade = wechat.control.order(wechat.number(order))
    assert (trade["trade_state"], trade["amount"]["total"]) == ("NOTPAY", 8980)
    assert books(order) == unpaid(2, "open")


def test_an_h5_payment_gives_an_address(world: World, wechat: WechatPay) -> None:
    # given
    order = buy(world)

    # when
    answer = start(order, "WECHAT_H5")

    # then
    assert answer["errors"] == []
    assert "prepay_id=" in answer["h5Url"]
    assert wechat.control.order(wechat.number(order))["kind"] == "h5"


def test_jsapi_parameters_carry_the_merchants_signature(
    world: World, wechat: WechatPay, sandbox_directory: Path
) -> None:
    # given
    order = buy(world)

    # when
    told = start(order, "WECHAT_JSAPI", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")["jsapi"]

    # then the merchant's public key verifies the lines in their order
    folder = sandbox_directory / "wechat_pay"
    merchant = json.loads((folder / "merchant.json").read_text())
    key = load_pem_private_key((folder / merchant["private_key_file"]).read_bytes(), None)
    lines = f"{told['appId']}\n{told['timeStamp']}\n{told['nonceStr']}\n{told['package']}\n"
    key.public_key().verify(b64decode(told["paySign"]), lines.encode(), PKCS1v15(), SHA256())
    assert (told["appId"], told["signType"]) == (merchant["appid"], "RSA")
    assert wechat.control.call("POST", "/wechat_pay/jsapi", told)["err_msg"] == "get_brand_wcpay_request:ok"


def test_asking_again_resumes_the_same_trade(world: World, wechat: WechatPay) -> None:
    # given
    order = buy(world)

    # when
    answers = [start(order) for _ in range(3)]

    # then
    assert [answer["errors"] for answer in answers] == [[], [], []]
    assert len(numbers()) == 1
    assert len(wechat.control.orders()) == 1


@pytest.mark.parametrize(("method", "minutes"), [("WECHAT_H5", 5), ("WECHAT_NATIVE", 120)])
def test_what_is_past_its_time_is_replaced_under_a_new_number(
    world: World, wechat: WechatPay, method: str, minutes: int
) -> None:
    # given an order that waits for days, and a code that was handed out so long ago
    order = buy(world)
    PaymentIntent.objects.update(expires_at=now() + timedelta(days=1))
    start(order, method)
    PaymentAttempt.objects.update(created_at=now() - timedelta(minutes=minutes - 1))
    start(order, method)
    assert len(numbers()) == 1  # still good for a minute
    PaymentAttempt.objects.update(created_at=now() - timedelta(minutes=minutes))

    # when
    answers = [start(order, method) for _ in range(2)]

    # then the old one takes no money any more, and the new one is there to stay
    assert [answer["errors"] for answer in answers] == [[], []]
    first, second = numbers()
    assert wechat.control.order(first)["trade_state"] == "CLOSED"
    assert wechat.control.order(second)["trade_state"] == "NOTPAY"
    assert books(order) == unpaid(1, "closed", "open")


def test_a_worn_code_that_was_paid_is_booked_and_not_replaced(world: World, wechat: WechatPay) -> None:
    # given it was paid in its last second, and the notification did not come
    order = buy(world)
    PaymentIntent.objects.update(expires_at=now() + timedelta(days=1))
    start(order, "WECHAT_H5")
    wechat.control.fault("notify", "drop")
    wechat.pay(order)
    PaymentAttempt.objects.update(created_at=now() - timedelta(minutes=5))

    # when
    answer = start(order, "WECHAT_H5")

    # then
    assert [error["code"] for error in answer["errors"]] == ["ALREADY_PAID"]
    assert len(numbers()) == 1
    assert books(order) == paid("49.90", 1)


def test_a_code_says_until_when_it_can_be_used(world: World, wechat: WechatPay) -> None:
    # given
    order = buy(world)
    query = START.replace("codeUrl", "codeExpiresAt codeUrl")

    # when
    told = ask(query, {"token": order.token, "method": "WECHAT_H5"})["paymentStart"]

    # then
    made = PaymentAttempt.objects.get()
    assert datetime.fromisoformat(told["codeExpiresAt"]) == made.created_at + timedelta(minutes=5)


def test_another_method_closes_the_first_trade_before_it_opens_its_own(
    world: World, wechat: WechatPay
) -> None:
    # given
    order = buy(world)
    start(order)

    # when
    answer = start(order, "WECHAT_JSAPI", "openid-1")

    # then
    assert answer["errors"] == []
    first, second = numbers()
    assert wechat.control.order(first)["trade_state"] == "CLOSED"
    assert wechat.control.order(second)["trade_state"] == "NOTPAY"
    assert books(order) == unpaid(1, "closed", "open")


def test_another_method_is_refused_while_the_first_trade_cannot_be_closed(
    world: World, wechat: WechatPay
) -> None:
    # given
    order = buy(world)
    start(order)
    wechat.control.fault("close", "http_500")

    # when
    first, again = start(order, "WECHAT_H5"), start(order, "WECHAT_H5")

    # then
    assert codes(first) == ["PROVIDER_UNREACHABLE"]
    assert again["errors"] == []
    assert books(order) == unpaid(1, "closed", "open")


def test_two_devices_with_two_methods_leave_one_open_trade(world: World, wechat: WechatPay) -> None:
    for _round in range(3):
        # given
        order = buy(world)

        # when
        together(partial(start, order), partial(start, order, "WECHAT_H5"))

        # then
        states = books(order).attempts
        assert states.count("open") <= 1
        assert set(states) <= {"open", "closed"}
        trades = [
            wechat.control.order(attempt.number)["trade_state"]
            for attempt in PaymentAttempt.objects.filter(intent__order=order)
        ]
        assert trades.count("NOTPAY") <= 1


def test_changing_the_method_of_a_paid_trade_books_it_instead(world: World, wechat: WechatPay) -> None:
    # given money that nobody has reported
    order = buy(world)
    start(order)
    wechat.control.fault("notify", "drop")
    wechat.pay(order)

    # when
    answer = start(order, "WECHAT_H5")

    # then
    assert codes(answer) == ["ALREADY_PAID"]
    assert books(order) == paid("49.90", 1)


@pytest.mark.parametrize("payer", [None, "", "有空格 的", "x" * 129, "a\x00b"])
def test_jsapi_needs_an_openid(world: World, wechat: WechatPay, payer: str | None) -> None:
    # given
    order = buy(world)

    # when
    answer = start(order, "WECHAT_JSAPI", payer)

    # then
    assert [(error["field"], error["code"]) for error in answer["errors"]] == [("payerId", "PAYER_REQUIRED")]
    assert books(order) == unpaid(1)


def test_a_paid_order_cannot_be_paid_again(world: World, wechat: WechatPay) -> None:
    # given
    order = buy(world)
    start(order)
    wechat.pay(order)
    assert wechat.deliver(wechat.hear()) == 204

    # when
    answer = start(order)

    # then
    assert codes(answer) == ["ALREADY_PAID"]
    assert len(numbers()) == 1


def test_a_closed_order_cannot_be_paid(world: World, wechat: WechatPay) -> None:
    # given
    order = buy(world)
    intent = PaymentIntent.objects.get()
    begin_closing(intent.pk, "EXPIRED")
    drive_closing(intent.pk)

    # when
    answer = start(order)

    # then
    assert codes(answer) == ["PAYMENT_CLOSED"]
    assert books(order) == freed()


def test_after_the_deadline_nothing_is_started(world: World, wechat: WechatPay) -> None:
    # given
    order = buy(world)
    deadline_passes(order)

    # when
    answer = start(order)

    # then
    assert codes(answer) == ["PAYMENT_CLOSED"]
    assert numbers() == []


@pytest.mark.parametrize("token", ["", "no-uuid", "00000000-0000-4000-8000-000000000000", "a\x00"])
def test_an_unknown_order_is_not_found(world: World, wechat: WechatPay, token: str) -> None:
    # given
    order = buy(world)
    order.token = token

    # when / then
    assert codes(start(order)) == ["NOT_FOUND"]
    assert intent_state(order) is None


def test_no_new_payment_while_the_plugin_is_off(world: World, wechat: WechatPay) -> None:
    # given
    order = buy(world)
    PluginConfiguration.objects.filter(identifier=GATEWAY).update(active=False)

    # when
    answer = start(order)

    # then
    assert codes(answer) == ["NOT_CONFIGURED"]
    assert wechat.control.orders() == []


def test_no_order_is_placed_for_a_plugin_that_is_off(world: World, wechat: WechatPay) -> None:
    # given
    checkout = fill_checkout(world)
    choose_payment(checkout)
    PluginConfiguration.objects.filter(identifier=GATEWAY).update(active=False)

    # when
    answer = complete(checkout)

    # then
    assert answer["order"] is None
    assert [(error["code"], error["message"]) for error in answer["checkoutErrors"]] == [
        ("PAYMENT_ERROR", "这种支付方式已停用，请换一种支付方式")
    ]
    assert not PaymentIntent.objects.exists()


def test_a_payment_begun_before_the_plugin_was_switched_off_is_still_booked(
    world: World, wechat: WechatPay
) -> None:
    # given
    order = buy(world)
    start(order)
    PluginConfiguration.objects.filter(identifier=GATEWAY).update(active=False)

    # when
    wechat.pay(order)

    # then
    assert wechat.deliver(wechat.hear()) == 204
    assert books(order) == paid("49.90", 1)


def test_nothing_is_started_with_an_incomplete_configuration(world: World, wechat: WechatPay) -> None:
    # given
    order = buy(world)
    AccountKey.objects.filter(kind=KeyKind.APIV3).delete()

    # when / then
    assert codes(start(order)) == ["NOT_CONFIGURED"]


@pytest.mark.parametrize(
    ("kind", "params", "reached"),
    [
        ("http_500", {}, False),
        ("http_429", {}, False),
        ("timeout", {"delay": 0.9, "done": False}, False),
        ("timeout", {"delay": 0.9}, True),
        ("bad_signature", {}, True),
        ("signtest", {}, True),
        ("answer_lost", {}, True),
        ("answer_lost", {"answer": "http_500"}, True),
    ],
)
def test_wechat_in_trouble_then_paid_under_the_same_number(
    world: World,
    wechat: WechatPay,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    params: dict,
    reached: bool,
) -> None:
    # given
    monkeypatch.setattr(client, "TIMEOUT", (3, 0.3))
    monkeypatch.setattr(client, "_clients", {})
    order = buy(world)
    wechat.control.fault("prepay", kind, **params)

    # when
    first = start(order)

    # then
    assert codes(first) == ["PROVIDER_UNREACHABLE"]
    assert "没有扣款" in first["errors"][0]["message"]
    assert books(order) == unpaid(1, "created")
    assert (len(wechat.control.orders()) == 1) is reached

    # when
    second = start(order)
    wechat.pay(order)
    assert wechat.deliver(wechat.hear()) == 204

    # then
    assert second["errors"] == []
    assert len(numbers()) == 1
    assert books(order) == paid("49.90", 1)


def test_a_refusal_is_told_and_the_next_try_has_a_number_of_its_own(world: World, wechat: WechatPay) -> None:
    # given
    order = buy(world)
    wechat.control.fault("prepay", "error", code="INVALID_REQUEST")

    # when
    first, second = start(order), start(order)

    # then
    assert codes(first) == ["PROVIDER_REFUSED"]
    assert second["errors"] == []
    assert books(order) == unpaid(1, "closed", "open")


def test_an_order_closed_while_its_trade_was_being_opened_leaves_no_open_trade(
    world: World, wechat: WechatPay, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a deadline that strikes between our number and WeChat's answer
    from plugins.wechat_pay.provider import WechatPayProvider

    order = buy(world)
    stock_start = WechatPayProvider.start

    def slow(self: WechatPayProvider, request: object) -> object:
        intent = PaymentIntent.objects.get()
        begin_closing(intent.pk, "EXPIRED")
        drive_closing(intent.pk)
        return stock_start(self, request)

    monkeypatch.setattr(WechatPayProvider, "start", slow)

    # when
    answer = start(order)

    # then
    assert codes(answer) == ["PAYMENT_CLOSED"]
    assert wechat.control.order(numbers()[0])["trade_state"] == "CLOSED"
    assert books(order) == freed("closed")
