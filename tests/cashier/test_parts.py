"""A payment in parts: held, captured together, released together, and never a third state."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from saleor.giftcard.models import GiftCard

from saleor_o2o.cashier.error_codes import CashierErrorCode as Code
from saleor_o2o.cashier.errors import CashierError
from saleor_o2o.cashier.events import LateMoneyReceived, PaymentClosed, PaymentConfirmed
from saleor_o2o.cashier.models import CardMovement, PaymentIntent, PaymentPart, Refund
from saleor_o2o.cashier.ports import Method, TradeState
from saleor_o2o.cashier.services import closing
from saleor_o2o.cashier.services.confirming import Confirmation
from saleor_o2o.cashier.services.paying import start_payment
from saleor_o2o.kernel.events import capture_events
from tests.buying import clerk
from tests.buying.books import deadline_passes, run_all_jobs, time_passes

from .conftest import Till, allocated, balance, state, with_card, with_points

D = Decimal


def test_card_points_and_a_code_pay_one_order(till: Till) -> None:
    # given
    intent, card = till.buy(), till.card(50)

    # when
    held = till.compose(intent, with_card(card), with_points("9.80"))
    attempt = till.scan(intent)

    # then: the provider is asked for the rest only
    assert (held.covered, held.remote_due) == (D("59.80"), D("30.00"))
    assert till.provider.trades[attempt.number].fen == 3000
    assert state(intent) == ("pending", D(0), [("held", D("50.00"), D(0)), ("held", D("9.80"), D(0))])
    assert (balance(card), till.points.accounts["li"]) == (D(0), D("90.20"))

    # when
    with capture_events() as events:
        assert till.pay(attempt) is Confirmation.PAID

    # then: one payment of Saleor's over the whole
    assert state(intent) == (
        "paid", D("89.80"), [("captured", D("50.00"), D(0)), ("captured", D("9.80"), D(0))],
    )  # fmt: skip
    assert [(event.amount, event.order_id) for event in events.of(PaymentConfirmed)] == [
        (D("89.80"), intent.order_id)
    ]
    assert intent.order.payments.get().charge_status == "fully-charged"
    assert till.points.calls == [("hold", D("9.80")), ("capture", D("9.80"))]
    assert [(one.kind, one.amount, one.balance_after) for one in CardMovement.objects.all()] == [
        ("hold", D("-50.00"), D("0.00"))
    ]


def test_a_card_that_covers_everything_pays_at_once(till: Till) -> None:
    # given
    intent, card = till.buy(), till.card("89.80")

    # when
    paid = till.compose(intent, with_card(card))

    # then: no trade was ever made
    assert (paid.state, till.provider.trades) == ("paid", {})
    assert state(intent) == ("paid", D("89.80"), [("captured", D("89.80"), D(0))])
    assert balance(card) == 0


def test_the_deadline_gives_everything_back(till: Till) -> None:
    # given
    intent, card = till.buy(), till.card(20)
    till.compose(intent, with_card(card), with_points("10"))
    till.scan(intent)
    deadline_passes(intent.order)

    # when
    with capture_events() as events:
        closing.expire_due()
        time_passes()
        closing.expire_due()

    # then
    assert state(intent) == ("closed", D(0), [("released", D("20.00"), D(0)), ("released", D("10.00"), D(0))])
    assert (balance(card), till.points.accounts["li"], allocated(intent.order)) == (D(20), D(100), 0)
    assert PaymentIntent.objects.get(pk=intent.pk).covered == 0
    assert len(events.of(PaymentClosed)) == 1

    # when: every job again
    before = CardMovement.objects.count()
    run_all_jobs()
    time_passes()
    run_all_jobs()
    assert CardMovement.objects.count() == before


def test_money_after_closing_goes_back_and_the_card_keeps_its_own(till: Till) -> None:
    # given
    intent, card = till.buy(), till.card(20)
    till.compose(intent, with_card(card))
    attempt = till.scan(intent)
    deadline_passes(intent.order)
    closing.expire_due()

    # when
    with capture_events() as events:
        assert till.pay(attempt) is Confirmation.REFUNDED

    # then
    refund = Refund.objects.get()
    assert (refund.amount, refund.reason) == (D("69.80"), "late_payment")
    assert len(events.of(LateMoneyReceived)) == 1
    assert state(intent) == ("closed", D(0), [("released", D("20.00"), D(0))])
    assert balance(card) == 20


def test_an_old_code_for_the_whole_is_not_taken_for_the_rest(till: Till) -> None:
    # given a code over everything, closed at the provider because the payer chose a card as well
    intent, card = till.buy(), till.card(20)
    old = till.scan(intent)
    till.compose(intent, with_card(card))
    assert till.provider.trades[old.number].state is TradeState.CLOSED
    new = till.scan(intent)

    # when: the old one is paid all the same
    assert till.pay(old) is Confirmation.REFUNDED

    # then: the new one counts
    assert Refund.objects.get().reason == "recomposed"
    assert till.pay(new) is Confirmation.PAID
    assert state(intent) == ("paid", D("89.80"), [("captured", D("20.00"), D(0))])
    assert [refund.amount for refund in Refund.objects.all()] == [D("89.80")]


def test_a_trade_that_cannot_be_closed_keeps_the_composition(till: Till) -> None:
    # given
    intent, card = till.buy(), till.card(20)
    till.scan(intent)
    till.provider.mood = lambda: "down"

    # when
    with pytest.raises(CashierError) as refused:
        till.compose(intent, with_card(card))

    # then
    assert refused.value.code is Code.PROVIDER_UNREACHABLE
    assert (balance(card), PaymentPart.objects.count()) == (D(20), 0)


def test_composing_a_payment_that_was_just_paid_is_refused(till: Till) -> None:
    # given: paid, and nobody has told us
    intent, card = till.buy(), till.card(20)
    attempt = till.scan(intent)
    till.provider.trades[attempt.number].state = TradeState.PAID

    # when
    with pytest.raises(CashierError) as refused:
        till.compose(intent, with_card(card))

    # then: asking on the way found it out
    assert refused.value.code is Code.ALREADY_PAID
    assert (balance(card), state(intent)) == (D(20), ("paid", D("89.80"), []))


def test_another_composition_releases_the_first(till: Till) -> None:
    # given
    intent, one, two = till.buy(), till.card(20), till.card(30)
    till.compose(intent, with_card(one), with_points())
    assert PaymentIntent.objects.get(pk=intent.pk).state == "paid"  # points covered the rest

    # when
    other = till.buy()
    till.compose(other, with_card(two, "10"))
    till.compose(other, with_card(two, "10"), with_points("5", "wang"))
    till.compose(other, with_card(two, "12.50"))

    # then
    assert state(other) == (
        "pending", D(0),
        [("released", D("10.00"), D(0)), ("released", D("5.00"), D(0)), ("held", D("12.50"), D(0))],
    )  # fmt: skip
    assert (balance(two), till.points.accounts["wang"]) == (D("17.50"), D(100))


def test_the_same_composition_again_changes_nothing(till: Till) -> None:
    # given
    intent, card = till.buy(), till.card(20)
    till.compose(intent, with_card(card), with_points("5"))
    attempt = till.scan(intent)
    before = state(intent), CardMovement.objects.count()

    # when
    till.compose(intent, with_points("5"), with_card(card, "20"))

    # then: also the code stays open
    assert (state(intent), CardMovement.objects.count()) == before
    assert till.provider.trades[attempt.number].state is TradeState.UNPAID


def test_a_tender_that_refuses_undoes_the_whole_step(till: Till) -> None:
    # given
    intent, card = till.buy(), till.card(20)
    till.compose(intent, with_card(card, "5"))
    till.points.frozen = True

    # when
    with pytest.raises(CashierError, match="积分账户已冻结"):
        till.compose(intent, with_card(card, "15"), with_points("5"))

    # then
    assert state(intent) == ("pending", D(0), [("held", D("5.00"), D(0))])
    assert balance(card) == 15


@pytest.mark.parametrize(
    ("amounts", "code"),
    [
        (("90",), Code.NOTHING_LEFT),
        (("50", "40"), Code.NOTHING_LEFT),
        (("0",), Code.INVALID_AMOUNT),
        (("-5",), Code.INVALID_AMOUNT),
        (("100.01",), Code.NOTHING_LEFT),
    ],
)
def test_amounts_that_do_not_fit_are_refused(till: Till, amounts: tuple[str, ...], code: Code) -> None:
    # given
    intent = till.buy()
    wishes = [with_card(till.card(200), amount) for amount in amounts]

    # when
    with pytest.raises(CashierError) as refused:
        till.compose(intent, *wishes)

    # then
    assert refused.value.code is code
    assert not PaymentPart.objects.exists()
    assert [balance(card) for card in till.cards] == [D(200)] * len(till.cards)


def test_parts_of_a_fen_are_refused(till: Till) -> None:
    # given
    intent, card = till.buy(), till.card(20)

    # when / then
    with pytest.raises(Exception, match="分"):
        till.compose(intent, with_card(card, "1.005"))
    assert not PaymentPart.objects.exists()


def test_a_card_twice_and_six_parts_are_refused(till: Till) -> None:
    # given
    intent, card = till.buy(), till.card(20)

    # when / then
    with pytest.raises(CashierError) as twice:
        till.compose(intent, with_card(card, "1"), with_card(card, "2"))
    with pytest.raises(CashierError) as many:
        till.compose(intent, *[with_card(till.card(20), "1") for _ in range(6)])
    assert (twice.value.code, many.value.code) == (Code.PART_TWICE, Code.TOO_MANY_PARTS)


@pytest.mark.parametrize(
    "fields",
    [
        {"is_active": False},
        {"end_date": date(2020, 1, 1)},
        {"start_date": date(2099, 1, 1)},
    ],
)
def test_a_card_that_may_not_be_used_is_told_in_one_way(till: Till, fields: dict) -> None:
    # given
    intent, card = till.buy(), till.card(20, **fields)

    # when
    refusals = []
    for code in (card.code, "NOSUCHCARD", ""):
        with pytest.raises(CashierError) as refused:
            till.compose(intent, with_card(GiftCard(code=code)))
        refusals.append((refused.value.code, refused.value.message))

    # then: nobody learns which cards exist
    assert set(refusals) == {(Code.CARD_UNUSABLE, "卡号不正确，或这张卡不能使用")}


def test_guessing_cards_ends_after_ten(till: Till) -> None:
    # given
    intent, card = till.buy(), till.card(20)

    # when
    for number in range(10):
        with pytest.raises(CashierError) as refused:
            till.compose(intent, Wish_of(f"GUESS{number}"))
        assert refused.value.code is Code.CARD_UNUSABLE

    # then: not even the right one
    with pytest.raises(CashierError) as refused:
        till.compose(intent, with_card(card))
    assert refused.value.code is Code.TOO_MANY_TRIES


def Wish_of(code: str) -> object:
    return with_card(GiftCard(code=code))


def test_a_card_is_never_overdrawn_whoever_writes(till: Till) -> None:
    # given
    card = till.card(20)

    # when / then: the belt
    with pytest.raises(IntegrityError), transaction.atomic():
        GiftCard.objects.filter(pk=card.pk).update(current_balance_amount=D("-0.01"))


def test_movements_cannot_be_changed(till: Till) -> None:
    # given
    intent, card = till.buy(), till.card(20)
    till.compose(intent, with_card(card))

    # when / then
    with pytest.raises(DatabaseError), transaction.atomic():
        CardMovement.objects.update(amount=D(1))


def test_cancelling_the_order_gives_parts_back(till: Till) -> None:
    # given
    intent, card = till.buy(), till.card(20)
    till.compose(intent, with_card(card))

    # when
    assert clerk.cancel(till.world, intent.order) == []

    # then
    assert state(intent) == ("closed", D(0), [("released", D("20.00"), D(0))])
    assert balance(card) == 20


def test_voiding_in_the_dashboard_gives_parts_back(till: Till) -> None:
    # given
    intent, card = till.buy(), till.card(20)
    till.compose(intent, with_card(card))

    # when
    assert clerk.void(till.world, intent.order) == []

    # then
    assert state(intent)[0] == "closed"
    assert balance(card) == 20


def test_capturing_by_hand_takes_no_half_paid_order(till: Till) -> None:
    # given
    intent, card = till.buy(), till.card(20)
    till.compose(intent, with_card(card))

    # when
    errors = clerk.capture(till.world, intent.order, "89.80")

    # then
    assert [error["message"] for error in errors] == ["顾客尚未付款，不能确认收款"]
    assert state(intent) == ("pending", D(0), [("held", D("20.00"), D(0))])


def test_goods_wait_for_every_part(till: Till) -> None:
    # given
    intent, card = till.buy(), till.card(20)
    till.compose(intent, with_card(card))

    # when / then
    assert [error["message"] for error in clerk.fulfill(till.world, intent.order)] != []
    till.pay(till.scan(intent))
    assert clerk.fulfill(till.world, intent.order) == []


def test_a_closed_or_late_intent_holds_nothing(till: Till) -> None:
    # given
    intent, card = till.buy(), till.card(20)
    deadline_passes(intent.order)

    # when
    with pytest.raises(CashierError) as late:
        till.compose(intent, with_card(card))

    # then
    assert late.value.code is Code.PAYMENT_CLOSED
    assert balance(card) == 20


def test_paying_the_rest_when_there_is_none_is_refused(till: Till) -> None:
    # given
    intent, card = till.buy(), till.card(100)
    till.compose(intent, with_card(card))

    # when
    with pytest.raises(CashierError) as refused:
        start_payment(PaymentIntent.objects.get(pk=intent.pk), Method.WECHAT_NATIVE)

    # then
    assert refused.value.code is Code.ALREADY_PAID


def test_a_zero_order_is_paid_without_anybody(till: Till) -> None:
    # given: stock's own use of a card in the checkout
    from tests.buying.shopper import ask, choose_payment, complete, fill_checkout

    card = till.card(200)
    cart = fill_checkout(till.world, 2)
    add = """mutation($id: ID!, $code: String!) { checkoutAddPromoCode(checkoutId: $id, promoCode: $code) {
      checkoutErrors { message } } }"""
    ask(add, {"id": cart["id"], "code": card.code})

    # when
    choose_payment({**cart, "total": "0"})
    made = complete(cart)

    # then
    assert made["checkoutErrors"] == []
    from saleor.order.models import Order

    order = Order.objects.get(token=made["order"]["token"])
    assert (order.total_gross_amount, PaymentIntent.objects.filter(order=order).count()) == (D(0), 0)
    assert GiftCard.objects.get(pk=card.pk).current_balance_amount == D("110.20")
    assert order.events.filter(type="order_fully_paid").count() == 1
    assert clerk.fulfill(till.world, order) == []
