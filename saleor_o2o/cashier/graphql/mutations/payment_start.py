"""``paymentStart``: the payer chose how to pay."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.core.utils import get_client_ip

from saleor_o2o.kernel.errors import DomainError

from ...payers import payer_of, payer_of_pass
from ...ports import Method
from ...selectors import intent_of_order_token
from ...services.paying import start_payment, usable_until
from ..types import CashierErrorType, JsapiParams, PaymentIntentType, PayMethod, error_of


class PaymentStart(graphene.Mutation):
    """Start, or resume, paying an order. Asking again is harmless: the same trade is resumed."""

    payment_intent = graphene.Field(PaymentIntentType, description="支付单")
    code_url = graphene.String(description="扫码支付：做成二维码的内容")
    h5_url = graphene.String(description="手机浏览器支付：跳转地址")
    code_expires_at = graphene.DateTime(description="收款码或跳转地址的失效时间；到时请再调用一次，会换新的")
    jsapi = graphene.Field(JsapiParams, description="微信内支付：调起参数")
    errors = graphene.List(graphene.NonNull(CashierErrorType), required=True, description="错误；成功时为空")

    class Arguments:
        order_token = graphene.String(required=True, description="订单令牌")
        method = graphene.Argument(PayMethod, required=True, description="支付方式")
        payer_id = graphene.String(description="微信 openid（微信内支付用；微信登录过的会员可不填）")
        payer_pass = graphene.String(description="没有登录的，在微信里付款填 wechatPayer 给的付款凭据")

    class Meta:
        description = "开始（或继续）支付一笔订单。重复调用不会重复扣款。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, order_token: str, method: str, payer_id: str = "", payer_pass: str = ""
    ) -> PaymentStart:
        """Errors come back in ``errors``; nothing is charged by this call."""
        try:
            intent = intent_of_order_token(order_token)
            way = Method(method)
            payer = payer_id or payer_of_pass(payer_pass or "", way) or payer_of(info.context.user, way)
            started = start_payment(intent, way, payer, get_client_ip(info.context))
        except DomainError as error:
            return cls(errors=[error_of(error)])
        told = started.instructions
        return cls(
            payment_intent=intent,
            code_url=told.code_url or None,
            h5_url=told.h5_url or None,
            code_expires_at=usable_until(started.attempt),
            jsapi=JsapiParams(**told.jsapi) if told.jsapi else None,
            errors=[],
        )
