"""What can be wrong with a basket, in the shopper's words."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.errors import DomainError, Text


class BasketErrorCode(StrEnum):
    """Stable codes; the texts may change."""

    EMPTY = "EMPTY"
    KEY_INVALID = "KEY_INVALID"
    QUANTITY_INVALID = "QUANTITY_INVALID"
    GOODS_GONE = "GOODS_GONE"
    INSUFFICIENT_STOCK = "INSUFFICIENT_STOCK"
    EMAIL_REQUIRED = "EMAIL_REQUIRED"
    ADDRESS_REQUIRED = "ADDRESS_REQUIRED"
    ADDRESS_INVALID = "ADDRESS_INVALID"
    METHOD_REQUIRED = "METHOD_REQUIRED"
    METHOD_NOT_APPLICABLE = "METHOD_NOT_APPLICABLE"
    PROMO_CODE_INVALID = "PROMO_CODE_INVALID"
    PROMO_CODE_NOT_APPLICABLE = "PROMO_CODE_NOT_APPLICABLE"
    AMOUNT_CHANGED = "AMOUNT_CHANGED"
    GATEWAY_NOT_OFFERED = "GATEWAY_NOT_OFFERED"
    TAX_UNAVAILABLE = "TAX_UNAVAILABLE"


Code = BasketErrorCode
_WORDS: dict[Code, tuple[Text, Text | None]] = {
    Code.EMPTY: (_("购物车是空的"), _("请先选购商品")),
    Code.KEY_INVALID: (_("请求号不正确"), _("请求号须为 16 至 64 位的字母、数字、“-”或“_”")),
    Code.QUANTITY_INVALID: (_("数量不正确"), None),
    Code.GOODS_GONE: (_("有商品已下架"), _("请移除后再下单，其余内容都还在")),
    Code.INSUFFICIENT_STOCK: (_("库存不足"), _("请减少数量或移除，其余内容都还在")),
    Code.EMAIL_REQUIRED: (_("请填写电子邮箱"), _("登录后可不填")),
    Code.ADDRESS_REQUIRED: (_("请填写收货地址"), None),
    Code.ADDRESS_INVALID: (_("地址不正确"), None),
    Code.METHOD_REQUIRED: (_("请选择配送方式"), None),
    Code.METHOD_NOT_APPLICABLE: (_("这种配送方式不适用于这些商品或这个地址"), _("请换一种配送方式")),
    Code.PROMO_CODE_INVALID: (_("优惠码不存在或已过期"), _("请核对优惠码，或不用优惠码下单")),
    Code.PROMO_CODE_NOT_APPLICABLE: (_("优惠码不适用于这些商品"), _("请换一个优惠码，或不用优惠码下单")),
    Code.AMOUNT_CHANGED: (_("订单金额已变化"), _("请核对新的金额后再提交")),
    Code.GATEWAY_NOT_OFFERED: (_("这种支付渠道不可用"), _("请换一种支付方式")),
    Code.TAX_UNAVAILABLE: (_("暂时无法计算税费"), _("请稍后再试，没有任何扣款")),
}


class BasketError(DomainError):
    """A refused basket; the code decides the words, ``detail`` stands in where there is more to say."""

    def __init__(self, code: Code, field: str | None = None, detail: Text | None = None) -> None:
        message, hint = _WORDS[code]
        super().__init__(code, detail or message, field=field, hint=hint)
