"""Random sequences of hold, pay, expire, cancel and refund, with a provider that often does not answer.

At every step nothing is promised twice and the books agree; at the end, once the provider answers again, every yuan
that a payer gave is on an order or on its way back.
"""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.db.models import Sum
from saleor.order.models import Order
from saleor.payment.models import Payment
from saleor.plugins.models import PluginConfiguration
from saleor.warehouse.models import Allocation, Stock

from saleor_o2o.cashier import registry
from saleor_o2o.cashier.models import PaymentAttempt, PaymentIntent, Refund
from saleor_o2o.cashier.ports import RefundState, TradeState
from saleor_o2o.cashier.services.closing import begin_closing, drive_closing
from saleor_o2o.cashier.services.confirming import confirm_paid
from saleor_o2o.cashier.services.refunding import apply_refund_fact
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.models import EventRecord, StateMove
from tests.stock.world import World

from . import clerk
from .books import deadline_passes, run_all_jobs, time_passes
from .pretended import PretendedProvider, yuan
from .shopper import GATEWAY, choose_payment, complete, fill_checkout, start

PRICE = Decimal("39.90")
ACTIONS = (
    *("buy", "start", "pay", "notify", "jobs", "jobs", "expire", "pay_after_close", "cancel", "void"),
    *("refund", "refund", "end_refund", "end_refund"),
)


class Play:
    """One sequence: the world, the provider, and what is drawn."""

    def __init__(self, world: World, random: Random) -> None:
        self.world = world
        self.random = random
        PluginConfiguration.objects.create(identifier=GATEWAY, active=True, configuration=[])
        self.provider = PretendedProvider(mood=lambda: random.choice(("ok", "ok", "ok", "lost", "down")))

    def pick(self, rows: Any) -> Any:
        rows = list(rows)
        return self.random.choice(rows) if rows else None

    def act(self, action: str) -> None:
        getattr(self, action)()

    def buy(self) -> None:
        free = 10 - (Allocation.objects.aggregate(n=Sum("quantity_allocated"))["n"] or 0)
        quantity = self.random.randint(1, 3)
        if quantity <= free:
            cart = fill_checkout(self.world, quantity)
            choose_payment(cart)
            assert complete(cart)["checkoutErrors"] == []

    def start(self) -> None:
        order = self.pick(Order.objects.order_by("pk"))
        if order:
            start(order, self.pick(("WECHAT_NATIVE", "WECHAT_H5")))

    def pay(self) -> None:
        trade = self.pick([t for t in self.provider.trades.values() if t.state is TradeState.UNPAID])
        if trade:
            trade.state = TradeState.PAID

    def pay_after_close(self) -> None:
        trade = self.pick([t for t in self.provider.trades.values() if t.state is TradeState.CLOSED])
        if trade:
            trade.state = TradeState.PAID

    def notify(self) -> None:
        trade = self.pick([t for t in self.provider.trades.values() if t.state is TradeState.PAID])
        if trade:
            confirm_paid(self.provider.fact(trade.number))

    def expire(self) -> None:
        order = self.pick(Order.objects.order_by("pk"))
        if order:
            deadline_passes(order)

    def cancel(self) -> None:
        order = self.pick(Order.objects.order_by("pk"))
        if order:
            clerk.cancel(self.world, order)

    def void(self) -> None:
        order = self.pick(Order.objects.order_by("pk"))
        if order:
            clerk.void(self.world, order)

    def refund(self) -> None:
        order = self.pick(Order.objects.order_by("pk"))
        if order:
            clerk.refund(self.world, order, yuan(self.random.randint(1, 3000)))

    def end_refund(self) -> None:
        running = [
            (trade, number)
            for trade in self.provider.trades.values()
            for number, (_fen, state) in trade.refunds.items()
            if state is RefundState.PROCESSING
        ]
        if not running:
            return
        trade, number = self.pick(running)
        mine = Refund.objects.get(number=number)
        ends = (RefundState.SUCCEEDED, RefundState.CLOSED) if mine.books_order else (RefundState.SUCCEEDED,)
        trade.refunds[number] = (trade.refunds[number][0], self.pick(ends))
        if self.random.random() < 0.5:
            apply_refund_fact(self.provider.refund_fact(number))

    def jobs(self) -> None:
        time_passes()
        run_all_jobs()

    def check(self) -> None:
        """What must hold at every moment."""
        taken = Allocation.objects.aggregate(n=Sum("quantity_allocated"))["n"] or 0
        assert 0 <= taken <= Stock.objects.get().quantity
        assert PaymentAttempt.objects.filter(state="open").count() <= PaymentIntent.objects.count()
        for intent in PaymentIntent.objects.select_related("order", "payment"):
            live = Refund.objects.filter(attempt__intent=intent, reason="staff").exclude(state="failed")
            refunded = live.aggregate(total=Sum("amount"))["total"] or Decimal(0)
            expected = (intent.amount if intent.state == "paid" else Decimal(0)) - refunded
            assert intent.payment.captured_amount == expected
            if intent.state == "closed":
                assert intent.order.status == "canceled"
                assert not Allocation.objects.filter(order_line__order=intent.order, quantity_allocated__gt=0)
            if intent.state in ("pending", "closing") and intent.order.status != "canceled":
                held = Allocation.objects.filter(order_line__order=intent.order).aggregate(
                    n=Sum("quantity_allocated")
                )["n"]
                assert held == intent.order.lines.get().quantity

    def settle(self) -> None:
        """The provider answers again; everything that was notified arrives; every job runs."""
        self.provider.mood = lambda: "ok"
        for _ in range(3):
            for trade in self.provider.trades.values():
                if trade.state is TradeState.PAID:
                    confirm_paid(self.provider.fact(trade.number))
            self.jobs()
        for trade in self.provider.trades.values():
            for number, (fen, state) in trade.refunds.items():
                if state is RefundState.PROCESSING:
                    trade.refunds[number] = (fen, RefundState.SUCCEEDED)
        self.jobs()

    def check_end(self) -> None:
        """Every yuan that came is on an order or went back; the provider's books and ours agree."""
        assert not PaymentIntent.objects.filter(state="closing").exists()
        for trade in self.provider.trades.values():
            if trade.state is not TradeState.PAID:
                assert trade.refunds == {}
                continue
            attempt = PaymentAttempt.objects.get(number=trade.number)
            assert attempt.state == "paid"
            mine = {row.number: row for row in attempt.refunds.all()}
            assert set(trade.refunds) == set(mine)
            kept = yuan(trade.fen - trade.given_back)
            if any(not row.books_order for row in mine.values()):
                assert kept == 0
            else:
                payment = Payment.objects.get(intent=attempt.intent_id)
                assert attempt.intent.state == "paid"
                assert payment.captured_amount == kept

    def snapshot(self) -> tuple[Any, ...]:
        return (
            list(PaymentIntent.objects.order_by("pk").values_list("state", "payment__captured_amount")),
            list(PaymentAttempt.objects.order_by("pk").values_list("state", flat=True)),
            list(Refund.objects.order_by("pk").values_list("state", flat=True)),
            list(Allocation.objects.order_by("pk").values_list("quantity_allocated", flat=True)),
            EventRecord.objects.count(),
            StateMove.objects.count(),
        )


@pytest.mark.parametrize("seed", range(8))
def test_no_sequence_loses_or_doubles_anything(world: World, monkeypatch: Any, seed: int) -> None:
    # given one order that is paid and one that waits
    random = Random(seed)
    play = Play(world, random)
    monkeypatch.setitem(registry._PROVIDERS, GATEWAY, play.provider)
    for action in ("buy", "start", "pay", "notify", "buy", "start"):
        play.act(action)

    # when
    for action in random.choices(ACTIONS, k=30):
        try:
            play.act(action)
        except DomainError as refusal:
            assert refusal.code is not None
        play.check()
    play.settle()

    # then
    play.check()
    play.check_end()
    before = play.snapshot()
    play.jobs()
    play.jobs()
    assert play.snapshot() == before


def test_closing_twice_is_closing_once(world: World, monkeypatch: Any) -> None:
    # given
    provider = PretendedProvider()
    monkeypatch.setitem(registry._PROVIDERS, GATEWAY, provider)
    PluginConfiguration.objects.create(identifier=GATEWAY, active=True, configuration=[])
    cart = fill_checkout(world)
    choose_payment(cart)
    order = Order.objects.get(token=complete(cart)["order"]["token"])
    start(order)
    intent = PaymentIntent.objects.get()

    # when
    answers = [begin_closing(intent.pk, "EXPIRED"), begin_closing(intent.pk, "EXPIRED")]
    states = [drive_closing(intent.pk).state, drive_closing(intent.pk).state]

    # then
    assert answers == [True, False]
    assert states == ["closed", "closed"]
    assert [trade.state for trade in provider.trades.values()] == [TradeState.CLOSED]
