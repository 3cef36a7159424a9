"""Types of ordering's API."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from saleor_o2o.graphql.refusals import Refusal
from saleor_o2o.kernel.errors import DomainError

from ..choices import BusinessLine, CancelReason, DeliveryMode, Flag, State, TimelineKind
from ..models import OrderTimeline, SubOrderLine
from ..parcels import Packed, Parcel
from ..services.repeating import Missing
from ..shopping import Part, Pickup, Tab, View, parcels, pickup, story
from .deduction_types import DeductionType, told_of_order

OrderStateEnum = graphene.Enum("OrderState", [(item.name, item.value) for item in State])
BusinessLineEnum = graphene.Enum(
    "OrderBusinessLine", [*((item.name, item.value) for item in BusinessLine), ("MIXED", "mixed")]
)
DeliveryModeEnum = graphene.Enum("OrderDeliveryMode", [(item.name, item.value) for item in DeliveryMode])
CancelReasonEnum = graphene.Enum("OrderCancelReason", [(item.name, item.value) for item in CancelReason])
TimelineKindEnum = graphene.Enum("OrderTimelineKind", [(item.name, item.value) for item in TimelineKind])
OrderFlagEnum = graphene.Enum("OrderFlag", [(item.name, item.value) for item in Flag])
MyOrderTabEnum = graphene.Enum("MyOrderTab", [(item.name, item.value) for item in Tab])


class OrderingErrorType(Refusal, graphene.ObjectType):
    """What went wrong, for people and for programs."""

    class Meta:
        name = "OrderingError"


def error_of(error: DomainError) -> OrderingErrorType:
    """A kernel error in the API's form."""
    return OrderingErrorType(**error.as_dict())


class MyOrderLineType(graphene.ObjectType):
    """Goods in a part of an order."""

    product_name = graphene.String(required=True, description="商品")
    variant_name = graphene.String(required=True, description="规格")
    sku = graphene.String(required=True, description="SKU")
    product_id = graphene.ID(description="商品编号；已下架则为空")
    quantity = graphene.Int(required=True, description="数量")
    shipped = graphene.Int(required=True, description="已交付数量")
    withdrawn = graphene.Int(required=True, description="已退款、不再交付的数量")
    unit_price = graphene.Field(Decimal, required=True, description="单价（元）")
    total = graphene.Field(Decimal, required=True, description="应付金额（元），不含运费")

    class Meta:
        name = "MyOrderLine"

    @staticmethod
    def resolve_product_name(root: SubOrderLine, _info: Any) -> str:
        return str(root.order_line.translated_product_name or root.order_line.product_name)

    @staticmethod
    def resolve_variant_name(root: SubOrderLine, _info: Any) -> str:
        return str(root.order_line.translated_variant_name or root.order_line.variant_name)

    @staticmethod
    def resolve_sku(root: SubOrderLine, _info: Any) -> str:
        return str(root.order_line.product_sku)

    @staticmethod
    def resolve_product_id(root: SubOrderLine, _info: Any) -> str | None:
        variant = root.order_line.variant
        return graphene.Node.to_global_id("Product", variant.product_id) if variant is not None else None

    @staticmethod
    def resolve_unit_price(root: SubOrderLine, _info: Any) -> Any:
        return root.order_line.unit_price_gross_amount


class MySubOrderType(graphene.ObjectType):
    """A part of an order: one seller, one way of delivery."""

    id = graphene.ID(required=True, description="子订单编号，用于确认收货")
    number = graphene.String(required=True, description="子订单号")
    seller = graphene.String(required=True, description="销售方")
    line = graphene.Field(BusinessLineEnum, required=True, description="业务线")
    mode = graphene.Field(DeliveryModeEnum, required=True, description="交付方式")
    mode_label = graphene.String(required=True, description="交付方式的说法")
    state = graphene.Field(OrderStateEnum, required=True, description="状态")
    state_label = graphene.String(required=True, description="状态的说法")
    goods = graphene.Field(Decimal, required=True, description="商品金额（元）")
    discount = graphene.Field(Decimal, required=True, description="优惠（元）")
    shipping = graphene.Field(Decimal, required=True, description="运费（元）")
    prepaid = graphene.Field(Decimal, required=True, description="礼品卡等抵扣（元）")
    total = graphene.Field(Decimal, required=True, description="应付金额（元）")
    receive_by = graphene.DateTime(description="到这个时间自动确认收货")
    after_sale_until = graphene.DateTime(description="售后截止")
    lines = graphene.List(graphene.NonNull(MyOrderLineType), required=True, description="商品")
    actions = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="还可以对它做什么（如 AFTER_SALE）"
    )

    class Meta:
        name = "MySubOrder"
        default_resolver = lambda name, default, root, info, **_: getattr(root.row, name, default)  # noqa: E731

    @staticmethod
    def resolve_id(root: Part, _info: Any) -> str:
        return str(root.row.pk)

    @staticmethod
    def resolve_seller(root: Part, _info: Any) -> str:
        return root.row.seller.name if root.row.seller is not None else "自营"

    @staticmethod
    def resolve_mode_label(root: Part, _info: Any) -> str:
        return str(root.row.get_mode_display())

    @staticmethod
    def resolve_state_label(root: Part, _info: Any) -> str:
        return str(root.row.get_state_display())

    @staticmethod
    def resolve_lines(root: Part, _info: Any) -> list[SubOrderLine]:
        return root.lines

    @staticmethod
    def resolve_actions(root: Part, _info: Any) -> list[str]:
        return root.actions


class OrderTimelineEntryType(graphene.ObjectType):
    """One thing that happened to an order."""

    kind = graphene.Field(TimelineKindEnum, required=True, description="事项")
    kind_label = graphene.String(required=True, description="事项的说法")
    text = graphene.String(required=True, description="说明")
    at = graphene.DateTime(required=True, description="时间")
    actor = graphene.String(description="操作者（仅员工可见）")
    source = graphene.String(description="来源（仅员工可见）")
    ip = graphene.String(description="来源地址（仅员工可见）")
    before = graphene.JSONString(description="变更前（仅员工可见）")
    after = graphene.JSONString(description="变更后（仅员工可见）")

    class Meta:
        name = "OrderTimelineEntry"

    @staticmethod
    def resolve_kind_label(root: OrderTimeline, _info: Any) -> str:
        return str(root.get_kind_display())


def _for_staff(name: str) -> Any:
    def resolve(root: OrderTimeline, _info: Any) -> Any:
        return getattr(root, name) if getattr(root, "o2o_staff", False) else None

    return resolve


for _name in ("actor", "source", "ip", "before", "after"):
    setattr(OrderTimelineEntryType, f"resolve_{_name}", staticmethod(_for_staff(_name)))


class MyParcelLineType(graphene.ObjectType):
    """Goods in a parcel."""

    product_name = graphene.String(required=True, description="商品")
    variant_name = graphene.String(required=True, description="规格")
    quantity = graphene.Int(required=True, description="数量")

    class Meta:
        name = "MyParcelLine"

    @staticmethod
    def resolve_product_name(root: Packed, _info: Any) -> str:
        return str(root.line.translated_product_name or root.line.product_name)

    @staticmethod
    def resolve_variant_name(root: Packed, _info: Any) -> str:
        return str(root.line.translated_variant_name or root.line.variant_name)


class MyParcelType(graphene.ObjectType):
    """What left at once on its way to the buyer."""

    waybill = graphene.String(required=True, description="运单号；还没有登记则为空串")
    carrier = graphene.String(required=True, description="承运人；不能确定则为空串")
    sent_at = graphene.DateTime(required=True, description="发出时间")
    received_at = graphene.DateTime(description="收货时间；还没有收货则为空")
    warehouse = graphene.String(required=True, description="从哪里发出；不知道则为空串")
    sub_order_numbers = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="属于哪些子订单"
    )
    lines = graphene.List(graphene.NonNull(MyParcelLineType), required=True, description="里面的商品")

    class Meta:
        name = "MyParcel"

    @staticmethod
    def resolve_sub_order_numbers(root: Parcel, _info: Any) -> list[str]:
        return root.parts


class MyPickupType(graphene.ObjectType):
    """How to fetch what waits at an outlet."""

    code = graphene.String(required=True, description="取货码；没有时为订单号")
    name = graphene.String(description="网点；不能确定则为空")
    address = graphene.String(description="地址")
    phone = graphene.String(description="电话")
    hours = graphene.String(description="营业时间")
    navigation_url = graphene.String(description="导航链接")

    class Meta:
        name = "MyPickup"
        default_resolver = lambda name, default, root, info, **_: getattr(root.place, name, "") or None  # noqa: E731

    @staticmethod
    def resolve_code(root: Pickup, _info: Any) -> str:
        return root.code


class MyOrderType(graphene.ObjectType):
    """An order as its buyer sees it."""

    id = graphene.ID(required=True, description="订单编号（同商城接口的 Order）")
    number = graphene.String(required=True, description="订单号")
    token = graphene.String(required=True, description="订单令牌，用于收银台")
    line = graphene.Field(BusinessLineEnum, required=True, description="业务线")
    line_label = graphene.String(required=True, description="业务线的说法")
    state = graphene.Field(OrderStateEnum, required=True, description="状态")
    state_label = graphene.String(required=True, description="状态的说法")
    cancel_reason = graphene.Field(CancelReasonEnum, description="关闭原因")
    cancel_label = graphene.String(description="关闭原因的说法")
    total = graphene.Field(Decimal, required=True, description="订单金额（元）")
    refunded = graphene.Field(Decimal, required=True, description="已退金额（元）")
    placed_at = graphene.DateTime(required=True, description="下单时间")
    pay_by = graphene.DateTime(description="支付截止；已付款则为空")
    paid_at = graphene.DateTime(description="付款时间")
    completed_at = graphene.DateTime(description="完成时间")
    sub_orders = graphene.List(graphene.NonNull(MySubOrderType), required=True, description="子订单")
    deductions = graphene.List(
        graphene.NonNull(DeductionType), required=True, description="优惠券、积分等抵扣的明细"
    )
    actions = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="现在可以做什么：PAY 付款、CANCEL 取消、RECEIVE 确认收货、REORDER 再来一单，以及其他插件提供的",
    )
    parcels = graphene.List(
        graphene.NonNull(MyParcelType),
        required=True,
        description="已发出的包裹，先发的在前；每张订单一条查询，请在单张订单的页面上取",
    )
    pickup = graphene.Field(MyPickupType, description="怎样到网点取货；没有等待自提的商品则为空")
    timeline = graphene.List(graphene.NonNull(OrderTimelineEntryType), required=True, description="时间线")

    class Meta:
        name = "MyOrder"
        default_resolver = lambda name, default, root, info, **_: getattr(root.profile, name, default)  # noqa: E731

    @staticmethod
    def resolve_id(root: View, _info: Any) -> str:
        return str(graphene.Node.to_global_id("Order", root.profile.pk))

    @staticmethod
    def resolve_token(root: View, _info: Any) -> str:
        return str(root.profile.order.token)

    @staticmethod
    def resolve_line_label(root: View, _info: Any) -> str:
        return str(root.profile.get_line_display())

    @staticmethod
    def resolve_state_label(root: View, _info: Any) -> str:
        return str(root.profile.get_state_display())

    @staticmethod
    def resolve_cancel_reason(root: View, _info: Any) -> str | None:
        return root.profile.cancel_reason or None

    @staticmethod
    def resolve_cancel_label(root: View, _info: Any) -> str | None:
        return str(root.profile.get_cancel_reason_display()) if root.profile.cancel_reason else None

    @staticmethod
    def resolve_pay_by(root: View, _info: Any) -> Any:
        return root.profile.pay_by if root.profile.paid_at is None else None

    @staticmethod
    def resolve_sub_orders(root: View, _info: Any) -> list[Part]:
        return root.parts

    @staticmethod
    def resolve_deductions(root: View, _info: Any) -> list[DeductionType]:
        return told_of_order(root.deductions)

    @staticmethod
    def resolve_actions(root: View, _info: Any) -> list[str]:
        return root.actions

    @staticmethod
    def resolve_parcels(root: View, _info: Any) -> list[Parcel]:
        """One statement an order: ask for it on the page of one."""
        return parcels(root)

    @staticmethod
    def resolve_pickup(root: View, _info: Any) -> Pickup | None:
        """Two statements an order of which something waits."""
        return pickup(root)

    @staticmethod
    def resolve_timeline(root: View, _info: Any) -> list[OrderTimeline]:
        """Two statements an order: ask for it on the page of one."""
        return story(root)


class MyOrderTabCount(graphene.ObjectType):
    """A tab above the list."""

    tab = graphene.Field(MyOrderTabEnum, required=True, description="页签")
    label = graphene.String(required=True, description="页签的说法")
    count = graphene.Int(required=True, description="订单数")


class MyOrderPage(graphene.ObjectType):
    """A page of one's orders."""

    items = graphene.List(graphene.NonNull(MyOrderType), required=True, description="订单，新的在前")
    cursor = graphene.String(description="下一页的 after；没有更多则为空")
    tabs = graphene.List(graphene.NonNull(MyOrderTabCount), required=True, description="各页签的订单数")


class ReorderChangeType(graphene.ObjectType):
    """Goods of an old order that are not as they were."""

    name = graphene.String(required=True, description="商品")
    wanted = graphene.Int(required=True, description="原来的数量")
    got = graphene.Int(required=True, description="放进购物车的数量")
    before = graphene.Field(Decimal, required=True, description="上次单价（元）")
    after = graphene.Field(Decimal, description="现价（元）；买不到则为空")
    words = graphene.String(required=True, description="说明")

    class Meta:
        name = "ReorderChange"
        possible_types = (Missing,)
