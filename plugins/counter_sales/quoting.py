"""What a basket costs and how its goods can travel: the same arithmetic for showing and for placing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from measurement.measures import Weight
from prices import Money
from saleor.core.weight import zero_weight
from saleor.product.models import ProductVariant
from saleor.shipping.models import ShippingMethod

from plugins.channels.interfaces import Channel
from saleor_o2o.kernel.money import format_yuan
from saleor_o2o.ordering.interfaces import NO_DEDUCTIONS, Reckoning, ask_sources, hold_lines
from saleor_o2o.ordering.interfaces import Goods as PricedGoods

from .deducting import Buyer, goods_at_counter, lowered_of
from .error_codes import CounterErrorCode as Code
from .errors import CounterError
from .models import Delivery
from .selectors.goods import Goods, goods_of
from .wanted import Wanted

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """Goods and how many."""

    goods: Goods
    quantity: int
    #: Of which hold it is (ordering's data of a held line); nothing for goods from the shelf.
    data: Mapping[str, Any] | None = None

    @property
    def total(self) -> Decimal:
        return self.goods.price * self.quantity

    @property
    def listed(self) -> Decimal:
        """The line at the platform's list price."""
        return self.goods.list_price * self.quantity

    @property
    def is_short(self) -> bool:
        """True when more is wanted than is left (as far as is known without a lock)."""
        return self.goods.left is not None and self.quantity > self.goods.left


@dataclass(frozen=True, slots=True)
class Quote:
    """The breakdown read aloud at the counter. Amounts in yuan."""

    lines: Sequence[QuotedLine]
    shipping: Decimal
    discount: Decimal
    methods: Sequence[ShippingMethod]
    method: ShippingMethod | None
    needs_shipping: bool
    base: PricedGoods | None = None
    deducted: Reckoning = NO_DEDUCTIONS

    @property
    def listed(self) -> Decimal:
        """The goods at list prices."""
        return sum((line.listed for line in self.lines), ZERO)

    @property
    def reduced(self) -> Decimal:
        """What promotions take off the list prices, where the platform's prices count."""
        return sum((line.listed - line.total for line in self.lines if not line.goods.is_shop_price), ZERO)

    @property
    def at_shop_prices(self) -> Decimal | None:
        """How much dearer (or, below nought, cheaper) than the platform's list the shop's own prices are.

        None where nothing is sold at a shop's price.
        """
        own = [line.total - line.listed for line in self.lines if line.goods.is_shop_price]
        return sum(own, ZERO) if own else None

    @property
    def goods(self) -> Decimal:
        """The goods at today's prices."""
        return sum((line.total for line in self.lines), ZERO)

    @property
    def total(self) -> Decimal:
        return self.goods + self.shipping - self.discount - self.deducted.total

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON for the page."""
        return {
            "lines": [
                {
                    **line.goods.as_dict(),
                    "quantity": line.quantity,
                    "total": str(line.total),
                    "short": line.is_short,
                }
                for line in self.lines
            ],
            "listed": str(self.listed),
            "reduced": str(self.reduced),
            "shop": None if self.at_shop_prices is None else str(self.at_shop_prices),
            "goods": str(self.goods),
            "shipping": str(self.shipping),
            "discount": str(self.discount),
            "deductions": [one.as_dict() for one in lowered_of(self)],
            "refusals": [one.as_dict() for one in self.deducted.refusals],
            "offers": {
                name: [
                    {
                        "value": one.value,
                        "title": one.title,
                        "saves": str(one.saves),
                        "best": one.is_best,
                        "why": one.refusal.message if one.refusal is not None else "",
                    }
                    for one in ones
                ]
                for name, ones in self.deducted.offers.items()
            },
            "member": self.base is not None,
            "total": str(self.total),
            "needsShipping": self.needs_shipping,
            "method": self.method.pk if self.method else None,
            "methods": [
                {"id": one.pk, "name": one.name, "price": str(one.price_amount)} for one in self.methods
            ],
        }


def quote(
    wanted: Wanted,
    shop: Channel | None = None,
    *,
    offered_only: bool = False,
    buyer: Buyer | None = None,
    offering: bool = False,
    clerk: Any = None,
) -> Quote:
    """Reckon a basket, at a shop's own prices where it is sold in one; `offered_only`: nothing but what it offers.

    `clerk`: who sells, also what he holds for people at the counter. `buyer`: whose member price, coupons and points
    lower it; `offering`: and what else could be chosen. Nothing is locked.

    Raises a hold's refusal, CounterError: GOODS_GONE, METHOD_NOT_APPLICABLE, DISCOUNT_INVALID.
    """
    found = {
        one.variant.pk: one
        for one in goods_of((line.variant_id for line in wanted.lines), shop)
        if one.is_shop_price or not offered_only
    }
    gone = [line.variant_id for line in wanted.lines if line.variant_id not in found]
    if gone:
        raise CounterError(
            Code.GOODS_GONE,
            _("有商品已下架或不存在"),
            "lines",
            _("请移除后再下单"),
            {"variants": gone},
        )
    lines = [QuotedLine(found[line.variant_id], line.quantity) for line in wanted.lines]
    lines += _held(wanted, clerk)
    needs_shipping = any(line.goods.variant.is_shipping_required() for line in lines)
    goods = sum((line.total for line in lines), ZERO)
    methods, method = _methods(wanted, lines, goods) if needs_shipping else ([], None)
    shipping = method.price_amount if method is not None else ZERO
    if wanted.discount > goods:
        raise CounterError(
            Code.DISCOUNT_INVALID,
            _("优惠不能超过商品金额 %(goods)s") % {"goods": format_yuan(goods)},
            "discount",
        )
    base, deducted = None, NO_DEDUCTIONS
    if buyer is not None:
        base = goods_at_counter(lines, shipping, wanted.discount, wanted, buyer)
        deducted = ask_sources(base, offering=offering)
    return Quote(lines, shipping, wanted.discount, methods, method, needs_shipping, base, deducted)


def _held(wanted: Wanted, clerk: Any) -> list[QuotedLine]:
    """The lines of what is held, at the holds' prices."""
    found = [one for number, key in wanted.holds for one in hold_lines(number, key, clerk)]
    if not found:
        return []
    variants = ProductVariant.objects.select_related("product__product_type", "product__category").in_bulk(
        {line.variant for line, _data in found}
    )
    return [
        QuotedLine(_held_goods(variants[line.variant], line.unit), line.quantity, data)
        for line, data in found
    ]


def _held_goods(variant: ProductVariant, unit: Decimal) -> Goods:
    return Goods(variant, variant.product.name, variant.name, unit, unit, None)


def pickup_method() -> ShippingMethod | None:
    """The shop's way of picking up, if it has one written down (setting `O2O_COUNTER["PICKUP_METHOD"]`, by name)."""
    name = settings.O2O_COUNTER["PICKUP_METHOD"]
    return ShippingMethod.objects.filter(name=name).order_by("pk").first()


def _methods(
    wanted: Wanted, lines: Sequence[QuotedLine], goods: Decimal
) -> tuple[list[ShippingMethod], ShippingMethod | None]:
    if wanted.delivery == Delivery.PICKUP:
        return [], None
    weight = sum((line.goods.variant.get_weight() * line.quantity for line in lines), zero_weight())
    found = ShippingMethod.objects.applicable_shipping_methods(
        price=Money(goods, settings.DEFAULT_CURRENCY),
        weight=weight if isinstance(weight, Weight) else zero_weight(),
        country_code=settings.DEFAULT_COUNTRY,
    )
    methods = [one for one in found if one.name != settings.O2O_COUNTER["PICKUP_METHOD"]]
    if not methods:
        raise CounterError(
            Code.METHOD_NOT_APPLICABLE, _("这些商品没有可用的配送方式"), "delivery", _("请改为网点自提")
        )
    if wanted.method_id is None:
        return methods, methods[0]
    chosen = next((one for one in methods if one.pk == wanted.method_id), None)
    if chosen is None:
        raise CounterError(
            Code.METHOD_NOT_APPLICABLE, _("所选配送方式不适用于这些商品"), "method", _("请重新选择配送方式")
        )
    return methods, chosen
