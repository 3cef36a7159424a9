"""Types of the cashier's API."""

from __future__ import annotations

from typing import Any

import graphene
from graphql_relay import from_global_id
from saleor.graphql.core.scalars import Decimal

from saleor_o2o.graphql.refusals import Refusal
from saleor_o2o.kernel.scope import OutOfScope

from .. import ports
from ..models import IntentState, PaymentIntent, RefundState

PayMethod = graphene.Enum("PayMethod", [(item.name, item.value) for item in ports.Method])
PaymentIntentState = graphene.Enum("PaymentIntentState", [(item.name, item.value) for item in IntentState])
CashierRefundState = graphene.Enum("CashierRefundState", [(item.name, item.value) for item in RefundState])


class CashierErrorType(Refusal, graphene.ObjectType):
    """What went wrong, for people and for programs."""

    class Meta:
        name = "CashierError"


class CashierRefundType(graphene.ObjectType):
    """A refund on its way to the payer."""

    number = graphene.String(required=True, description="商户退款号")
    amount = graphene.Field(Decimal, required=True, description="退款金额（元）")
    state = graphene.Field(CashierRefundState, required=True, description="状态")
    created_at = graphene.DateTime(required=True, description="申请时间")
    finished_at = graphene.DateTime(description="到账时间")

    class Meta:
        name = "CashierRefund"


class PaymentIntentType(graphene.ObjectType):
    """What an order has to be paid, and whether it is."""

    number = graphene.String(required=True, description="支付单号")
    state = graphene.Field(PaymentIntentState, required=True, description="状态")
    amount = graphene.Field(Decimal, required=True, description="应付金额（元）")
    currency = graphene.String(required=True, description="币种")
    expires_at = graphene.DateTime(required=True, description="支付截止时间")
    paid_at = graphene.DateTime(description="到账时间")
    methods = graphene.List(graphene.NonNull(PayMethod), required=True, description="可用的支付方式")
    refunds = graphene.List(graphene.NonNull(CashierRefundType), required=True, description="退款")

    class Meta:
        name = "PaymentIntent"

    @staticmethod
    def resolve_methods(root: PaymentIntent, _info: Any) -> list[str]:
        """The methods that its provider offers."""
        from ..registry import provider_of

        return [
            method.value
            for method in provider_of(root.gateway).methods
            if method is not ports.Method.WECHAT_CODE  # it needs the counter's scanner
        ]

    @staticmethod
    def resolve_refunds(root: PaymentIntent, _info: Any) -> list[Any]:
        """All refunds of the intent, oldest first, in one query."""
        from ..models import Refund

        return list(Refund.objects.filter(attempt__intent=root).order_by("pk"))


class JsapiParams(graphene.ObjectType):
    """What ``WeixinJSBridge`` takes. Never trust its "ok": ask ``paymentIntent``."""

    app_id = graphene.String(required=True, name="appId")
    time_stamp = graphene.String(required=True, name="timeStamp")
    nonce_str = graphene.String(required=True, name="nonceStr")
    package = graphene.String(required=True)
    sign_type = graphene.String(required=True, name="signType")
    pay_sign = graphene.String(required=True, name="paySign")


def error_of(error: Any) -> CashierErrorType:
    """A kernel error in the API's form."""
    return CashierErrorType(
        field=error.field, message=error.message, hint=error.hint, code=str(error.code.value)
    )


def staff_user(info: Any) -> Any:
    """The caller, if a member of the staff; nobody else learns what is there. Raises OutOfScope."""
    user = info.context.user
    if not user.is_authenticated or not user.is_staff:
        raise OutOfScope
    return user


def order_key(identity: str) -> int:
    """The key in an order's global ID. Raises OutOfScope for anything else."""
    try:
        kind, key = from_global_id(identity)
    except (ValueError, TypeError, UnicodeDecodeError):
        raise OutOfScope from None
    if kind != "Order" or not key.isascii() or not key.isdigit() or len(key) > 15:
        raise OutOfScope
    return int(key)
