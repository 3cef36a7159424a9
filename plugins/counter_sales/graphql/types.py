"""Types of the counter's API."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from saleor_o2o.kernel.errors import DomainError

from ..models import CashReceipt, CounterSale, Delivery, PaidBy, ReceiptKind, SaleState

CounterSaleState = graphene.Enum("CounterSaleState", [(item.name, item.value) for item in SaleState])
CounterDelivery = graphene.Enum("CounterDelivery", [(item.name, item.value) for item in Delivery])
CounterPaidBy = graphene.Enum("CounterPaidBy", [(item.name, item.value) for item in PaidBy])


class CounterErrorType(graphene.ObjectType):
    """What went wrong, for people and for programs."""

    field = graphene.String(description="出错的输入项")
    message = graphene.String(required=True, description="给人看的说明")
    hint = graphene.String(description="下一步可以怎么做")
    code = graphene.String(required=True, description="稳定的错误代码")

    class Meta:
        name = "CounterError"


class CashReceiptType(graphene.ObjectType):
    """Cash taken at the counter."""

    number = graphene.String(required=True, description="收据号")
    amount = graphene.Field(Decimal, required=True, description="金额（元）")
    tendered = graphene.Field(Decimal, description="实收现金（元）")
    change = graphene.Field(Decimal, description="找零（元）")

    class Meta:
        name = "CashReceipt"


class CounterSaleType(graphene.ObjectType):
    """A sale over the counter. Names and telephone numbers are masked."""

    id = graphene.ID(required=True, description="销售编号，用于其余柜台操作")
    number = graphene.String(required=True, description="单号")
    order_number = graphene.String(required=True, description="订单号")
    state = graphene.Field(CounterSaleState, required=True, description="状态")
    delivery = graphene.Field(CounterDelivery, required=True, description="取货方式")
    total = graphene.Field(Decimal, required=True, description="应收金额（元）")
    discount = graphene.Field(Decimal, required=True, description="优惠（元）")
    refunded = graphene.Field(Decimal, required=True, description="已退金额（元）")
    paid_by = graphene.Field(CounterPaidBy, description="收款方式")
    customer = graphene.String(required=True, description="顾客（脱敏）")
    pickup_code = graphene.String(description="取货码；收款后、取货前才有")
    receipt = graphene.Field(CashReceiptType, description="现金收据")

    class Meta:
        name = "CounterSale"

    @staticmethod
    def resolve_id(root: CounterSale, _info: Any) -> str:
        """The plain key: it means nothing without the right to the row."""
        return str(root.pk)

    @staticmethod
    def resolve_order_number(root: CounterSale, _info: Any) -> str:
        """Saleor's number of the order."""
        return str(root.order_id)

    @staticmethod
    def resolve_paid_by(root: CounterSale, _info: Any) -> str | None:
        """Null until the money is here."""
        return root.paid_by or None

    @staticmethod
    def resolve_customer(root: CounterSale, _info: Any) -> str:
        """Masked."""
        return root.masked_customer

    @staticmethod
    def resolve_pickup_code(root: CounterSale, _info: Any) -> str | None:
        """What the app prints, or sends to the customer."""
        return root.pickup_code or None if root.state == SaleState.PAID else None

    @staticmethod
    def resolve_receipt(root: CounterSale, _info: Any) -> CashReceipt | None:
        """The receipt of cash taken."""
        return root.receipts.filter(kind=ReceiptKind.TAKEN).first()


def errors_of(error: DomainError) -> list[CounterErrorType]:
    """A refusal in the API's form."""
    return [
        CounterErrorType(
            field=error.field, message=error.message, hint=error.hint, code=str(error.code.value)
        )
    ]


def staff_user(info: Any) -> Any:
    """The caller, if a member of the staff; nobody else learns that the counter exists. Raises OutOfScope."""
    from saleor_o2o.kernel.scope import OutOfScope

    user = info.context.user
    if not user.is_authenticated or not user.is_staff:
        raise OutOfScope
    return user


def sale_key(identity: str) -> int:
    """The key in a sale's ID. Raises OutOfScope for anything else."""
    from saleor_o2o.kernel.scope import OutOfScope

    if not identity.isascii() or not identity.isdigit() or len(identity) > 15:
        raise OutOfScope
    return int(identity)
