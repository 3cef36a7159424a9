"""Place, pay, notify, expire, cancel and refund in any order, as hypothesis finds it, against a plain model.

The model knows three things of an order: what covers it, whether it is paid or closed, and what was asked back. Where
the random walk of `test_sequences` draws long plays, here each step is held against the model, and a failure is shrunk
to the shortest play that shows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from pytest_django.plugin import DjangoDbBlocker
from saleor.giftcard.models import GiftCard
from saleor.order.models import Order
from saleor.payment.models import Payment
from saleor.plugins.models import PluginConfiguration
from saleor.warehouse.models import Allocation, Stock

from saleor_o2o.cashier import registry
from saleor_o2o.cashier.errors import CashierError
from saleor_o2o.cashier.models import OrderRefund, PaymentAttempt, PaymentIntent, Refund
from saleor_o2o.cashier.ports import RefundState, TradeState
from saleor_o2o.cashier.services.composing import compose
from saleor_o2o.cashier.services.confirming import confirm_paid
from saleor_o2o.cashier.services.order_refunds import refund_order
from saleor_o2o.cashier.services.refunding import apply_refund_fact
from saleor_o2o.cashier.tenders import Payer, Wish
from saleor_o2o.ordering.choices import CancelReason
from saleor_o2o.ordering.errors import OrderingError
from saleor_o2o.ordering.services.cancelling import cancel_unpaid
from tests.stock.world import World, make_world
from tests.wiping import wipe

from .books import deadline_passes, run_all_jobs, time_passes
from .pretended import PretendedProvider, yuan
from .shopper import GATEWAY, buy, start

ZERO = Decimal(0)


@dataclass
class Model:
    """What the books must say of one order. Amounts in yuan."""

    order: Order
    pieces: int
    total: Decimal
    card: Decimal = ZERO
    paid: bool = False
    closed: bool = False
    refunds: list[Decimal] = field(default_factory=list)

    @property
    def left(self) -> Decimal:
        """What of it can still be given back."""
        return self.total - sum(self.refunds, ZERO) if self.paid else ZERO


class Buying(RuleBasedStateMachine):
    """One shop, one provider, a card; see the module."""

    orders = Bundle("orders")
    world: World
    provider: PretendedProvider

    @initialize()
    def open_shop(self) -> None:
        wipe()
        type(self).world = make_world()
        PluginConfiguration.objects.create(identifier=GATEWAY, active=True, configuration=[])
        type(self).provider = PretendedProvider()
        registry._PROVIDERS[GATEWAY] = self.provider
        self.card = GiftCard.objects.create(
            code="MACHINE-CARD", initial_balance_amount=Decimal(500), current_balance_amount=Decimal(500)
        )
        self.models: list[Model] = []
        self.refund_keys = 0

    # -- what people do -------------------------------------------------------------------

    @precondition(lambda self: len(self.models) < 3)
    @rule(target=orders, pieces=st.integers(1, 3))
    def place(self, pieces: int) -> Any:
        order = buy(self.world, pieces)
        model = Model(order, pieces, Decimal(order.total_gross_amount))
        self.models.append(model)
        return model

    @rule(model=orders, fen=st.sampled_from([1, 1234, 3990, None]))
    def compose(self, model: Model, fen: int | None) -> None:
        """Cover so much with the card, or nothing of it."""
        intent = PaymentIntent.objects.get(order=model.order)
        wishes = [] if fen is None else [Wish("gift_card", "MACHINE-CARD", yuan(fen))]
        try:
            compose(intent, wishes, Payer())
        except CashierError:
            self._follow(model)
        else:
            model.card = ZERO if fen is None else yuan(fen)

    @rule(model=orders, method=st.sampled_from(["WECHAT_NATIVE", "WECHAT_H5"]))
    def scan(self, model: Model, method: str) -> None:
        start(model.order, method)
        self._follow(model)

    @rule(model=orders, late=st.booleans())
    def pay(self, model: Model, late: bool) -> None:
        """The payer pays the newest trade: an open one, or (the password was being typed) one just closed."""
        wanted = TradeState.CLOSED if late else TradeState.UNPAID
        for trade in self._trades(model):
            if trade.state is wanted:
                trade.state = TradeState.PAID
                return

    @rule(model=orders, times=st.integers(1, 2))
    def notify(self, model: Model, times: int) -> None:
        """The provider tells of every paid trade, once or twice."""
        for trade in self._trades(model):
            for _ in range(times if trade.state is TradeState.PAID else 0):
                confirm_paid(self.provider.fact(trade.number))
        self._follow(model)

    @rule(model=orders)
    def expire(self, model: Model) -> None:
        deadline_passes(model.order)
        time_passes()
        run_all_jobs()
        for one in self.models:
            self._follow(one)

    @rule(model=orders)
    def cancel(self, model: Model) -> None:
        try:
            cancel_unpaid(model.order.pk, CancelReason.BUYER)
        except OrderingError:
            assert model.paid or self._intent(model).state == "paid"
        self._follow(model)

    @rule(model=orders, fen=st.integers(1, 20000), again=st.booleans())
    def refund(self, model: Model, fen: int, again: bool) -> None:
        """Give money back; what exceeds the rest is refused; the same key again is the same refund."""
        self.refund_keys += 1
        key, amount = f"machine-{self.refund_keys}", yuan(fen)
        self._follow(model)
        allowed = model.paid and amount <= model.left
        for _ in range(2 if again else 1):
            try:
                refund_order(model.order.pk, amount, reason="", key=key)
            except CashierError:
                assert not allowed
            else:
                assert allowed
        if allowed:
            model.refunds.append(amount)

    @rule(model=orders)
    def refund_rest(self, model: Model) -> None:
        self._follow(model)
        if model.left > 0:
            self.refund_keys += 1
            refund_order(model.order.pk, model.left, reason="", key=f"machine-{self.refund_keys}")
            model.refunds.append(model.left)

    @rule(model=orders, times=st.integers(1, 2))
    def money_arrives(self, model: Model, times: int) -> None:
        """Refunds that the provider has reach the payer; it may say so twice."""
        for trade in self._trades(model):
            for number, (fen, _state) in trade.refunds.items():
                trade.refunds[number] = (fen, RefundState.SUCCEEDED)
                for _ in range(times):
                    apply_refund_fact(self.provider.refund_fact(number))

    # -- what must hold ---------------------------------------------------------------------

    @invariant()
    def books_are_the_model(self) -> None:
        taken = ZERO
        kept = 0
        for model in getattr(self, "models", []):
            intent = self._intent(model)
            payment = Payment.objects.get(pk=intent.payment_id)
            held = Allocation.objects.filter(order_line__order=model.order)
            pieces = held.aggregate(n=Sum("quantity_allocated"))["n"] or 0
            assert (intent.state == "paid", intent.state == "closed") == (model.paid, model.closed)
            assert payment.captured_amount == model.left
            assert pieces == (0 if model.closed else model.pieces)
            kept += pieces
            parts = [part for part in intent.parts.all() if part.state != "released"]
            assert sum((part.amount for part in parts), ZERO) == model.card
            taken += sum((part.left for part in parts), ZERO)
            wholes = OrderRefund.objects.filter(intent=intent).values_list("amount", flat=True)
            assert sorted(wholes) == sorted(model.refunds)
            for trade in self._trades(model):
                mine = Refund.objects.filter(attempt__number=trade.number).exclude(state="failed")
                asked = mine.aggregate(n=Sum("amount"))["n"] or ZERO
                assert yuan(trade.given_back) == asked <= yuan(trade.fen)
        if hasattr(self, "card"):
            balance = GiftCard.objects.get(pk=self.card.pk).current_balance_amount
            assert balance == Decimal(500) - taken
            assert 0 <= kept <= Stock.objects.get().quantity

    def teardown(self) -> None:
        """Everything that came to the provider is told; then nobody has money for nothing."""
        for model in getattr(self, "models", []):
            self.notify(model, 1)
            self.expire(model)
            self.books_are_the_model()
            for trade in self._trades(model):
                attempt = PaymentAttempt.objects.get(number=trade.number)
                assert (trade.state is TradeState.PAID) == (attempt.state == "paid")
                stray = attempt.refunds.exclude(reason="staff").exists() or model.closed
                if trade.state is TradeState.PAID and stray:
                    assert trade.given_back == trade.fen

    # -- helpers --------------------------------------------------------------------------------

    def _trades(self, model: Model) -> list[Any]:
        numbers = PaymentAttempt.objects.filter(intent__order=model.order).order_by("-pk")
        found = [self.provider.trades.get(number) for number in numbers.values_list("number", flat=True)]
        return [trade for trade in found if trade is not None]

    def _intent(self, model: Model) -> PaymentIntent:
        return PaymentIntent.objects.get(order=model.order)

    def _follow(self, model: Model) -> None:
        """What a step was allowed to lead to: an undecided order is paid or closed, a decided one stays as it is."""
        state = self._intent(model).state
        if model.paid or model.closed:
            assert (state == "paid", state == "closed") == (model.paid, model.closed)
            return
        model.paid, model.closed = state == "paid", state == "closed"
        if model.paid:
            came = any(trade.state is TradeState.PAID for trade in self._trades(model))
            assert came or model.card == model.total
        if model.closed:
            model.card = ZERO


@contextmanager
def _provider_kept() -> Iterator[None]:
    before = registry._PROVIDERS[GATEWAY]
    try:
        yield
    finally:
        registry._PROVIDERS[GATEWAY] = before


@pytest.mark.timeout(300)
def test_no_play_leads_the_books_away_from_the_model(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> None:
    bounded = settings(
        max_examples=12,
        stateful_step_count=14,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    with django_db_blocker.unblock(), _provider_kept():
        try:
            run_state_machine_as_test(Buying, settings=bounded)
        finally:
            wipe()
