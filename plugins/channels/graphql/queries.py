"""Queries of the channels."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils.translation import gettext as _

from saleor_o2o.kernel.scope import rows_for

from ..analytics import Figures, figures
from ..errors import ChannelError, ChannelErrorCode
from ..models import Application, Channel, CustomerBinding, Shop
from ..selectors import shop_of_code
from ..services.applying import application_of
from ..services.binding import current_binding
from .gates import channel_for
from .types import (
    ChannelFiguresType,
    ChannelNodeType,
    ChannelStatusEnum,
    ChannelTypeEnum,
    CustomerBindingType,
    ShopApplicationType,
    ShopType,
)

MOST = 100


class ChannelQueries(graphene.ObjectType):
    """For shoppers: an open shop, one's application, one's shop. For the staff: channels and figures in scope."""

    shop_by_code = graphene.Field(
        ShopType,
        code=graphene.Argument(graphene.String, required=True, description="店铺码"),
        description="营业中的社区微店；不存在或未营业则为空。",
    )
    shop_application = graphene.Field(
        ShopApplicationType,
        number=graphene.Argument(graphene.String, required=True, description="申请编号"),
        mobile=graphene.Argument(graphene.String, required=True, description="申请时的手机号"),
        description="本人的开店申请进度；编号和手机号不符则为空。",
    )
    my_shop_binding = graphene.Field(CustomerBindingType, description="我绑定的店铺；没有则为空。")
    sales_channels = graphene.List(
        graphene.NonNull(ChannelNodeType),
        required=True,
        args={
            "type": ChannelTypeEnum(description="类型"),
            "status": ChannelStatusEnum(description="状态"),
            "search": graphene.String(description="渠道代码、名称或申请编号"),
            "unit": graphene.String(description="机构代码（含下级）"),
            "first": graphene.Int(description="最多几条，1 到 100，默认 20"),
        },
        description="渠道列表（员工，按数据范围）。",
    )
    sales_channel = graphene.Field(
        ChannelNodeType,
        code=graphene.Argument(graphene.String, required=True, description="渠道代码"),
        description="一个渠道（员工，按数据范围）。",
    )
    channel_figures = graphene.List(
        graphene.NonNull(ChannelFiguresType),
        required=True,
        codes=graphene.List(
            graphene.NonNull(graphene.String), required=True, description="渠道代码，最多 100 个"
        ),
        first_day=graphene.Argument(graphene.Date, required=True, description="起始日"),
        last_day=graphene.Argument(graphene.Date, required=True, description="截止日"),
        description="渠道的访问、客户、订单和销售额（员工，按数据范围）。",
    )

    @staticmethod
    def resolve_shop_by_code(_root: Any, _info: Any, code: str) -> Shop | None:
        return shop_of_code(code)

    @staticmethod
    def resolve_shop_application(_root: Any, _info: Any, number: str, mobile: str) -> Application | None:
        """Null for anybody who does not know both."""
        try:
            return application_of(number, mobile)
        except ChannelError as error:
            if error.code == ChannelErrorCode.TOO_MANY_REQUESTS:
                raise
            return None

    @staticmethod
    def resolve_my_shop_binding(_root: Any, info: Any) -> CustomerBinding | None:
        user = info.context.user
        return current_binding(user) if user.is_authenticated else None

    @staticmethod
    def resolve_sales_channels(
        _root: Any,
        info: Any,
        type: str = "",
        status: str = "",
        search: str = "",
        unit: str = "",
        first: int = 20,
    ) -> list[Channel]:
        """One statement, whatever is found."""
        rows = rows_for(info.context.user, Channel).select_related("unit", "owner_staff", "application")
        if type:
            rows = rows.filter(type=type)
        if status:
            rows = rows.filter(status=status)
        word = search.strip()
        if word:
            rows = (
                rows.filter(code=word.upper())
                | rows.filter(name__icontains=word)
                | rows.filter(application__number=word.upper())
            )
        if unit:
            rows = rows.filter(unit__in=rows_below(unit))
        return list(rows.order_by("-pk")[: max(1, min(first, MOST))])

    @staticmethod
    def resolve_sales_channel(_root: Any, info: Any, code: str) -> Channel:
        return channel_for(info.context.user, code, "channel.view")

    @staticmethod
    def resolve_channel_figures(
        _root: Any, info: Any, codes: list[str], first_day: Any, last_day: Any
    ) -> list[Figures]:
        """Five statements, whatever the number of channels; what is out of scope is left out."""
        if len(codes) > MOST or last_day < first_day:
            raise ChannelError(ChannelErrorCode.INVALID, _("最多 100 个渠道，截止日不能早于起始日"), "codes")
        user = info.context.user
        return figures(
            user, rows_for(user, Channel).filter(code__in=codes).order_by("pk"), first_day, last_day
        )


def rows_below(code: str) -> Any:
    """The units at and below a code, as a subquery."""
    from plugins.org_hierarchy.interfaces import OrgUnit

    top = OrgUnit.objects.filter(code=code).values_list("path", flat=True).first()
    return OrgUnit.objects.filter(path__startswith=top).values("pk") if top else OrgUnit.objects.none()
