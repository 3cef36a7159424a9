"""Baskets in the API: what the client sends, and what comes of it."""

from __future__ import annotations

from typing import Any

import graphene
from django.core.exceptions import ValidationError
from graphene.utils.str_converters import to_camel_case
from graphql_relay import from_global_id
from saleor.account.models import Address
from saleor.graphql.account.types import AddressInput
from saleor.graphql.checkout.mutations import CheckoutCreate as StockCheckoutCreate
from saleor.graphql.core.types.money import Money, TaxedMoney
from saleor.graphql.product.types import ProductVariant
from saleor.graphql.shipping.types import ShippingMethod

from saleor_o2o.graphql.refusals import Refusal

from ..basket_errors import BasketError
from ..basket_errors import BasketErrorCode as Code
from ..baskets import Basket
from .deduction_types import DeductionChoiceInput, DeductionType


class BasketLineInput(graphene.InputObjectType):
    """One kind of goods."""

    variant_id = graphene.ID(required=True, description="规格")
    quantity = graphene.Int(required=True, description="数量")


class BasketHoldInput(graphene.InputObjectType):
    """Something that is held: its tickets become lines at the held price."""

    number = graphene.String(required=True, description="占座单号（票务订单号）")
    key = graphene.String(description="占座时的请求号；未登录时占的座必填")


class BasketInput(graphene.InputObjectType):
    """All that is needed for an order. Prices may be asked for before it is complete."""

    lines = graphene.List(graphene.NonNull(BasketLineInput), required=True, description="商品")
    holds = graphene.List(graphene.NonNull(BasketHoldInput), description="已占座的车票、门票；按占座时的价格")
    email = graphene.String(description="电子邮箱；登录后可不填")
    shipping_address = AddressInput(description="收货地址")
    billing_address = AddressInput(description="账单地址；不填则同收货地址")
    shipping_method = graphene.ID(description="配送方式")
    promo_code = graphene.String(description="优惠码")
    note = graphene.String(description="备注")
    source = graphene.String(description="来源，如店铺码：按店铺售价计价，订单归属该店铺")
    deductions = graphene.List(
        graphene.NonNull(DeductionChoiceInput), description="用哪些优惠券、多少积分；登录后可用"
    )


class BasketErrorType(Refusal, graphene.ObjectType):
    """What is in the way, for people and for programs."""

    class Meta:
        name = "BasketError"


class BasketLineType(graphene.ObjectType):
    """A line with its price."""

    variant = graphene.Field(ProductVariant, required=True, description="规格")
    quantity = graphene.Int(required=True, description="数量")
    total = graphene.Field(TaxedMoney, required=True, description="小计")

    class Meta:
        name = "BasketLine"


class BasketQuoteType(graphene.ObjectType):
    """What a basket costs now. A figure for showing: placing reckons anew and compares with ``expectedTotal``."""

    lines = graphene.List(graphene.NonNull(BasketLineType), required=True, description="商品")
    shipping_methods = graphene.List(
        graphene.NonNull(ShippingMethod), required=True, description="可用的配送方式"
    )
    pickup_methods = graphene.List(
        graphene.NonNull(graphene.ID), required=True, description="其中到网点自提的（编号）"
    )
    needs_address = graphene.Boolean(
        required=True, description="要不要填地址：会员买储值、会员等自动到账的不用"
    )
    subtotal = graphene.Field(TaxedMoney, required=True, description="商品金额")
    shipping = graphene.Field(TaxedMoney, required=True, description="运费")
    discount = graphene.Field(Money, required=True, description="优惠，含抵扣")
    deductions = graphene.List(graphene.NonNull(DeductionType), required=True, description="抵扣明细")
    total = graphene.Field(TaxedMoney, required=True, description="应付")
    errors = graphene.List(graphene.NonNull(BasketErrorType), required=True, description="下单前还缺什么")

    class Meta:
        name = "BasketQuote"


def basket_of(data: Any, info: Any) -> Basket:
    """The basket in an input. Raises BasketError: GOODS_GONE, METHOD_NOT_APPLICABLE, ADDRESS_INVALID."""
    method = data.get("shipping_method")
    return Basket(
        lines=tuple((_variant(line["variant_id"]), line["quantity"]) for line in data["lines"]),
        holds=tuple((one["number"].strip(), one.get("key") or "") for one in data.get("holds") or ()),
        email=(data.get("email") or "").strip(),
        shipping_address=_address(data, "shipping_address", info),
        billing_address=_address(data, "billing_address", info),
        method=_key(method, "ShippingMethod", Code.METHOD_NOT_APPLICABLE, "shippingMethod")
        if method
        else None,
        promo_code=data.get("promo_code") or "",
        note=data.get("note") or "",
        source=(data.get("source") or "").strip(),
        deductions={one["source"]: tuple(one["values"]) for one in data.get("deductions") or ()},
    )


def _variant(global_id: str) -> int:
    return _key(global_id, "ProductVariant", Code.GOODS_GONE, "lines")


def _key(global_id: str, kind: str, code: Code, field: str) -> int:
    try:
        named, key = from_global_id(global_id)
        if named != kind:
            raise ValueError(named)
        return int(key)
    except (ValueError, TypeError, UnicodeDecodeError) as error:
        raise BasketError(code, field) from error


def _address(data: Any, name: str, info: Any) -> Address | None:
    given = data.get(name)
    if not given:
        return None
    try:
        checked: Address = StockCheckoutCreate.validate_address(given, info=info)
    except ValidationError as error:
        field, problems = next(iter(error.error_dict.items()))
        where = f"{to_camel_case(name)}.{to_camel_case(field)}"
        raise BasketError(Code.ADDRESS_INVALID, where, str(problems[0].message)) from error
    return checked


def error_of(error: Any) -> BasketErrorType:
    """A kernel error in the API's form."""
    return BasketErrorType(
        field=error.field, message=error.message, hint=error.hint, code=str(error.code.value)
    )
