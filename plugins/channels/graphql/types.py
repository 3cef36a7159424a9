"""Types of the channels' API."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal
from saleor.product.templatetags.product_images import get_product_image_thumbnail

from saleor_o2o.graphql.refusals import Refusal

from ..analytics import Figures
from ..codes import address_of
from ..models import Application, Channel, CustomerBinding, Shop
from ..selectors import Offer, offers_of
from ..types import ChannelStatus, ChannelType

ChannelTypeEnum = graphene.Enum("ChannelTypeEnum", [(item.name, item.value) for item in ChannelType])
ChannelStatusEnum = graphene.Enum("ChannelStatusEnum", [(item.name, item.value) for item in ChannelStatus])


class ChannelErrorType(Refusal, graphene.ObjectType):
    """What went wrong, for people and for programs."""

    class Meta:
        name = "ChannelError"


def error_of(error: Any) -> ChannelErrorType:
    """A kernel error in the API's form."""
    return ChannelErrorType(
        field=error.field, message=error.message, hint=error.hint, code=str(error.code.value)
    )


def errors_field() -> Any:
    """The list every mutation answers with."""
    return graphene.List(graphene.NonNull(ChannelErrorType), required=True, description="错误；成功时为空")


class ShopOfferType(graphene.ObjectType):
    """Goods of a shop."""

    variant_id = graphene.ID(required=True, description="商品规格编号（下单用）")
    product_name = graphene.String(required=True, description="商品")
    variant_name = graphene.String(required=True, description="规格")
    price = graphene.Field(Decimal, required=True, description="本店售价（元）")
    list_price = graphene.Field(Decimal, required=True, description="平台价（元）")
    image_url = graphene.String(description="图片")

    class Meta:
        name = "ShopOffer"

    @staticmethod
    def resolve_variant_id(root: Offer, _info: Any) -> str:
        """The global ID of the variant."""
        return str(graphene.Node.to_global_id("ProductVariant", root.variant.pk))

    @staticmethod
    def resolve_product_name(root: Offer, _info: Any) -> str:
        return str(root.product.name)

    @staticmethod
    def resolve_variant_name(root: Offer, _info: Any) -> str:
        return str(root.variant.name)

    @staticmethod
    def resolve_image_url(root: Offer, info: Any) -> str | None:
        """The absolute address of a thumbnail."""
        if root.image is None:
            return None
        return str(
            info.context.build_absolute_uri(get_product_image_thumbnail(root.image, 255, method="thumbnail"))
        )


class ShopType(graphene.ObjectType):
    """An open micro-shop, as everybody may see it."""

    code = graphene.String(required=True, description="店铺码")
    name = graphene.String(required=True, description="店名")
    notice = graphene.String(required=True, description="公告")
    theme = graphene.String(required=True, description="主题色")
    address = graphene.String(required=True, description="地址")
    branch = graphene.String(required=True, description="服务支局")
    url = graphene.String(required=True, description="店铺页地址，也是二维码的内容")
    offers = graphene.List(graphene.NonNull(ShopOfferType), required=True, description="在售商品")

    class Meta:
        name = "MicroShop"

    @staticmethod
    def resolve_code(root: Shop, _info: Any) -> str:
        return str(root.channel.code)

    @staticmethod
    def resolve_address(root: Shop, _info: Any) -> str:
        return str(root.channel.address)

    @staticmethod
    def resolve_branch(root: Shop, _info: Any) -> str:
        return str(root.channel.unit.name)

    @staticmethod
    def resolve_url(root: Shop, _info: Any) -> str:
        return address_of(root.channel.code)

    @staticmethod
    def resolve_offers(root: Shop, info: Any) -> list[Offer]:
        """A few statements, whatever the number of goods."""
        return offers_of(root, info.context.discounts)


class ShopApplicationType(graphene.ObjectType):
    """An application, as its applicant may see it."""

    number = graphene.String(required=True, description="申请编号")
    status = graphene.Field(ChannelStatusEnum, required=True, description="进度")
    status_text = graphene.String(required=True, description="进度说明")
    community = graphene.String(required=True, description="社区（小区）")
    branch = graphene.String(required=True, description="受理支局")
    decision = graphene.String(required=True, description="审批意见")
    created_at = graphene.DateTime(required=True, description="申请时间")

    class Meta:
        name = "ShopApplication"

    @staticmethod
    def resolve_status(root: Application, _info: Any) -> str:
        return str(root.channel.status)

    @staticmethod
    def resolve_status_text(root: Application, _info: Any) -> str:
        return str(root.channel.get_status_display())

    @staticmethod
    def resolve_branch(root: Application, _info: Any) -> str:
        return str(root.channel.unit.name)


class ChannelNodeType(graphene.ObjectType):
    """A channel, for the staff."""

    code = graphene.String(required=True, description="渠道代码")
    type = graphene.Field(ChannelTypeEnum, required=True, description="类型")
    status = graphene.Field(ChannelStatusEnum, required=True, description="状态")
    name = graphene.String(required=True, description="名称")
    unit_code = graphene.String(required=True, description="所属机构代码")
    unit_name = graphene.String(required=True, description="所属机构")
    owner = graphene.String(required=True, description="店主（已遮盖）")
    address = graphene.String(required=True, description="地址")
    lng = graphene.Float(description="经度（GCJ-02）")
    lat = graphene.Float(description="纬度（GCJ-02）")
    commission_plan = graphene.String(required=True, description="佣金方案代码")
    rank = graphene.String(required=True, description="等级")
    application_number = graphene.String(description="申请编号")
    url = graphene.String(required=True, description="二维码内容")

    class Meta:
        name = "SalesChannel"

    @staticmethod
    def resolve_unit_code(root: Channel, _info: Any) -> str:
        return str(root.unit.code)

    @staticmethod
    def resolve_unit_name(root: Channel, _info: Any) -> str:
        return str(root.unit.name)

    @staticmethod
    def resolve_owner(root: Channel, _info: Any) -> str:
        return root.masked_owner

    @staticmethod
    def resolve_application_number(root: Channel, _info: Any) -> str | None:
        application = getattr(root, "application", None)
        return str(application.number) if application is not None else None

    @staticmethod
    def resolve_url(root: Channel, _info: Any) -> str:
        return address_of(root.code)


class ChannelFiguresType(graphene.ObjectType):
    """What a channel did between two days."""

    code = graphene.String(required=True, description="渠道代码")
    visits = graphene.Int(required=True, description="访问次数")
    customers = graphene.Int(required=True, description="绑定客户数")
    new_customers = graphene.Int(required=True, description="期间新绑定客户数")
    orders = graphene.Int(required=True, description="订单数")
    gmv = graphene.Field(Decimal, required=True, description="销售额（元）")

    class Meta:
        name = "ChannelFigures"

    @staticmethod
    def resolve_code(root: Figures, _info: Any) -> str:
        return str(root.channel.code)


class CustomerBindingType(graphene.ObjectType):
    """Whose customer the shopper is."""

    shop_code = graphene.String(required=True, description="店铺码")
    shop_name = graphene.String(required=True, description="店名")
    bound_at = graphene.DateTime(required=True, description="绑定时间")
    protected_until = graphene.DateTime(description="保护至；空为一直保护")

    class Meta:
        name = "CustomerBinding"

    @staticmethod
    def resolve_shop_code(root: CustomerBinding, _info: Any) -> str:
        return str(root.channel.code)

    @staticmethod
    def resolve_shop_name(root: CustomerBinding, _info: Any) -> str:
        return str(root.channel.name)
