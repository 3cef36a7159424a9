"""Inputs of the counter's API."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils.translation import gettext_lazy as _
from graphql_relay import from_global_id
from saleor.graphql.core.scalars import Decimal

from ..error_codes import CounterErrorCode
from ..errors import CounterError
from ..wanted import Wanted, read_wanted
from .types import CounterDelivery


class CounterLineInput(graphene.InputObjectType):
    """So many of a variant."""

    variant_id = graphene.ID(required=True, description="商品规格 ID（ProductVariant）")
    quantity = graphene.Int(required=True, description="数量")


class CounterHoldInput(graphene.InputObjectType):
    """Something that is held: its tickets are sold with the goods, at the held price."""

    number = graphene.String(required=True, description="占座单号（票务订单号）")
    key = graphene.String(description="占座时的请求号；顾客未登录时自己占的座必填")


class CounterAddressInput(graphene.InputObjectType):
    """Where to."""

    name = graphene.String(required=True, description="收货人")
    phone = graphene.String(description="收货电话；空则用顾客手机号")
    district = graphene.String(required=True, description="区县")
    street = graphene.String(required=True, description="详细地址")
    postcode = graphene.String(description="邮编")


class CounterDeductionInput(graphene.InputObjectType):
    """What was chosen of one kind of deductions."""

    source = graphene.String(required=True, description="coupons 优惠券、points 积分")
    values = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="优惠券的券号；积分填会员确认单号（memberConsentAsk），只算金额时可填积分数",
    )


class CounterOrderInput(graphene.InputObjectType):
    """A basket."""

    lines = graphene.List(graphene.NonNull(CounterLineInput), required=True, description="商品")
    holds = graphene.List(graphene.NonNull(CounterHoldInput), description="已占座的车票、门票")
    place = graphene.String(description="销售点：机构代码，或“机构代码/渠道代码”；空为本人所属机构")
    phone = graphene.String(description="顾客手机号；可空")
    customer_name = graphene.String(description="顾客称呼")
    delivery = graphene.Argument(CounterDelivery, description="取货方式；空为网点自提")
    address = graphene.Argument(CounterAddressInput, description="送货上门的地址")
    shipping_method_id = graphene.ID(description="配送方式 ID（ShippingMethod）；空为最便宜的")
    note = graphene.String(description="备注")
    member = graphene.String(description="会员：完整的会员号、手机号、卡号；空则按顾客手机号认")
    deductions = graphene.List(
        graphene.NonNull(CounterDeductionInput), description="会员的优惠券、积分；会员价自动享受"
    )
    discount = graphene.Argument(Decimal, description="优惠金额（元）")
    discount_reason = graphene.String(description="优惠原因")
    expected_total = graphene.Argument(Decimal, description="顾客看到的应收金额；不一致则不下单")


class CounterHandInput(graphene.InputObjectType):
    """So many pieces of a sale's line."""

    line_id = graphene.ID(required=True, description="行编号（CounterSaleLine.id）")
    quantity = graphene.Int(required=True, description="交付数量")


def quantities_of(lines: list[dict[str, Any]] | None) -> dict[int, int] | None:
    """Pieces by the line's key; None for all that is left. Raises CounterError QUANTITY_INVALID for odd keys."""
    if lines is None:
        return None
    found: dict[int, int] = {}
    for one in lines:
        key = str(one["line_id"])
        if not key.isascii() or not key.isdigit() or len(key) > 15 or int(key) in found:
            raise CounterError(CounterErrorCode.QUANTITY_INVALID, _("商品行不正确"), "lines")
        found[int(key)] = one["quantity"]
    return found


def wanted_of(typed: Any, key: str) -> Wanted:
    """Read the input as the workbench's is read. Raises CounterError, InvalidAmount."""
    method = typed.get("shipping_method_id")
    return read_wanted(
        {
            **typed,
            "key": key,
            "deductions": {one["source"]: list(one["values"]) for one in typed.get("deductions") or ()},
            "lines": [
                {"variant": _key(line["variant_id"], "ProductVariant"), "quantity": line["quantity"]}
                for line in typed["lines"]
            ],
            "holds": [
                {"number": one["number"], "key": one.get("key") or ""} for one in typed.get("holds") or ()
            ],
            "method": _key(method, "ShippingMethod") if method else None,
        }
    )


def _key(identity: str, kind: str) -> str:
    try:
        found, key = from_global_id(identity)
    except (ValueError, TypeError, UnicodeDecodeError):
        found, key = "", ""
    if found != kind:
        raise CounterError(CounterErrorCode.GOODS_GONE, _("商品或配送方式的编号不正确"), "lines")
    return str(key)
