"""Types of deductions: what lowered a checkout or an order, by thing used and by line; a shopper's choice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from ..deductions.keeping import Kept
from ..deductions.reckoning import Reckoning


class DeductionLineType(graphene.ObjectType):
    """What was taken off one line."""

    line_id = graphene.ID(description="购物车行或订单行；一次性购物车没有行编号")
    variant_id = graphene.ID(description="规格；已删除则为空")
    amount = graphene.Field(Decimal, required=True, description="抵扣金额（元）")

    class Meta:
        name = "DeductionLine"


class DeductionType(graphene.ObjectType):
    """What lowers a checkout or an order beside sales and promotion codes: a coupon, points, a member price."""

    source = graphene.String(required=True, description="来源（如 coupons）")
    source_label = graphene.String(required=True, description="来源的说法")
    reference = graphene.String(required=True, description="凭据（如券号）")
    title = graphene.String(required=True, description="名称")
    amount = graphene.Field(Decimal, required=True, description="抵扣金额（元），含运费部分")
    shipping = graphene.Field(Decimal, required=True, description="其中抵扣运费（元）")
    lines = graphene.List(graphene.NonNull(DeductionLineType), required=True, description="按商品行的明细")

    class Meta:
        name = "Deduction"


class DeductionChoiceInput(graphene.InputObjectType):
    """What is chosen of one source."""

    source = graphene.String(required=True, description="来源，如 coupons、points")
    values = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="选了哪些（券号、积分数）；空则不用"
    )


@dataclass(frozen=True, slots=True)
class LineAmount:
    """What was taken off one line, as the API shows it."""

    line_id: str | None
    variant_id: str | None
    amount: Any


def told(found: Reckoning, lines: Any) -> list[DeductionType]:
    """Deductions of a checkout; ``lines`` are its lines, in their order."""
    lines = list(lines)
    return [
        DeductionType(
            source=one.source.name,
            source_label=str(one.source.title),
            reference=one.deduction.reference,
            title=one.deduction.title,
            amount=one.deduction.amount,
            shipping=one.deduction.shipping,
            lines=[
                LineAmount(_gid("CheckoutLine", lines[key].pk), _gid("ProductVariant", lines[key].variant_id), amount)
                for key, amount in sorted(one.deduction.lines.items())
                if amount
            ],
        )
        for one in found.taken
    ]  # fmt: skip


def told_of_order(kept: list[Kept]) -> list[DeductionType]:
    """Deductions that an order keeps."""
    return [
        DeductionType(
            source=one.source,
            source_label=one.source_title,
            reference=one.reference,
            title=one.title,
            amount=one.amount,
            shipping=sum((row.amount for row in one.rows if row.order_line_id is None), start=0),
            lines=[
                LineAmount(
                    _gid("OrderLine", row.order_line_id),
                    _gid("ProductVariant", row.order_line.variant_id),
                    row.amount,
                )
                for row in one.rows
                if row.order_line is not None
            ],
        )
        for one in kept
    ]


def _gid(kind: str, pk: Any) -> str | None:
    return str(graphene.Node.to_global_id(kind, pk)) if pk is not None else None
