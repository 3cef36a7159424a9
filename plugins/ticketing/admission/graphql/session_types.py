"""Sessions and their seats in the API."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils.translation import gettext_lazy as _
from saleor.graphql.core.scalars import Decimal

from saleor_o2o.kernel.clock import now

from ..choices import SessionState
from ..inventory.geometry import Spot
from ..selectors import MANY, SessionShown, free_seats, seat_states
from .class_types import classes_field
from .enums import AdmissionSessionStateEnum


class AdmissionSeatType(graphene.ObjectType):
    """A seat of a session."""

    id = graphene.ID(required=True, description="占座时用")
    zone = graphene.String(required=True, description="区域")
    line = graphene.Int(required=True, description="行序，从舞台数")
    place = graphene.Int(required=True, description="列序，从左数；空缺为过道")
    label = graphene.String(required=True, description="名称，如 池座3排12座")
    category = graphene.String(required=True, description="座位等级")
    free = graphene.Boolean(required=True, description="是否可选")

    class Meta:
        name = "AdmissionSeat"

    @staticmethod
    def resolve_id(one: tuple[Spot, bool], _info: Any) -> int:
        return one[0].seat

    @staticmethod
    def resolve_zone(one: tuple[Spot, bool], _info: Any) -> str:
        return one[0].zone

    @staticmethod
    def resolve_line(one: tuple[Spot, bool], _info: Any) -> int:
        return one[0].line

    @staticmethod
    def resolve_place(one: tuple[Spot, bool], _info: Any) -> int:
        return one[0].place

    @staticmethod
    def resolve_label(one: tuple[Spot, bool], _info: Any) -> str:
        return one[0].label

    @staticmethod
    def resolve_category(one: tuple[Spot, bool], _info: Any) -> str:
        return one[0].category

    @staticmethod
    def resolve_free(one: tuple[Spot, bool], _info: Any) -> bool:
        return one[1]


class AdmissionCategoryType(graphene.ObjectType):
    """A category of seats."""

    code = graphene.String(required=True, description="代码")
    name = graphene.String(required=True, description="名称")
    colour = graphene.String(required=True, description="颜色，如 #b91c1c")

    class Meta:
        name = "AdmissionCategory"


class AdmissionSessionType(graphene.ObjectType):
    """A session."""

    id = graphene.ID(required=True)
    name = graphene.String(required=True, description="场次名；可为空文字")
    starts_at = graphene.DateTime(required=True, description="开始")
    ends_at = graphene.DateTime(required=True, description="结束")
    opens_at = graphene.DateTime(required=True, description="开售")
    closes_at = graphene.DateTime(required=True, description="停售")
    postponed_from = graphene.DateTime(description="延期前的时间")
    state = graphene.Field(AdmissionSessionStateEnum, required=True, description="状态")
    title = graphene.String(required=True, description="状态说明")
    hall = graphene.String(required=True, description="厅")
    seated = graphene.Boolean(required=True, description="是否对号入座")
    on_sale = graphene.Boolean(required=True, description="现在是否可买")
    price_from = graphene.Field(Decimal, description="最低价（元）")
    left = graphene.Int(required=True, description=f"余票；{MANY} 张以上只说 {MANY}")
    classes = classes_field()
    categories = graphene.List(graphene.NonNull(AdmissionCategoryType), required=True, description="座位等级")
    seats = graphene.List(
        graphene.NonNull(AdmissionSeatType), required=True, description="座位图，实时；不对号入座的为空列表"
    )
    free_seats = graphene.List(
        graphene.NonNull(graphene.ID), required=True, description="现在可选的座位；读过一次座位图后用它刷新"
    )

    class Meta:
        name = "AdmissionSession"

    @staticmethod
    def resolve_id(one: SessionShown, _info: Any) -> int:
        return one.session.pk

    @staticmethod
    def resolve_name(one: SessionShown, _info: Any) -> str:
        return one.session.name

    @staticmethod
    def resolve_starts_at(one: SessionShown, _info: Any) -> Any:
        return one.session.starts_at

    @staticmethod
    def resolve_ends_at(one: SessionShown, _info: Any) -> Any:
        return one.session.ends_at

    @staticmethod
    def resolve_opens_at(one: SessionShown, _info: Any) -> Any:
        return one.session.opens_at

    @staticmethod
    def resolve_closes_at(one: SessionShown, _info: Any) -> Any:
        return one.session.closes_at

    @staticmethod
    def resolve_postponed_from(one: SessionShown, _info: Any) -> Any:
        return one.session.postponed_from

    @staticmethod
    def resolve_state(one: SessionShown, _info: Any) -> str:
        return str(one.session.state)

    @staticmethod
    def resolve_title(one: SessionShown, _info: Any) -> str:
        if one.session.state == SessionState.ON_SALE and now() < one.session.opens_at:
            return str(_("即将开售"))
        return str(one.session.get_state_display())

    @staticmethod
    def resolve_hall(one: SessionShown, _info: Any) -> str:
        return one.session.hall.name if one.session.hall is not None else ""

    @staticmethod
    def resolve_seated(one: SessionShown, _info: Any) -> bool:
        return one.session.seat_map_id is not None

    @staticmethod
    def resolve_on_sale(one: SessionShown, _info: Any) -> bool:
        return one.session.on_sale

    @staticmethod
    def resolve_left(one: SessionShown, _info: Any) -> int:
        return min(one.left, MANY)

    @staticmethod
    def resolve_categories(one: SessionShown, _info: Any) -> list[dict[str, str]]:
        if one.session.seat_map is None:
            return []
        return [
            {"code": code, "name": told.get("name", code), "colour": told.get("colour", "#6b7280")}
            for code, told in one.session.seat_map.categories.items()
        ]

    @staticmethod
    def resolve_seats(one: SessionShown, _info: Any) -> list[tuple[Spot, bool]]:
        found = seat_states(one.session)
        if found is None:
            return []
        map_, states = found
        return [(spot, states.get(spot.seat) == "free") for spot in map_.spots.values()]

    @staticmethod
    def resolve_free_seats(one: SessionShown, _info: Any) -> list[int]:
        return free_seats(one.session)
