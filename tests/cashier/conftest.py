"""A shop whose provider lives in this process, stored-value cards, and a tender that no plugin of ours brings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum
from saleor.giftcard.models import GiftCard
from saleor.order.models import Order
from saleor.payment.models import Payment
from saleor.plugins.models import PluginConfiguration
from saleor.warehouse.models import Allocation

from saleor_o2o.cashier import registry
from saleor_o2o.cashier.models import CardMovement, PaymentAttempt, PaymentIntent
from saleor_o2o.cashier.ports import TradeState
from saleor_o2o.cashier.services.composing import compose
from saleor_o2o.cashier.services.confirming import Confirmation, confirm_paid
from saleor_o2o.cashier.tenders import Payer, Wish, forget_tender, use_tender
from tests.buying.conftest import world
from tests.buying.pretended import PretendedProvider
from tests.buying.shopper import GATEWAY, buy, start
from tests.stock.world import World

from .points import PointsTender

__all__ = ["world"]

#: Two boxes; parcel included.
TOTAL = Decimal("89.80")


@dataclass
class Till:
    """What the tests do with orders, and what the books say of them."""

    world: World
    provider: PretendedProvider
    points: PointsTender
    cards: list[GiftCard] = field(default_factory=list)

    def buy(self, quantity: int = 2) -> PaymentIntent:
        """An order that waits for its money: 89.80 for two."""
        return PaymentIntent.objects.get(order=buy(self.world, quantity))

    def card(self, balance: str | int, code: str = "", **fields: Any) -> GiftCard:
        """A stored-value card."""
        made = GiftCard.objects.create(
            code=code or f"CARD{len(self.cards):012}",
            initial_balance_amount=Decimal(balance),
            current_balance_amount=Decimal(balance),
            **fields,
        )
        self.cards.append(made)
        return made

    def compose(self, intent: PaymentIntent, *wishes: Wish, payer: Payer | None = None) -> PaymentIntent:
        return compose(PaymentIntent.objects.get(pk=intent.pk), wishes, payer or Payer())

    def scan(self, intent: PaymentIntent, method: str = "WECHAT_NATIVE") -> PaymentAttempt:
        """The payer sees a code; its trade."""
        assert start(intent.order, method)["errors"] == []
        return intent.attempts.latest("pk")

    def pay(self, attempt: PaymentAttempt) -> Confirmation:
        """The payer pays the trade, and the notification arrives."""
        self.provider.trades[attempt.number].state = TradeState.PAID
        return self.notify(attempt)

    def notify(self, attempt: PaymentAttempt) -> Confirmation:
        return confirm_paid(self.provider.fact(attempt.number))


def with_card(card: GiftCard, amount: str | None = None) -> Wish:
    """So much of a card."""
    return Wish("gift_card", card.code, None if amount is None else Decimal(amount))


def with_points(amount: str | None = None, account: str = "li") -> Wish:
    """So much of the points."""
    return Wish("points", account, None if amount is None else Decimal(amount))


def balance(card: GiftCard) -> Decimal:
    """What the card says now; its movements must say the same."""
    now = GiftCard.objects.get(pk=card.pk)
    moved = CardMovement.objects.filter(card=card).aggregate(total=Sum("amount"))["total"] or Decimal(0)
    assert now.initial_balance_amount + moved == now.current_balance_amount
    return now.current_balance_amount


def state(intent: PaymentIntent) -> tuple[str, Decimal, Sequence[tuple[str, Decimal, Decimal]]]:
    """Where the intent stands, what Saleor has captured, and the parts: state, amount, refunded."""
    intent = PaymentIntent.objects.get(pk=intent.pk)
    captured = Payment.objects.get(pk=intent.payment_id).captured_amount
    parts = intent.parts.order_by("pk").values_list("state", "amount", "refunded")
    return intent.state, captured, list(parts)


def allocated(order: Order) -> int:
    """Units kept for the order."""
    rows = Allocation.objects.filter(order_line__order=order)
    return rows.aggregate(n=Sum("quantity_allocated"))["n"] or 0


@pytest.fixture
def till(world: World, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Till]:
    """WeChat Pay switched on with a provider in this process, and 100.00 worth of points for everybody."""
    settings.O2O_LOCK_TIMEOUT = 30  # who waits is answered by the winner, not by the clock of a busy machine
    PluginConfiguration.objects.create(identifier=GATEWAY, active=True, configuration=[])
    provider = PretendedProvider()
    monkeypatch.setitem(registry._PROVIDERS, GATEWAY, provider)
    points = PointsTender()
    use_tender(points)
    yield Till(world, provider, points)
    forget_tender("points")
