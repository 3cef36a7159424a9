"""The counter as paymaster: what was taken here goes back here, when an after-sale has decided so."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.scope import get_row, require
from saleor_o2o.ordering.interfaces import Taken, register_finder, register_paymaster

from .error_codes import CounterErrorCode as Code
from .errors import CounterError
from .locks import lock_sale
from .models import CounterSale, PaidBy, SaleState
from .permissions import REFUND
from .selectors.finding import orders_by
from .services.pos import read_reference
from .services.refunds import check_left, give_back, was_done


class CounterPaymaster:
    """Cash and cards of the counter; codes and mixed payments are the cashier's to give back."""

    def took(self, order_id: int) -> Taken | None:
        """One statement."""
        rows = CounterSale.objects.filter(
            order_id=order_id,
            paid_by__in=(PaidBy.CASH, PaidBy.POS),
            state__in=(SaleState.PAID, SaleState.HANDED),
        )
        sale = rows.only("paid_by").first()
        if sale is None:
            return None
        return Taken(str(sale.get_paid_by_display()), needs_slip=sale.paid_by == PaidBy.POS)

    @transaction.atomic
    def give_back(
        self, user: Any, order_id: int, amount: Decimal, *, reason: str, key: str, seen: Decimal, slip: str
    ) -> None:
        """Out of the clerk's open shift; nobody's limit is asked, the after-sale's approval stands for it.

        Locks and errors as `refunds.give_back`, and CounterError KEY_REUSED, REFUND_INVALID (`seen` is not what the
        sale has given back).
        """
        found = get_row(user, CounterSale, order_id=order_id)
        require(user, REFUND, found)
        request = f"refund:{found.pk}:{key}"
        sale = lock_sale(found.pk)
        if was_done(request, amount):
            return
        check_left(sale, amount)
        if sale.refunded != seen:
            raise CounterError(
                Code.REFUND_INVALID,
                _("这笔销售刚刚有退款，请刷新后核对"),
                "amount",
            )
        told = read_reference(slip) if slip.strip(" /") else None
        give_back(user, sale, amount, reason, request=request, goods_back=False, pos=told)


def install() -> None:
    """Tell ordering; called once when the app is ready."""
    register_paymaster("counter_sales", CounterPaymaster())
    register_finder("counter_sales", orders_by)
