from __future__ import annotations

import time

import pytest
import requests
from sandbox_support import Merchant, Shop, number

from sandbox.client import SandboxClient, SandboxRefused


@pytest.mark.parametrize(
    ("kind", "params", "status", "code"),
    [
        ("http_500", {}, 500, "SYSTEM_ERROR"),
        ("http_429", {}, 429, "FREQUENCY_LIMITED"),
        ("error", {"code": "NOT_ENOUGH"}, 403, "NOT_ENOUGH"),
    ],
)
def test_refusals_do_nothing_and_pass(
    merchant: Merchant, control: SandboxClient, kind: str, params: dict[str, str], status: int, code: str
) -> None:
    # given
    control.fault("prepay", kind, times=2, **params)
    out_trade_no = number()

    # when
    answers = [merchant.prepay(out_trade_no) for _ in range(2)]

    # then
    assert [(answer[0], answer[1]["code"]) for answer in answers] == [(status, code)] * 2
    assert control.orders() == []
    assert merchant.prepay(out_trade_no)[0] == 200
    assert [(fault["used"], fault["times_left"]) for fault in control.faults()] == [(2, 0)]


@pytest.mark.parametrize("kind", ["bad_signature", "signtest"])
def test_spoilt_answers_are_noticed_by_the_client(
    merchant: Merchant, control: SandboxClient, kind: str
) -> None:
    # given
    control.fault("prepay", kind)
    out_trade_no = number()

    # when
    with pytest.raises(Exception, match="failed to verify the signature"):
        merchant.prepay(out_trade_no)

    # then
    assert control.order(out_trade_no)["trade_state"] == "NOTPAY"
    assert merchant.prepay(out_trade_no)[0] == 200


def test_lost_answer_leaves_the_work_done(merchant: Merchant, control: SandboxClient, paid: str) -> None:
    # given
    control.fault("refund", "answer_lost")
    out_refund_no = number("R")

    # when
    with pytest.raises(requests.exceptions.RequestException):
        merchant.refund(paid, out_refund_no, 100)

    # then
    assert merchant.query_refund(out_refund_no)[1]["amount"]["refund"] == 100
    assert merchant.refund(paid, out_refund_no, 100)[0] == 200
    assert len(control.order(paid)["refunds"]) == 1


def test_lost_answer_may_look_like_a_500(merchant: Merchant, control: SandboxClient) -> None:
    # given
    control.fault("prepay", "answer_lost", answer="http_500")
    out_trade_no = number()

    # when
    status, body = merchant.prepay(out_trade_no)

    # then
    assert (status, body["code"]) == (500, "SYSTEM_ERROR")
    assert control.order(out_trade_no)["trade_state"] == "NOTPAY"


@pytest.mark.parametrize(("done", "known"), [(True, 1), (False, 0)])
def test_timeout(merchant: Merchant, control: SandboxClient, done: bool, known: int) -> None:
    # given
    merchant.client._core._timeout = (3, 0.3)
    control.fault("prepay", "timeout", delay=0.8, done=done)

    # when
    with pytest.raises(requests.exceptions.RequestException):
        merchant.prepay(number())
    time.sleep(0.8)

    # then
    assert len(control.orders()) == known


def test_fault_is_for_one_order_or_one_path(merchant: Merchant, control: SandboxClient) -> None:
    # given
    mine, other = number(), number()
    control.fault("query", "http_500", times=None, out_trade_no=mine)
    control.fault("*", "http_429", times=None, path="/v3/refund/*")

    # when
    merchant.prepay(mine)
    merchant.prepay(other)

    # then
    assert [merchant.query(mine)[0] for _ in range(2)] == [500, 500]
    assert merchant.query(other)[0] == 200
    assert merchant.query_refund("X")[0] == 429
    control.clear_faults()
    assert merchant.query(mine)[0] == 200


def test_lost_notification_is_sent_by_hand(merchant: Merchant, control: SandboxClient, shop: Shop) -> None:
    # given
    control.fault("notify", "drop")
    out_trade_no = number()
    merchant.prepay(out_trade_no)
    control.pay(out_trade_no)
    assert shop.quiet()
    assert control.notifications(out_trade_no)[0]["state"] == "dropped"

    # when
    (sent,) = control.send_notification(out_trade_no=out_trade_no, copies=2)

    # then
    assert [attempt["cause"] for attempt in sent["log"]] == ["manual", "manual"]
    assert merchant.open(shop.next()) == merchant.open(shop.next())


def test_duplicates_arrive_at_once(merchant: Merchant, control: SandboxClient, shop: Shop) -> None:
    # given
    control.fault("notify", "duplicate", copies=5)
    out_trade_no = number()
    merchant.prepay(out_trade_no)

    # when
    control.pay(out_trade_no)
    heard = [shop.next() for _ in range(5)]

    # then
    assert len({item.event["id"] for item in heard}) == 1
    assert shop.quiet()


def test_late_notification_comes_late(merchant: Merchant, control: SandboxClient, shop: Shop) -> None:
    # given
    control.fault("notify", "late", delay=1.0)
    out_trade_no = number()
    merchant.prepay(out_trade_no)

    # when
    control.pay(out_trade_no)

    # then
    assert shop.quiet(0.6)
    assert merchant.open(shop.next()) is not None


def test_newer_notification_overtakes(merchant: Merchant, control: SandboxClient, shop: Shop) -> None:
    # given
    out_trade_no = number()
    merchant.prepay(out_trade_no)
    control.fault("notify", "reorder", delay=8)
    control.options(refund_delay=0)

    # when
    control.pay(out_trade_no)
    merchant.refund(out_trade_no, number("R"), 100)
    events = [shop.next().event["event_type"] for _ in range(2)]

    # then
    assert events == ["REFUND.SUCCESS", "TRANSACTION.SUCCESS"]


@pytest.mark.parametrize("kind", ["bad_signature", "signtest"])
def test_spoilt_notification_is_not_opened_and_comes_again(
    merchant: Merchant, control: SandboxClient, shop: Shop, kind: str
) -> None:
    # given
    shop.answers[:] = [401]
    control.fault("notify", kind)
    out_trade_no = number()
    merchant.prepay(out_trade_no)

    # when
    control.pay(out_trade_no)
    first, second = shop.next(), shop.next()

    # then
    assert merchant.open(first) is None
    assert merchant.open(second) is not None
    assert first.headers["Wechatpay-Signature"].startswith("WECHATPAY/SIGNTEST/") == (kind == "signtest")


def test_stale_notification_is_correctly_signed_an_hour_ago(
    merchant: Merchant, control: SandboxClient, shop: Shop
) -> None:
    # given
    control.fault("notify", "stale")
    out_trade_no = number()
    merchant.prepay(out_trade_no)

    # when
    control.pay(out_trade_no)
    heard = shop.next()

    # then
    assert merchant.open(heard) is not None
    assert 3595 < time.time() - int(heard.headers["Wechatpay-Timestamp"]) < 3660


@pytest.mark.parametrize(
    ("where", "kind", "params", "code"),
    [
        ("moon", "http_500", {}, "UNKNOWN_WHERE"),
        ("prepay", "drop", {}, "UNKNOWN_KIND"),
        ("notify", "http_500", {}, "UNKNOWN_KIND"),
        ("prepay", "http_500", {"times": 0}, "BAD_VALUE"),
        ("prepay", "timeout", {"delay": "long"}, "BAD_VALUE"),
        ("refund", "refund_result", {"result": "MAYBE"}, "BAD_VALUE"),
        ("prepay", "http_500", {"system": "sun"}, "UNKNOWN_SYSTEM"),
    ],
)
def test_impossible_faults_are_refused(
    control: SandboxClient, where: str, kind: str, params: dict[str, object], code: str
) -> None:
    # when / then
    with pytest.raises(SandboxRefused, match=code) as caught:
        control.fault(where, kind, **params)
    assert caught.value.status == 400
    assert control.faults() == []


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/wechat_pay/pay", {"out_trade_no": "NOBODY0006"}, 404, "NOT_FOUND"),
        ("/wechat_pay/pay", {"out_trade_no": "\ud800"}, 400, "BAD_VALUE"),
        ("/wechat_pay/pay", {"out_trade_no": 7}, 400, "BAD_VALUE"),
        ("/wechat_pay/options", {"key_mode": "none"}, 400, "BAD_VALUE"),
        ("/wechat_pay/notifications/send", {}, 400, "BAD_VALUE"),
        ("/wechat_pay/notifications/send", {"id": "EV-0"}, 404, "NOT_FOUND"),
        ("/wechat_pay/refunds/finish", {"out_refund_no": "none"}, 404, "NOT_FOUND"),
        ("/clock", {"ratio": 0}, 400, "BAD_VALUE"),
        ("/clock", {"offset_seconds": True}, 400, "BAD_VALUE"),
    ],
)
def test_impossible_control_calls_are_refused(
    sandbox_url: str, control: SandboxClient, path: str, body: dict[str, object], status: int, code: str
) -> None:
    # when
    answer = requests.post(f"{sandbox_url}/_sim{path}", json=body, timeout=5)

    # then
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
