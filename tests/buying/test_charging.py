"""Payment codes: charged once, asked for, taken back; whatever answer is lost."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from saleor.order.models import Order

from plugins.wechat_pay.provider import WechatPayProvider
from saleor_o2o.cashier.charges import ChargeState
from saleor_o2o.cashier.errors import CashierError
from saleor_o2o.cashier.models import PaymentAttempt, PaymentIntent
from saleor_o2o.cashier.services import watching
from saleor_o2o.cashier.services.charging import charge_code, check_charge
from saleor_o2o.kernel.clock import now
from tests.stock.world import World
from tests.threads import together

from .conftest import WechatPay
from .shopper import buy, intent_state

PAYER = "oSandboxPersonChenYujiang001"


@pytest.fixture
def order(world: World, wechat: WechatPay) -> Order:
    """An order of one box: 49.90."""
    return buy(world)


def intent_of(order: Order) -> int:
    return PaymentIntent.objects.get(order=order).pk


def scan(wechat: WechatPay, order: Order) -> ChargeState:
    return charge_code(intent_of(order), wechat.control.code(PAYER), store="5001-01").state


def hurry(seconds: float = 60) -> None:
    """The payer's time is over, and the next question is due."""
    moment = now() - timedelta(seconds=seconds)
    PaymentAttempt.objects.update(next_query_at=moment)
    PaymentAttempt.objects.filter(state__in=("created", "open")).update(expires_at=moment)


def test_a_scanned_phone_pays_at_once(world: World, wechat: WechatPay, order: Order) -> None:
    # when
    state = scan(wechat, order)

    # then
    assert state is ChargeState.PAID
    assert intent_state(order)["state"] == "PAID"
    attempt = PaymentAttempt.objects.get()
    assert (attempt.method, attempt.account, attempt.amount) == ("WECHAT_CODE", "main", Decimal("49.90"))
    assert wechat.control.order(attempt.number)["trade_type"] == "MICROPAY"
    assert wechat.control.notifications() == []


def test_the_password_is_awaited(world: World, wechat: WechatPay, order: Order) -> None:
    # given
    wechat.control.options(password_above=1000)

    # when
    state = scan(wechat, order)
    wechat.control.password(PaymentAttempt.objects.get().number)
    PaymentAttempt.objects.update(next_query_at=now())

    # then
    assert state is ChargeState.WAITING
    assert check_charge(intent_of(order)).state is ChargeState.PAID
    wechat.control.options(password_above=100_000)


def test_who_turns_away_is_not_charged_and_may_scan_again(
    world: World, wechat: WechatPay, order: Order
) -> None:
    # given
    wechat.control.fault("codepay", "userpaying")
    assert scan(wechat, order) is ChargeState.WAITING
    wechat.control.password(PaymentAttempt.objects.get().number, right=False)
    PaymentAttempt.objects.update(next_query_at=now())

    # when
    assert check_charge(intent_of(order)).state is ChargeState.FAILED
    again = charge_code(
        intent_of(order), wechat.control.code("oSandboxPersonLiChunlan00002"), store="5001-01"
    )

    # then
    assert again.state is ChargeState.PAID
    assert sorted(PaymentAttempt.objects.values_list("state", flat=True)) == ["closed", "paid"]


def test_when_the_time_is_over_the_charge_is_taken_back(
    world: World, wechat: WechatPay, order: Order
) -> None:
    # given
    wechat.control.fault("codepay", "userpaying")
    scan(wechat, order)
    hurry()

    # when
    watching.query_silent()

    # then
    attempt = PaymentAttempt.objects.get()
    assert attempt.state == "closed"
    assert wechat.control.order(attempt.number)["trade_state"] == "REVOKED"
    assert intent_state(order)["state"] == "PENDING"


def test_what_cannot_be_taken_back_yet_stays_and_bars_another_code(
    world: World, wechat: WechatPay, order: Order
) -> None:
    # given
    wechat.control.fault("codepay", "userpaying")
    wechat.control.fault("reverse", "still_paying", times=2)
    scan(wechat, order)
    hurry()
    watching.query_silent()
    assert PaymentAttempt.objects.get().state == "open"

    # when / then
    with pytest.raises(CashierError) as refused:
        charge_code(intent_of(order), wechat.control.code("oSandboxPersonLiChunlan00002"), store="5001-01")
    assert refused.value.code.value == "CODE_PENDING"
    assert PaymentAttempt.objects.count() == 1


@pytest.mark.parametrize("fault", ["answer_lost", "http_500", "bad_signature"])
def test_an_unknown_answer_is_asked_for_and_never_charged_twice(
    world: World, wechat: WechatPay, order: Order, fault: str
) -> None:
    # given
    wechat.control.fault("codepay", fault)
    code = wechat.control.code(PAYER)

    # when the clerk scans, and scans the same phone again
    first = charge_code(intent_of(order), code, store="5001-01").state
    if first is ChargeState.WAITING:
        hurry()
        check_charge(intent_of(order))
    trades = wechat.control.orders()

    # then the charge that was made is found, the one that was not is over, and one trade is all there is
    state = intent_state(order)["state"]
    assert state == ("PENDING" if fault == "http_500" else "PAID")
    assert len([one for one in trades if one["trade_state"] == "SUCCESS"]) == (fault != "http_500")
    assert PaymentAttempt.objects.count() == 1


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("12345", "CODE_INVALID"),
        ("281234567890123456", "CODE_INVALID"),
        ("130000000000000000", "CODE_EXPIRED"),
    ],
)
def test_a_wrong_code_is_told_and_charges_nothing(
    world: World, wechat: WechatPay, order: Order, code: str, answer: str
) -> None:
    # when
    with pytest.raises(CashierError) as refused:
        charge_code(intent_of(order), code, store="5001-01")

    # then
    assert (refused.value.code.value, refused.value.field) == (answer, "authCode")
    assert not PaymentAttempt.objects.exclude(state="closed").exists()
    assert wechat.control.orders() == []


def test_five_clicks_are_one_charge(world: World, wechat: WechatPay, order: Order) -> None:
    # given
    code = wechat.control.code(PAYER)
    key = intent_of(order)

    # when
    results = together(*[lambda: charge_code(key, code, store="5001-01") for _ in range(5)])

    # then
    assert len(wechat.control.orders()) == 1
    assert PaymentAttempt.objects.count() == 1
    told = {getattr(one, "state", None) or one.code.value for one in results}
    assert told <= {ChargeState.PAID, ChargeState.WAITING, "ALREADY_PAID"}
    assert intent_state(order)["state"] == "PAID"


def test_without_asking_first_a_paid_charge_would_be_taken_back(
    world: World, wechat: WechatPay, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of "query before reverse": patched out, the customer's money goes back."""
    # given a paid charge whose answer was lost
    from plugins.wechat_pay.client import api_of, call

    wechat.control.fault("codepay", "answer_lost")
    wechat.control.fault("query", "http_500", times=1)
    assert scan(wechat, order) is ChargeState.WAITING
    attempt = PaymentAttempt.objects.get()

    # when the reversal does not ask
    call(lambda: api_of("main").pay.codepay_reverse(out_trade_no=attempt.number))

    # then
    assert wechat.control.order(attempt.number)["trade_state"] == "REVOKED"
    # and ours, which asks, refuses a paid one
    other = buy(world)
    charge_code(intent_of(other), wechat.control.code("oSandboxPersonWangDayong0003"), store="5001-01")
    from saleor_o2o.cashier.ports import ProviderRefused

    with pytest.raises(ProviderRefused):
        WechatPayProvider().close(PaymentAttempt.objects.latest("pk").ref)
    assert intent_state(other)["state"] == "PAID"
