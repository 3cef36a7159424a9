"""Types of after-sale's API."""

from __future__ import annotations

import base64
from typing import Any

import graphene
from graphql_relay import to_global_id
from saleor.graphql.core.scalars import Decimal

from saleor_o2o.graphql.enums import enum_of
from saleor_o2o.graphql.refusals import Refusal
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import OutOfScope

from ..acts import ComplaintAct, complaint_acts
from ..buyers import masked_buyer
from ..choices import Bearer, ComplaintState, Kind, Outcome, Party, Reason, State, Topic, Via
from ..models import AfterSale, AfterSaleLine, Complaint, Picture, Statement
from ..selectors import LineOffer, PartOffer, may_apply, offers_of
from ..swapping import swaps_for, warranties

AfterSaleKind = enum_of("AfterSaleKind", Kind)
AfterSaleReason = enum_of("AfterSaleReason", Reason)
AfterSaleState = enum_of("AfterSaleState", State)
AfterSaleVia = enum_of("AfterSaleVia", Via)
AfterSaleOutcome = enum_of("AfterSaleOutcome", Outcome)
AfterSaleBearer = enum_of("AfterSaleBearer", Bearer)
AfterSaleParty = enum_of("AfterSaleParty", Party)
ComplaintTopic = enum_of("ComplaintTopic", Topic)
ComplaintStateEnum = enum_of("ComplaintState", ComplaintState)
ComplaintActEnum = enum_of("ComplaintAct", ComplaintAct)


class AfterSaleErrorType(Refusal, graphene.ObjectType):
    """What went wrong, for people and for programs."""

    class Meta:
        name = "AfterSaleError"


def errors_of(error: DomainError) -> list[AfterSaleErrorType]:
    """A refusal in the API's form."""
    return [
        AfterSaleErrorType(
            field=error.field, message=error.message, hint=error.hint, code=str(error.code.value)
        )
    ]


def errors_field() -> Any:
    """The list every mutation answers with."""
    return graphene.List(graphene.NonNull(AfterSaleErrorType), required=True, description="错误；成功时为空")


def shopper(info: Any) -> Any:
    """The caller, logged in. Raises OutOfScope: nobody else learns that something exists."""
    user = info.context.user
    if not user.is_authenticated:
        raise OutOfScope
    return user


def files_of(info: Any, names: Any) -> list[Any]:
    """The uploaded files that a mutation names."""
    return [info.context.FILES[name] for name in names or () if name in info.context.FILES]


class EvidenceType(graphene.ObjectType):
    """A picture, re-encoded by the platform; only those concerned get it."""

    party = graphene.Field(AfterSaleParty, required=True, description="提交方")
    width = graphene.Int(required=True, description="宽（像素）")
    height = graphene.Int(required=True, description="高（像素）")
    data = graphene.String(required=True, description="JPEG 内容（base64）")

    class Meta:
        name = "AfterSaleEvidence"

    @staticmethod
    def resolve_data(root: Picture, _info: Any) -> str:
        """The whole picture: no address leads to it."""
        return base64.b64encode(bytes(root.content)).decode()


class AfterSaleLineType(graphene.ObjectType):
    """Pieces of a line."""

    id = graphene.ID(required=True, description="售后明细编号，验货时使用")
    product_name = graphene.String(required=True, description="商品")
    wanted = graphene.String(description="换货：换成的规格；空为同样的商品")
    quantity = graphene.Int(required=True, description="申请数量")
    amount = graphene.Field(Decimal, required=True, description="申请金额（元）；换货、维修时为商品的价值")
    accepted = graphene.Int(description="同意数量")
    agreed = graphene.Field(Decimal, description="同意金额（元）")

    class Meta:
        name = "AfterSaleLine"

    @staticmethod
    def resolve_product_name(root: AfterSaleLine, _info: Any) -> str:
        return str(root.part_line.order_line.product_name)

    @staticmethod
    def resolve_wanted(root: AfterSaleLine, _info: Any) -> str | None:
        return str(root.wanted.name or root.wanted.sku) if root.wanted is not None else None


class AfterSaleStatementType(graphene.ObjectType):
    """What a side said."""

    party = graphene.Field(AfterSaleParty, required=True, description="发言方")
    text = graphene.String(required=True, description="内容")
    at = graphene.DateTime(required=True, description="时间")

    class Meta:
        name = "AfterSaleStatement"


class ComplaintType(graphene.ObjectType):
    """A customer's complaint."""

    number = graphene.String(required=True, description="投诉单号")
    via = graphene.Field(AfterSaleVia, required=True, description="顾客自助，或到柜台、来电由员工登记")
    topic = graphene.Field(ComplaintTopic, required=True, description="主题")
    state = graphene.Field(ComplaintStateEnum, required=True, description="状态")
    state_text = graphene.String(required=True, description="状态（中文）")
    sub_order_number = graphene.String(required=True, description="子订单号")
    due_at = graphene.DateTime(description="当前步骤的时限")
    for_buyer = graphene.Boolean(description="是否支持买家；裁决前为空")
    amount = graphene.Field(Decimal, description="裁决退款（元）")
    ruling = graphene.String(description="裁决意见")
    created_at = graphene.DateTime(required=True, description="投诉时间")
    statements = graphene.List(
        graphene.NonNull(AfterSaleStatementType), required=True, description="双方说明"
    )
    evidence = graphene.List(graphene.NonNull(EvidenceType), required=True, description="凭证图片")
    after_sale_number = graphene.String(description="所争议的售后单号；没有则为空")
    acts = graphene.List(
        graphene.NonNull(ComplaintActEnum),
        required=True,
        description="本人（员工）现在可以办理什么；顾客为空列表",
    )

    class Meta:
        name = "Complaint"

    @staticmethod
    def resolve_after_sale_number(root: Complaint, _info: Any) -> str | None:
        return str(root.after_sale.number) if root.after_sale is not None else None

    @staticmethod
    def resolve_acts(root: Complaint, info: Any) -> list[str]:
        user = info.context.user
        if not user.is_authenticated or not user.is_staff:
            return []
        return [one.value for one in complaint_acts(user, root, getattr(root, "o2o_rights", None))]

    @staticmethod
    def resolve_state_text(root: Complaint, _info: Any) -> str:
        return str(root.get_state_display())

    @staticmethod
    def resolve_sub_order_number(root: Complaint, _info: Any) -> str:
        return str(root.sub_order.number)

    @staticmethod
    def resolve_statements(root: Complaint, _info: Any) -> list[Statement]:
        return list(root.statements.all())

    @staticmethod
    def resolve_evidence(root: Complaint, _info: Any) -> list[Picture]:
        return list(root.pictures.all())


class AfterSaleType(graphene.ObjectType):
    """A customer's after-sale."""

    number = graphene.String(required=True, description="售后单号")
    via = graphene.Field(AfterSaleVia, required=True, description="顾客自助，或到柜台、来电由员工代办")
    kind = graphene.Field(AfterSaleKind, required=True, description="类型")
    reason = graphene.Field(AfterSaleReason, required=True, description="原因")
    text = graphene.String(required=True, description="说明")
    state = graphene.Field(AfterSaleState, required=True, description="状态")
    state_text = graphene.String(required=True, description="状态（中文）")
    sub_order_number = graphene.String(required=True, description="子订单号")
    amount = graphene.Field(Decimal, required=True, description="申请金额（元，含运费）")
    freight = graphene.Field(Decimal, required=True, description="其中运费（元）")
    agreed = graphene.Field(Decimal, description="同意退款（元）")
    due_at = graphene.DateTime(description="当前步骤的时限")
    bearer = graphene.Field(AfterSaleBearer, required=True, description="退货运费由谁承担")
    return_to = graphene.String(description="退货地址；同意退货后才有")
    carrier = graphene.String(description="快递公司")
    waybill = graphene.String(description="退货运单号")
    answer = graphene.String(description="商家答复")
    outcome = graphene.Field(AfterSaleOutcome, description="换货、维修的结果；决定前为空")
    out_carrier = graphene.String(description="寄给买家的快递公司")
    out_waybill = graphene.String(description="寄给买家的运单号")
    created_at = graphene.DateTime(required=True, description="申请时间")
    ended_at = graphene.DateTime(description="结束时间")
    lines = graphene.List(graphene.NonNull(AfterSaleLineType), required=True, description="商品")
    evidence = graphene.List(graphene.NonNull(EvidenceType), required=True, description="凭证图片")
    complaint = graphene.Field(ComplaintType, description="最近一次仲裁")

    class Meta:
        name = "AfterSale"

    @staticmethod
    def resolve_state_text(root: AfterSale, _info: Any) -> str:
        return str(root.get_state_display())

    @staticmethod
    def resolve_sub_order_number(root: AfterSale, _info: Any) -> str:
        return str(root.sub_order.number)

    @staticmethod
    def resolve_return_to(root: AfterSale, _info: Any) -> str | None:
        return root.return_to or None

    @staticmethod
    def resolve_outcome(root: AfterSale, _info: Any) -> str | None:
        return root.outcome or None

    @staticmethod
    def resolve_lines(root: AfterSale, _info: Any) -> list[AfterSaleLine]:
        # prefetched by whoever lists; `all()` keeps it
        return list(root.lines.all())

    @staticmethod
    def resolve_evidence(root: AfterSale, _info: Any) -> list[Picture]:
        return list(root.pictures.all())

    @staticmethod
    def resolve_complaint(root: AfterSale, _info: Any) -> Complaint | None:
        found = list(root.complaints.all())
        return found[0] if found else None


class AfterSaleLineOfferType(graphene.ObjectType):
    """What of a line can be asked for."""

    line_id = graphene.ID(required=True, description="子订单明细编号，申请时使用")
    product_name = graphene.String(required=True, description="商品")
    quantity = graphene.Int(required=True, description="还可申请的数量")
    returnable = graphene.Int(required=True, description="其中已发出、可退货的数量")
    amount = graphene.Field(Decimal, required=True, description="还可退的金额（元）")
    is_open = graphene.Boolean(required=True, description="已有进行中的售后")

    class Meta:
        name = "AfterSaleLineOffer"

    @staticmethod
    def resolve_line_id(root: LineOffer, _info: Any) -> str:
        return str(root.line.pk)

    @staticmethod
    def resolve_product_name(root: LineOffer, _info: Any) -> str:
        return str(root.line.order_line.product_name)

    @staticmethod
    def resolve_quantity(root: LineOffer, _info: Any) -> int:
        return root.left.quantity

    @staticmethod
    def resolve_returnable(root: LineOffer, _info: Any) -> int:
        return max(min(root.sent, root.left.quantity), 0)

    @staticmethod
    def resolve_amount(root: LineOffer, _info: Any) -> Any:
        return root.left.amount


class AfterSaleSwapType(graphene.ObjectType):
    """What a line can be exchanged for."""

    line_id = graphene.ID(required=True, description="子订单明细编号")
    variant_id = graphene.ID(required=True, description="规格")
    name = graphene.String(required=True, description="规格名称")
    in_stock = graphene.Boolean(required=True, description="现在有货；同意时才预留")

    class Meta:
        name = "AfterSaleSwap"


class AfterSaleOfferType(graphene.ObjectType):
    """What of a part of an order can be asked for."""

    sub_order_number = graphene.String(required=True, description="子订单号")
    may_apply = graphene.Boolean(required=True, description="现在能否申请")
    may_return = graphene.Boolean(required=True, description="能否退货退款")
    until = graphene.DateTime(description="售后截止；收货前为空")
    freight = graphene.Field(Decimal, required=True, description="还可退的运费（元）；未发货整单退款时退回")
    lines = graphene.List(graphene.NonNull(AfterSaleLineOfferType), required=True, description="商品")
    swaps = graphene.List(
        graphene.NonNull(AfterSaleSwapType), required=True, description="可换的同价规格，含原规格"
    )
    repair_until = graphene.DateTime(description="保修截止（售后期之后仍可申请维修）；没有保修则为空")

    class Meta:
        name = "AfterSaleOffer"

    @staticmethod
    def resolve_swaps(root: PartOffer, _info: Any) -> list[AfterSaleSwapType]:
        found = swaps_for([one.line for one in root.lines if one.sent])
        return [
            AfterSaleSwapType(
                line_id=str(line),
                variant_id=to_global_id("ProductVariant", one.variant.pk),
                name=one.variant.name or one.variant.sku,
                in_stock=one.in_stock,
            )
            for line, swaps in found.items()
            for one in swaps
        ]

    @staticmethod
    def resolve_repair_until(root: PartOffer, _info: Any) -> Any:
        return max(warranties([root.part.pk]).get(root.part.pk, {}).values(), default=None)

    @staticmethod
    def resolve_sub_order_number(root: PartOffer, _info: Any) -> str:
        return str(root.part.number)

    @staticmethod
    def resolve_may_apply(root: PartOffer, _info: Any) -> bool:
        return may_apply(root.part)

    @staticmethod
    def resolve_until(root: PartOffer, _info: Any) -> Any:
        return root.part.after_sale_until


class AfterSaleOrderType(graphene.ObjectType):
    """An order that the staff found for a customer."""

    order_id = graphene.Int(required=True, description="商城编号")
    number = graphene.String(required=True, description="订单号")
    state_text = graphene.String(required=True, description="状态（中文）")
    placed_at = graphene.DateTime(required=True, description="下单时间")
    buyer = graphene.String(required=True, description="顾客（遮盖）")
    total = graphene.Field(Decimal, required=True, description="金额（元）")
    offers = graphene.List(
        graphene.NonNull(AfterSaleOfferType), required=True, description="各子订单可以申请什么售后"
    )

    class Meta:
        name = "AfterSaleOrder"

    @staticmethod
    def resolve_state_text(root: Any, _info: Any) -> str:
        return str(root.get_state_display())

    @staticmethod
    def resolve_buyer(root: Any, _info: Any) -> str:
        return masked_buyer(root.order)

    @staticmethod
    def resolve_offers(root: Any, _info: Any) -> list[PartOffer]:
        return offers_of(root.order_id)
