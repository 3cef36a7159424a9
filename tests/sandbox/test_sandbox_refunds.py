from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sandbox_support import Merchant, Shop, number

from sandbox.client import SandboxClient, wait_until


def test_refund_is_accepted_then_told(
    merchant: Merchant, control: SandboxClient, shop: Shop, paid: str
) -> None:
    # when
    out_refund_no = number("R")
    status, accepted = merchant.refund(paid, out_refund_no, 1995, reason="坏果")
    event = merchant.open(shop.next())

    # then
    assert (status, accepted["status"], accepted["amount"]["refund"]) == (200, "PROCESSING", 1995)
    assert event is not None
    assert (event["event_type"], event["resource"]["refund_status"]) == ("REFUND.SUCCESS", "SUCCESS")
    assert event["resource"]["amount"] == {
        "total": 3990,
        "refund": 1995,
        "payer_total": 3990,
        "payer_refund": 1995,
    }
    _, asked = merchant.query_refund(out_refund_no)
    assert (asked["status"], asked["success_time"]) == ("SUCCESS", event["resource"]["success_time"])
    assert merchant.query(paid)[1]["trade_state"] == "REFUND"


def test_same_refund_number_is_the_same_refund(merchant: Merchant, paid: str, control: SandboxClient) -> None:
    # given
    out_refund_no = number("R")

    # when
    first = merchant.refund(paid, out_refund_no, 1000)
    again = merchant.refund(paid, out_refund_no, 1000)
    other = merchant.refund(paid, out_refund_no, 1001)

    # then
    assert first[1]["refund_id"] == again[1]["refund_id"]
    assert (other[0], other[1]["code"]) == (400, "INVALID_REQUEST")
    assert len(control.order(paid)["refunds"]) == 1


def test_refunds_at_once_never_exceed_the_payment(
    merchant: Merchant, control: SandboxClient, paid: str
) -> None:
    # when
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: merchant.refund(paid, number("R"), 1000), range(8)))

    # then
    assert sorted(status for status, _ in answers) == [200] * 3 + [400] * 5
    assert sum(refund["amount"]["refund"] for refund in control.order(paid)["refunds"]) == 3000
    assert merchant.refund(paid, number("R"), 990)[0] == 200
    assert merchant.refund(paid, number("R"), 1)[1]["message"] == "申请退款金额大于订单剩余可退金额"


def test_one_order_has_fifty_refunds_at_most(merchant: Merchant, paid: str) -> None:
    # when
    statuses = [merchant.refund(paid, number("R"), 1)[0] for _ in range(51)]

    # then
    assert statuses == [200] * 50 + [400]


def test_refunds_of_one_order_keep_a_minute_apart(
    merchant: Merchant, control: SandboxClient, paid: str
) -> None:
    # given
    control.options(refund_interval=True)
    control.set_clock(ratio=60)
    merchant.refund(paid, number("R"), 1)

    # when
    too_soon = merchant.refund(paid, number("R"), 1)
    control.set_clock(offset_seconds=61)
    later = merchant.refund(paid, number("R"), 1)

    # then
    assert (too_soon[0], too_soon[1]["code"]) == (429, "FREQUENCY_LIMITED")
    assert later[0] == 200


def test_old_order_is_not_refunded(merchant: Merchant, control: SandboxClient, paid: str) -> None:
    # given
    control.set_clock(offset_seconds=366 * 86400)

    # when
    status, body = merchant.refund(paid, number("R"), 1)

    # then
    assert (status, body["code"]) == (400, "INVALID_REQUEST")


def test_unpaid_and_unknown_orders_are_not_refunded(merchant: Merchant) -> None:
    # given
    unpaid = number()
    merchant.prepay(unpaid)

    # when
    answers = [merchant.refund(unpaid, number("R"), 1), merchant.refund("NOBODY0003", number("R"), 1)]

    # then
    assert [(status, body["code"]) for status, body in answers] == [(404, "RESOURCE_NOT_EXISTS")] * 2
    assert merchant.query_refund("NOBODY")[0] == 404


@pytest.mark.parametrize(
    ("amount", "code", "field"),
    [
        ({"refund": 1, "total": 3990}, "PARAM_ERROR", "/amount/currency"),
        ({"refund": 0, "total": 3990, "currency": "CNY"}, "PARAM_ERROR", "/amount/refund"),
        ({"refund": 1, "total": 3989, "currency": "CNY"}, "INVALID_REQUEST", None),
        (
            {"refund": 2, "total": 3990, "currency": "CNY", "from": [{"account": "AVAILABLE", "amount": 1}]},
            "PARAM_ERROR",
            "/amount/from",
        ),
    ],
)
def test_bad_amounts_are_refused(
    merchant: Merchant, paid: str, amount: dict[str, Any], code: str, field: str | None
) -> None:
    # when
    answer = merchant.client.refund(out_trade_no=paid, out_refund_no=number("R"), amount=amount)
    status, body = merchant.answer(answer)

    # then
    assert (status, body["code"], body.get("detail", {}).get("field")) == (400, code, field)


def test_closed_refund_frees_its_amount(
    merchant: Merchant, control: SandboxClient, shop: Shop, paid: str
) -> None:
    # given
    control.fault("refund", "refund_result", result="CLOSED", delay=0)

    # when
    merchant.refund(paid, number("R"), 3990)
    event = merchant.open(shop.next())

    # then
    assert event is not None
    assert event["event_type"] == "REFUND.CLOSED"
    assert merchant.query(paid)[1]["trade_state"] == "SUCCESS"
    assert merchant.refund(paid, number("R"), 3990)[0] == 200


def test_abnormal_refund_goes_to_a_bank_card(
    merchant: Merchant, control: SandboxClient, shop: Shop, paid: str
) -> None:
    # given
    control.fault("refund", "refund_result", result="ABNORMAL", delay=0)
    out_refund_no = number("R")
    refund_id = merchant.refund(paid, out_refund_no, 100)[1]["refund_id"]
    shop.next()

    # when
    status, body = merchant.answer(
        merchant.client.abnormal_refund(
            refund_id=refund_id,
            out_refund_no=out_refund_no,
            type="USER_BANK_CARD",
            bank_type="ICBC_DEBIT",
            bank_account="6222020000000000000",
            real_name="陈渝江",
        )
    )
    event = merchant.open(shop.next())

    # then
    assert (status, body["status"], body["channel"]) == (200, "PROCESSING", "OTHER_BANKCARD")
    assert event is not None
    assert event["event_type"] == "REFUND.SUCCESS"


def test_refund_gives_the_coupons_part_back_to_its_sponsor(
    merchant: Merchant, control: SandboxClient
) -> None:
    # given
    out_trade_no = number()
    merchant.prepay(out_trade_no, 100)
    control.pay(out_trade_no, coupon=1)

    # when
    parts = [
        merchant.refund(out_trade_no, number("R"), part, total=100)[1]["amount"] for part in (33, 33, 34)
    ]

    # then
    assert [part["payer_refund"] for part in parts] == [32, 32, 35]
    assert sum(part["discount_refund"] for part in parts) == 1


def test_refund_waits_for_its_delay_and_may_be_ended_by_hand(
    merchant: Merchant, control: SandboxClient, shop: Shop, paid: str
) -> None:
    # given
    control.options(refund_delay=86400)
    out_refund_no = number("R")
    merchant.refund(paid, out_refund_no, 100)
    assert shop.quiet()

    # when
    control.finish_refund(out_refund_no)

    # then
    event = merchant.open(shop.next())
    assert event is not None
    assert event["resource"]["out_refund_no"] == out_refund_no
    wait_until(lambda: control.notifications(paid, "REFUND.SUCCESS")[0]["state"] == "delivered")
