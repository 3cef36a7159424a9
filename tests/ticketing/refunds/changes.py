"""A till whose suppliers also take tickets back and change them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from saleor.order.models import Order

from plugins.ticketing.kernel.models import ChangeRequest, RefundItem, RefundRequest, Ticket, TicketOrder
from plugins.ticketing.kernel.ports import ChangeAsk, Issued, RefundAsk, Refunded
from plugins.ticketing.kernel.services.changing import Wanted as Changed
from plugins.ticketing.kernel.services.changing import preview_change, submit_change
from plugins.ticketing.kernel.services.holding import hold
from plugins.ticketing.kernel.services.refunding import Wanted, preview_refund, submit_refund
from saleor_o2o.cashier.models import OrderRefund
from saleor_o2o.cashier.ports import RefundState, TradeState
from saleor_o2o.cashier.services.confirming import confirm_paid
from saleor_o2o.cashier.services.refunding import apply_refund_fact, drive_refund
from saleor_o2o.kernel.clock import now
from saleor_o2o.ordering.baskets import Basket
from saleor_o2o.ordering.services.basket_placing import place_basket
from tests.buying.shopper import GATEWAY

from ..fares import RULES
from ..orders.suppliers import Pretended
from ..orders.till import Till
from ..orders.trips import person, want, wish

D = Decimal
REFUND_RULE = RULES["公路客票退票（全国）"].to_json()
CHANGE_RULE = RULES["公路客票改签"].to_json()


@dataclass
class Changing(Pretended):
    """Also gives back what is expected, and changes what is held."""

    asks: list[Any] = field(default_factory=list)

    def refund(self, ask: RefundAsk) -> Refunded:
        step = self._step("refund", ask.own)
        self.asks.append(ask)
        items = (
            RefundItem.objects.filter(ticket__number__in=ask.tickets).select_related("ticket").order_by("pk")
        )
        self.issues[ask.own] = done = Refunded(  # type: ignore[assignment]
            amounts={one.ticket.number: one.supplier_due for one in items}, document=f"D{ask.own}"
        )
        self._answered("refund", step)
        return done  # type: ignore[return-value]

    def change(self, ask: ChangeAsk) -> Issued:
        step = self._step("change", ask.own)
        self.asks.append(ask)
        tickets = {unit.ticket: f"C{ask.new_number}-{at}" for at, unit in enumerate(ask.units)}
        done = Issued(False, ask.new_number, tickets, {}, {"number": "QP2", "password": "1111"})
        self.issues[ask.own] = done
        self._answered("change", step)
        return done


@dataclass
class Desk:
    """What a shopper does with tickets of a till."""

    till: Till

    @property
    def supplier(self) -> Changing:
        return self.till.suppliers["first"]  # type: ignore[return-value]

    def buy(
        self, price: str = "50.00", *, people: int = 1, hours: float = 48, cost: str = "45.00", **told: Any
    ) -> TicketOrder:
        return self.till.buy(
            wants=self._wants(price, people, **told), costs={"full": cost}, starts=self._at(hours)
        )

    def target(
        self, price: str = "50.00", *, people: int = 1, hours: float = 72, cost: str = "45.00", **told: Any
    ) -> TicketOrder:
        """Another trip for the same people, held."""
        self.till.count += 1
        instead_of = told.pop("instead_of", None)
        return hold(
            wish(self._wants(price, people, **told), ("first",), costs={"full": cost}, starts=self._at(hours)),
            key=f"key-0000-{self.till.count:04d}", user=self.till.shop.shopper, unit=self.till.shop.org["B111"],
            instead_of=instead_of,
        )  # fmt: skip

    def _wants(self, price: str, people: int, **told: Any) -> list[Any]:
        rules = {"refund_rule": REFUND_RULE, "change_rule": CHANGE_RULE, **told}
        return [want(self.till.variant.pk, person(at + 1), price, **rules) for at in range(people)]

    @staticmethod
    def _at(hours: float) -> datetime:
        return now() + timedelta(hours=hours)

    def change(
        self, order: TicketOrder, target: TicketOrder, key: str = "change-000001", **told: Any
    ) -> ChangeRequest:
        cause = told.get("cause", "passenger")
        tickets = [one for one in tickets_of(order) if one.state == "issued"][: target.tickets.count()]
        offers = preview_change(tickets, target, cause)
        wanted = [Changed(one.old.pk, one.quote.token) for one in offers]
        by = told.pop("by", self.till.shop.shopper)
        done = submit_change(by, key, wanted, target.pk, **told)
        assert isinstance(done, ChangeRequest)
        return ChangeRequest.objects.get(pk=done.pk)

    def place(self, change: ChangeRequest) -> Order:
        """The difference in an order, not paid."""
        self.till.count += 1
        basket = Basket(lines=(), holds=[(f"ticket_changes:{change.number}", "")])
        return place_basket(
            f"basket-000000-{self.till.count:04d}", basket, user=self.till.shop.shopper, discounts=[],
            gateway=GATEWAY,
        )  # fmt: skip

    def pay(self, order: Order) -> None:
        provider = self.till.shop.provider
        number = self.till.trade_of(order)
        provider.trades[number].state = TradeState.PAID
        confirm_paid(provider.fact(number))

    def refund(self, order: TicketOrder, key: str = "refund-000001") -> RefundRequest:
        offers = preview_refund([one for one in tickets_of(order) if one.state == "issued"])
        done = submit_refund(
            self.till.shop.shopper, key, [Wanted(one.ticket.pk, one.quote.token) for one in offers]
        )
        assert isinstance(done, RefundRequest)
        return RefundRequest.objects.get(pk=done.pk)

    def arrive(self, key: str) -> None:
        refund = OrderRefund.objects.get(key=key).remote.get()
        drive_refund(refund.pk)
        provider = self.till.shop.provider
        [trade] = [one for one in provider.trades.values() if refund.number in one.refunds]
        fen, _state = trade.refunds[refund.number]
        trade.refunds[refund.number] = (fen, RefundState.SUCCEEDED)
        apply_refund_fact(provider.refund_fact(refund.number))


def tickets_of(order: TicketOrder) -> list[Ticket]:
    return list(order.tickets.select_related("ticket_order", "passenger").order_by("pk"))


def states(order: TicketOrder) -> list[str]:
    return [str(one.state) for one in tickets_of(order)]


def fresh(row: Any) -> Any:
    return type(row)._default_manager.get(pk=row.pk)
