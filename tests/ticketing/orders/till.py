"""A shop that sells coach tickets: hold, put into a basket, pay, and look at what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from saleor.order.models import Order

from plugins.ticketing.kernel.models import SupplierAccount, TicketOrder
from plugins.ticketing.kernel.services.holding import hold
from saleor_o2o.cashier.ports import TradeState
from saleor_o2o.cashier.services.confirming import confirm_paid
from saleor_o2o.ordering.baskets import Basket
from saleor_o2o.ordering.services.basket_placing import place_basket
from tests.after_sale.conftest import Shop
from tests.buying.shopper import GATEWAY, start

from ..refunds.scripted import PlainTrade
from .suppliers import Pretended
from .trips import person, want, wish


@dataclass
class Till:
    """`buy` is all of it; each step is there on its own."""

    shop: Shop
    suppliers: dict[str, Pretended]
    accounts: dict[str, SupplierAccount]
    trade: PlainTrade
    variant: Any
    count: int = field(default=0)

    def hold(self, *suppliers: str, people: int = 1, **told: Any) -> TicketOrder:
        """Held for the shopper, at the first supplier unless said otherwise; other people each time."""
        self.count += 1
        wants = told.pop("wants", None) or [
            want(self.variant.pk, person(self.count * 100 + one)) for one in range(people)
        ]
        user = told.pop("user", self.shop.shopper)
        key = told.pop("key", f"key-0000-{self.count:04d}")
        make = told.pop("make", wish)
        return hold(
            make(wants, suppliers or ("first",), **told), key=key, user=user, unit=self.shop.org["B111"]
        )

    def place(self, *orders: TicketOrder, lines: tuple[tuple[int, int], ...] = (), **told: Any) -> Order:
        """Order what is held, with goods if wanted; nothing is paid."""
        self.count += 1
        basket = Basket(lines=lines, holds=[(one.number, "") for one in orders], **told)
        return place_basket(
            f"basket-000000-{self.count:04d}", basket, user=self.shop.shopper, discounts=[], gateway=GATEWAY
        )

    def pay(self, order: Order) -> None:
        """The shopper pays at WeChat, which says so."""
        confirm_paid(self.shop.provider.fact(self.trade_of(order)))

    def trade_of(self, order: Order) -> str:
        """The number of a trade of an order that is paid at WeChat, not told yet."""
        provider = self.shop.provider
        known = set(provider.trades)
        assert start(order)["errors"] == []
        [number] = set(provider.trades) - known
        provider.trades[number].state = TradeState.PAID
        return number

    def buy(self, *suppliers: str, people: int = 1, **told: Any) -> TicketOrder:
        """Hold, order, pay; as it is then."""
        held = self.hold(*suppliers, people=people, **told)
        self.pay(self.place(held))
        return self.fresh(held)

    def fresh(self, order: TicketOrder) -> TicketOrder:
        """As the database has it."""
        return TicketOrder.objects.select_related("order", "supplier").get(pk=order.pk)
