"""Types of the counter's API."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils.translation import gettext as _
from saleor.graphql.core.scalars import Decimal

from saleor_o2o.cashier.interfaces import intent_facts, live_intent
from saleor_o2o.graphql.refusals import Refusal
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import OutOfScope

from ..deducting import Lowered, lowered_of_sale
from ..handing import Handing, handing_of
from ..models import CashReceipt, CounterSale, Delivery, PaidBy, ReceiptKind, SaleState
from ..places import place_of_sale
from ..sellers import is_owner
from ..services.slips import qr_svg

CounterSaleState = graphene.Enum("CounterSaleState", [(item.name, item.value) for item in SaleState])
CounterDelivery = graphene.Enum("CounterDelivery", [(item.name, item.value) for item in Delivery])
CounterPaidBy = graphene.Enum("CounterPaidBy", [(item.name, item.value) for item in PaidBy])


class CounterErrorType(Refusal, graphene.ObjectType):
    """What went wrong, for people and for programs."""

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


class CounterDeductionLineType(graphene.ObjectType):
    """What one thing took off one line."""

    variant_id = graphene.ID(description="商品规格 ID（ProductVariant）；运费为空")
    amount = graphene.Field(Decimal, required=True, description="金额（元）")

    class Meta:
        name = "CounterDeductionLine"


class CounterDeductionType(graphene.ObjectType):
    """A member price, a coupon or points that lower a sale."""

    source = graphene.String(required=True, description="member_price 会员价、coupons 优惠券、points 积分……")
    source_title = graphene.String(required=True, description="来源名称")
    title = graphene.String(required=True, description="名称")
    reference = graphene.String(required=True, description="凭据，如券号")
    amount = graphene.Field(Decimal, required=True, description="金额（元）")
    lines = graphene.List(
        graphene.NonNull(CounterDeductionLineType), required=True, description="各商品分摊，合计等于金额"
    )

    class Meta:
        name = "CounterDeduction"

    @staticmethod
    def resolve_lines(root: Lowered, _info: Any) -> list[Any]:
        """By variant."""
        return [
            CounterDeductionLineType(variant_id=variant_id(key) if key else None, amount=amount)
            for key, amount in root.lines
        ]


class CounterSaleLineType(graphene.ObjectType):
    """Goods of a sale, and how many of them have left."""

    id = graphene.ID(required=True, description="行编号，用于部分交付")
    variant_id = graphene.ID(description="商品规格 ID（ProductVariant）；规格已删除则为空")
    name = graphene.String(required=True, description="商品")
    spec = graphene.String(required=True, description="规格")
    quantity = graphene.Int(required=True, description="数量")
    handed = graphene.Int(required=True, description="已交付")
    left = graphene.Int(required=True, description="未交付")
    price = graphene.Field(Decimal, required=True, description="单价（元）")
    total = graphene.Field(Decimal, required=True, description="小计（元）")

    class Meta:
        name = "CounterSaleLine"

    @staticmethod
    def resolve_id(root: Any, _info: Any) -> str:
        """The plain key."""
        return str(root.pk)

    @staticmethod
    def resolve_variant_id(root: Any, _info: Any) -> str | None:
        """The global ID."""
        return variant_id(root.variant_id) if root.variant_id else None

    @staticmethod
    def resolve_name(root: Any, _info: Any) -> str:
        """As it was called when it was sold."""
        return str(root.product_name)

    @staticmethod
    def resolve_spec(root: Any, _info: Any) -> str:
        """Empty where the variant has no name of its own."""
        return str(root.variant_name) if root.variant_name != root.product_sku else ""

    @staticmethod
    def resolve_handed(root: Any, _info: Any) -> int:
        """By Saleor's fulfilments."""
        return int(root.quantity_fulfilled)

    @staticmethod
    def resolve_left(root: Any, _info: Any) -> int:
        """What waits."""
        return int(root.quantity_unfulfilled)

    @staticmethod
    def resolve_price(root: Any, _info: Any) -> Any:
        """What one piece costs."""
        return root.unit_price_gross_amount

    @staticmethod
    def resolve_total(root: Any, _info: Any) -> Any:
        """What the line costs."""
        return root.unit_price_gross_amount * root.quantity


class CounterSaleType(graphene.ObjectType):
    """A sale over the counter. Names and telephone numbers are masked."""

    id = graphene.ID(required=True, description="销售编号，用于其余柜台操作")
    number = graphene.String(required=True, description="单号")
    order_number = graphene.String(required=True, description="订单号")
    state = graphene.Field(CounterSaleState, required=True, description="状态")
    delivery = graphene.Field(CounterDelivery, required=True, description="取货方式")
    total = graphene.Field(Decimal, required=True, description="应收金额（元）")
    discount = graphene.Field(Decimal, required=True, description="优惠（元）")
    deductions = graphene.List(
        graphene.NonNull(CounterDeductionType), required=True, description="会员价、优惠券、积分"
    )
    refunded = graphene.Field(Decimal, required=True, description="已退金额（元）")
    paid_by = graphene.Field(CounterPaidBy, description="收款方式")
    customer = graphene.String(required=True, description="顾客（脱敏）")
    pickup_code = graphene.String(description="取货码；收款后、取货前才有")
    receipt = graphene.Field(CashReceiptType, description="现金收据")
    state_text = graphene.String(required=True, description="状态，给人看；部分取货会说明")
    place = graphene.String(required=True, description="销售点")
    made_at = graphene.DateTime(required=True, description="下单时间")
    handed = graphene.Int(required=True, description="已交付件数")
    left = graphene.Int(required=True, description="未交付件数")
    lines = graphene.List(graphene.NonNull(CounterSaleLineType), required=True, description="商品")
    pickup_qr = graphene.String(description="取货码的二维码（SVG）；收款后、取完货前才有")
    prints = graphene.Int(required=True, description="小票打印次数")
    close_reason = graphene.String(required=True, description="取消或退款的原因")
    code_until = graphene.DateTime(description="正在出示的收款码的支付截止")

    class Meta:
        name = "CounterSale"

    @staticmethod
    def resolve_deductions(root: CounterSale, _info: Any) -> list[Lowered]:
        """One statement where there are any."""
        return lowered_of_sale(root.order)

    @staticmethod
    def resolve_state_text(root: CounterSale, _info: Any) -> str:
        """`部分取货` is not a state of its own: money and code are as before."""
        partial = root.state == SaleState.PAID and _handing(root).is_partial
        return f"{root.get_state_display()} · {_('部分取货')}" if partial else str(root.get_state_display())

    @staticmethod
    def resolve_place(root: CounterSale, _info: Any) -> str:
        """The shop, or the unit."""
        return place_of_sale(root).name

    @staticmethod
    def resolve_handed(root: CounterSale, _info: Any) -> int:
        """What the customer has."""
        return _handing(root).handed

    @staticmethod
    def resolve_left(root: CounterSale, _info: Any) -> int:
        """What waits."""
        return _handing(root).left

    @staticmethod
    def resolve_lines(root: CounterSale, _info: Any) -> list[Any]:
        """One statement for lines, handed and left together."""
        return _handing(root).lines

    @staticmethod
    def resolve_pickup_qr(root: CounterSale, _info: Any) -> str | None:
        """For a screen that the customer photographs."""
        return qr_svg(root.pickup_code) if root.state == SaleState.PAID and root.pickup_code else None

    @staticmethod
    def resolve_code_until(root: CounterSale, _info: Any) -> Any:
        """Null where no code is open."""
        intent = live_intent(root.order_id) if root.state == SaleState.PLACED else None
        return intent_facts(intent)[0] if intent is not None else None

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


def variant_id(pk: int) -> str:
    """The global ID of a variant."""
    return str(graphene.Node.to_global_id("ProductVariant", pk))


def _handing(sale: CounterSale) -> Handing:
    """The sale's lines, read once for an answer."""
    kept: Handing | None = getattr(sale, "_o2o_handing", None)
    if kept is None:
        kept = handing_of(sale)
        sale._o2o_handing = kept  # type: ignore[attr-defined]
    return kept


def errors_of(error: DomainError) -> list[CounterErrorType]:
    """A refusal in the API's form."""
    return [
        CounterErrorType(
            field=error.field, message=error.message, hint=error.hint, code=str(error.code.value)
        )
    ]


def seller(info: Any) -> Any:
    """The caller, if of the staff or the owner of a shop; nobody else learns that the counter exists.

    Raises OutOfScope.
    """
    user = info.context.user
    if not user.is_authenticated or not (user.is_staff or is_owner(user)):
        raise OutOfScope
    return user


def sale_key(identity: str) -> int:
    """The key in a sale's ID. Raises OutOfScope for anything else."""
    if not identity.isascii() or not identity.isdigit() or len(identity) > 15:
        raise OutOfScope
    return int(identity)
