from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from sandbox_support import Heard, Merchant, Shop, number
from wechatpayv3 import WeChatPayType

from sandbox.client import SandboxClient, SandboxRefused, wait_until
from sandbox.wechat_pay.notifications import RETRY_AFTER


def test_payment_is_told_to_the_shop(merchant: Merchant, control: SandboxClient, shop: Shop) -> None:
    # given
    out_trade_no = number()
    merchant.prepay(out_trade_no, attach="第七支局")

    # when
    control.pay(out_trade_no, openid="oPayer")

    # then
    event = merchant.open(shop.next())
    assert event is not None
    assert event["event_type"] == "TRANSACTION.SUCCESS"
    assert event["resource_type"] == "encrypt-resource"
    told = event["resource"]
    assert told == merchant.query(out_trade_no)[1]
    assert (told["trade_state"], told["trade_type"], told["attach"]) == ("SUCCESS", "NATIVE", "第七支局")
    assert told["amount"] == {"total": 3990, "currency": "CNY", "payer_currency": "CNY", "payer_total": 3990}
    assert told["payer"] == {"openid": "oPayer"}
    assert shop.quiet()


def test_order_is_found_by_transaction_id(merchant: Merchant, paid: str) -> None:
    # given
    transaction_id = merchant.query(paid)[1]["transaction_id"]

    # when
    status, body = merchant.answer(merchant.client.query(transaction_id=transaction_id))

    # then
    assert (status, body["out_trade_no"]) == (200, paid)
    assert transaction_id.isdigit()
    assert len(transaction_id) == 28


def test_unpaid_order_answers_little(merchant: Merchant) -> None:
    # given
    out_trade_no = number()
    merchant.prepay(out_trade_no, attach="x")

    # when
    _, body = merchant.query(out_trade_no)

    # then
    assert body["trade_state"] == "NOTPAY"
    assert body["payer"] == {}
    assert not {"transaction_id", "attach", "success_time"} & body.keys()


def test_unknown_order_is_not_found(merchant: Merchant) -> None:
    # when
    status, body = merchant.query("NOBODY0001")

    # then
    assert (status, body["code"]) == (404, "ORDER_NOT_EXIST")


def test_many_payments_at_once_are_one(merchant: Merchant, control: SandboxClient, shop: Shop) -> None:
    # given
    out_trade_no = number()
    merchant.prepay(out_trade_no)

    def pay(_: int) -> str:
        try:
            control.pay(out_trade_no)
        except SandboxRefused as error:
            return error.code
        return "PAID"

    # when
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(pay, range(8)))

    # then
    assert sorted(outcomes) == ["ALREADY_PAID"] * 7 + ["PAID"]
    shop.next()
    assert shop.quiet()


def test_refused_notification_comes_again(merchant: Merchant, control: SandboxClient, shop: Shop) -> None:
    # given
    shop.answers[:] = [500, 404, 302]
    out_trade_no = number()
    merchant.prepay(out_trade_no)

    # when
    control.pay(out_trade_no)
    heard = [shop.next() for _ in range(4)]

    # then
    assert shop.quiet()
    assert len({item.event["id"] for item in heard}) == 1
    assert len({item.headers["Wechatpay-Nonce"] for item in heard}) == 4
    assert all(merchant.open(item) for item in heard)
    (told,) = control.notifications(out_trade_no)
    assert told["state"] == "delivered"
    assert [attempt["status"] for attempt in told["log"]] == [500, 404, 302, 204]


def test_retries_follow_the_documented_table(merchant: Merchant, control: SandboxClient, shop: Shop) -> None:
    # given
    control.set_clock(ratio=100_000)
    shop.answers[:] = [500] * 99
    out_trade_no = number()
    merchant.prepay(out_trade_no)

    # when
    control.pay(out_trade_no)
    wait_until(lambda: control.notifications(out_trade_no)[0]["state"] == "failed")

    # then
    assert sum(RETRY_AFTER) == 24 * 3600 + 4 * 60
    assert control.notifications(out_trade_no)[0]["attempts"] == 16


def test_slower_clock_delays_what_waits(merchant: Merchant, control: SandboxClient, shop: Shop) -> None:
    # given
    control.set_clock(ratio=1)
    shop.answers[:] = [500]
    out_trade_no = number()
    merchant.prepay(out_trade_no)
    control.pay(out_trade_no)
    shop.next()
    assert shop.quiet()

    # when
    control.set_clock(ratio=600)

    # then
    assert merchant.open(shop.next(2.0)) is not None


def test_payer_turns_away_and_nobody_is_told(merchant: Merchant, control: SandboxClient, shop: Shop) -> None:
    # given
    out_trade_no = number()
    merchant.prepay(out_trade_no)

    # when
    order = control.cancel(out_trade_no)

    # then
    assert (order["trade_state"], order["cancelled"]) == ("NOTPAY", 1)
    assert shop.quiet()
    assert control.pay(out_trade_no)["trade_state"] == "SUCCESS"


def test_coupon_lowers_what_the_payer_pays(merchant: Merchant, control: SandboxClient) -> None:
    # given
    out_trade_no = number()
    merchant.prepay(out_trade_no)

    # when
    control.pay(out_trade_no, coupon=990)

    # then
    _, body = merchant.query(out_trade_no)
    assert (body["amount"]["total"], body["amount"]["payer_total"]) == (3990, 3000)
    assert body["promotion_detail"][0]["amount"] == 990


def test_close_is_idempotent_and_stops_payment(merchant: Merchant, control: SandboxClient) -> None:
    # given
    out_trade_no = number()
    merchant.prepay(out_trade_no)

    # when
    answers = [merchant.close(out_trade_no), merchant.close(out_trade_no), merchant.close("NOBODY0002")]

    # then
    assert answers == [(204, {})] * 3
    assert merchant.query(out_trade_no)[1]["trade_state"] == "CLOSED"
    with pytest.raises(SandboxRefused, match="CLOSED"):
        control.pay(out_trade_no)


def test_paid_order_is_not_closed(merchant: Merchant, paid: str) -> None:
    # when
    status, body = merchant.close(paid)

    # then
    assert (status, body["code"]) == (400, "ORDERPAID")
    assert merchant.query(paid)[1]["trade_state"] == "SUCCESS"


def test_close_and_payment_at_once_have_one_winner(merchant: Merchant, control: SandboxClient) -> None:
    # given
    numbers = [number() for _ in range(8)]
    for out_trade_no in numbers:
        merchant.prepay(out_trade_no)

    def pay(out_trade_no: str) -> bool:
        try:
            control.pay(out_trade_no)
        except SandboxRefused:
            return False
        return True

    # when
    with ThreadPoolExecutor(16) as pool:
        closing = [pool.submit(merchant.close, out_trade_no) for out_trade_no in numbers]
        paying = [pool.submit(pay, out_trade_no) for out_trade_no in numbers]

    # then
    for out_trade_no, closed, was_paid in zip(numbers, closing, paying, strict=True):
        state = merchant.query(out_trade_no)[1]["trade_state"]
        assert (state, closed.result()[0]) == (("SUCCESS", 400) if was_paid.result() else ("CLOSED", 204))


def test_payment_may_win_over_close(merchant: Merchant, control: SandboxClient, shop: Shop) -> None:
    # given
    out_trade_no = number()
    merchant.prepay(out_trade_no)
    control.fault("close", "pay_after_close", delay=0.2)

    # when
    status, _ = merchant.close(out_trade_no)
    state_after_close = merchant.query(out_trade_no)[1]["trade_state"]
    event = merchant.open(shop.next())

    # then
    assert (status, state_after_close) == (204, "CLOSED")
    assert event is not None
    assert event["resource"]["trade_state"] == "SUCCESS"
    assert merchant.query(out_trade_no)[1]["trade_state"] == "SUCCESS"


def test_bridge_checks_the_shops_signature(merchant: Merchant, control: SandboxClient) -> None:
    # given
    prepay_id = merchant.prepay(number(), pay_type=WeChatPayType.JSAPI, payer={"openid": "oOne"})[1][
        "prepay_id"
    ]
    lines = [merchant.manifest["appid"], str(int(time.time())), "n0nce", f"prepay_id={prepay_id}"]
    names = ("appId", "timeStamp", "nonceStr", "package")
    params = dict(zip(names, lines, strict=True)) | {
        "signType": "RSA",
        "paySign": merchant.client.sign(lines),
    }

    # when
    forged = control.call("POST", "/wechat_pay/jsapi", params | {"nonceStr": "other"})
    stranger = control.call("POST", "/wechat_pay/jsapi", params | {"openid": "oTwo"})
    good = control.call("POST", "/wechat_pay/jsapi", params)

    # then
    assert forged["err_msg"] == "get_brand_wcpay_request:fail"
    assert stranger["err_desc"] == "当前微信号与下单的微信号不一致"
    assert good["err_msg"] == "get_brand_wcpay_request:ok"


def test_tampered_notification_is_not_opened(merchant: Merchant, control: SandboxClient, shop: Shop) -> None:
    # given
    out_trade_no = number()
    merchant.prepay(out_trade_no)
    control.pay(out_trade_no)
    heard = shop.next()

    # when
    opened = merchant.open(Heard(heard.headers, heard.body.replace("支付成功", "支付失败")))

    # then
    assert opened is None


def test_phone_pays(merchant: Merchant, sandbox_url: str, shop: Shop) -> None:
    # given
    out_trade_no = number()
    code_url = merchant.prepay(out_trade_no)[1]["code_url"]
    with httpx.Client(base_url=sandbox_url, follow_redirects=True, trust_env=False) as phone:
        # when
        home = phone.get("/phone")
        scan = phone.get("/phone/scan", params={"code": code_url})
        cashier = phone.get("/phone/pay", params={"pr": code_url.partition("pr=")[2]})
        done = phone.post("/phone/pay", data={"pr": code_url.partition("pr=")[2], "action": "pay"})
        messages = phone.get("/phone/messages")

    # then
    assert "奉节脐橙 5kg" in home.text
    assert "/phone/qr.svg?text=weixin%3A//wxpay" in scan.text
    assert "39.90" in cashier.text
    assert "支付成功" in done.text
    assert "微信支付凭证" in messages.text
    assert merchant.open(shop.next()) is not None


def test_h5_url_opens_the_cashier(merchant: Merchant) -> None:
    # given
    scene = {"payer_client_ip": "127.0.0.1", "h5_info": {"type": "Wap"}}
    url = merchant.prepay(number(), pay_type=WeChatPayType.H5, scene_info=scene)[1]["h5_url"]

    # when
    back = "https://shop.example.com/orders/1"
    page = httpx.get(f"{url}&redirect_url={back}", follow_redirects=True, trust_env=False)
    hostile = httpx.get(f"{url}&redirect_url=javascript:alert(1)", follow_redirects=True, trust_env=False)

    # then
    assert page.status_code == 200
    assert f'value="{back}"' in page.text
    assert "javascript:" not in hostile.text


@pytest.mark.parametrize("path", ["/phone/pay?pr=none", "/phone/orders/none", "/phone/jsapi?signType=RSA"])
def test_phone_says_so_when_there_is_nothing(sandbox_url: str, path: str) -> None:
    # when
    page = httpx.get(f"{sandbox_url}{path}", trust_env=False)

    # then
    assert page.status_code in (400, 404)
    assert "知道了" in page.text
