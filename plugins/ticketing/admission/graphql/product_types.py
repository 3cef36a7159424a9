"""Products and their places in the API."""

from __future__ import annotations

from datetime import date
from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from saleor_o2o.kernel.clock import today

from ..models import AdmissionProduct, SaleQueue, ScenicSpot, TicketClass, Venue
from ..selectors import (
    MOST_DAYS,
    DayShown,
    SessionShown,
    SlotShown,
    calendar,
    classes_of,
    lowest,
    sessions_shown,
    slots_shown,
)
from .class_types import AdmissionClassType
from .enums import AdmissionKindEnum
from .errors import channel_of
from .session_types import AdmissionSessionType
from .time_types import AdmissionDayType, AdmissionSlotType


class AdmissionPlaceType(graphene.ObjectType):
    """A venue or a scenic spot."""

    name = graphene.String(required=True, description="名称")
    district = graphene.String(required=True, description="区县")
    address = graphene.String(required=True, description="地址")
    longitude = graphene.Float(description="经度（WGS84）")
    latitude = graphene.Float(description="纬度（WGS84）")
    phone = graphene.String(required=True, description="咨询电话")
    level = graphene.String(required=True, description="景区等级，如 AAAAA；没有则为空文字")
    opening_hours = graphene.String(required=True, description="开放时间")
    traffic = graphene.String(required=True, description="交通")
    notices = graphene.String(required=True, description="须知")

    class Meta:
        name = "AdmissionPlace"

    @staticmethod
    def resolve_district(row: Any, _info: Any) -> str:
        return str(row.city)

    @staticmethod
    def resolve_level(row: Any, _info: Any) -> str:
        return "A" * row.level if isinstance(row, ScenicSpot) else ""

    @staticmethod
    def resolve_opening_hours(row: Any, _info: Any) -> str:
        return str(row.opening_hours) if isinstance(row, ScenicSpot) else ""


class AdmissionProductType(graphene.ObjectType):
    """A product."""

    code = graphene.String(required=True, description="代码")
    kind = graphene.Field(AdmissionKindEnum, required=True, description="种类")
    title = graphene.String(required=True, description="种类名称")
    name = graphene.String(required=True, description="名称")
    summary = graphene.String(required=True, description="一句话介绍")
    description = graphene.String(required=True, description="介绍")
    notices = graphene.String(required=True, description="购票须知")
    on_sale = graphene.Boolean(required=True, description="是否在售")
    price_from = graphene.Field(Decimal, description="平常的最低价（元）")
    place = graphene.Field(AdmissionPlaceType, description="景区或场馆")
    places = graphene.List(graphene.NonNull(AdmissionPlaceType), required=True, description="联票包含的景区")
    waiting_hours = graphene.Int(description="缺货登记：有票时保留几小时；空为不开放")
    queued = graphene.Boolean(required=True, description="购买前是否要排队")
    classes = graphene.List(graphene.NonNull(AdmissionClassType), required=True, description="票类")
    calendar = graphene.List(
        graphene.NonNull(AdmissionDayType), required=True,
        first=graphene.Date(description="自哪一天；不填为今天"),
        days=graphene.Int(description=f"几天，最多 {MOST_DAYS}", default_value=31),
        description="价格日历；按场次卖的为空列表",
    )  # fmt: skip
    slots = graphene.List(
        graphene.NonNull(AdmissionSlotType), required=True, day=graphene.Date(required=True),
        description="某天的分时时段",
    )  # fmt: skip
    sessions = graphene.List(
        graphene.NonNull(AdmissionSessionType), required=True,
        first=graphene.Date(description="自哪一天；不填为今天"), description="还没结束的场次",
    )  # fmt: skip

    class Meta:
        name = "AdmissionProduct"

    @staticmethod
    def resolve_title(row: AdmissionProduct, _info: Any) -> str:
        return str(row.get_kind_display())

    @staticmethod
    def resolve_on_sale(row: AdmissionProduct, _info: Any) -> bool:
        return row.state == "on_sale"

    @staticmethod
    def resolve_price_from(row: AdmissionProduct, _info: Any) -> Any:
        return lowest(row)

    @staticmethod
    def resolve_place(row: AdmissionProduct, _info: Any) -> Venue | ScenicSpot | None:
        return row.venue or row.spot

    @staticmethod
    def resolve_places(row: AdmissionProduct, _info: Any) -> list[ScenicSpot]:
        return list(row.spots.all())

    @staticmethod
    def resolve_queued(row: AdmissionProduct, _info: Any) -> bool:
        return SaleQueue.objects.filter(product=row, active=True).exists()

    @staticmethod
    def resolve_classes(row: AdmissionProduct, info: Any) -> list[TicketClass]:
        return classes_of(row, channel_of(info))

    @staticmethod
    def resolve_calendar(
        row: AdmissionProduct, info: Any, days: int, first: date | None = None
    ) -> list[DayShown]:
        return calendar(row, first or today(), days, channel_of(info))

    @staticmethod
    def resolve_slots(row: AdmissionProduct, info: Any, day: date) -> list[SlotShown]:
        return slots_shown(row, day, channel_of(info))

    @staticmethod
    def resolve_sessions(row: AdmissionProduct, info: Any, first: date | None = None) -> list[SessionShown]:
        return sessions_shown(row, channel_of(info), first=first)
