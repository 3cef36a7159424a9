"""Queries of coach tickets: where to, which buses; open to everybody, at a pace."""

from __future__ import annotations

from datetime import date
from functools import cache, partial
from typing import Any

import graphene

from plugins.ticketing.kernel.services.reach import typed_key
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.pace import asker_of

from ..access import INVOICE_VIEW
from ..models import CoachInvoice, Station
from ..selectors.first_days import first_days
from ..selectors.places import goals, starts, those_named
from ..selectors.shifts import Found, found_of
from ..services.keeping import begin
from ..services.searching import buses
from ..services.seats import plan_of
from .finding import own_order
from .missed import CoachMissedQueries
from .passes import CoachPassQueries
from .types import (
    CoachInvoiceType,
    CoachSearchType,
    CoachSeatPlanType,
    CoachSeatType,
    CoachShiftType,
    CoachStationType,
    errors_of,
)


class CoachQueries(CoachPassQueries, CoachMissedQueries, graphene.ObjectType):
    """Stations, destinations, buses of a day."""

    coach_stations = graphene.List(
        graphene.NonNull(CoachStationType), required=True,
        search=graphene.Argument(graphene.String, description="名称、别名、全拼、简拼或城市的开头；不填为全部"),
        description="可以上车的汽车站",
    )  # fmt: skip
    coach_destinations = graphene.List(
        graphene.NonNull(CoachStationType), required=True,
        start=graphene.Argument(graphene.String, required=True, description="上车站代码、站名或城市"),
        search=graphene.Argument(graphene.String, description="名称、全拼、简拼的开头；不填为全部"),
        description="从这里可以到的地方",
    )  # fmt: skip
    coach_shifts = graphene.Field(
        CoachSearchType, required=True,
        start=graphene.Argument(graphene.String, required=True, description="上车站代码、站名或城市"),
        goal=graphene.Argument(graphene.String, required=True, description="到站代码、名称、全拼或简拼的开头"),
        day=graphene.Argument(graphene.Date, description="乘车日期；不填为还可能有票的第一天，结果里写明是哪天"),
        description="一天的班次；各客票网的同一班合为一条，停售的不显示",
    )  # fmt: skip
    coach_shift = graphene.Field(
        CoachShiftType,
        id=graphene.Argument(graphene.ID, required=True, description="班次标识"),
        goal=graphene.Argument(graphene.String, required=True, description="到站代码"),
        description="一个班次；不存在为空",
    )

    coach_seats = graphene.Field(
        CoachSeatPlanType, required=True,
        shift=graphene.Argument(graphene.ID, required=True, description="班次标识"),
        goal=graphene.Argument(graphene.String, required=True, description="到站代码"),
        description="一个班次的座位图；流水班、不提供座位图的客票网没有座位",
    )  # fmt: skip

    coach_invoices = graphene.List(
        graphene.NonNull(CoachInvoiceType), required=True,
        number=graphene.Argument(graphene.String, required=True, description="票务订单号"),
        token=graphene.Argument(graphene.String, description="未登录购票的，填订单凭据"),
        description="一张汽车票订单的发票，新的在前；本人、持订单凭据的游客、管辖内的员工可看。",
    )  # fmt: skip

    @staticmethod
    def resolve_coach_invoices(_root: Any, info: Any, number: str, token: str = "") -> list[CoachInvoice]:
        try:
            order = own_order(info.context.user, number, INVOICE_VIEW, token or "")
        except DomainError:
            return []
        return list(order.coach_invoices.order_by("-pk")[:50])

    @staticmethod
    def resolve_coach_seats(_root: Any, info: Any, shift: str, goal: str) -> CoachSeatPlanType:
        place = next((one for one in those_named(goal[:40]) if one.code == goal.strip().upper()), None)
        try:
            plan = plan_of(typed_key(shift), place.pk if place else 0, asker=asker_of(info.context))
        except DomainError as error:
            return CoachSeatPlanType(seats=[], errors=errors_of(error))
        seats = [CoachSeatType(number=one, state=state) for one, state in plan.seats.items()]
        return CoachSeatPlanType(seats=seats, errors=[])

    @staticmethod
    def resolve_coach_stations(_root: Any, _info: Any, search: str = "") -> list[Station]:
        return starts(search[:40])

    @staticmethod
    def resolve_coach_destinations(_root: Any, _info: Any, start: str, search: str = "") -> list[Station]:
        begin()
        beginnings = those_named(start[:40], boards=True)
        found = goals(beginnings, search[:40])
        # looked up for all of them when the first one is asked for
        days = cache(partial(first_days, beginnings, found))
        for one in found:
            one.first_days = days  # type: ignore[attr-defined]
        return found

    @staticmethod
    def resolve_coach_shifts(
        _root: Any, info: Any, start: str, goal: str, day: date | None = None
    ) -> CoachSearchType:
        try:
            told = buses(asker_of(info.context), start, goal, day)
        except DomainError as error:
            return CoachSearchType(day=day or today(), shifts=[], errors=errors_of(error))
        return CoachSearchType(day=told.day, shifts=told.found, errors=[])

    @staticmethod
    def resolve_coach_shift(_root: Any, _info: Any, id: str, goal: str) -> Found | None:
        place = next((one for one in those_named(goal[:40]) if one.code == goal.strip().upper()), None)
        return found_of(typed_key(id), place.pk) if place is not None else None
