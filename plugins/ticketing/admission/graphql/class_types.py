"""Ticket classes in the API: what they are, and what is left of them."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils.translation import gettext_lazy as _
from saleor.graphql.core.scalars import Decimal

from saleor_o2o.kernel.documents import DocumentKind

from ..choices import ExchangeMode, ValidMode
from ..models import TicketClass
from ..selectors import MANY, ClassLeft
from .enums import (
    AdmissionAudienceEnum,
    AdmissionExchangeModeEnum,
    AdmissionRealNameEnum,
    AdmissionValidModeEnum,
)


class AdmissionClassType(graphene.ObjectType):
    """A ticket class."""

    code = graphene.String(required=True, description="票类代码")
    name = graphene.String(required=True, description="票名")
    audience = graphene.Field(AdmissionAudienceEnum, required=True, description="适用人群")
    include = graphene.String(required=True, description="包含")
    people = graphene.Int(required=True, description="一张票的人数")
    age_from = graphene.Int(description="年龄不小于")
    age_below = graphene.Int(description="年龄小于")
    documents = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="可用证件；空为不限"
    )
    price = graphene.Field(Decimal, required=True, description="平常的售价（元）")
    market_price = graphene.Field(Decimal, description="门市价（元）")
    min_per_order = graphene.Int(required=True, description="每单最少")
    max_per_order = graphene.Int(required=True, description="每单最多")
    valid_mode = graphene.Field(AdmissionValidModeEnum, required=True, description="有效方式")
    valid_days = graphene.Int(required=True, description="有效天数")
    real_name = graphene.Field(AdmissionRealNameEnum, required=True, description="实名")
    exchange_mode = graphene.Field(AdmissionExchangeModeEnum, required=True, description="入园凭证")
    advance = graphene.String(required=True, description="预订截止的说明")
    postage = graphene.Field(Decimal, required=True, description="邮费（元，每单一次）；不邮寄纸票的为 0")
    mail_days = graphene.Int(description="邮寄纸票：开场（游玩）前几天停止购买；不邮寄的为空")
    category = graphene.String(required=True, description="座位等级；不对号入座的为空文字")

    class Meta:
        name = "AdmissionClass"

    @staticmethod
    def resolve_documents(row: TicketClass, _info: Any) -> list[str]:
        return [str(DocumentKind(one).label) for one in row.id_types if one in DocumentKind.values]

    @staticmethod
    def resolve_postage(row: TicketClass, _info: Any) -> Any:
        return row.postage if row.exchange_mode == ExchangeMode.PAPER_MAIL else 0

    @staticmethod
    def resolve_mail_days(row: TicketClass, _info: Any) -> int | None:
        return row.mail_days if row.exchange_mode == ExchangeMode.PAPER_MAIL else None

    @staticmethod
    def resolve_advance(row: TicketClass, _info: Any) -> str:
        if row.valid_mode not in {ValidMode.DAY, ValidMode.SLOT}:
            return ""
        if row.exchange_mode == ExchangeMode.PAPER_MAIL and row.mail_days > row.advance_days:
            return ""  # the letter's own last day is the earlier one, and is told with the way it comes
        when = f"{row.cut_off:%H:%M}" if row.cut_off is not None else "24:00"
        if row.advance_days == 0:
            return str(_("游玩当天 %(when)s 前可订") % {"when": when})
        return str(_("提前 %(days)d 天，当天 %(when)s 前可订") % {"days": row.advance_days, "when": when})


class AdmissionClassLeftType(graphene.ObjectType):
    """A ticket class at a time."""

    code = graphene.String(required=True, description="票类代码")
    name = graphene.String(required=True, description="票名")
    category = graphene.String(required=True, description="座位等级")
    price = graphene.Field(Decimal, required=True, description="售价（元）")
    left = graphene.Int(required=True, description=f"余票；{MANY} 张以上只说 {MANY}")
    open = graphene.Boolean(required=True, description="现在是否可买")

    class Meta:
        name = "AdmissionClassLeft"

    @staticmethod
    def resolve_code(one: ClassLeft, _info: Any) -> str:
        return one.kind.code

    @staticmethod
    def resolve_name(one: ClassLeft, _info: Any) -> str:
        return one.kind.name

    @staticmethod
    def resolve_category(one: ClassLeft, _info: Any) -> str:
        return one.kind.category

    @staticmethod
    def resolve_left(one: ClassLeft, _info: Any) -> int:
        return min(one.left, MANY)


def classes_field() -> Any:
    """What is left of every class, at the time of its parent."""
    return graphene.List(graphene.NonNull(AdmissionClassLeftType), required=True, description="各票类")
