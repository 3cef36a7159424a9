"""``afterSaleApply``: money back, goods back, an exchange or a repair."""

from __future__ import annotations

from typing import Any

import graphene
from graphql_relay import from_global_id
from saleor.graphql.core.scalars import Decimal
from saleor.graphql.core.types import Upload

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import OutOfScope

from ...choices import Via
from ...services.applying import Wanted, apply
from ..queries import own_part, served_part
from ..types import (
    AfterSaleKind,
    AfterSaleReason,
    AfterSaleType,
    AfterSaleVia,
    errors_field,
    errors_of,
    files_of,
    shopper,
)


class AfterSaleLineInput(graphene.InputObjectType):
    """Pieces of a line."""

    line_id = graphene.ID(required=True, description="子订单明细编号（afterSaleOffer）")
    quantity = graphene.Int(required=True, description="数量；0 表示只退差价")
    amount = graphene.Argument(Decimal, description="金额（元）；空为按数量计算的最高金额")
    swap_for = graphene.ID(description="换货：换成的规格（afterSaleOffer 的 swaps）；空为同样的商品")


class AfterSaleInput(graphene.InputObjectType):
    """What is asked for."""

    sub_order_number = graphene.String(required=True, description="子订单号")
    kind = AfterSaleKind(required=True, description="类型")
    reason = AfterSaleReason(required=True, description="原因")
    text = graphene.String(description="说明，最多 500 字")
    lines = graphene.List(graphene.NonNull(AfterSaleLineInput), description="商品；空为这个子订单剩下的全部")


class AfterSaleApply(graphene.Mutation):
    """Apply. The same key with the same input gives the same after-sale."""

    after_sale = graphene.Field(AfterSaleType, description="售后单")
    errors = errors_field()

    class Arguments:
        key = graphene.String(required=True, description="请求号，8 到 64 位；重复提交不会产生第二张售后单")
        input = AfterSaleInput(required=True, description="申请")
        photos = graphene.List(graphene.NonNull(Upload), description="凭证图片，最多 6 张")
        via = graphene.Argument(AfterSaleVia, description="员工代客申请：到柜台或来电；空为本人申请")

    class Meta:
        description = "申请售后；员工可代管辖范围内的顾客申请。"

    @classmethod
    def mutate(
        cls,
        _root: Any,
        info: Any,
        key: str,
        input: dict[str, Any],
        photos: list[str] | None = None,
        via: str | None = None,
    ) -> AfterSaleApply:
        """For one's own orders, or those of a customer whom the staff serves; of any other nothing is known."""
        try:
            user = shopper(info)
            served = via is not None and via != Via.SELF
            part = (served_part if served else own_part)(user, input["sub_order_number"])
            if part is None:
                raise OutOfScope
            lines = {
                _key(line["line_id"]): (line["quantity"], line.get("amount"))
                for line in input.get("lines") or ()
            }
            swaps = {
                _key(line["line_id"]): _variant(line["swap_for"])
                for line in input.get("lines") or ()
                if line.get("swap_for")
            }
            text = input.get("text") or ""
            wanted = Wanted(part.pk, input["kind"], input["reason"], text, lines, swaps)
            made = apply(
                user, part.order_id, wanted, key=key, photos=files_of(info, photos), via=via or Via.SELF
            )
            return cls(after_sale=made, errors=[])
        except DomainError as error:
            return cls(errors=errors_of(error))


def _variant(identity: str) -> int:
    try:
        kind, key = from_global_id(identity)
    except (ValueError, TypeError, UnicodeDecodeError):
        raise OutOfScope from None
    if kind != "ProductVariant":
        raise OutOfScope
    return _key(key)


def _key(identity: str) -> int:
    if not identity.isascii() or not identity.isdigit() or len(identity) > 15:
        raise OutOfScope
    return int(identity)
