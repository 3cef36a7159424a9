"""Two phones, ten notifications, a deadline: what happens at the same time, and what would without the locks."""

from __future__ import annotations

from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from saleor.giftcard.models import GiftCard

from saleor_o2o.cashier.error_codes import CashierErrorCode as Code
from saleor_o2o.cashier.events import PaymentConfirmed
from saleor_o2o.cashier.internal import cards
from saleor_o2o.cashier.models import CardMovement, PaymentIntent, PaymentPart, Refund
from saleor_o2o.cashier.ports import TradeState
from saleor_o2o.cashier.services import closing
from saleor_o2o.kernel.models import EventRecord
from tests.buying import clerk
from tests.buying.books import deadline_passes, run_all_jobs, time_passes
from tests.threads import together

from .conftest import Till, allocated, balance, state, with_card, with_points

D = Decimal


def test_two_phones_with_one_card(till: Till) -> None:
    # given
    card = till.card(30)
    intents = [till.buy(1) for _ in range(4)]

    # when
    results = together(*[lambda one=one: till.compose(one, with_card(card, "30")) for one in intents])

    # then: exactly one
    refused = [result for result in results if isinstance(result, Exception)]
    assert [error.code for error in refused] == [Code.BALANCE_TOO_LOW] * 3
    assert (balance(card), PaymentPart.objects.count(), CardMovement.objects.count()) == (D(0), 1, 1)


def test_a_card_of_five_for_eight_phones(till: Till) -> None:
    # given
    card = till.card(50)
    intents = [till.buy(1) for _ in range(8)]

    # when
    results = together(*[lambda one=one: till.compose(one, with_card(card, "10")) for one in intents])

    # then
    assert sum(isinstance(result, PaymentIntent) for result in results) == 5
    assert (balance(card), PaymentPart.objects.count()) == (D(0), 5)


def test_without_the_lock_the_card_would_be_spent_twice(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: both phones read the balance before either writes it."""
    # given
    card = till.card(30)
    intents = [till.buy(1) for _ in range(2)]
    gate = Barrier(2, timeout=20)

    def unlocked(self: Any, ref: str) -> GiftCard:
        found = GiftCard.objects.get(pk=int(ref))
        gate.wait()
        return found

    monkeypatch.setattr(cards.CardTender, "lock", lambda self, refs: None)
    monkeypatch.setattr(cards.CardTender, "_locked", unlocked)

    # when
    results = together(*[lambda one=one: till.compose(one, with_card(card, "30")) for one in intents])

    # then: sixty were promised out of thirty
    assert [type(result).__name__ for result in results] == ["PaymentIntent"] * 2
    assert PaymentPart.objects.filter(state="held", amount=30).count() == 2
    assert GiftCard.objects.get(pk=card.pk).current_balance_amount == 0


def test_one_order_on_two_phones_is_composed_once(till: Till) -> None:
    # given: the same choice, twice at once
    intent, card = till.buy(), till.card(20)

    # when
    results = together(*[lambda: till.compose(intent, with_card(card))] * 4)

    # then
    assert all(isinstance(result, PaymentIntent) for result in results)
    assert state(intent) == ("pending", D(0), [("held", D("20.00"), D(0))])
    assert balance(card) == 0


def test_different_choices_at_once_leave_one_of_them(till: Till) -> None:
    # given
    intent, one, two = till.buy(), till.card(20), till.card(30)

    # when
    together(
        lambda: till.compose(intent, with_card(one), with_points("5")),
        lambda: till.compose(intent, with_card(two)),
    )

    # then
    live = sorted(PaymentPart.objects.filter(state="held").values_list("amount", flat=True))
    assert live in ([D("30.00")], [D("5.00"), D("20.00")])
    assert PaymentIntent.objects.get(pk=intent.pk).covered == sum(live)
    assert balance(one) + balance(two) + till.points.accounts["li"] == D(150) - sum(live)


def test_cards_in_opposite_order_do_not_wait_for_each_other(till: Till) -> None:
    # given
    one, two = till.card(100), till.card(100)
    intents = [till.buy(1) for _ in range(4)]

    # when
    results = together(
        *[
            lambda number=number, intent=intent: till.compose(
                intent, *[with_card(card, "5") for card in ((one, two) if number % 2 else (two, one))]
            )
            for number, intent in enumerate(intents)
        ]
    )

    # then
    assert [type(result).__name__ for result in results] == ["PaymentIntent"] * 4
    assert (balance(one), balance(two)) == (D(80), D(80))


def test_swapping_cards_between_two_orders_does_not_deadlock(till: Till) -> None:
    # given
    one, two = till.card(100), till.card(100)
    first, second = till.buy(1), till.buy(1)
    till.compose(first, with_card(one, "5"))
    till.compose(second, with_card(two, "5"))

    # when
    results = together(
        lambda: till.compose(first, with_card(two, "7")), lambda: till.compose(second, with_card(one, "7"))
    )

    # then
    assert [type(result).__name__ for result in results] == ["PaymentIntent"] * 2
    assert (balance(one), balance(two)) == (D(93), D(93))


def test_ten_notifications_capture_once(till: Till) -> None:
    # given
    intent, card = till.buy(), till.card(20)
    till.compose(intent, with_card(card), with_points("9.80"))
    attempt = till.scan(intent)
    till.provider.trades[attempt.number].state = TradeState.PAID

    # when
    results = together(*[lambda: till.notify(attempt)] * 10)

    # then
    assert sorted(map(str, results)) == ["ALREADY"] * 9 + ["PAID"]
    assert state(intent)[:2] == ("paid", D("89.80"))
    assert EventRecord.objects.filter(name=PaymentConfirmed.name).count() == 1
    assert till.points.calls == [("hold", D("9.80")), ("capture", D("9.80"))]
    assert balance(card) == 0


@pytest.mark.parametrize("attempt_number", range(6))
def test_deadline_against_notification(till: Till, attempt_number: int) -> None:
    # given
    intent, card = till.buy(), till.card(20)
    till.compose(intent, with_card(card), with_points("9.80"))
    attempt = till.scan(intent)
    deadline_passes(intent.order)
    till.provider.trades[attempt.number].state = TradeState.PAID

    # when
    def expire() -> None:
        closing.expire_due()

    results = together(lambda: till.notify(attempt), expire)
    for _ in range(3):
        time_passes()
        run_all_jobs()

    # then: paid and captured, or released and refunded
    found = state(intent)
    assert not any(isinstance(result, Exception) for result in results), results
    if found[0] == "paid":
        assert found[1] == D("89.80")
        assert [part[0] for part in found[2]] == ["captured", "captured"]
        assert (balance(card), allocated(intent.order), Refund.objects.count()) == (D(0), 2, 0)
    else:
        assert found[:2] == ("closed", D(0))
        assert [part[0] for part in found[2]] == ["released", "released"]
        assert (balance(card), allocated(intent.order)) == (D(20), 0)
        assert [refund.amount for refund in Refund.objects.all()] == [D("60.00")]


@pytest.mark.parametrize("attempt_number", range(4))
def test_composing_against_starting(till: Till, attempt_number: int) -> None:
    # given
    from saleor_o2o.cashier.ports import Method
    from saleor_o2o.cashier.services.paying import start_payment

    intent, card = till.buy(), till.card(20)

    # when
    together(
        lambda: till.compose(intent, with_card(card)),
        lambda: start_payment(PaymentIntent.objects.get(pk=intent.pk), Method.WECHAT_NATIVE),
    )

    # then: no open trade asks for another amount than is left
    due = PaymentIntent.objects.get(pk=intent.pk).remote_due
    for number, trade in till.provider.trades.items():
        if trade.state is TradeState.UNPAID:
            assert trade.fen == due * 100, number


@pytest.mark.parametrize("attempt_number", range(4))
def test_composing_against_cancelling(till: Till, attempt_number: int) -> None:
    # given
    intent, card = till.buy(), till.card(20)

    # when
    together(lambda: till.compose(intent, with_card(card)), lambda: clerk.cancel(till.world, intent.order))
    for _ in range(2):
        time_passes()
        run_all_jobs()

    # then
    assert state(intent)[:2] == ("closed", D(0))
    assert (balance(card), allocated(intent.order)) == (D(20), 0)
    assert not PaymentPart.objects.filter(state="held").exists()


def test_a_full_card_against_a_paid_code(till: Till) -> None:
    # given: the code is paid while the card is being chosen
    intent, card = till.buy(), till.card(100)
    attempt = till.scan(intent)
    till.provider.trades[attempt.number].state = TradeState.PAID

    # when
    together(lambda: till.compose(intent, with_card(card)), lambda: till.notify(attempt))
    for _ in range(2):
        time_passes()
        run_all_jobs()

    # then: paid once
    assert state(intent)[:2] == ("paid", D("89.80"))
    kept = sum((till.provider.trades[attempt.number].fen - till.provider.trades[attempt.number].given_back,))
    assert D(kept) / 100 + (100 - balance(card)) == D("89.80")
