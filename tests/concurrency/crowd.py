"""A crowd of buyers: carts ready to be completed, drafts ready to be placed, and who got what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db.models import Sum
from saleor.checkout.models import Checkout
from saleor.order.models import Order
from saleor.payment.models import Payment
from saleor.product.models import ProductVariant
from saleor.warehouse.models import Allocation, Stock

from tests.buying.shopper import ask, choose_payment, complete, fill_checkout
from tests.stock.world import World, gid, make_order
from tests.threads import together

DUMMY = "mirumee.payments.dummy"
DRAFT = """mutation($id: ID!) { draftOrderComplete(id: $id) {
  order { id status } orderErrors { field message code } } }"""


def carts(first: dict[str, Any], count: int) -> list[dict[str, Any]]:
    """The cart and ``count - 1`` copies of it, each with a payment of its own."""
    pattern = Checkout.objects.get(pk=first["token"])
    lines, cards = list(pattern.lines.order_by("pk")), list(pattern.gift_cards.all())
    payment = pattern.get_last_active_payment()
    made = [first]
    for number in range(count - 1):
        row = Checkout.objects.get(pk=first["token"])
        row.pk, row._state.adding = None, True
        row.token = Checkout._meta.get_field("token").get_default()
        row.email = f"buyer-{number}@example.com"
        row.save(force_insert=True)
        row.gift_cards.set(cards)
        for line in lines:
            row.lines.create(variant=line.variant, quantity=line.quantity)
        Payment.objects.create(
            gateway=payment.gateway,
            token="token",
            checkout=row,
            total=payment.total,
            currency="CNY",
            is_active=True,
            billing_email=row.email,
        )
        made.append({"id": gid("Checkout", row.pk), "token": str(row.pk), "total": first["total"]})
    return made


def many_carts(world: World, count: int, lines: dict[ProductVariant, int] | int = 1) -> list[dict[str, Any]]:
    """Carts of the same goods, to be paid by Dummy."""
    first = fill_checkout(world, lines)
    choose_payment(first, DUMMY, "token")
    return carts(first, count)


def many_drafts(world: World, count: int) -> list[Order]:
    """Draft orders of one unit each."""
    return [make_order(world, 1, status="draft") for _ in range(count)]


def place_draft(world: World, draft: Order) -> list[dict[str, Any]]:
    """Complete a draft at the counter; the errors."""
    return ask(DRAFT, {"id": gid("Order", draft)}, world.admin)["draftOrderComplete"]["orderErrors"]


def rush(carts: Sequence[dict[str, Any]]) -> Counter[str]:
    """Complete all at once; how many ended how (``"order"`` or the error's code)."""
    return Counter(outcome(answer) for answer in together(*[partial(complete, cart) for cart in carts]))


def outcome(answer: Any) -> str:
    """An order, the code of a refusal, or what was raised."""
    if isinstance(answer, BaseException):
        return type(answer).__name__
    errors = answer if isinstance(answer, list) else answer["checkoutErrors"]
    return str(errors[0]["code"]) if errors else "order"


def allocated(stock: Stock | None = None) -> int:
    """How many units are promised."""
    rows = Allocation.objects.filter(stock=stock) if stock else Allocation.objects.all()
    return int(rows.aggregate(n=Sum("quantity_allocated"))["n"] or 0)
