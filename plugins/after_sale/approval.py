"""The matter "refund above the limit" (§2.1, row of refunds): by amount branch, county, area or city decide."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plugins.approvals.interfaces import ApprovalRequest, Matter, Route, Step, register_matter
from plugins.org_hierarchy.interfaces import Level
from saleor_o2o.kernel.errors import Text
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.money import format_yuan
from saleor_o2o.kernel.states import move

from .models import AfterSale
from .noting import note
from .services.refunding import MATTER, start


def install() -> None:
    """Register the matter; called once when the app is ready."""
    register_matter(
        Matter(
            code=MATTER,
            title=_("售后退款超限审批"),
            permission="after_sale.approve",
            routes=(
                Route((Step(Level.BRANCH, hours=4),), Decimal("200.00")),
                Route((Step(Level.COUNTY, hours=24),), Decimal("500.00")),
                Route((Step(Level.AREA, hours=24),), Decimal("2000.00")),
                Route((Step(Level.CITY, hours=48),)),
            ),
            on_approved=_approved,
            on_rejected=_rejected,
            on_withdrawn=_rejected,
            summary=summary,
            href=lambda row: reverse("admin:o2o_after_sale_aftersale_change", args=[row.pk]),
        )
    )


def summary(row: AfterSale) -> Sequence[tuple[Text, Text]]:
    """What those who decide should see; nothing personal."""
    lines = [
        f"{one.part_line.order_line.product_name} × {one.pieces}  {format_yuan(one.yuan)}"
        for one in row.lines.select_related("part_line__order_line")
    ]
    return [
        (_("售后单"), row.number),
        (_("订单"), f"#{row.order_id}"),
        (_("类型"), row.get_kind_display()),
        (_("原因"), row.get_reason_display()),
        (_("商品"), "\n".join(lines)),
        (_("本次退款"), format_yuan(row.goes_back)),
        (_("买家说明"), row.text or "—"),
    ]


def _row(request: ApprovalRequest) -> AfterSale:
    return lock_rows(AfterSale.objects.filter(pk=request.subject_id))[0]


def _approved(request: ApprovalRequest) -> None:
    action = request.actions.order_by("-pk").first()
    start(_row(request), action.actor if action is not None else None, f"审批 {request.number} 同意")


def _rejected(request: ApprovalRequest) -> None:
    row = _row(request)
    action = request.actions.order_by("-pk").first()
    why = action.note if action is not None else ""
    move(row, "send_back", reason=why[:200])
    row.lines.update(accepted=None, agreed=None, damaged=0)
    note(row, "退款审批未通过，退回经办机构重新处理")
