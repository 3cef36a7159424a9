"""Refunds over mixed payment: exact in fen, once per key, the provider's limits respected."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from saleor.payment.models import Transaction

from saleor_o2o.cashier.error_codes import CashierErrorCode as Code
from saleor_o2o.cashier.errors import CashierError
from saleor_o2o.cashier.events import OrderRefunded, OrderRefundRequested, RefundFailed
from saleor_o2o.cashier.interfaces import plan_refund, refund_order
from saleor_o2o.cashier.models import (
    OrderRefund,
    PartRefund,
    PaymentAttempt,
    PaymentIntent,
    Refund,
)
from saleor_o2o.cashier.ports import RefundState as FactState
from saleor_o2o.cashier.services import refunding
from saleor_o2o.cashier.services.handing_back import hand_back
from saleor_o2o.cashier.services.refunding import apply_refund_fact
from saleor_o2o.kernel.events import capture_events
from saleor_o2o.kernel.money import refund_shares, to_fen, to_yuan
from tests.buying import clerk
from tests.buying.books import time_passes
from tests.threads import kinds, together

from .conftest import Till, balance, state, with_card, with_points

D = Decimal


@pytest.fixture
def paid(till: Till) -> PaymentIntent:
    """89.80 by a card (33.33), points (20.00) and a code (36.47)."""
    intent = till.buy()
    till.compose(intent, with_card(till.card("33.33")), with_points("20"))
    till.pay(till.scan(intent))
    return intent


def arrive(till: Till) -> None:
    """Every refund at the provider reaches the payer."""
    for trade in till.provider.trades.values():
        for number, (fen, found) in list(trade.refunds.items()):
            if found is FactState.PROCESSING:
                trade.refunds[number] = (fen, FactState.SUCCEEDED)
                apply_refund_fact(till.provider.refund_fact(number))


def test_a_part_goes_back_in_proportion(till: Till, paid: PaymentIntent) -> None:
    # given
    planned = [(share.label, share.amount) for share in plan_refund(paid.order_id, D("10.01"))]

    # when
    with capture_events() as events:
        refund_order(paid.order_id, D("10.01"), reason="坏果", key="after_sale:1", by="user:7")
        arrive(till)

    # then: 36.47, 33.33 and 20.00 of 89.80; the fen that is left over goes to the largest remainder
    card = f"储值卡 {till.cards[0].display_code}"
    assert planned == [("假想支付", D("4.07")), (card, D("3.71")), ("积分 li", D("2.23"))]
    assert state(paid) == (
        "paid", D("79.79"), [("captured", D("33.33"), D("3.71")), ("captured", D("20.00"), D("2.23"))],
    )  # fmt: skip
    assert (balance(till.cards[0]), till.points.accounts["li"]) == (D("3.71"), D("82.23"))
    assert [refund.amount for refund in Refund.objects.all()] == [D("4.07")]
    whole = OrderRefund.objects.get()
    assert (whole.state, whole.reason, whole.requested_by) == ("succeeded", "坏果", "user:7")
    told = {
        "order_refund_id": whole.pk,
        "order_id": paid.order_id,
        "amount": D("10.01"),
        "key": "after_sale:1",
    }
    assert events.of(OrderRefundRequested) == [OrderRefundRequested(**told)]
    assert events.of(OrderRefunded) == [OrderRefunded(**told)]


def test_after_small_ones_the_rest_empties_every_part(till: Till, paid: PaymentIntent) -> None:
    # when
    for number, amount in enumerate(("0.01", "0.02", "10.01", "33.33", "46.43")):
        refund_order(paid.order_id, D(amount), reason="", key=f"k{number}")
    arrive(till)

    # then
    assert state(paid) == (
        "paid", D(0), [("refunded", D("33.33"), D("33.33")), ("refunded", D("20.00"), D("20.00"))],
    )  # fmt: skip
    assert (balance(till.cards[0]), till.points.accounts["li"]) == (D("33.33"), D(100))
    assert Refund.objects.aggregate(n=Sum("amount"))["n"] == D("36.47")
    assert paid.order.payments.get().charge_status == "fully-refunded"
    with pytest.raises(CashierError) as refused:
        refund_order(paid.order_id, D("0.01"), reason="", key="more")
    assert refused.value.code is Code.REFUND_TOO_LARGE


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    paid=st.lists(st.integers(1, 50_000), min_size=1, max_size=5),
    cuts=st.lists(st.integers(1, 100_000), max_size=12),
)
def test_shares_never_exceed_a_part_and_the_last_empties_all(paid: list[int], cuts: list[int]) -> None:
    # given
    back = [0] * len(paid)

    # when: refunds one after the other, the last takes what is left
    for cut in [*cuts, sum(paid)]:
        left = [amount - gone for amount, gone in zip(paid, back, strict=True)]
        amount = min(cut, sum(left))
        if not amount:
            break
        parts, gone = list(map(to_yuan, paid)), list(map(to_yuan, back))
        shares = [to_fen(one) for one in refund_shares(to_yuan(amount), parts, gone)]
        assert sum(shares) == amount
        for share, rest in zip(shares, left, strict=True):
            assert 0 <= share <= rest
            assert abs(share * sum(left) - amount * rest) < sum(left)  # less than one fen from the proportion
        back = [before + share for before, share in zip(back, shares, strict=True)]

    # then
    assert back == paid


def test_the_same_key_is_the_same_refund(till: Till, paid: PaymentIntent) -> None:
    # when
    first = refund_order(paid.order_id, D("10"), reason="", key="k")
    again = refund_order(paid.order_id, D("10"), reason="", key="k")

    # then
    assert (first.pk, OrderRefund.objects.count(), PartRefund.objects.count()) == (again.pk, 1, 2)
    with pytest.raises(CashierError) as refused:
        refund_order(paid.order_id, D("11"), reason="", key="k")
    assert refused.value.code is Code.KEY_REUSED
    assert state(paid)[1] == D("79.80")


def test_ten_times_at_once_under_one_key_is_once(till: Till, paid: PaymentIntent) -> None:
    # when
    results = together(*[lambda: refund_order(paid.order_id, D("10"), reason="", key="k").pk] * 6)

    # then
    assert len(set(results)) == 1
    assert state(paid)[1] == D("79.80")


def test_everything_twice_at_once_under_two_keys_goes_back_once(till: Till, paid: PaymentIntent) -> None:
    # when
    results = together(
        *[lambda key=key: refund_order(paid.order_id, D("89.80"), reason="", key=key) for key in ("a", "b")]
    )

    # then
    assert kinds(results) == ["CashierError", "OrderRefund"]
    assert (balance(till.cards[0]), till.points.accounts["li"]) == (D("33.33"), D(100))


def test_the_dashboards_refund_goes_back_in_shares(till: Till, paid: PaymentIntent) -> None:
    # when
    assert clerk.refund(till.world, paid.order, "10.01") == []

    # then
    assert state(paid)[2] == [("captured", D("33.33"), D("3.71")), ("captured", D("20.00"), D("2.23"))]
    assert OrderRefund.objects.get().key.startswith("stock:")
    booked = Transaction.objects.get(kind="refund")
    assert (booked.amount, booked.token) == (D("10.01"), OrderRefund.objects.get().number)


def test_a_remote_share_that_fails_for_good_takes_only_itself_back(till: Till, paid: PaymentIntent) -> None:
    # given
    refund_order(paid.order_id, D("10.01"), reason="", key="k")
    refund = Refund.objects.get()

    # when
    [trade] = till.provider.trades.values()
    trade.refunds[refund.number] = (407, FactState.CLOSED)
    with capture_events() as events:
        apply_refund_fact(till.provider.refund_fact(refund.number))

    # then: card and points keep theirs, the code's share is the order's again
    assert [(event.amount, event.key) for event in events.of(RefundFailed)] == [(D("4.07"), "k")]
    assert OrderRefund.objects.get().state == "failed"
    assert state(paid)[1] == D("83.86")
    booked = Transaction.objects.filter(kind="refund", is_success=True)
    assert booked.aggregate(n=Sum("amount"))["n"] == D("5.94")

    # when: asked for anew, everything
    refund_order(paid.order_id, D("83.86"), reason="", key="k2")
    arrive(till)

    # then
    assert state(paid)[1] == 0
    assert (balance(till.cards[0]), till.points.accounts["li"]) == (D("33.33"), D(100))
    assert trade.given_back == 3647


def test_the_providers_limits_refuse_the_whole(till: Till, paid: PaymentIntent) -> None:
    # given
    attempt = PaymentAttempt.objects.get(state="paid")
    PaymentAttempt.objects.update(paid_at=attempt.paid_at - timedelta(days=366))
    before = state(paid)

    # when
    with pytest.raises(CashierError) as refused:
        refund_order(paid.order_id, D("10"), reason="", key="k")

    # then: nothing half
    assert refused.value.code is Code.REFUND_TOO_LATE
    assert (state(paid), OrderRefund.objects.count(), balance(till.cards[0])) == (before, 0, D(0))


def test_one_fen_may_leave_the_provider_in_peace(till: Till) -> None:
    # given: nearly all by card
    intent = till.buy()
    till.compose(intent, with_card(till.card("89.79")))
    till.pay(till.scan(intent))

    # when
    refund_order(intent.order_id, D("0.01"), reason="", key="k")

    # then
    assert (Refund.objects.count(), balance(till.cards[0])) == (0, D("0.01"))
    assert OrderRefund.objects.get().state == "succeeded"


def test_an_unpaid_order_gives_nothing_back(till: Till) -> None:
    # given
    intent = till.buy()
    till.compose(intent, with_card(till.card(20)))

    # when / then
    with pytest.raises(CashierError) as refused:
        refund_order(intent.order_id, D("1"), reason="", key="k")
    assert refused.value.code is Code.ORDER_NOT_PAID


def test_an_expired_card_still_takes_its_money_back(till: Till, paid: PaymentIntent) -> None:
    # given
    from saleor.giftcard.models import GiftCard

    GiftCard.objects.update(is_active=False, end_date="2020-01-01")

    # when
    refund_order(paid.order_id, D("89.80"), reason="", key="k")

    # then
    assert balance(till.cards[0]) == D("33.33")


def test_what_people_give_back_waits_until_they_say_how(till: Till, paid: PaymentIntent) -> None:
    # given
    till.points.by_hand = True
    refund_order(paid.order_id, D("89.80"), reason="", key="k")
    arrive(till)
    waiting = PartRefund.objects.get(state="waiting")
    assert (waiting.amount, OrderRefund.objects.get().state) == (D("20.00"), "processing")

    # when
    with pytest.raises(CashierError) as refused:
        hand_back(till.world.admin, waiting.pk, " ")
    with capture_events() as events:
        done = hand_back(till.world.admin, waiting.pk, "回单 8812")
        hand_back(till.world.admin, waiting.pk, "回单 9999")

    # then
    assert refused.value.code is Code.REASON_REQUIRED
    assert (done.state, done.reference, done.done_by) == ("done", "回单 8812", f"user:{till.world.admin.pk}")
    assert PartRefund.objects.get(pk=done.pk).reference == "回单 8812"
    assert [event.key for event in events.of(OrderRefunded)] == ["k"]
    assert till.points.accounts["li"] == 100


def test_lost_answers_send_a_share_once(till: Till, paid: PaymentIntent) -> None:
    # given
    till.provider.mood = lambda: "lost"
    refund_order(paid.order_id, D("89.80"), reason="", key="k")

    # when
    till.provider.mood = lambda: "ok"
    for _ in range(3):
        time_passes()
        refunding.drive_due_refunds()
    arrive(till)

    # then
    assert [trade.given_back for trade in till.provider.trades.values()] == [3647]
    assert OrderRefund.objects.get().state == "succeeded"
