"""``paymentTransferSubmit``: the payer promises a bank transfer and shows its voucher."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal
from saleor.graphql.core.types import Upload

from saleor_o2o.kernel.errors import DomainError

from ...models import PaymentIntent
from ...selectors import intent_of_order_token
from ...services.transfers import submit_transfer
from ..desk_types import CashierType, Till, shopper
from ..types import CashierErrorType, error_of


class PaymentTransferSubmit(graphene.Mutation):
    """Cover what is left (or `amount`) by a transfer that people will confirm."""

    cashier = graphene.Field(CashierType, description="收银台")
    transfer_number = graphene.String(description="转账单号")
    errors = graphene.List(graphene.NonNull(CashierErrorType), required=True, description="错误；成功时为空")

    class Arguments:
        order_token = graphene.String(required=True, description="订单令牌")
        payer_name = graphene.String(required=True, description="付款户名")
        voucher = Upload(required=True, description="转账凭证图片（multipart 上传，8 MB 以内）")
        amount = graphene.Argument(Decimal, description="金额（元）；不填：全部余款")
        note = graphene.String(description="附言")

    class Meta:
        description = "提交线下转账凭证。出纳确认、会计复核后计入订单；在此之前订单保留数日。"

    @classmethod
    def mutate(
        cls,
        _root: Any,
        info: Any,
        order_token: str,
        payer_name: str,
        voucher: Any,
        amount: Any = None,
        note: str = "",
    ) -> PaymentTransferSubmit:
        """Errors come back in ``errors``; nothing is promised then."""
        try:
            intent = intent_of_order_token(order_token)
            payer = shopper(info)
            upload = info.context.FILES.get(voucher) if isinstance(voucher, str) else voucher
            transfer = submit_transfer(intent, payer, payer_name, upload, amount, note or "")
        except DomainError as error:
            return cls(errors=[error_of(error)])
        fresh = PaymentIntent.objects.select_related("order").filter(pk=intent.pk)[0]
        return cls(cashier=Till(fresh, payer), transfer_number=transfer.number, errors=[])
