"""What the counters of all trades ask alike while a clerk sells: how an order stands, and that it is given up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from saleor_o2o.backoffice.admin.asking import Asked
from saleor_o2o.kernel.scope import get_row, require

from ..access import SELL
from ..models import TicketOrder
from ..services.holding import close
from ..services.reach import typed as clean

#: An order as a trade's counter shows it to a clerk.
Shown = Callable[[TicketOrder, Any], dict[str, Any]]


def order_named(user: Any, typed: Mapping[str, Any]) -> TicketOrder:
    """The order that a counter names, in the clerk's reach. Raises OutOfScope."""
    return get_row(user, TicketOrder, number=clean(str(typed.get("number") or "")).upper())


def standing(shown: Shown) -> Asked:
    """The question how an order of the clerk's reach stands: held, paid, issued."""

    def asked(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> dict[str, Any]:
        return {"order": shown(order_named(user, typed), user)}

    return asked


def give_up(shown: Shown) -> Asked:
    """That the customer does not want it: what is held is free again. What lies in an order is cancelled with it."""

    def asked(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> dict[str, Any]:
        order = order_named(user, typed)
        require(user, SELL, order)
        close(order.pk, _("顾客放弃"))
        order.refresh_from_db()
        return {"order": shown(order, user)}

    return asked
