from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sandbox_support import Merchant, number
from wechatpayv3 import WeChatPayType

from sandbox.client import SandboxClient

SCENE = {"payer_client_ip": "14.23.150.211", "h5_info": {"type": "Wap"}}


def test_native_answers_a_code_url(merchant: Merchant) -> None:
    # when
    status, body = merchant.prepay(number())

    # then
    assert status == 200
    assert list(body) == ["code_url"]
    assert body["code_url"].startswith("weixin://wxpay/bizpayurl?pr=")


@pytest.mark.parametrize(
    ("pay_type", "params", "field", "start"),
    [
        (WeChatPayType.JSAPI, {"payer": {"openid": "oOne"}}, "prepay_id", "wx"),
        (WeChatPayType.APP, {}, "prepay_id", "wx"),
        (WeChatPayType.H5, {"scene_info": SCENE}, "h5_url", "http://127.0.0.1:"),
    ],
)
def test_other_forms_answer_their_field(
    merchant: Merchant, pay_type: WeChatPayType, params: dict[str, Any], field: str, start: str
) -> None:
    # when
    status, body = merchant.prepay(number(), pay_type=pay_type, **params)

    # then
    assert status == 200
    assert body[field].startswith(start)


def test_same_words_are_the_same_order(merchant: Merchant, control: SandboxClient) -> None:
    # given
    out_trade_no = number()

    # when
    answers = [merchant.prepay(out_trade_no) for _ in range(3)]

    # then
    assert len({body["code_url"] for _, body in answers}) == 1
    assert [order["out_trade_no"] for order in control.orders()] == [out_trade_no]


def test_same_words_at_once_are_the_same_order(merchant: Merchant, control: SandboxClient) -> None:
    # given
    out_trade_no = number()

    # when
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: merchant.prepay(out_trade_no), range(16)))

    # then
    assert {status for status, _ in answers} == {200}
    assert len({body["code_url"] for _, body in answers}) == 1
    assert len(control.orders()) == 1


def test_other_words_under_the_same_number_are_refused(merchant: Merchant) -> None:
    # given
    out_trade_no = number()
    merchant.prepay(out_trade_no, 3990)

    # when
    status, body = merchant.prepay(out_trade_no, 3991)

    # then
    assert (status, body["code"]) == (400, "INVALID_REQUEST")
    assert body["message"] == "请求重入时，参数与首次请求时不一致"


def test_expired_code_is_replaced(merchant: Merchant, control: SandboxClient) -> None:
    # given
    out_trade_no = number()
    old = merchant.prepay(out_trade_no)[1]["code_url"]
    control.set_clock(offset_seconds=2 * 3600 + 1)

    # when
    new = merchant.prepay(out_trade_no)[1]["code_url"]

    # then
    assert new != old


def test_closed_and_paid_orders_are_not_made_again(
    merchant: Merchant, control: SandboxClient, paid: str
) -> None:
    # given
    closed = number()
    merchant.prepay(closed)
    merchant.close(closed)

    # when
    again_closed, again_paid = merchant.prepay(closed), merchant.prepay(paid)

    # then
    assert (again_closed[0], again_closed[1]["code"]) == (400, "ORDER_CLOSED")
    assert (again_paid[0], again_paid[1]["code"]) == (400, "INVALID_REQUEST")


@pytest.mark.parametrize(
    ("params", "code", "field"),
    [
        ({"amount": {"total": 0}}, "PARAM_ERROR", "/amount/total"),
        ({"amount": {"total": 1.5}}, "PARAM_ERROR", "/amount/total"),
        ({"amount": {"total": "1"}}, "PARAM_ERROR", "/amount/total"),
        ({"amount": {"total": True}}, "PARAM_ERROR", "/amount/total"),
        ({"amount": {"total": 10**30}}, "PARAM_ERROR", "/amount/total"),
        ({"amount": {"total": 1, "currency": "USD"}}, "PARAM_ERROR", "/amount/currency"),
        ({"amount": ["x"]}, "PARAM_ERROR", "/amount"),
        ({"description": "橙" * 128}, "PARAM_ERROR", "/description"),
        ({"description": "\ud800"}, "PARAM_ERROR", "/description"),
        ({"attach": "a" * 129}, "PARAM_ERROR", "/attach"),
        ({"time_expire": "2026-01-01 00:00:00"}, "PARAM_ERROR", "/time_expire"),
        ({"time_expire": "2026-13-01T00:00:00+08:00"}, "PARAM_ERROR", "/time_expire"),
        ({"notify_url": "http://shop.example.com/notify"}, "PARAM_ERROR", "/notify_url"),
        ({"notify_url": "https://shop.example.com/notify?a=1"}, "PARAM_ERROR", "/notify_url"),
        ({"notify_url": "https://[broken"}, "PARAM_ERROR", "/notify_url"),
        ({"pay_type": WeChatPayType.JSAPI, "payer": {"x": 1}}, "PARAM_ERROR", "/payer/openid"),
        ({"scene_info": {"payer_client_ip": "nowhere"}}, "PARAM_ERROR", "/scene_info/payer_client_ip"),
        (
            {"pay_type": WeChatPayType.H5, "scene_info": {"payer_client_ip": "::1"}},
            "PARAM_ERROR",
            "/scene_info/h5_info",
        ),
        ({"detail": {"goods_detail": [7]}}, "PARAM_ERROR", "/detail/goods_detail"),
        ({"settle_info": {"profit_sharing": "yes"}}, "PARAM_ERROR", "/settle_info/profit_sharing"),
        ({"appid": "wx0000000000000000"}, "APPID_MCHID_NOT_MATCH", None),
        ({"mchid": "1900000001"}, "MCH_NOT_EXISTS", None),
    ],
)
def test_bad_input_is_named(merchant: Merchant, params: dict[str, Any], code: str, field: str | None) -> None:
    # when
    status, body = merchant.prepay(number(), **params)

    # then
    assert (status, body["code"]) == (400, code)
    assert body.get("detail", {}).get("field") == field


@pytest.mark.parametrize("out_trade_no", ["short", "x" * 33, "with space", "单号单号单号"])
def test_bad_number_is_refused(merchant: Merchant, out_trade_no: str) -> None:
    # when
    status, body = merchant.prepay(out_trade_no)

    # then
    assert (status, body["code"], body["detail"]["field"]) == (400, "PARAM_ERROR", "/out_trade_no")


def test_early_time_expire_is_moved_to_one_minute(merchant: Merchant, control: SandboxClient) -> None:
    # given
    out_trade_no = number()
    merchant.prepay(out_trade_no, time_expire="2020-01-01T00:00:00+08:00")

    # when
    control.set_clock(offset_seconds=30)
    control.cancel(out_trade_no)
    control.set_clock(offset_seconds=90)

    # then
    state, status = (
        merchant.query(out_trade_no)[1]["trade_state"],
        merchant.prepay(out_trade_no, time_expire="2020-01-01T00:00:00+08:00"),
    )
    assert state == "NOTPAY"
    assert status[1]["message"] == "订单已超过支付截止时间"
