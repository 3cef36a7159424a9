"""A state machine over compose, pay, notify, expire, cancel, review and refund, against a model of whose money it is.

The model knows no states of ours: only what payers gave (cards, points, trades) and what an order should have. After
every step each yuan is in exactly one place; at the end, when all has run, every order is paid or has nothing.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from saleor.giftcard.models import GiftCard

from saleor_o2o.cashier.interfaces import refund_order
from saleor_o2o.cashier.models import PartState, PaymentAttempt, PaymentIntent, PaymentPart, Refund, RiskRule
from saleor_o2o.cashier.ports import RefundState as FactState
from saleor_o2o.cashier.ports import TradeState
from saleor_o2o.cashier.services.confirming import confirm_paid
from saleor_o2o.cashier.services.reviewing import refuse_review, release_review
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.models import StateMove
from tests.buying import clerk
from tests.buying.books import deadline_passes, run_all_jobs, time_passes
from tests.buying.shopper import start

from .conftest import Till, balance, with_card, with_points

D = Decimal
AMOUNTS = st.sampled_from(["0.01", "5", "13.37", "20", None])
WHICH = st.integers(0, 2)


def machine_for(till: Till) -> type[RuleBasedStateMachine]:
    """The machine over this test's shop: three orders, two cards, points; one order is looked at."""

    class Payers(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            till.world.stock.quantity += 6
            till.world.stock.save()
            till.provider.trades.clear()
            till.points.accounts.clear()
            self.cards = [till.card(25), till.card(60)]
            self.intents = [till.buy() for _ in range(3)]
            self.refunds = 0
            RiskRule.objects.all().delete()
            RiskRule.objects.create(min_amount=D(1), channel="nowhere")
            PaymentIntent.objects.filter(pk=self.intents[2].pk).update(risk="抽查")

        def tried(self, act: Any) -> None:
            try:
                act()
            except DomainError as refusal:
                assert refusal.code is not None and refusal.message

        @rule(which=WHICH, card=st.integers(0, 1), amount=AMOUNTS, points=st.booleans())
        def compose(self, which: int, card: int, amount: str | None, points: bool) -> None:
            wishes = [with_card(self.cards[card], amount), *([with_points("3")] if points else [])]
            self.tried(lambda: till.compose(self.intents[which], *wishes))

        @rule(which=WHICH)
        def compose_nothing(self, which: int) -> None:
            self.tried(lambda: till.compose(self.intents[which]))

        @rule(which=WHICH, method=st.sampled_from(["WECHAT_NATIVE", "WECHAT_H5"]))
        def scan(self, which: int, method: str) -> None:
            start(self.intents[which].order, method)

        @rule(pick=st.integers(0, 9), closed=st.booleans())
        def pay(self, pick: int, closed: bool) -> None:
            wanted = (TradeState.UNPAID, TradeState.CLOSED) if closed else (TradeState.UNPAID,)
            open_ = [trade for trade in till.provider.trades.values() if trade.state in wanted]
            if open_:
                open_[pick % len(open_)].state = TradeState.PAID

        @rule()
        def notify(self) -> None:
            for number, trade in list(till.provider.trades.items()):
                if trade.state is TradeState.PAID:
                    confirm_paid(till.provider.fact(number))

        @rule(which=WHICH)
        def expire(self, which: int) -> None:
            deadline_passes(self.intents[which].order)

        @rule(which=WHICH)
        def cancel(self, which: int) -> None:
            clerk.cancel(till.world, self.intents[which].order)

        @rule(release=st.booleans())
        def review(self, release: bool) -> None:
            pk = self.intents[2].pk
            if release:
                self.tried(lambda: release_review(till.world.admin, pk))
            else:
                self.tried(lambda: refuse_review(till.world.admin, pk, "x"))

        @rule(which=WHICH, fen=st.integers(1, 9000))
        def refund(self, which: int, fen: int) -> None:
            self.refunds += 1
            key = f"{id(self)}-{self.refunds}"
            order = self.intents[which].order_id
            self.tried(lambda: refund_order(order, D(fen) / 100, reason="", key=key))

        @rule()
        def jobs(self) -> None:
            time_passes()
            run_all_jobs()

        @invariant()
        def every_yuan_is_somewhere(self) -> None:
            mine = PaymentPart.objects.filter(intent__in=self.intents)
            for card in self.cards:
                parts = mine.filter(kind="gift_card", ref=str(card.pk)).exclude(state=PartState.RELEASED)
                kept = sum((part.left for part in parts), D(0))
                assert balance(card) == card.initial_balance_amount - kept
                assert GiftCard.objects.get(pk=card.pk).current_balance_amount >= 0
            points = mine.filter(kind="points").exclude(state=PartState.RELEASED)
            assert till.points.accounts["li"] == 100 - sum((part.left for part in points), D(0))

        @invariant()
        def books_agree(self) -> None:
            for intent in PaymentIntent.objects.filter(pk__in=[one.pk for one in self.intents]):
                parts = list(intent.parts.exclude(state=PartState.RELEASED))
                assert intent.covered == sum((part.amount for part in parts), D(0))
                captured = intent.payment.captured_amount
                if intent.state != "paid":
                    assert captured == 0
                    assert all(part.state == PartState.HELD for part in parts)
                    assert intent.state != "closed" or not parts
                    continue
                remote = Refund.objects.filter(attempt__intent=intent, reason="staff").exclude(state="failed")
                given = sum((row.amount for row in remote), D(0)) + sum(
                    (part.refunded for part in parts), D(0)
                )
                assert captured == intent.amount - given
                assert all(part.state != PartState.HELD for part in parts)

        def teardown(self) -> None:
            for _ in range(3):
                self.notify()
                self.jobs()
            for trade in till.provider.trades.values():
                for number, (fen, found) in list(trade.refunds.items()):
                    if found is FactState.PROCESSING:
                        trade.refunds[number] = (fen, FactState.SUCCEEDED)
            self.jobs()
            self.every_yuan_is_somewhere()
            self.books_agree()
            for number, trade in till.provider.trades.items():
                attempt = PaymentAttempt.objects.get(number=number)
                if trade.state is not TradeState.PAID:
                    assert trade.refunds == {}
                    continue
                wrong = attempt.refunds.exclude(reason="staff").exists()
                kept = D(trade.fen - trade.given_back) / 100
                staff = sum((row.amount for row in attempt.refunds.exclude(state="failed")), D(0))
                assert kept == (0 if wrong else attempt.amount - staff)
            before = StateMove.objects.count()
            self.jobs()
            self.jobs()
            assert StateMove.objects.count() == before

    return Payers


def test_every_yuan_is_in_one_place(till: Till) -> None:
    # then
    run_state_machine_as_test(
        machine_for(till),
        settings=settings(
            max_examples=8,
            stateful_step_count=14,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
