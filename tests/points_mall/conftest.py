"""The shop of the after-sale tests; its shopper has a thousand points, oranges (39.90) and a pomelo are offered."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from saleor.order.models import Order
from saleor.product.models import ProductVariant
from saleor.shipping.models import ShippingMethod

from plugins.loyalty.kinds import Book
from plugins.loyalty.models import SettlementRate
from plugins.loyalty.services.ledger import grant, lock_purses
from plugins.members.interfaces import Member, ensure_member
from plugins.org_hierarchy.models import OrderAttribution
from plugins.points_mall.models import MallOffer
from saleor_o2o.kernel.clock import now
from tests.after_sale.conftest import Shop, shop, world  # noqa: F401 - fixtures
from tests.buying.shopper import ADDRESS, GATEWAY, ask
from tests.loyalty.conftest import LONG_AGO, why
from tests.stock.world import gid

D = Decimal
PLACE = """mutation($key: String!, $input: BasketInput!, $gateway: String!) {
  orderPlace(key: $key, input: $input, gateway: $gateway) { order { token } errors { code field message hint } } }"""
QUOTE = """query($input: BasketInput!) { basketQuote(input: $input) { errors { code message } quote {
  subtotal { gross { amount } } shipping { gross { amount } } total { gross { amount } }
  deductions { source title amount lines { amount } } errors { code field message hint } } } }"""


@dataclass
class Mall:
    """The shop with offers for points."""

    shop: Shop
    member: Member

    @property
    def orange(self) -> ProductVariant:
        """39.90."""
        return self.shop.world.variant

    def offer(self, variant: ProductVariant | None = None, **terms: Any) -> MallOffer:
        """300 points a piece, unless said otherwise."""
        told = {
            "code": f"DH{MallOffer.objects.count() + 1}",
            "points": 300,
            "owner": self.shop.org["CQ"],
            **terms,
        }
        return MallOffer.objects.create(variant=variant or self.orange, **told)

    def basket(
        self, *offers: MallOffer, pieces: int = 1, more: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """What a shopper's phone sends: so many pieces of each offer's goods, sent home."""
        return {
            "lines": [{"variantId": gid("ProductVariant", one.variant), "quantity": pieces} for one in offers],
            "shippingAddress": ADDRESS, "billingAddress": ADDRESS,
            "shippingMethod": gid("ShippingMethod", self.shop.world.method),
            "deductions": [{"source": "exchange", "values": [one.code for one in offers]}],
            **(more or {}),
        }  # fmt: skip

    def place(self, basket: dict[str, Any], user: Any = ...) -> dict[str, Any]:
        """Order it; what the API says."""
        told = {"key": secrets.token_hex(16), "input": basket, "gateway": GATEWAY}
        found: dict[str, Any] = ask(PLACE, told, self.shop.shopper if user is ... else user)["orderPlace"]
        return found

    def exchange(self, *offers: MallOffer, pieces: int = 1) -> Order:
        """Order it; the order, which B111 looks after."""
        told = self.place(self.basket(*offers, pieces=pieces))
        assert told["errors"] == [], told
        order = Order.objects.get(token=told["order"]["token"])
        at = self.shop.org["B111"]
        OrderAttribution.objects.update_or_create(
            order=order, defaults={"unit": at, "org_path": at.path, "basis": "test"}
        )
        return order

    def quote(self, basket: dict[str, Any], user: Any = ...) -> dict[str, Any]:
        """What it would cost."""
        told = ask(QUOTE, {"input": basket}, self.shop.shopper if user is ... else user)["basketQuote"]
        assert told["errors"] == [], told
        found: dict[str, Any] = told["quote"]
        return found

    def no_freight(self) -> None:
        """Sending costs nothing."""
        ShippingMethod.objects.update(price_amount=0)


def load_points(member: Member, points: int, unit: Any, key: str = "gift") -> None:
    """Points issued by a unit."""
    with transaction.atomic():
        grant(lock_purses(member.pk)[member.pk][Book.POINTS], D(points), why(key, unit))


@pytest.fixture
def mall(shop: Shop) -> Mall:  # noqa: F811 - the fixture
    """A thousand points that B121 issued; a hundred are 0.50 yuan between units."""
    SettlementRate.objects.create(per_hundred=D("0.50"), valid_from=now() - LONG_AGO)
    member = ensure_member(shop.shopper)
    load_points(member, 1000, shop.org["B121"])
    return Mall(shop, member)
