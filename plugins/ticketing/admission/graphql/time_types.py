"""Days and slots in the API."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from ..selectors import MANY, DayShown, SlotShown
from .class_types import classes_field


class AdmissionDayType(graphene.ObjectType):
    """A day of the price calendar."""

    day = graphene.Date(required=True, description="日期")
    price_from = graphene.Field(Decimal, description="最低价（元）；不可买为空")
    left = graphene.Int(required=True, description=f"余票；{MANY} 张以上只说 {MANY}")
    classes = classes_field()

    class Meta:
        name = "AdmissionDay"

    @staticmethod
    def resolve_left(one: DayShown, _info: Any) -> int:
        return min(one.left, MANY)


class AdmissionSlotType(graphene.ObjectType):
    """A time of a day."""

    id = graphene.ID(required=True)
    starts = graphene.String(required=True, description="自，如 09:00")
    ends = graphene.String(required=True, description="至")
    classes = classes_field()

    class Meta:
        name = "AdmissionSlot"

    @staticmethod
    def resolve_id(one: SlotShown, _info: Any) -> int:
        return one.slot.pk

    @staticmethod
    def resolve_starts(one: SlotShown, _info: Any) -> str:
        return f"{one.slot.starts:%H:%M}"

    @staticmethod
    def resolve_ends(one: SlotShown, _info: Any) -> str:
        return f"{one.slot.ends:%H:%M}"
