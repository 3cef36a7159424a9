"""Replacements of an exchange: taken off the shelf when it is agreed, so that the last piece is promised once."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import F, Sum
from django.utils.translation import gettext_lazy as _
from saleor.warehouse.models import Allocation, Stock

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows

from ..choices import HoldState
from ..errors import AfterSaleError
from ..errors import AfterSaleErrorCode as Code
from ..models import AfterSale, AfterSaleLine, Replacement


def set_aside(row: AfterSale) -> None:
    """Take the replacements of a *locked* exchange off the shelf: of each line all pieces from one place.

    The place the goods were sent from comes first. Locks: the stock rows of the variants, in key order, before
    anything is summed. Raises AfterSaleError OUT_OF_STOCK, GOODS_GONE (nothing is taken then), LockTimeout.
    """
    lines = list(
        row.lines.select_related("wanted__product", "part_line__order_line__variant__product").order_by("pk")
    )
    wanted = [_variant(line) for line in lines]
    free = _free({variant.pk for variant in wanted})
    home = row.sub_order.warehouse_id
    made = [_choose(line, variant, free, home) for line, variant in zip(lines, wanted, strict=True)]
    for one in made:
        Stock.objects.filter(pk=one.stock_id).update(quantity=F("quantity") - one.quantity)
    Replacement.objects.bulk_create(made)


def _variant(line: AfterSaleLine) -> Any:
    if line.swap is None:
        raise AfterSaleError(
            Code.GOODS_GONE,
            _("“%(name)s”已下架，没有可换的货") % {"name": line.part_line.order_line.product_name},
            hint=_("可以点“无货，建议退款”，由买家决定"),
        )
    return line.swap


def _free(variants: set[int]) -> dict[int, list[list[Any]]]:
    """By variant: its stock rows, *locked*, each with what of it nobody has bought."""
    stocks = lock_rows(Stock.objects.filter(product_variant_id__in=variants))
    promised = dict(
        Allocation.objects.filter(stock__in=stocks, quantity_allocated__gt=0)
        .order_by()
        .values("stock")
        .annotate(total=Sum("quantity_allocated"))
        .values_list("stock", "total")
    )
    free: dict[int, list[list[Any]]] = defaultdict(list)
    for stock in stocks:
        free[stock.product_variant_id].append([stock, stock.quantity - promised.get(stock.pk, 0)])
    return free


def _choose(line: AfterSaleLine, variant: Any, free: dict[int, list[list[Any]]], home: Any) -> Replacement:
    places = sorted(free[variant.pk], key=lambda one: (one[0].warehouse_id != home, -one[1], one[0].pk))
    found = next((one for one in places if one[1] >= line.quantity), None)
    if found is None:
        raise AfterSaleError(
            Code.OUT_OF_STOCK,
            _("“%(name)s”没有足够的现货可换") % {"name": f"{variant.product.name} {variant.name}".strip()},
            hint=_("可以点“无货，建议退款”，由买家决定；或补货后再同意"),
        )
    found[1] -= line.quantity
    return Replacement(line=line, stock=found[0], variant=variant, quantity=line.quantity)


def put_back(row: AfterSale) -> None:
    """Put what is held for a *locked* after-sale back on its shelf; nothing held: no change. Locks: its stock rows."""
    held = list(Replacement.objects.filter(line__after_sale=row, state=HoldState.HELD).order_by("pk"))
    if not held:
        return
    lock_rows(Stock.objects.filter(pk__in=[one.stock_id for one in held if one.stock_id]))
    for one in held:
        Stock.objects.filter(pk=one.stock_id).update(quantity=F("quantity") + one.quantity)
    _end(held, HoldState.RELEASED)


def hand_out(row: AfterSale) -> None:
    """What is held for a *locked* exchange leaves; what came back undamaged goes on the shelf. Locks: stock rows.

    Raises AfterSaleError OUT_OF_STOCK when nothing is held.
    """
    held = list(Replacement.objects.filter(line__after_sale=row, state=HoldState.HELD).order_by("pk"))
    lines = list(row.lines.select_related("part_line__order_line").order_by("pk"))
    if {one.line_id for one in held} != {line.pk for line in lines}:
        raise AfterSaleError(
            Code.OUT_OF_STOCK, _("没有为这单预留换货商品"), hint=_("可以点“无货，建议退款”，由买家决定")
        )
    _end(held, HoldState.SENT)
    good: dict[int, int] = defaultdict(int)
    for line in lines:
        if line.part_line.order_line.variant_id:
            good[line.part_line.order_line.variant_id] += line.quantity - line.damaged
    rows = Stock.objects.filter(warehouse_id=row.sub_order.warehouse_id, product_variant_id__in=list(good))
    for stock in lock_rows(rows):
        Stock.objects.filter(pk=stock.pk).update(quantity=F("quantity") + good[stock.product_variant_id])


def _end(held: list[Replacement], state: HoldState) -> None:
    Replacement.objects.filter(pk__in=[one.pk for one in held]).update(state=state, ended_at=now())
