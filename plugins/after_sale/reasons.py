"""Why customers want money back, how it ends and how long it takes: a table in the report of payments."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from saleor_o2o.cashier.interfaces import Section
from saleor_o2o.kernel.clock import midnight

from .choices import Reason, State
from .models import AfterSale

HEADERS = ("原因", "申请", "已退款", "退款金额", "拒绝或撤销", "超时升级", "超时率", "平均处理（小时）")


def reasons(intents: QuerySet[Any], first: date, last: date) -> Section | None:
    """After-sales asked for from `first` to `last` (both included) by reason, of orders whose payment is in reach.

    None where there are none. Amounts in yuan; the time is from asking to the end. Two statements at most.
    """
    begin, end = midnight(first), midnight(last + timedelta(days=1))
    rows = AfterSale.objects.filter(
        order_id__in=intents.values("order_id"), created_at__gte=begin, created_at__lt=end
    )
    took = ExpressionWrapper(F("ended_at") - F("created_at"), output_field=DurationField())
    found = (
        rows.order_by()
        .values("reason")
        .annotate(
            asked=Count("pk"),
            done=Count("pk", filter=Q(state=State.DONE)),
            back=Sum("agreed", filter=Q(state=State.DONE)),
            refused=Count("pk", filter=Q(state__in=[State.CANCELLED, State.CLOSED])),
            late=Count("pk", filter=Q(escalated_at__isnull=False)),
            took=Avg(took, filter=Q(ended_at__isnull=False)),
        )
        .order_by("-asked", "reason")
    )
    told = [_row(row) for row in found]
    return Section(_("售后原因"), HEADERS, told) if told else None


def _row(row: Any) -> tuple[Any, ...]:
    hours = "—" if row["took"] is None else round(row["took"].total_seconds() / 3600, 1)
    return (
        str(dict(Reason.choices).get(row["reason"], row["reason"])), row["asked"], row["done"],
        f"¥{row['back'] or Decimal(0):,.2f}", row["refused"], row["late"],
        f"{100 * row['late'] / row['asked']:.1f}%", hours,
    )  # fmt: skip
