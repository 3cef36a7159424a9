"""What other plugins may use of the counter; what it tells is in `events.py`.

- `SELL`: the permission to sell; `sale_to_pay(user, sale_pk)`: a sale that waits for money, as its clerk sees it;
- `selling_unit(user, key)`: the unit of a selling place; `telephone_of(user)`: the telephone over which the own unit
  sells (`key` names it to the till, `name` is what people call it); what is sold there is paid by a link (`till/link`);
- `register_question(name, answer)`: something that the workbench asks while a clerk types, answered by a plugin.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.cashier.interfaces import live_intent, parts_of
from saleor_o2o.kernel.scope import get_row, require

from .models import CounterSale
from .permissions import SELL
from .places import place_of, require_place, telephone_of
from .questions import register_question
from .services.taking import refuse_unless_payable

__all__ = ["SELL", "SaleToPay", "register_question", "sale_to_pay", "selling_unit", "telephone_of"]


@dataclass(frozen=True, slots=True)
class SaleToPay:
    """A placed sale: its order, where it is sold, the customer's mobile if known, what is left to pay of it (yuan)."""

    order_id: int
    unit: OrgUnit
    phone: str
    due: Decimal


def sale_to_pay(user: Any, sale_pk: int | str) -> SaleToPay:
    """A sale that the user may take money for.

    Raises OutOfScope, NotAllowed, CounterError ALREADY_PAID, SALE_CLOSED.
    """
    sale = get_row(user, CounterSale.objects.select_related("unit"), pk=sale_pk)
    require(user, SELL, sale)
    refuse_unless_payable(sale)
    parts = parts_of(sale.order_id) if live_intent(sale.order_id) is not None else []
    held = sum((one.amount for one in parts), Decimal("0.00"))
    return SaleToPay(sale.order_id, sale.unit, sale.phone, sale.total - held)


def selling_unit(user: Any, key: str = "") -> OrgUnit:
    """The unit at whose counter the user sells now. Raises OutOfScope, NotAllowed, CounterError PLACE_CLOSED."""
    place = place_of(user, key[:80])
    require_place(user, place)
    return place.unit
