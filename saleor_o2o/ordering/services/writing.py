"""Writing what an order has beyond Saleor's row: profile, sub-orders and their lines, in three bulk statements.

One more reads the clocks; what is known of the goods comes with the lines (`WITH_KINDS`), nothing is read per line.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Q
from saleor.discount import VoucherType
from saleor.order.models import Order, OrderLine
from saleor.product.models import Product
from saleor.warehouse.models import Allocation, Stock

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.money import format_yuan, to_fen, to_yuan

from ..choices import MIXED, BusinessLine, DeliveryMode, State, TimelineKind, TimerKind
from ..deductions.keeping import deducted_of
from ..deductions.taking import Deducted
from ..models import (
    OrderProfile,
    ProductTypeLine,
    SellerProduct,
    ShippingMethodMode,
    SubOrder,
    SubOrderLine,
    TimerRule,
)
from ..numbers import order_number, sub_order_number
from ..splitting import LineFact, Part, split_order
from .timeline import note

#: What must be read along with lines (below their `variant`), so that nothing is read per line.
WITH_KINDS = ("product__product_type__o2o_line", "product__o2o_seller")


_USUAL = BusinessLine.GOODS.value


@dataclass(frozen=True, slots=True)
class Kind:
    """What is known of a product: who sells it, its business line, how it is handed over if not as usual."""

    seller: int | None = None
    line: str = BusinessLine.GOODS.value
    mode: str = ""


def write_rows(
    order: Order,
    lines: Sequence[OrderLine],
    places: Mapping[int, Sequence[tuple[Any, int]]],
    *,
    source: str = "",
    waits: bool = False,
    deducted: Deducted | None = None,
) -> OrderProfile:
    """Write the profile, the sub-orders and their lines of an order that has just been placed.

    Call once, in the transaction that writes the order (or places the draft), after its attribution. `lines` have
    their variants with what `WITH_KINDS` names; `places` says by line which warehouse gives how much; `waits`: it is
    closed unless paid in time; `deducted`: what sources took off it, read where it is not given. Locks nothing.
    """
    kinds = kinds_of(lines)
    way = mode_of_method(order)
    facts = [fact_of(order, line, kinds, way, places.get(line.pk, ())) for line in lines]
    deducted = deducted_of(order) if deducted is None else deducted
    parts = split(order, facts, lines, deducted) if facts else []
    moment = now()
    lines_of_business = [fact.line for fact in facts]
    profile = profile_of_order(order, facts, moment, timers_for(lines_of_business or [_USUAL], moment))
    profile.basket = basket_of(order, lines)
    profile.pay_by = profile.pay_by if waits else None
    profile.save(force_insert=True)
    order.o2o_profile = profile
    _write_parts(order, profile, parts, moment)
    total = format_yuan(order.total_gross_amount)
    note(
        order.pk, TimelineKind.PLACED, f"下单，应付 {total}", source=source, at=moment,
        after={"number": profile.number, "total": order.total_gross_amount, "sub_orders": len(parts)},
    )  # fmt: skip
    return profile


def kinds_of(lines: Sequence[OrderLine]) -> dict[int, Kind]:
    """What is known of the lines' products, by product; read along with the lines (`WITH_KINDS`), no statement."""
    found = {}
    for line in lines:
        if line.variant is None:
            continue
        product = line.variant.product
        seller: SellerProduct | None = getattr(product, "o2o_seller", None)
        rule: ProductTypeLine | None = getattr(product.product_type, "o2o_line", None)
        found[product.pk] = Kind(
            seller.seller_id if seller is not None else None,
            rule.line if rule is not None else BusinessLine.GOODS.value,
            rule.mode if rule is not None else "",
        )
    return found


def mode_of_method(order: Order) -> str:
    """How the order's shipping method hands over; without one the goods change hands over the counter."""
    if order.shipping_method is None:
        return DeliveryMode.PICKUP.value
    # read along with the checkout's method
    found: ShippingMethodMode | None = getattr(order.shipping_method, "o2o_mode", None)
    return found.mode if found is not None else DeliveryMode.DELIVERY.value


def places_of(allocations: Iterable[Allocation], stocks: Iterable[Stock]) -> dict[int, list[tuple[Any, int]]]:
    """Which warehouse gives how much of each line; `stocks` hold the rows that the allocations name."""
    at = {stock.pk: stock.warehouse_id for stock in stocks}
    found: dict[int, list[tuple[Any, int]]] = defaultdict(list)
    for one in allocations:
        found[one.order_line_id].append((at[one.stock_id], one.quantity_allocated))
    return found


def fact_of(
    order: Order, line: OrderLine, kinds: Mapping[int, Kind], way: str, places: Sequence[tuple[Any, int]]
) -> LineFact:
    """A line as the splitting knows it."""
    kind = kinds.get(line.variant.product_id, Kind()) if line.variant is not None else Kind()
    usual = way if line.is_shipping_required else DeliveryMode.VIRTUAL.value
    known = sum(quantity for _place, quantity in places)
    rest = ((None, line.quantity - known),) if known < line.quantity else ()
    return LineFact(
        key=line.pk,
        quantity=line.quantity,
        unit=to_fen(line.unit_price_gross_amount),
        seller=kind.seller,
        line=kind.line,
        mode=kind.mode or usual,
        places=(*places, *rest),
    )


def split(order: Order, facts: list[LineFact], lines: Sequence[OrderLine], deducted: Deducted) -> list[Part]:
    """Split by the order's amounts of now; a voucher for certain goods only makes these cheaper.

    Of the order's discount the sources' part is `deducted`, the rest is the voucher's.
    """
    if deducted.lines:
        facts = [replace(fact, deducted=deducted.lines.get(fact.key, 0)) for fact in facts]
    voucher = order.voucher if order.voucher_id and order.discount_amount else None
    if voucher is not None and voucher.type == VoucherType.SPECIFIC_PRODUCT:
        meant = _meant(voucher, lines)
        facts = [
            fact if fact.key in meant else _without_discount(fact) for fact in facts
        ] if meant else facts  # fmt: skip
    return split_order(
        facts,
        shipping=to_fen(order.shipping_price_gross_amount),
        discount=max(to_fen(order.discount_amount) - deducted.total, 0),
        total=to_fen(order.total_gross_amount),
        on_shipping=voucher is not None and voucher.type == VoucherType.SHIPPING,
        off_shipping=deducted.shipping,
    )


def _without_discount(fact: LineFact) -> LineFact:
    return replace(fact, discounted=False)


def _meant(voucher: Any, lines: Sequence[OrderLine]) -> set[int]:
    """The lines that a voucher for certain products, categories or collections is for; one statement."""
    wanted = {line.variant.product_id for line in lines if line.variant is not None}
    on = Q(voucher=voucher) | Q(category__voucher=voucher) | Q(collections__voucher=voucher)
    products = set(Product.objects.filter(on, pk__in=wanted).order_by().values_list("pk", flat=True))
    return {line.pk for line in lines if line.variant is not None and line.variant.product_id in products}


def timers_for(lines: Iterable[str], moment: Any) -> dict[str, dict[str, int]]:
    """The clocks in force at a moment, in minutes, by business line and kind; one statement."""
    wanted = sorted(set(lines))
    rules = (
        TimerRule.objects.filter(Q(line="") | Q(line__in=wanted), valid_from__lte=moment)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gt=moment))
        # the last of a kind counts: the line's own after the one for all, the newest last
        .order_by("line", "valid_from", "pk")
    )
    found: dict[str, dict[str, int]] = {line: {} for line in wanted}
    for rule in rules:
        for line in [rule.line] if rule.line else wanted:
            found[line][rule.kind] = rule.minutes
    return found


def profile_of_order(
    order: Order,
    facts: Sequence[LineFact],
    moment: Any,
    clocks: Mapping[str, dict[str, int]],
    number: str = "",
) -> OrderProfile:
    """The profile, not saved yet, of an order placed at a moment; `clocks` as `timers_for` gives.

    Without a number one is drawn.
    """
    lines = list(dict.fromkeys(fact.line for fact in facts)) or [_USUAL]
    timers = {line: clocks[line] for line in lines}
    path, code, channel_type, channel_code = _whose(order)
    pay = [timers[line][TimerKind.PAY] for line in lines if TimerKind.PAY in timers[line]]
    return OrderProfile(
        order=order,
        number=number or order_number(code, moment),
        line=lines[0] if len(lines) == 1 else MIXED,
        state=State.PENDING_PAYMENT,
        timers=timers,
        org_path=path,
        channel_type=channel_type,
        channel_code=channel_code,
        placed_total=order.total_gross_amount,
        total=order.total_gross_amount,
        placed_at=moment,
        pay_by=_pay_by(
            order, moment + timedelta(minutes=min(pay, default=settings.O2O_CASHIER["PAY_MINUTES"]))
        ),
    )


def _pay_by(order: Order, usual: Any) -> Any:
    """What is held for an order is not held for longer than its holds say."""
    held: Any = getattr(order, "o2o_pay_by", None)
    return min(held, usual) if held is not None else usual


def _whose(order: Order) -> tuple[str, str, str, str]:
    """Path, unit code and channel of the order's attribution, where an organisation has written one."""
    found = getattr(order, "o2o_attribution", None)
    if found is None:
        return "", "", "", ""
    return found.org_path, found.unit.code, found.channel_type, found.channel_code


def basket_of(order: Order, lines: Iterable[OrderLine]) -> str:
    """A fingerprint of who buys what: the same buyer's same basket gives the same one; empty without a buyer."""
    buyer = f"user:{order.user_id}" if order.user_id else order.user_email.strip().lower()
    if not buyer:
        return ""
    goods = sorted((line.product_sku, line.quantity) for line in lines)
    return hashlib.blake2b(repr((buyer, goods)).encode(), digest_size=16).hexdigest()


def _write_parts(order: Order, profile: OrderProfile, parts: Sequence[Part], moment: Any) -> None:
    rows = []
    for position, part in enumerate(parts, start=1):
        seller, warehouse, mode, line = part.key
        rows.append(
            SubOrder(
                number=sub_order_number(profile.number, position),
                order=order,
                position=position,
                seller_id=seller,
                warehouse_id=warehouse,
                mode=mode,
                line=line,
                created_at=moment,
                **amounts_of(part),
            )
        )
    SubOrder.objects.bulk_create(rows)
    SubOrderLine.objects.bulk_create(
        SubOrderLine(
            sub_order=row,
            order_line_id=one.key,
            quantity=one.quantity,
            goods=to_yuan(one.goods),
            discount=to_yuan(one.discount),
            prepaid=to_yuan(one.prepaid),
            total=to_yuan(one.total),
        )
        for row, part in zip(rows, parts, strict=True)
        for one in part.lines
    )


def amounts_of(part: Part) -> dict[str, Decimal]:
    """A part's amounts in yuan, as the sub-order has them."""
    return {
        "goods": to_yuan(part.goods),
        "discount": to_yuan(part.discount),
        "shipping": to_yuan(part.shipping),
        "prepaid": to_yuan(part.prepaid),
        "total": to_yuan(part.total),
    }
