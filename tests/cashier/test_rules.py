"""Methods, limits, blacklist and risk: what is offered, what is refused in words, what waits for people."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from plugins.org_hierarchy.models import OrderAttribution
from saleor_o2o.cashier.error_codes import CashierErrorCode as Code
from saleor_o2o.cashier.errors import CashierError
from saleor_o2o.cashier.events import PaymentConfirmed, PaymentHeld
from saleor_o2o.cashier.interfaces import awaits_money, cancel_intent, is_paid, live_intent
from saleor_o2o.cashier.models import BlacklistEntry, MethodRule, PaymentIntent, Refund, RiskRule
from saleor_o2o.cashier.ports import TradeState
from saleor_o2o.cashier.services import closing
from saleor_o2o.cashier.services.confirming import Confirmation
from saleor_o2o.cashier.services.offering import index_of, offers
from saleor_o2o.cashier.services.reviewing import refuse_review, release_review
from saleor_o2o.cashier.tenders import Payer
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.events import capture_events
from tests.buying import clerk
from tests.buying.books import deadline_passes, run_all_jobs, time_passes
from tests.buying.shopper import start
from tests.orgs import small_org
from tests.threads import together

from .conftest import Till, allocated, balance, state, with_card

D = Decimal


def why(till: Till, intent: PaymentIntent, method: str) -> str:
    fresh = PaymentIntent.objects.get(pk=intent.pk)
    return {one.method: one.why_not for one in offers(fresh, fresh.order, Payer())}[method]


def test_without_rules_everything_is_offered_but_what_the_staff_keep(till: Till) -> None:
    # given
    intent = till.buy()

    # when
    found = {
        one.method: (one.title, one.is_remote, one.why_not) for one in offers(intent, intent.order, Payer())
    }

    # then
    assert found["WECHAT_NATIVE"] == ("微信扫码支付", True, "")
    assert found["gift_card"] == ("储值卡", False, "")
    assert found["points"] == ("积分", False, "")


def test_the_most_exact_rule_decides(till: Till) -> None:
    # given: an order of branch B111 through the counter
    org = small_org()
    intent = till.buy()
    OrderAttribution.objects.update_or_create(
        order=intent.order,
        defaults={
            "unit": org["B111"],
            "org_path": org["B111"].path,
            "channel_type": "counter",
            "basis": "test",
        },
    )

    def rule(offered: bool, words: str, **where: Any) -> None:
        MethodRule.objects.create(method="gift_card", is_offered=offered, words=words, **where)

    # when / then: each more exact than the one before
    rule(False, "全市停用")
    assert why(till, intent, "gift_card") == "全市停用"
    rule(True, "", channel="counter")
    assert why(till, intent, "gift_card") == ""
    rule(False, "市级停用", unit_key=org["CQ"].pk)
    assert why(till, intent, "gift_card") == "市级停用"
    rule(True, "", unit_key=org["C11"].pk)
    assert why(till, intent, "gift_card") == ""
    rule(False, "别的县", unit_key=org["C12"].pk)
    rule(False, "别的渠道", unit_key=org["B111"].pk, channel="web")
    assert why(till, intent, "gift_card") == ""


def test_dates_decide(till: Till) -> None:
    # given
    intent, moment = till.buy(), now()
    MethodRule.objects.create(method="gift_card", is_offered=False, valid_from=moment + timedelta(hours=1))
    MethodRule.objects.create(
        method="gift_card",
        is_offered=False,
        valid_from=moment - timedelta(days=2),
        valid_to=moment - timedelta(1),
    )

    # then
    assert why(till, intent, "gift_card") == ""


def test_what_is_closed_is_refused_in_the_rules_words(till: Till) -> None:
    # given
    intent, card = till.buy(), till.card(20)
    MethodRule.objects.create(method="gift_card", is_offered=False, words="代收费不能用储值卡")
    MethodRule.objects.create(method="WECHAT_NATIVE", max_amount=D("50"))

    # when
    with pytest.raises(CashierError) as refused:
        till.compose(intent, with_card(card))
    answer = start(intent.order)

    # then
    assert (refused.value.code, refused.value.message) == (Code.METHOD_NOT_OFFERED, "代收费不能用储值卡")
    assert [(one["code"], one["message"]) for one in answer["errors"]] == [
        ("METHOD_NOT_OFFERED", "单笔最多 ¥50.00")
    ]
    assert (balance(card), till.provider.trades) == (D(20), {})


def test_limits_count_what_was_paid_today(till: Till) -> None:
    # given: 100 a day by card, 60 spent
    MethodRule.objects.create(method="gift_card", daily_amount=D(100), min_amount=D(5))
    card = till.card(500)
    first = till.buy()
    till.compose(first, with_card(card, "60"))
    till.pay(till.scan(first))
    second = till.buy()

    # when / then
    with pytest.raises(CashierError) as more:
        till.compose(second, with_card(card, "40.01"))
    with pytest.raises(CashierError) as little:
        till.compose(second, with_card(card, "4.99"))
    assert more.value.message == "今日用这种方式最多还能付 ¥40.00"
    assert little.value.message == "单笔至少 ¥5.00"
    assert till.compose(second, with_card(card, "40")).covered == D(40)


def listed(kind: str, value: str, effect: str) -> None:
    BlacklistEntry.objects.create(
        kind=kind, value=value, value_index=index_of(kind, value), label="***", effect=effect, reason="盗刷"
    )


@pytest.mark.parametrize(
    ("kind", "value"), [("email", "LI@example.com "), ("phone", "138 0013 8000"), ("ip", "127.0.0.1")]
)
def test_a_listed_payer_is_refused_without_learning_why(till: Till, kind: str, value: str) -> None:
    # given
    intent, card = till.buy(), till.card(20)
    listed(kind, value, "refuse")

    # when
    [error] = start(intent.order)["errors"]

    # then
    assert (error["code"], error["message"]) == ("RISK_REFUSED", "本次支付未能受理，请联系客服")
    if kind != "ip":
        with pytest.raises(CashierError) as refused:
            till.compose(intent, with_card(card))
        assert refused.value.code is Code.RISK_REFUSED
    assert (balance(card), till.provider.trades) == (D(20), {})


@pytest.fixture
def reviewed(till: Till) -> PaymentIntent:
    """20.00 by card and 69.80 by code, which people must look at."""
    RiskRule.objects.create(min_amount=D("50"), words="大额")
    intent = till.buy()
    till.compose(intent, with_card(till.card(20)))
    assert till.pay(till.scan(intent)) is Confirmation.REVIEW
    return intent


def test_money_that_is_looked_at_is_not_captured(till: Till, reviewed: PaymentIntent) -> None:
    # then: neither paid nor to be shipped, and it does not expire
    assert state(reviewed) == ("review", D(0), [("held", D("20.00"), D(0))])
    assert (is_paid(reviewed.order_id), awaits_money(reviewed.order_id)) == (False, True)
    assert live_intent(reviewed.order_id) == reviewed.pk
    assert clerk.fulfill(till.world, reviewed.order) != []
    [captured] = clerk.capture(till.world, reviewed.order, "89.80")
    assert captured["message"] == "款项已到，正在风控审核，放行后自动确认收款"
    assert len(clerk.void(till.world, reviewed.order)) == 1
    deadline_passes(reviewed.order)
    for _ in range(2):
        time_passes()
        run_all_jobs()
    assert state(reviewed)[0] == "review"
    assert start(reviewed.order)["errors"][0]["code"] == "IN_REVIEW"
    # whoever sells hears that the customer has paid
    assert cancel_intent(reviewed.pk, "X") == "paid"


def page_of(till: Till, intent: PaymentIntent) -> str:
    browser = Client()
    browser.force_login(till.world.admin)
    return browser.get(f"/admin/o2o_cashier/paymentintent/{intent.pk}/change/").content.decode()


def test_released_it_counts_once(till: Till, reviewed: PaymentIntent) -> None:
    # when
    with capture_events() as events:
        release_review(till.world.admin, reviewed.pk, "已电话核实")
        release_review(till.world.admin, reviewed.pk)

    # then
    assert state(reviewed) == ("paid", D("89.80"), [("captured", D("20.00"), D(0))])
    assert len(events.of(PaymentConfirmed)) == 1
    assert clerk.fulfill(till.world, reviewed.order) == []

    # then: what was found out stands in the story of the payment
    assert "已电话核实" in page_of(till, reviewed)


def test_refused_everything_goes_back(till: Till, reviewed: PaymentIntent) -> None:
    # given
    with pytest.raises(CashierError) as silent:
        refuse_review(till.world.admin, reviewed.pk, " ")
    assert silent.value.code is Code.REASON_REQUIRED

    # when
    assert refuse_review(till.world.admin, reviewed.pk, "疑似盗刷").state == "closed"
    refuse_review(till.world.admin, reviewed.pk, "再点一次")

    # then
    assert state(reviewed) == ("closed", D(0), [("released", D("20.00"), D(0))])
    assert [(one.amount, one.reason) for one in Refund.objects.all()] == [(D("69.80"), "risk_refused")]
    assert (balance(till.cards[0]), allocated(reviewed.order)) == (D(20), 0)
    reviewed.order.refresh_from_db()
    assert reviewed.order.status == "canceled"
    text = page_of(till, reviewed)
    assert ("疑似盗刷" in text, "风控拒绝" in text, "RISK_REFUSED" in text) == (True, True, False)


def test_a_second_trade_does_not_revive_what_was_refused(till: Till) -> None:
    # given: two trades; the first is paid and refused while the second cannot be closed
    RiskRule.objects.create(min_amount=D("50"))
    intent = till.buy()
    old = till.scan(intent)
    new = till.scan(intent, "WECHAT_H5")
    till.pay(new)
    refuse_review(till.world.admin, intent.pk, "x")

    # when
    assert till.pay(old) is Confirmation.REFUNDED

    # then
    assert state(intent)[:2] == ("closed", D(0))
    assert sorted(Refund.objects.values_list("amount", flat=True)) == [D("89.80"), D("89.80")]


def test_cancelling_the_order_gives_reviewed_money_back(till: Till, reviewed: PaymentIntent) -> None:
    # when
    assert clerk.cancel(till.world, reviewed.order) == []
    for _ in range(2):
        time_passes()
        run_all_jobs()

    # then
    assert state(reviewed)[:2] == ("closed", D(0))
    assert Refund.objects.get().amount == D("69.80")
    assert balance(till.cards[0]) == 20


@pytest.mark.parametrize("attempt_number", range(4))
def test_releasing_against_refusing(till: Till, reviewed: PaymentIntent, attempt_number: int) -> None:
    # when
    together(
        lambda: release_review(till.world.admin, reviewed.pk),
        lambda: refuse_review(till.world.admin, reviewed.pk, "x"),
    )
    time_passes()
    run_all_jobs()

    # then
    found = state(reviewed)
    if found[0] == "paid":
        assert (found[1], Refund.objects.count(), balance(till.cards[0])) == (D("89.80"), 0, D(0))
    else:
        assert (found[:2], Refund.objects.get().amount, balance(till.cards[0])) == (
            ("closed", D(0)), D("69.80"), D(20),
        )  # fmt: skip


def test_a_held_payer_is_told_nothing_and_the_event_comes(till: Till) -> None:
    # given
    listed("email", "li@example.com", "hold")
    intent = till.buy()

    # when
    with capture_events() as events:
        assert till.pay(till.scan(intent)) is Confirmation.REVIEW

    # then
    assert [(event.intent_id, event.amount) for event in events.of(PaymentHeld)] == [(intent.pk, D("89.80"))]
    assert PaymentIntent.objects.get(pk=intent.pk).risk == "黑名单"


def test_the_third_order_of_a_day_is_refused(till: Till) -> None:
    # given
    RiskRule.objects.create(effect="refuse", daily_count=2, words="今日已达笔数上限")
    for _ in range(2):
        till.pay(till.scan(till.buy(1)))
    third = till.buy(1)

    # when
    [error] = start(third.order)["errors"]

    # then
    assert error["message"] == "今日已达笔数上限"


def test_a_full_card_is_looked_at_too(till: Till) -> None:
    # given
    RiskRule.objects.create(min_amount=D("50"))
    intent = till.buy()

    # when
    assert till.compose(intent, with_card(till.card(100))).state == "review"

    # then
    refuse_review(till.world.admin, intent.pk, "x")
    assert (state(intent)[0], balance(till.cards[0]), Refund.objects.count()) == ("closed", D(100), 0)


def test_closing_is_driven_after_a_crash(till: Till, reviewed: PaymentIntent) -> None:
    # given: the process died between "refused" and "closed"
    from saleor_o2o.cashier.services.reviewing import give_back_reviewed

    assert give_back_reviewed(reviewed.pk, "x")
    assert state(reviewed)[0] == "closing"
    assert till.provider.trades and all(t.state is TradeState.PAID for t in till.provider.trades.values())

    # when
    time_passes()
    closing.expire_due()

    # then
    assert state(reviewed)[0] == "closed"
    assert balance(till.cards[0]) == 20
