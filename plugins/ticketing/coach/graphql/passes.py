"""``coachPasses``: the codes that the station's gate scans."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import graphene

from plugins.ticketing.kernel.graphql.orders.types import TicketStateEnum
from saleor_o2o.kernel.masking import mask_name

from ..showing import Pass, passes_of


class CoachPassType(graphene.ObjectType):
    """What one passenger shows at the gate."""

    ticket = graphene.String(required=True, description="票号")
    order_number = graphene.String(required=True, description="票务订单号")
    code = graphene.String(required=True, description="二维码内容，不变；已检票、退票、改签的为空文字")
    state = graphene.Field(TicketStateEnum, required=True, description="状态")
    state_label = graphene.String(required=True, description="状态名称")
    fare_name = graphene.String(required=True, description="票类")
    seat = graphene.String(required=True, description="座位；流水班为空文字")
    passenger = graphene.String(required=True, description="乘客姓名（已遮盖）")
    start = graphene.String(required=True, description="上车站")
    goal = graphene.String(required=True, description="到站")
    shift = graphene.String(required=True, description="班次号")
    gate = graphene.String(required=True, description="检票口；未知为空文字")
    departs = graphene.DateTime(required=True, description="发车时间；流水班为首班")
    last = graphene.DateTime(required=True, description="流水班的末班；固定班同发车时间")

    class Meta:
        name = "CoachPass"

    @staticmethod
    def resolve_ticket(row: Pass, _info: Any) -> str:
        return row.ticket.number

    @staticmethod
    def resolve_order_number(row: Pass, _info: Any) -> str:
        return row.order.number

    @staticmethod
    def resolve_state(row: Pass, _info: Any) -> str:
        return row.ticket.state

    @staticmethod
    def resolve_state_label(row: Pass, _info: Any) -> str:
        return str(row.ticket.get_state_display())

    @staticmethod
    def resolve_fare_name(row: Pass, _info: Any) -> str:
        return row.ticket.fare_name

    @staticmethod
    def resolve_seat(row: Pass, _info: Any) -> str:
        return row.ticket.seat

    @staticmethod
    def resolve_passenger(row: Pass, _info: Any) -> str:
        return mask_name(row.ticket.passenger.name) if row.ticket.passenger is not None else ""

    @staticmethod
    def resolve_start(row: Pass, _info: Any) -> str:
        return str(row.order.place["start"])

    @staticmethod
    def resolve_goal(row: Pass, _info: Any) -> str:
        return str(row.order.place["goal"])

    @staticmethod
    def resolve_shift(row: Pass, _info: Any) -> str:
        return str(row.order.place["number"])

    @staticmethod
    def resolve_gate(row: Pass, _info: Any) -> str:
        return str(row.order.place.get("gate") or "")

    @staticmethod
    def resolve_departs(row: Pass, _info: Any) -> datetime:
        return datetime.fromisoformat(row.order.place["departs"])

    @staticmethod
    def resolve_last(row: Pass, _info: Any) -> datetime:
        return datetime.fromisoformat(row.order.place["last"])


class CoachPassQueries(graphene.ObjectType):
    """What one shows at the station."""

    coach_passes = graphene.List(
        graphene.NonNull(CoachPassType), required=True,
        order_number=graphene.Argument(graphene.String, required=True, description="票务订单号"),
        key=graphene.Argument(graphene.String, description="占座时的请求号（未登录时占的座）"),
        token=graphene.Argument(graphene.String, description="订单令牌（未登录下单的顾客）"),
        description="已出票的汽车票的进站二维码：本人，或凭请求号、订单令牌的游客；其他人、不扫码的车站为空",
    )  # fmt: skip

    @staticmethod
    def resolve_coach_passes(
        _root: Any, info: Any, order_number: str, key: str = "", token: str = ""
    ) -> list[Pass]:
        return passes_of(info.context.user, order_number, key or "", token or "")
