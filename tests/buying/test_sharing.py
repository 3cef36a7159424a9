"""Profit sharing: asked once under one number, known in the end, back before a refund."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from saleor.order.models import Order

from plugins.wechat_pay.errors import WechatPayError
from plugins.wechat_pay.models import MerchantAccount, Receiver, Share, ShareLine, ShareReturn
from plugins.wechat_pay.services import billing, returning, sharing
from plugins.wechat_pay.services.sharing import Wanted
from saleor_o2o.cashier.models import PaymentAttempt, Refund
from saleor_o2o.cashier.services.refunding import drive_due_refunds
from saleor_o2o.kernel.clock import now, today
from tests.stock.world import World
from tests.threads import together

from . import clerk
from .books import again
from .conftest import WechatPay
from .shopper import buy, start


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    """The sandbox's minute is a tenth of a second."""
    settings.O2O_WECHAT_PAY = {**settings.O2O_WECHAT_PAY, "SHARE_AFTER_SECONDS": 0}


@pytest.fixture
def order(world: World, wechat: WechatPay) -> Order:
    """A paid order of two boxes, 89.80, whose payment may be shared."""
    MerchantAccount.objects.filter(code="main").update(shares=True)
    wechat.control.options(sharing_delay=3600)
    order = buy(world, 2)
    start(order)
    wechat.pay(order)
    assert wechat.deliver(wechat.hear()) == 204
    wait_a_minute(wechat)
    return order


def wait_a_minute(wechat: WechatPay) -> None:
    """The sandbox's minute after the payment: its dates move on."""
    wechat.control.set_clock(offset_seconds=120)


@pytest.fixture
def receiver(order: Order) -> Receiver:
    account = MerchantAccount.objects.get(code="main")
    return sharing.add_receiver(account, "MERCHANT_ID", "1900009192", "奉节果农合作社", "SUPPLIER")


def finish(wechat: WechatPay) -> None:
    """WeChat works off what waits, and we ask."""
    wechat.control.set_clock(ratio=100_000)
    Share.objects.exclude(state__in=("finished", "failed")).update(next_try_at=now())
    ShareReturn.objects.exclude(state__in=("finished", "failed")).update(next_try_at=now())
    from sandbox.client import wait_until

    wait_until(lambda: all(one["state"] == "FINISHED" for one in wechat.control.shares()["shares"]))
    wait_until(lambda: all(one["result"] != "PROCESSING" for one in wechat.control.shares()["returns"]))
    sharing.drive_due_shares()
    returning.drive_due_returns()
    wechat.control.set_clock(ratio=600)


def test_a_share_is_asked_once_and_known_in_the_end(
    world: World, wechat: WechatPay, order: Order, receiver: Receiver
) -> None:
    # when
    wanted = [Wanted(receiver, Decimal("20.00"), "货款")]
    made = sharing.share(order, wanted, "settle:1")
    repeated = sharing.share(order, wanted, "settle:1")
    finish(wechat)

    # then
    assert repeated.pk == made.pk
    made = again(made)
    line = ShareLine.objects.get()
    assert (made.state, line.result, line.amount) == ("finished", "SUCCESS", Decimal("20.00"))
    [told] = wechat.control.shares()["shares"]
    assert (told["out_order_no"], told["order_id"]) == (made.number, made.provider_ref)


@pytest.mark.parametrize("fault", ["answer_lost", "http_500", "http_429", "bad_signature"])
def test_an_unknown_answer_is_repeated_under_the_same_number(
    world: World, wechat: WechatPay, order: Order, receiver: Receiver, fault: str
) -> None:
    # given
    wechat.control.fault("share", fault)

    # when
    made = sharing.share(order, [Wanted(receiver, Decimal("1.00"), "货款")], "settle:1")
    Share.objects.update(next_try_at=now())
    sharing.drive_due_shares()
    finish(wechat)

    # then
    made = again(made)
    assert made.state == "finished"
    assert len(wechat.control.shares()["shares"]) == 1


@pytest.mark.parametrize(
    ("amount", "code"), [("26.95", "SHARE_TOO_LARGE"), ("0.00", "SHARE_TOO_LARGE"), ("26.94", "")]
)
def test_no_more_than_the_ratio_is_shared(
    world: World, wechat: WechatPay, order: Order, receiver: Receiver, amount: str, code: str
) -> None:
    """30 % of 89.80 is 26.94."""
    told = ""
    try:
        sharing.share(order, [Wanted(receiver, Decimal(amount), "货款")], "settle:1")
    except WechatPayError as error:
        told = error.code.value
    assert told == code
    assert Share.objects.count() == (code == "")


def test_two_at_once_do_not_share_it_twice(
    world: World, wechat: WechatPay, order: Order, receiver: Receiver
) -> None:
    # when
    results = together(
        *[
            lambda n=n: sharing.share(order, [Wanted(receiver, Decimal("20.00"), "货款")], f"settle:{n}")
            for n in range(3)
        ]
    )

    # then
    assert sum(isinstance(one, Share) for one in results) == 1
    assert sharing.shared(PaymentAttempt.objects.get().number) == Decimal("20.00")


def test_too_early_too_late_and_unknown_receivers_are_refused(
    world: World, wechat: WechatPay, order: Order, receiver: Receiver, settings: Any
) -> None:
    wanted = [Wanted(receiver, Decimal("1.00"), "货款")]
    settings.O2O_WECHAT_PAY = {**settings.O2O_WECHAT_PAY, "SHARE_AFTER_SECONDS": 60}
    codes = []
    for change in (
        lambda: None,
        lambda: PaymentAttempt.objects.update(paid_at=now() - timedelta(days=31)),
        lambda: (
            PaymentAttempt.objects.update(paid_at=now() - timedelta(days=1)),
            Receiver.objects.update(removed_at=now()),
            receiver.refresh_from_db(),
        ),
    ):
        change()
        with pytest.raises(WechatPayError) as refused:
            sharing.share(order, wanted, "settle:1")
        codes.append(refused.value.code.value)
    assert codes == ["SHARE_TOO_EARLY", "SHARE_TOO_LATE", "RECEIVER_UNKNOWN"]
    assert Share.objects.count() == 0


def test_a_refund_first_brings_the_share_back(
    world: World, wechat: WechatPay, order: Order, receiver: Receiver
) -> None:
    # given 20.00 of 89.80 are shared
    sharing.share(order, [Wanted(receiver, Decimal("20.00"), "货款")], "settle:1")
    finish(wechat)

    # when half of the order goes back
    assert clerk.refund(world, order, "44.90") == []
    waiting = Refund.objects.get()

    # then the receiver returns its half first
    back = ShareReturn.objects.get()
    assert (back.amount, waiting.state, waiting.last_error) == (
        Decimal("10.00"),
        "requested",
        "SHARES_RETURNING",
    )
    finish(wechat)
    Refund.objects.update(next_try_at=now())
    drive_due_refunds()
    waiting = again(waiting)
    assert waiting.state == "processing"
    assert sharing.shared(PaymentAttempt.objects.get().number) == Decimal("10.00")


def test_a_return_that_fails_holds_the_refund_and_can_be_seen(
    world: World, wechat: WechatPay, order: Order, receiver: Receiver
) -> None:
    # given
    sharing.share(order, [Wanted(receiver, Decimal("20.00"), "货款")], "settle:1")
    finish(wechat)
    wechat.control.fault("share_return", "return_failed")

    # when
    clerk.refund(world, order, "44.90")
    finish(wechat)
    Refund.objects.update(next_try_at=now())
    drive_due_refunds()

    # then
    refund, back = Refund.objects.get(), ShareReturn.objects.get()
    assert (back.state, back.last_error) == ("failed", "BALANCE_NOT_ENOUGH")
    assert (refund.state, refund.last_error) == ("requested", "SHARE_RETURN_FAILED")


def test_the_rest_is_freed_once(world: World, wechat: WechatPay, order: Order, receiver: Receiver) -> None:
    # when
    sharing.unfreeze(order, "free:1")
    finish(wechat)

    # then
    [trade] = sharing.trades_of(order)
    assert (sharing.ask_unsplit(trade), sharing.unsplit(trade)) == (Decimal("0.00"), Decimal(0))
    with pytest.raises(WechatPayError):
        sharing.share(order, [Wanted(receiver, Decimal("1.00"), "货款")], "settle:2")


def test_a_wrong_name_is_refused_in_wechats_words(world: World, wechat: WechatPay, order: Order) -> None:
    # given
    account = MerchantAccount.objects.get(code="main")

    # when
    with pytest.raises(WechatPayError) as refused:
        sharing.add_receiver(account, "MERCHANT_ID", "1900009192", "别的公司", "SUPPLIER")

    # then
    assert str(refused.value.message) == "分账接收方全称与商户号不匹配"
    assert not Receiver.objects.get().is_known


def test_the_bill_of_what_was_shared_and_came_back(
    world: World, wechat: WechatPay, order: Order, receiver: Receiver
) -> None:
    # given: shared yesterday, and half of it returned
    made = sharing.share(order, [Wanted(receiver, Decimal("3.00"), "推广")], "k1")
    finish(wechat)
    back = returning.give_back(again(made).lines.get(), Decimal("1.50"), "r1")
    finish(wechat)
    wechat.control.age(1)

    # when
    account = MerchantAccount.objects.get(code="main")
    bill = billing.ask_bill(account, today() - timedelta(days=1), "sharing")

    # then: what went out is negative, each line under our own number
    lines = list(bill.lines.values_list("kind", "amount", "trade_number", "refund_number", "payer"))
    assert (bill.state, bill.line_count) == ("stored", 2)
    assert lines == [
        ("分账", Decimal("-3.00"), made.number, "", receiver.receiver),
        ("分账回退", Decimal("1.50"), "", back.number, receiver.receiver),
    ]
    assert bill.summary["分账总金额"] == "3.00" and bill.summary["回退总金额"] == "1.50"


def test_after_180_days_a_share_stays_and_a_refund_does_without_it(
    world: World, wechat: WechatPay, order: Order, receiver: Receiver
) -> None:
    # given
    made = sharing.share(order, [Wanted(receiver, Decimal("3.00"), "推广")], "k1")
    finish(wechat)
    Share.objects.update(finished_at=now() - timedelta(days=181))

    # when
    with pytest.raises(WechatPayError) as refused:
        returning.give_back(again(made).lines.get(), Decimal("1.00"), "r1")
    returning.free_for_refund(made.trade_number, "RF-1", 1000)

    # then
    assert refused.value.code.value == "RETURN_NOT_POSSIBLE"
    assert ShareReturn.objects.count() == 0


def test_pages_say_who_shared_how_much_and_what_went_wrong(
    world: World, wechat: WechatPay, order: Order, receiver: Receiver
) -> None:
    # given
    wait_a_minute(wechat)
    made = sharing.share(order, [Wanted(receiver, Decimal("5.00"), "供货")], "desk:page")
    Share.objects.filter(pk=made.pk).update(
        requested_by=f"user:{world.admin.pk}", last_error="NOT_ENOUGH 余额不足"
    )
    desk = Client()
    desk.force_login(world.admin)

    # when
    listed = desk.get("/admin/o2o_wechat_pay/share/").content.decode()
    page = desk.get(f"/admin/o2o_wechat_pay/share/{made.pk}/change/").content.decode()
    refusal = desk.post(
        "/admin/o2o_wechat_pay/receiver/add-receiver/",
        {"account": made.account_id, "type": "MERCHANT_ID", "receiver": "1900009193", "relation": "SUPPLIER"},
    ).content.decode()

    # then
    assert "¥5.00" in listed
    assert f"user:{world.admin.pk}" not in page
    assert "商户可用余额不足，充值后系统用原单号重试（NOT_ENOUGH 余额不足）" in page
    assert "须填写它在微信登记的全称" in refusal
