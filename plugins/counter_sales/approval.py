"""The matter "counter refund above the limit": by amount the branch, the county, the area or the city decides."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plugins.approvals.interfaces import ApprovalRequest, Matter, Route, Step, register_matter
from plugins.org_hierarchy.interfaces import Level
from saleor_o2o.kernel.errors import Text
from saleor_o2o.kernel.money import format_yuan

from .models import RefundRequest
from .permissions import APPROVE
from .services.asking import MATTER, decided, withdrawn


def install() -> None:
    """Register the matter; called once when the app is ready. The limits are those of the posts' roles."""
    register_matter(
        Matter(
            code=MATTER,
            title=_("柜台退款超限审批"),
            permission=APPROVE,
            # Somebody stands at the counter: hours, not days.
            routes=(
                Route((Step(Level.BRANCH, hours=2),), Decimal("200.00")),
                Route((Step(Level.COUNTY, hours=4),), Decimal("500.00")),
                Route((Step(Level.AREA, hours=8),), Decimal("2000.00")),
                Route((Step(Level.CITY, hours=24),)),
            ),
            on_approved=_approved,
            on_rejected=_rejected,
            on_withdrawn=withdrawn,
            summary=summary,
            href=lambda row: reverse("admin:o2o_counter_sales_refundrequest_change", args=[row.pk]),
        )
    )


def summary(row: RefundRequest) -> Sequence[tuple[Text, Text]]:
    """What those who decide should see; nothing personal."""
    sale = row.sale
    lines = [f"{line.product_name} × {line.quantity}" for line in sale.order.lines.order_by("pk")]
    return [
        (_("申请退款"), format_yuan(row.amount)),
        (_("退款原因"), row.reason),
        (_("柜台销售"), f"{sale.number} · {sale.unit.name}"),
        (_("销售金额"), format_yuan(sale.total)),
        (_("已退金额"), format_yuan(sale.refunded)),
        (_("收款方式"), str(sale.get_paid_by_display())),
        (_("商品"), "\n".join(lines)),
        (_("商品已交付"), _("是") if sale.handed_at else _("否")),
        (_("商品已退回"), _("是") if row.goods_back else _("否")),
    ]


def _approved(request: ApprovalRequest) -> None:
    decided(request, approved=True)


def _rejected(request: ApprovalRequest) -> None:
    decided(request, approved=False)
