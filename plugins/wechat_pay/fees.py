"""What WeChat kept for itself, from its bills: a table in the report of payments."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from saleor_o2o.cashier.interfaces import Section
from saleor_o2o.cashier.models import PaymentAttempt, PaymentIntent, SubTrade
from saleor_o2o.kernel.money import format_yuan, round_yuan

from .models import BillKind, BillLine, BillState

ZERO = Decimal("0.00")
HEADERS = ("商户号", "账单日", "笔数", "收款", "退款", "手续费", "费率")


def fees(intents: QuerySet[PaymentIntent], first: date, last: date) -> Section | None:
    """Fees by merchant account and day of the trade bills, of payments in reach; None where no bill is there.

    Fees are what the bill says: five decimals, what WeChat gives back with a refund taken off.
    """
    own = PaymentAttempt.objects.filter(intent__in=intents).values("number")
    parts = SubTrade.objects.filter(attempt__intent__in=intents).values("number")
    lines = BillLine.objects.filter(
        Q(trade_number__in=own) | Q(trade_number__in=parts),
        bill__kind=BillKind.TRADE,
        bill__state=BillState.STORED,
        bill__day__gte=first,
        bill__day__lte=last,
    )
    rows = (
        lines.order_by()
        .values("bill__account__mchid", "bill__day")
        .annotate(
            n=Count("pk"),
            taken=Sum("amount", filter=Q(amount__gt=0)),
            back=Sum("amount", filter=Q(amount__lt=0)),
            kept=Sum("fee"),
        )
        .order_by("bill__account__mchid", "-bill__day")
    )
    told = [_row(row) for row in rows]
    return Section(_("微信支付手续费（按账单）"), HEADERS, told) if told else None


def _row(row: Any) -> tuple[Any, ...]:
    taken, kept = row["taken"] or ZERO, row["kept"] or ZERO
    rate = f"{(100 * kept / taken):.2f}%" if taken else "—"
    return (
        row["bill__account__mchid"], row["bill__day"].isoformat(), row["n"],
        *(format_yuan(round_yuan(amount)) for amount in (taken, -(row["back"] or ZERO), kept)), rate,
    )  # fmt: skip
