"""Queries of members."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import graphene
from saleor.product.models import Product

from saleor_o2o.kernel.scope import rows_for

from ..errors import MemberError
from ..models import Favourite, Footprint, Member, MemberSession
from ..selectors import members_by_text
from ..services.addresses import addresses_of
from ..services.agreements import agreement_text
from ..services.codes import state_of
from ..services.records import PASSENGER, PAYER, TITLE, VEHICLE, records_of
from ..services.registering import current_agreement
from .closing_types import ClosingView, MemberClosingType
from .profile_types import MemberAddressType
from .record_types import (
    MemberGoodsType,
    MemberInvoiceTitleType,
    MemberPassengerType,
    MemberPayerNumberType,
    MemberVehicleType,
)
from .types import (
    MemberCodeStateEnum,
    MemberForStaffType,
    MemberSessionType,
    MemberType,
    own_member,
    own_sessions,
)


class MemberQueries(graphene.ObjectType):
    """One's own membership, and what became of a code."""

    my_member = graphene.Field(MemberType, description="本人的会员资料；没有登录则为空")
    my_member_sessions = graphene.List(
        graphene.NonNull(MemberSessionType), required=True, description="本人登录着的设备；没有登录则为空"
    )
    members = graphene.List(
        graphene.NonNull(MemberForStaffType),
        required=True,
        search=graphene.Argument(
            graphene.String, required=True, description="完整的会员号、手机号、卡号、证件号、用户名或邮箱"
        ),
        description="员工：按任一身份查会员，只在管辖范围内（归属、登记或服务过）。",
    )
    my_addresses = graphene.List(
        graphene.NonNull(MemberAddressType), required=True,
        description="本人的收货地址，默认的在前；没有登录则为空",
    )  # fmt: skip
    my_closing = graphene.Field(
        MemberClosingType, description="本人的注销申请和现在注销的障碍；没有登录则为空"
    )
    my_passengers = graphene.List(
        graphene.NonNull(MemberPassengerType), required=True, description="本人的常用旅客；没有登录则为空"
    )
    my_payer_numbers = graphene.List(
        graphene.NonNull(MemberPayerNumberType), required=True, description="本人的缴费户号；没有登录则为空"
    )
    my_vehicles = graphene.List(
        graphene.NonNull(MemberVehicleType), required=True, description="本人的车辆；没有登录则为空"
    )
    my_invoice_titles = graphene.List(
        graphene.NonNull(MemberInvoiceTitleType), required=True,
        description="本人的发票抬头，默认的在前；没有登录则为空",
    )  # fmt: skip
    my_favourites = graphene.List(
        graphene.NonNull(MemberGoodsType),
        required=True,
        description="本人收藏的商品，最近的在前；没有登录则为空",
    )
    my_footprints = graphene.List(
        graphene.NonNull(MemberGoodsType),
        required=True,
        description="本人看过的商品，最近的在前；没有登录则为空",
    )
    member_code_status = graphene.Field(
        MemberCodeStateEnum,
        required=True,
        ticket=graphene.Argument(graphene.UUID, required=True, description="memberCodeSend 给的查询号"),
        description="验证码短信发到哪一步了。",
    )
    member_agreement = graphene.String(required=True, description="当前会员协议的版本")
    member_agreement_text = graphene.String(
        required=True, description="当前会员协议的全文（Markdown：# 标题、- 列表、** 加粗）"
    )

    @staticmethod
    def resolve_my_member(_root: Any, info: Any) -> Member | None:
        try:
            return own_member(info)
        except MemberError:
            return None

    @staticmethod
    def resolve_my_member_sessions(_root: Any, info: Any) -> list[MemberSession]:
        try:
            return own_sessions(own_member(info))
        except MemberError:
            return []

    @staticmethod
    def resolve_my_addresses(_root: Any, info: Any) -> list[Any]:
        try:
            return addresses_of(own_member(info))
        except MemberError:
            return []

    @staticmethod
    def resolve_my_closing(_root: Any, info: Any) -> ClosingView | None:
        try:
            return ClosingView(own_member(info))
        except MemberError:
            return None

    @staticmethod
    def resolve_my_passengers(_root: Any, info: Any) -> list[Any]:
        return _own_records(info, PASSENGER)

    @staticmethod
    def resolve_my_payer_numbers(_root: Any, info: Any) -> list[Any]:
        return _own_records(info, PAYER)

    @staticmethod
    def resolve_my_vehicles(_root: Any, info: Any) -> list[Any]:
        return _own_records(info, VEHICLE)

    @staticmethod
    def resolve_my_invoice_titles(_root: Any, info: Any) -> list[Any]:
        return _own_records(info, TITLE)

    @staticmethod
    def resolve_my_favourites(_root: Any, info: Any) -> list[Any]:
        return _own_goods(info, Favourite)

    @staticmethod
    def resolve_my_footprints(_root: Any, info: Any) -> list[Any]:
        return _own_goods(info, Footprint)

    @staticmethod
    def resolve_members(_root: Any, info: Any, search: str) -> list[Member]:
        """Rows in reach only; whole values only."""
        found = [one.pk for one in members_by_text(search)]
        rows = rows_for(info.context.user, Member).filter(pk__in=found)
        return list(rows.select_related("user", "home_unit").order_by("pk"))

    @staticmethod
    def resolve_member_code_status(_root: Any, info: Any, ticket: UUID) -> str:
        return state_of(ticket)

    @staticmethod
    def resolve_member_agreement(_root: Any, info: Any) -> str:
        return current_agreement()

    @staticmethod
    def resolve_member_agreement_text(_root: Any, info: Any) -> str:
        return agreement_text(current_agreement())


def _own_records(info: Any, kind: str) -> list[Any]:
    try:
        return records_of(own_member(info), kind)
    except MemberError:
        return []


def _own_goods(info: Any, model: type[Favourite | Footprint]) -> list[Any]:
    """Goods that are still on sale: what was taken off it is kept, and shown again when it is back."""
    try:
        member = own_member(info)
    except MemberError:
        return []
    rows = model.objects.filter(member=member, product__in=Product.objects.published())
    return list(rows.select_related("product"))
