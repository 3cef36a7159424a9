"""Cards in the API."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.graphql.enums import enum_of

from ..choices import CardState
from ..models import Card

MembershipCardStateEnum = enum_of("MembershipCardState", CardState)


class MembershipCardType(graphene.ObjectType):
    """A card."""

    id = graphene.ID(required=True)
    number = graphene.String(required=True, description="卡号")
    state = graphene.Field(MembershipCardStateEnum, required=True, description="状态")
    title = graphene.String(required=True, description="状态名称")
    plan_name = graphene.String(required=True, description="方案")
    place = graphene.String(required=True, description="发卡机构")
    activated_at = graphene.DateTime(description="激活时间")

    class Meta:
        name = "MembershipCard"

    @staticmethod
    def resolve_title(card: Card, _info: Any) -> str:
        return str(card.get_state_display())

    @staticmethod
    def resolve_plan_name(card: Card, _info: Any) -> str:
        return card.plan.name

    @staticmethod
    def resolve_place(card: Card, _info: Any) -> str:
        return card.unit.name
