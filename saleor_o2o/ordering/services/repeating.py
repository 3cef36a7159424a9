"""The same again: orders that look like a mistake made twice, and the lines of an old order in a new cart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Subquery
from saleor.checkout.models import Checkout, CheckoutLine
from saleor.order.models import Order
from saleor.product.models import ProductVariant
from saleor.warehouse.availability import get_available_quantity

from saleor_o2o.kernel.clock import now

from ..choices import State
from ..error_codes import OrderingErrorCode as Code
from ..errors import OrderingError
from ..models import OrderProfile


def twin_of(profile: OrderProfile) -> OrderProfile | None:
    """The same buyer's open order of the same basket of the last minutes, if there is one. One statement."""
    if not profile.basket:
        return None
    since = profile.placed_at - timedelta(minutes=settings.O2O_ORDERING["DUPLICATE_MINUTES"])
    twins = OrderProfile.objects.filter(
        basket=profile.basket, placed_at__gte=since, placed_at__lte=profile.placed_at
    )
    return twins.exclude(pk=profile.pk).exclude(state=State.CLOSED).order_by("-placed_at").first()


def refuse_twin(profile: OrderProfile) -> None:
    """Ask for a confirmation before the same basket is bought twice. Raises OrderingError DUPLICATE_ORDER."""
    twin = twin_of(profile)
    if twin is not None:
        raise OrderingError(
            Code.DUPLICATE_ORDER,
            detail=f"几分钟前您下过一张同样的订单（{twin.number}），确实要再买一份，请确认后再次提交",
        )


def note_twins() -> int:
    """Mark the orders of the last minutes that repeat another, for the staff; how many. Again: none."""
    window = timedelta(minutes=settings.O2O_ORDERING["DUPLICATE_MINUTES"])
    earlier = OrderProfile.objects.filter(
        basket=OuterRef("basket"),
        placed_at__lt=OuterRef("placed_at"),
        placed_at__gte=OuterRef("placed_at") - window,
    ).exclude(state=State.CLOSED)
    rows = OrderProfile.objects.filter(placed_at__gte=now() - 3 * window, duplicate_of__isnull=True)
    found = rows.exclude(basket="").annotate(twin=Subquery(earlier.order_by("-placed_at").values("pk")[:1]))
    pairs = list(found.filter(twin__isnull=False).values_list("pk", "twin"))
    for key, twin in pairs:
        OrderProfile.objects.filter(pk=key).update(duplicate_of=twin)
    return len(pairs)


@dataclass(frozen=True, slots=True)
class Missing:
    """A line that is not as it was: gone, fewer, or at another price (yuan)."""

    name: str
    sku: str
    wanted: int
    got: int
    before: Decimal
    after: Decimal | None

    @property
    def words(self) -> str:
        """What to tell the buyer."""
        if self.after is None or not self.got:
            return f"{self.name} 已下架或无货"
        told = []
        if self.got < self.wanted:
            told.append(f"库存只剩 {self.got} 件")
        if self.after > self.before:
            told.append(f"现价 ¥{self.after:,.2f}，比上次贵 ¥{self.after - self.before:,.2f}")
        elif self.after < self.before:
            told.append(f"现价 ¥{self.after:,.2f}，比上次便宜 ¥{self.before - self.after:,.2f}")
        return f"{self.name} " + "，".join(told)


@dataclass(slots=True)
class Again:
    """A new cart, and what is not as it was."""

    checkout: Checkout
    changes: list[Missing] = field(default_factory=list)


@transaction.atomic
def reorder(order: Order, user: Any, discounts: Iterable[Any] = ()) -> Again:
    """Put the lines of an old order into a new cart of the user's, as far as they can be bought now.

    The cart of before stays. Raises OrderingError NOTHING_TO_REORDER where nothing is left. Locks nothing.
    """
    lines = list(order.lines.order_by("pk"))
    variants = {
        variant.pk: variant
        for variant in ProductVariant.objects.filter(pk__in=[line.variant_id for line in lines])
        .select_related("product__product_type", "product__category")
        .prefetch_related("product__collections")
    }
    checkout = Checkout(user=user, email=user.email, country=settings.DEFAULT_COUNTRY)
    checkout.shipping_address = _copy(user.default_shipping_address)
    checkout.billing_address = _copy(user.default_billing_address)
    wanted: dict[int, CheckoutLine] = {}
    changes = []
    for line in lines:
        variant = variants.get(line.variant_id) if line.variant_id else None
        price, got = None, 0
        if variant is not None and variant.product.is_visible:
            price = variant.get_price(list(discounts)).amount
            free = get_available_quantity(variant, settings.DEFAULT_COUNTRY)
            got = min(line.quantity, free) if variant.track_inventory else line.quantity
        if got and variant is not None:
            if variant.pk in wanted:
                wanted[variant.pk].quantity += got
            else:
                wanted[variant.pk] = CheckoutLine(checkout=checkout, variant=variant, quantity=got)
        if got < line.quantity or price != line.unit_price_gross_amount:
            name = f"{line.product_name} {line.variant_name}".strip()
            changes.append(
                Missing(name, line.product_sku, line.quantity, got, line.unit_price_gross_amount, price)
            )
    if not wanted:
        raise OrderingError(Code.NOTHING_TO_REORDER)
    checkout.quantity = sum(line.quantity for line in wanted.values())
    checkout.save()
    CheckoutLine.objects.bulk_create(wanted.values())
    return Again(checkout, changes)


def _copy(address: Any) -> Any:
    return address.get_copy() if address is not None else None
