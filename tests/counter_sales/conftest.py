"""A counter: the shop of the stock tests, a small organisation, clerks, and a float of 500 yuan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from pytest_django.plugin import DjangoDbBlocker
from saleor.account.models import User
from saleor.plugins.models import PluginConfiguration
from saleor.shipping.models import ShippingMethod

from plugins.counter_sales.models import CounterSale, FloatAccount, MovementKind
from plugins.counter_sales.services.floats import open_account, top_up
from plugins.counter_sales.services.placing import place_sale
from plugins.counter_sales.wanted import read_wanted
from plugins.org_hierarchy.models import OrgUnit
from saleor_o2o.cashier import registry
from saleor_o2o.cashier.models import PaymentAttempt
from saleor_o2o.cashier.ports import Method, PayInstructions, PayRequest, ProviderRefused, TradeState
from saleor_o2o.cashier.services.confirming import confirm_paid
from tests.buying.pretended import PretendedProvider
from tests.buying.shopper import GATEWAY
from tests.members.conftest import sandbox_address, sandbox_folder, sms  # noqa: F401 - fixtures
from tests.orgs import again, person, small_org
from tests.stock.world import World, make_world, money
from tests.wiping import wipe

SELLING = ("counter_order.view", "counter_order.create", "counter_order.refund", "float.view")
FINANCE = (
    "float.view", "float.topup", "float.remit", "float.adjust", "float.configure", "float.export",
    "counter_order.view",
)  # fmt: skip


@pytest.fixture
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """One product at 39.90, ten in stock; commits are real and wiped afterwards."""
    with django_db_blocker.unblock():
        wipe()
        made = make_world()
        ShippingMethod.objects.create(
            name="网点自提", type="price", price=money(0), minimum_order_price=money(0),
            shipping_zone=made.zone,
        )  # fmt: skip
        yield made
        wipe()


@dataclass
class Counter:
    """People, places and goods of the tests."""

    world: World
    org: dict[str, OrgUnit]
    clerk: User
    finance: User
    account: FloatAccount

    def basket(self, quantity: int = 1, **changes: Any) -> dict[str, Any]:
        """A basket as the page sends it."""
        return {
            "key": str(uuid4()),
            "lines": [{"variant": self.world.variant.pk, "quantity": quantity}],
            **changes,
        }

    def place(self, quantity: int = 1, user: User | None = None, **changes: Any) -> CounterSale:
        """Place a basket."""
        return place_sale(again(user or self.clerk), read_wanted(self.basket(quantity, **changes)))

    def balance(self) -> Decimal:
        """What the float says now."""
        return FloatAccount.objects.get(pk=self.account.pk).balance

    def moved(self) -> list[tuple[str, Decimal, Decimal]]:
        """The movements, oldest first: kind, amount, balance after."""
        return list(self.account.movements.order_by("pk").values_list("kind", "amount", "balance_after"))


@pytest.fixture
def counter(world: World) -> Counter:
    """B111's clerk (refund 100, discount 10, cash 2000), the county's finance, B111's float of 500 without credit."""
    org = small_org()
    clerk = person(
        org["B111"], "clerk", SELLING, limits={"refund": "100.00", "discount": "10.00", "cash": "2000.00"}
    )
    finance = person(org["C11"], "finance", FINANCE)
    account = open_account(finance, org["B111"])
    top_up(finance, account.pk, Decimal("500.00"), key="first")
    assert account.movements.get().kind == MovementKind.TOP_UP
    return Counter(world, org, clerk, finance, account)


class Wechat(PretendedProvider):
    """A provider without HTTP in WeChat Pay's place; `is_up` may be set to False."""

    is_up = True
    #: What the provider answers to a scanned payment code: "paid", or why not.
    charges = "paid"

    def start(self, request: PayRequest) -> PayInstructions:
        """A scanned phone pays at once, or is refused; a phone's browser is sent to a page."""
        if request.method is Method.WECHAT_H5:
            super().start(request)
            return PayInstructions(h5_url=f"https://pay.example/h5?prepay={request.number}")
        if request.method is not Method.WECHAT_CODE:
            return super().start(request)
        if self.charges != "paid":
            raise ProviderRefused(self.charges, "")
        super().start(request)
        self.trades[request.number].state = TradeState.PAID
        return PayInstructions(fact=self.fact(request.number))

    def pay(self, sale: CounterSale) -> str:
        """The customer pays the code on the phone; the number of the trade."""
        [number] = [one.number for one in self.trades.values() if one.state is TradeState.UNPAID]
        assert PaymentAttempt.objects.get(number=number).intent.order_id == sale.order_id
        self.trades[number].state = TradeState.PAID
        return number

    def notify(self, number: str) -> None:
        """Its notification arrives, and what follows from it."""
        confirm_paid(self.fact(number))


@pytest.fixture
def wechat(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> Wechat:
    """WeChat Pay switched on, with a provider in this process."""
    PluginConfiguration.objects.create(identifier=GATEWAY, active=True, configuration=[])
    provider = Wechat()
    provider.mood = lambda: "ok" if provider.is_up else "down"
    monkeypatch.setitem(registry._PROVIDERS, GATEWAY, provider)
    return provider


@pytest.fixture
def colleague(counter: Counter) -> Callable[..., User]:
    """Make another person."""

    def make(code: str, name: str, permissions: Any = SELLING, **more: Any) -> User:
        return person(counter.org[code], name, permissions, **more)

    return make
