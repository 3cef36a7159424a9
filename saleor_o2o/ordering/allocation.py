"""No oversell: the stock rows are locked before anything is summed, on every path that allocates.

Stock's ``allocate_stock`` sums allocations in the statement that locks; its snapshot is older than
the lock, so a buyer who waited still sees the stock as it was. Locking first, in a statement of its own, makes every
later statement of the transaction see what the previous holder did (READ COMMITTED). A trigger on
``warehouse_allocation`` (migration 0001) is the belt for code that would ever go around this.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import wraps
from typing import Any

from django.db import IntegrityError, transaction
from saleor.core.exceptions import InsufficientStock
from saleor.warehouse.models import Stock

from saleor_o2o.compat.registry import Stage, adaptation
from saleor_o2o.kernel.locks import lock_rows

#: The name of the check that the trigger reports.
OVERSELL_CONSTRAINT = "o2o_no_oversell"


def lock_stocks(variant_ids: Iterable[int], country_code: str) -> list[Stock]:
    """Lock the stock rows of the variants in the country's warehouses and return them.

    Locks: ``warehouse_stock`` rows in primary-key order. Raises LockTimeout; needs an open transaction.
    """
    rows = Stock.objects.filter(
        product_variant_id__in=sorted(set(variant_ids)),
        warehouse__in=_warehouses(country_code),
    )
    return lock_rows(rows)


def _warehouses(country_code: str) -> Any:
    from saleor.warehouse.models import Warehouse

    return Warehouse.objects.filter(shipping_zones__countries__contains=country_code).values("pk")


def is_oversell(error: IntegrityError) -> bool:
    """True when the trigger refused an allocation, as opposed to any other integrity error."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return getattr(diagnostics, "constraint_name", None) == OVERSELL_CONSTRAINT


@adaptation(Stage.APPS, "allocate_stock sums with a snapshot older than its lock and oversells (trap 1)")
def allocation_locks_first() -> None:
    from saleor.checkout import utils as checkout_utils
    from saleor.graphql.order.mutations import draft_orders
    from saleor.warehouse import management

    stock_allocate = management.allocate_stock

    @wraps(stock_allocate)
    def allocate_stock(order_line: Any, country_code: str, quantity: int) -> None:
        try:
            with transaction.atomic():
                lock_stocks([order_line.variant_id], country_code)
                stock_allocate(order_line, country_code, quantity)
        except IntegrityError as error:
            if is_oversell(error):
                raise InsufficientStock(order_line.variant) from error
            raise

    for module in (management, checkout_utils, draft_orders):
        module.allocate_stock = allocate_stock
