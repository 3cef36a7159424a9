"""Reading sales: what is unfinished, and a clerk's day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from saleor_o2o.kernel.clock import midnight
from saleor_o2o.kernel.scope import rows_for

from ..models import (
    CashReceipt,
    CounterSale,
    Delivery,
    FloatAccount,
    PaidBy,
    PosReceipt,
    ReceiptKind,
    SaleRefund,
    SaleState,
)
from ..places import Place
from .mixed import mixed_back, mixed_in

ZERO = Decimal("0.00")


def awaits_money(order_id: int) -> bool:
    """True for a counter order that nobody has paid: nothing of it may leave."""
    return CounterSale.objects.filter(order_id=order_id, state=SaleState.PLACED).exists()


def unfinished(user: Any) -> QuerySet[CounterSale]:
    """The user's own placed sales that wait for money, the oldest first."""
    rows = rows_for(user, CounterSale).filter(operator=user, state=SaleState.PLACED)
    return rows.select_related("order", "unit").order_by("made_at")


def sales_at(user: Any, place: Place) -> QuerySet[CounterSale]:
    """Sales at a place that the user sees, the newest first: a shop's own, or those of a unit's counter."""
    own = {"channel_code": place.channel_code} if place.shop is not None else {"unit": place.unit}
    rows = rows_for(user, CounterSale).filter(**own)
    return rows.select_related("order", "unit").order_by("-pk")


@dataclass(frozen=True, slots=True)
class Day:
    """A clerk's day. Amounts in yuan; `drawer` is the cash that should be in the drawer from this person's sales."""

    day: date
    sales: int = 0
    worth: Decimal = ZERO
    cash: Decimal = ZERO
    cash_count: int = 0
    code: Decimal = ZERO
    code_count: int = 0
    cash_back: Decimal = ZERO
    pos: Decimal = ZERO
    pos_count: int = 0
    pos_back: Decimal = ZERO
    code_back: Decimal = ZERO
    waiting: int = 0
    cancelled: int = 0
    handed: int = 0
    accounts: list[FloatAccount] = field(default_factory=list)

    @property
    def drawer(self) -> Decimal:
        return self.cash - self.cash_back


def day_of(user: Any, day: date) -> Day:
    """What this person sold, took and gave back on a day, by the receipts of cash and cards.

    Nine statements, thirteen with sales paid in several ways.
    """
    since, until = span_of(day)
    made = CounterSale.objects.filter(operator=user, made_at__gte=since, made_at__lt=until)
    numbers = made.aggregate(
        sales=Count("pk", filter=~Q(state=SaleState.CANCELLED)),
        worth=Sum("total", filter=~Q(state=SaleState.CANCELLED)),
        waiting=Count("pk", filter=Q(state=SaleState.PLACED)),
        cancelled=Count("pk", filter=Q(state=SaleState.CANCELLED)),
    )
    paid = CounterSale.objects.filter(
        operator=user, paid_by=PaidBy.CODE, paid_at__gte=since, paid_at__lt=until
    ).aggregate(code=Sum("total"), code_count=Count("pk"))
    cash = CashReceipt.objects.filter(operator=user, at__gte=since, at__lt=until).aggregate(
        cash=Sum("amount", filter=Q(kind=ReceiptKind.TAKEN)),
        cash_count=Count("pk", filter=Q(kind=ReceiptKind.TAKEN)),
        cash_back=Sum("amount", filter=Q(kind=ReceiptKind.GIVEN_BACK)),
    )
    card = PosReceipt.objects.filter(operator=user, at__gte=since, at__lt=until).aggregate(
        pos=Sum("amount", filter=Q(kind=ReceiptKind.TAKEN)),
        pos_count=Count("pk", filter=Q(kind=ReceiptKind.TAKEN)),
        pos_back=Sum("amount", filter=Q(kind=ReceiptKind.GIVEN_BACK)),
    )
    back = SaleRefund.objects.filter(operator=user, at__gte=since, at__lt=until, paid_by=PaidBy.CODE)
    code_back = back.aggregate(code_back=Sum("amount"))
    apart = mixed_in(CounterSale.objects.filter(operator=user, paid_at__gte=since, paid_at__lt=until))
    apart_back = mixed_back(SaleRefund.objects.filter(operator=user, at__gte=since, at__lt=until))
    handed = CounterSale.objects.filter(handed_by=user, handed_at__gte=since, handed_at__lt=until).count()
    accounts = FloatAccount.objects.filter(
        pk__in=CounterSale.objects.filter(operator=user, made_at__gte=since, made_at__lt=until).values(
            "account"
        )
    ).select_related("unit")
    found: dict[str, Any] = {
        name: value or ZERO for name, value in {**numbers, **paid, **cash, **card, **code_back}.items()
    }
    for name in ("sales", "waiting", "cancelled", "cash_count", "pos_count", "code_count"):
        found[name] = int(found[name])
    found["code"] += apart.code
    found["code_count"] += apart.code_count
    found["code_back"] += apart_back.code
    return Day(day=day, handed=handed, accounts=list(accounts), **found)


def sales_of(user: Any, day: date) -> list[CounterSale]:
    """The person's sales of a day, the newest first."""
    since, until = span_of(day)
    rows = CounterSale.objects.filter(operator=user, made_at__gte=since, made_at__lt=until)
    return list(rows.select_related("order", "unit").order_by("-pk")[:500])


def span_of(day: date) -> tuple[datetime, datetime]:
    """From midnight to midnight, Shanghai time."""
    since = midnight(day)
    return since, since + timedelta(days=1)


def pickup_code(order_id: int) -> str:
    """The code on the slip of a sale whose goods are still to be fetched; "" for any other order. One statement."""
    rows = CounterSale.objects.filter(order_id=order_id, delivery=Delivery.PICKUP, state=SaleState.PAID)
    return rows.values_list("pickup_code", flat=True).first() or ""
