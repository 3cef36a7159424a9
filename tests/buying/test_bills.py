"""Bills: fetched, proved on the unpacked bytes, stored once, never changed, found by number."""

from __future__ import annotations

import gzip
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from saleor.order.models import Order

from plugins.wechat_pay.bill_files import BadBill, parse_flow_bill, parse_sharing_bill, parse_trade_bill
from plugins.wechat_pay.errors import WechatPayError
from plugins.wechat_pay.fees import fees
from plugins.wechat_pay.models import Bill, BillLine, MerchantAccount
from plugins.wechat_pay.services import billing
from saleor_o2o.cashier.models import PaymentAttempt, PaymentIntent, Refund
from saleor_o2o.kernel.clock import now, today
from tests.stock.world import World

from . import clerk
from .books import again
from .conftest import WechatPay
from .shopper import buy, start

OPENID = "oSandboxPersonChenYujiang001"


@pytest.fixture
def yesterday(world: World, wechat: WechatPay) -> Order:
    """An order of 89.80, paid and refunded by 10.00 yesterday."""
    order = buy(world, 2)
    start(order)
    wechat.pay(order)
    assert wechat.deliver(wechat.hear()) == 204
    assert clerk.refund(world, order, "10.00") == []
    wechat.control.age(1)
    return order


def fetch(kind: str = "trade", days: int = 1) -> Bill:
    account = MerchantAccount.objects.get(code="main")
    return billing.ask_bill(account, today() - timedelta(days=days), kind)


def test_a_trade_bill_is_proved_and_stored(world: World, wechat: WechatPay, yesterday: Order) -> None:
    # when
    bill = fetch()

    # then
    attempt, refund = PaymentAttempt.objects.get(), Refund.objects.get()
    lines = list(bill.lines.values_list("kind", "trade_number", "refund_number", "amount", "fee"))
    assert lines == [
        ("trade", attempt.number, "", Decimal("89.80"), Decimal("0.54000")),
        ("refund", attempt.number, refund.number, Decimal("-10.00"), Decimal("-0.06000")),
    ]
    assert (bill.state, bill.line_count, len(bill.sha1)) == ("stored", 2, 40)
    assert bill.summary["订单总金额"] == "89.80"
    text = gzip.decompress(bytes(bill.content)).decode("utf-8-sig")
    assert text.startswith("交易时间,公众账号ID,商户号")


def test_who_paid_stands_nowhere_whole(world: World, wechat: WechatPay, yesterday: Order) -> None:
    # when
    bill = fetch()

    # then
    for line in bill.lines.all():
        assert line.payer == "oSan…g001"
        assert OPENID not in str(line.fields)


def test_a_fund_flow_bill_is_proved_and_stored(world: World, wechat: WechatPay, yesterday: Order) -> None:
    # when
    bill = fetch("flow")

    # then
    amounts = list(bill.lines.values_list("kind", "amount"))
    assert amounts == [
        ("交易", Decimal("89.80")), ("扣除交易手续费", Decimal("-0.54")), ("退款", Decimal("-9.94"))
    ]  # fmt: skip
    # and a refund's line is found by the refund's number
    assert [(bool(one.trade_number), one.refund_number[:2]) for one in bill.lines.all()] == [
        (True, ""), (True, ""), (False, "RF"),
    ]  # fmt: skip


def test_a_corrupted_file_is_not_believed(world: World, wechat: WechatPay, yesterday: Order) -> None:
    # given
    wechat.control.fault("bill_file", "corrupt")

    # when
    bill = fetch()

    # then
    assert (bill.state, bill.last_error, bill.lines.count()) == ("waiting", "HASH_DIFFERS", 0)
    Bill.objects.update(next_try_at=now())
    billing.fetch_due()
    bill = again(bill)
    assert (bill.state, bill.tries) == ("stored", 2)


@pytest.mark.parametrize(
    ("where", "kind", "params", "error"),
    [
        ("bill", "error", {"code": "STATEMENT_CREATING"}, "STATEMENT_CREATING"),
        ("bill", "http_429", {}, "FREQUENCY_LIMITED"),
        ("bill", "http_500", {}, "SYSTEM_ERROR"),
        ("bill", "bad_signature", {}, "UNVERIFIABLE_ANSWER"),
        ("bill_file", "answer_lost", {}, "UNREACHABLE"),
    ],
)
def test_what_is_not_ready_or_broken_is_asked_for_again(
    world: World,
    wechat: WechatPay,
    yesterday: Order,
    where: str,
    kind: str,
    params: dict[str, str],
    error: str,
) -> None:
    # given
    wechat.control.fault(where, kind, **params)

    # when
    bill = fetch()

    # then
    assert (bill.state, bill.last_error) == ("waiting", error)
    assert fetch().state == "stored"


def test_fees_are_told_from_the_bills(world: World, wechat: WechatPay, yesterday: Order) -> None:
    # given
    span = (today() - timedelta(days=1), today())
    before = fees(PaymentIntent.objects.all(), *span)
    fetch()

    # when
    told = fees(PaymentIntent.objects.all(), *span)

    # then: 0.54 of 89.80, less what came back with the refund; of payments in reach
    assert before is None and told is not None
    assert [row[2:] for row in told.rows] == [(2, "¥89.80", "¥10.00", "¥0.48", "0.53%")]
    assert fees(PaymentIntent.objects.none(), *span) is None
    assert fees(PaymentIntent.objects.all(), today(), today()) is None


def test_a_day_without_trade_is_a_fact(world: World, wechat: WechatPay, yesterday: Order) -> None:
    assert fetch(days=5).state == "empty"


def test_what_is_stored_never_changes(world: World, wechat: WechatPay, yesterday: Order) -> None:
    # given
    bill = fetch()

    # when / then
    with pytest.raises(WechatPayError) as refused:
        fetch()
    assert refused.value.code.value == "BILL_FINAL"
    for change in (
        lambda: Bill.objects.filter(pk=bill.pk).update(sha1="0" * 40),
        lambda: BillLine.objects.update(amount=0),
        lambda: BillLine.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_the_job_plans_each_bill_once(world: World, wechat: WechatPay, yesterday: Order) -> None:
    # given
    MerchantAccount.objects.update(created_at=now() - timedelta(days=3))
    morning = now().replace(hour=10, minute=5)

    # when
    made = [billing.plan_bills(morning), billing.plan_bills(morning)]

    # then
    assert made == [9, 0]  # three days, three kinds: the account shares
    assert Bill.objects.filter(day=today() - timedelta(days=1)).count() == 3
    billing.fetch_due()
    assert sorted(Bill.objects.values_list("state", flat=True)) == ["empty"] * 7 + ["stored"] * 2


@pytest.mark.parametrize("kind", ["flow_op", "flow_fee"])
def test_the_other_purses_bills_come_when_asked_for(
    world: World, wechat: WechatPay, yesterday: Order, kind: str
) -> None:
    # when: nothing moved in that purse
    bill = fetch(kind)

    # then
    assert (bill.state, bill.line_count) == ("empty", 0)


def test_before_ten_yesterdays_bill_is_not_asked_for(world: World, wechat: WechatPay) -> None:
    MerchantAccount.objects.update(created_at=now() - timedelta(days=3))
    billing.plan_bills(now().replace(hour=9, minute=59))
    assert not Bill.objects.filter(day=today() - timedelta(days=1)).exists()


def test_todays_bill_cannot_be_asked_for(world: World, wechat: WechatPay) -> None:
    with pytest.raises(WechatPayError) as refused:
        fetch(days=0)
    assert refused.value.code.value == "BILL_DAY"


def test_the_pages_show_the_bill_and_find_a_number(world: World, wechat: WechatPay, yesterday: Order) -> None:
    # given
    bill = fetch()
    browser = Client()
    browser.force_login(world.admin)
    number = PaymentAttempt.objects.get().number

    # when
    page = browser.get(f"/admin/o2o_wechat_pay/bill/{bill.pk}/change/").content.decode()
    found = browser.get(f"/admin/o2o_wechat_pay/billline/?q={number}").content.decode()
    file = browser.get(f"/admin/o2o_wechat_pay/bill/{bill.pk}/file/")

    # then
    assert "89.80" in page
    assert OPENID not in page + found
    assert found.count(number) >= 2
    assert file.content == gzip.decompress(bytes(bill.content))


HEADER = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,"
    "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
SUMS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"


def trade_csv(fens: list[int], off: int = 0) -> bytes:
    """A bill of trades, its stated total `off` fen beside the truth."""
    lines = [HEADER]
    for at, fen in enumerate(fens):
        values = (
            f"2026-11-27 10:00:00,`wx,`19,`0,`,`42{at},`T{at},`oPayerWithALongId,`JSAPI,`SUCCESS,`OTHERS,`CNY,"
            f"`{fen / 100:.2f},`0.00,`0,`0,`0.00,`0.00,`,`,`脐橙，5 千克,`,`0.00000,`0.60%,`{fen / 100:.2f},`0.00,`"
        )
        lines.append(f"`{values}")
    total = (sum(fens) + off) / 100
    lines += [SUMS, f"`{len(fens)},`{sum(fens) / 100:.2f},`0.00,`0.00,`0.00000,`{total:.2f},`0.00"]
    return ("\ufeff" + "\r\n".join(lines)).encode()


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(1, 10**9), max_size=30), st.integers(-5, 5))
def test_a_bill_is_taken_only_when_its_sums_are_right(fens: list[int], off: int) -> None:
    if off:
        with pytest.raises(BadBill, match="SUMS_DIFFER"):
            parse_trade_bill(trade_csv(fens, off))
    else:
        lines = parse_trade_bill(trade_csv(fens)).lines
        assert [int(line.amount * 100) for line in lines] == fens


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"<html>", HEADER.encode(), trade_csv([100])[:-40]])
def test_anything_else_is_no_bill(content: bytes) -> None:
    for parse in (parse_trade_bill, parse_flow_bill, parse_sharing_bill):
        with pytest.raises(BadBill):
            parse(content)
