"""Queues and waiting in the API."""

from __future__ import annotations

from datetime import date
from typing import Any

import graphene

from ..models import Waiting
from .enums import AdmissionWaitingStateEnum


class AdmissionQueueType(graphene.ObjectType):
    """Where somebody stands in a queue."""

    number = graphene.Int(required=True, description="号码")
    ahead = graphene.Int(required=True, description="前面还有几人")
    enters_at = graphene.DateTime(required=True, description="预计轮到")
    until = graphene.DateTime(required=True, description="轮到后有效至")
    is_in = graphene.Boolean(required=True, description="现在可以购买")

    class Meta:
        name = "AdmissionQueue"


class AdmissionProofType(graphene.ObjectType):
    """A puzzle, of the form of ALTCHA's second version."""

    challenge = graphene.String(required=True, description="题目，JSON 文字：{parameters, signature}")

    class Meta:
        name = "AdmissionProof"
        description = (
            "安全验证的题目（ALTCHA 第二版）。答案：{challenge, solution} 的 JSON 再 Base64，用作 proof。"
        )


class AdmissionWaitingType(graphene.ObjectType):
    """Somebody's waiting for tickets."""

    id = graphene.ID(required=True)
    product = graphene.String(required=True, description="产品")
    product_code = graphene.String(required=True, description="产品代码")
    class_name = graphene.String(required=True, description="票名")
    class_code = graphene.String(required=True, description="票类代码")
    session_id = graphene.ID(description="场次")
    slot_id = graphene.ID(description="时段")
    starts_at = graphene.DateTime(description="场次开始；不按场次的为空")
    slot_time = graphene.String(required=True, description="时段，如 09:00–11:00；不分时段的为空文字")
    day = graphene.Date(description="日期")
    quantity = graphene.Int(required=True, description="张数")
    state = graphene.Field(AdmissionWaitingStateEnum, required=True, description="状态")
    title = graphene.String(required=True, description="状态名称")
    offered_until = graphene.DateTime(description="有票时：为您保留至")
    order_number = graphene.String(required=True, description="下单后的票务订单号")

    class Meta:
        name = "AdmissionWaiting"

    @staticmethod
    def resolve_product(row: Waiting, _info: Any) -> str:
        return row.ticket_class.product.name

    @staticmethod
    def resolve_product_code(row: Waiting, _info: Any) -> str:
        return row.ticket_class.product.code

    @staticmethod
    def resolve_class_name(row: Waiting, _info: Any) -> str:
        return row.ticket_class.name

    @staticmethod
    def resolve_class_code(row: Waiting, _info: Any) -> str:
        return row.ticket_class.code

    @staticmethod
    def resolve_starts_at(row: Waiting, _info: Any) -> Any:
        return row.session.starts_at if row.session is not None else None

    @staticmethod
    def resolve_slot_time(row: Waiting, _info: Any) -> str:
        return f"{row.slot.starts:%H:%M}–{row.slot.ends:%H:%M}" if row.slot is not None else ""

    @staticmethod
    def resolve_day(row: Waiting, _info: Any) -> date | None:
        return row.slot.day if row.slot is not None else row.day

    @staticmethod
    def resolve_title(row: Waiting, _info: Any) -> str:
        return str(row.get_state_display())
