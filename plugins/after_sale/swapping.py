"""What goods can be exchanged for, and how long they are repaired for nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from saleor.product.models import ProductVariant
from saleor.warehouse.models import Allocation, Stock

from saleor_o2o.kernel.clock import now
from saleor_o2o.ordering.interfaces import State as Part

from .choices import Kind
from .errors import AfterSaleError
from .errors import AfterSaleErrorCode as Code

#: The product's metadata that says for how many days after receiving it is repaired; without it, in the window only.
WARRANTY = "warranty_days"
_MOST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Swap:
    """A variant that a line can be exchanged for."""

    variant: Any
    in_stock: bool


def chosen_swaps(wanted: Mapping[int, int], lines: Collection[Any], kind: str) -> dict[int, Any]:
    """By line the variant wanted: another of the same product that costs the same now. Two statements at most.

    Raises AfterSaleError GOODS_GONE (the variant is gone, or of another product; a line without one whose own variant
    is gone), PRICE_DIFFERS.
    """
    if kind != Kind.EXCHANGE:
        return {}
    own = ProductVariant.objects.select_related("product").in_bulk(
        [one.order_line.variant_id for one in lines]
    )
    others = ProductVariant.objects.select_related("product").in_bulk(list(wanted.values()))
    chosen = {}
    for line in lines:
        bought, other = own.get(line.order_line.variant_id), others.get(wanted.get(line.pk, 0))
        if bought is None or (line.pk in wanted and (other is None or other.product_id != bought.product_id)):
            raise AfterSaleError(
                Code.GOODS_GONE,
                _("“%(name)s”没有这个可换的规格") % {"name": line.order_line.product_name},
                "wanted",
                _("可以改为申请退货退款"),
            )
        if other is not None and other.base_price != bought.base_price:
            raise AfterSaleError(
                Code.PRICE_DIFFERS,
                _("“%(name)s”的价格不同，暂时只能换同价的规格")
                % {"name": f"{bought.product.name} {other.name}"},
                "wanted",
                _("可以申请退货退款后重新购买"),
            )
        if other is not None and other.pk != bought.pk:
            chosen[line.pk] = other
    return chosen


def swaps_for(lines: Collection[Any]) -> dict[int, list[Swap]]:
    """By line what it can be exchanged for, the variant bought among it. Two statements."""
    products = ProductVariant.objects.filter(pk__in=[one.order_line.variant_id for one in lines])
    allocated = Allocation.objects.filter(stock=OuterRef("pk")).order_by().values("stock")
    promised = Subquery(allocated.annotate(total=Sum("quantity_allocated")).values("total"))
    free = (
        Stock.objects.filter(product_variant=OuterRef("pk"))
        .annotate(left=F("quantity") - Coalesce(promised, 0))
        .order_by("-left")
        .values("left")[:1]
    )
    rows = ProductVariant.objects.filter(product__in=products.values("product")).select_related("product")
    by_product: dict[int, list[Any]] = defaultdict(list)
    known = {}
    for row in rows.annotate(o2o_free=Subquery(free)).order_by("pk"):
        by_product[row.product_id].append(row)
        known[row.pk] = row
    found: dict[int, list[Swap]] = {}
    for line in lines:
        bought = known.get(line.order_line.variant_id)
        same = [] if bought is None else by_product[bought.product_id]
        found[line.pk] = [
            Swap(one, (one.o2o_free or 0) > 0)
            for one in same
            if bought is not None and one.base_price == bought.base_price
        ]
    return found


def warranties(parts: Collection[int]) -> dict[int, dict[int, datetime]]:
    """By sub-order and line: until when a received piece is repaired beyond the window. One statement."""
    lines = apps.get_model("o2o_ordering", "SubOrderLine").objects.filter(
        sub_order__in=parts,
        sub_order__state__in=(Part.RECEIVED, Part.COMPLETED),
        sub_order__received_at__isnull=False,
        order_line__variant__product__metadata__has_key=WARRANTY,
    )
    found: dict[int, dict[int, datetime]] = defaultdict(dict)
    told = lines.values_list(
        "sub_order_id", "pk", "sub_order__received_at", f"order_line__variant__product__metadata__{WARRANTY}"
    )
    for part, line, received_at, days in told:
        found[part][line] = received_at + timedelta(days=_days(days))
    return found


def under_warranty(part: Any, lines: Collection[int] | None = None) -> bool:
    """True while something of a part, or each of the lines named, is repaired beyond the window."""
    until = warranties([part.pk]).get(part.pk, {})
    moment = now()
    if lines is None:
        return any(one > moment for one in until.values())
    return all(until.get(line, moment) > moment for line in lines)


def _days(text: Any) -> int:
    word = str(text).strip()
    return min(int(word), _MOST_DAYS) if word.isascii() and word.isdigit() and len(word) < 6 else 0
