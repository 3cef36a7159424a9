"""Insurances beside tickets, in the API; amounts in yuan."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils.translation import gettext as _
from saleor.graphql.core.scalars import Decimal

from saleor_o2o.graphql.enums import enum_of

from ...choices import InsuranceState, Trade
from ...models import Insurance, InsuranceProduct

TicketInsuranceStateEnum = enum_of("TicketInsuranceState", InsuranceState)
TicketInsuranceTradeEnum = enum_of("TicketInsuranceTrade", Trade)


def words_of(info: Any) -> dict[str, tuple[str, str]]:
    """What insurances are called and where their terms are, also those not on offer any more; read once a request."""
    known: dict[str, tuple[str, str]] | None = getattr(info.context, "o2o_insurance_words", None)
    if known is None:
        rows = InsuranceProduct.objects.values_list("code", "name", "terms")
        known = {code: (name, terms) for code, name, terms in rows}
        info.context.o2o_insurance_words = known
    return known


class TicketInsuranceProductType(graphene.ObjectType):
    """An insurance on offer; none is chosen by itself."""

    code = graphene.String(required=True, description="代码")
    name = graphene.String(required=True, description="险种")
    price = graphene.Field(Decimal, required=True, description="保费（元）")
    covers = graphene.String(required=True, description="保障内容")
    terms = graphene.String(required=True, description="条款地址")
    insurer = graphene.String(required=True, description="保险公司")

    class Meta:
        name = "TicketInsuranceProduct"

    @staticmethod
    def resolve_insurer(row: InsuranceProduct, _info: Any) -> str:
        return str(row.insurer)


class TicketInsuranceType(graphene.ObjectType):
    """An insurance of a ticket."""

    number = graphene.String(required=True, description="投保单号")
    ticket = graphene.String(required=True, description="票号")
    product = graphene.String(required=True, description="险种代码")
    name = graphene.String(required=True, description="险种")
    price = graphene.Field(Decimal, required=True, description="保费（元）")
    state = graphene.Field(TicketInsuranceStateEnum, required=True, description="状态")
    title = graphene.String(required=True, description="状态名称")
    policy_number = graphene.String(required=True, description="保单号；承保后才有")
    terms = graphene.String(required=True, description="条款地址；没有则为空文字")

    class Meta:
        name = "TicketInsurance"

    @staticmethod
    def resolve_ticket(row: Insurance, _info: Any) -> str:
        return row.ticket.number

    @staticmethod
    def resolve_name(row: Insurance, info: Any) -> str:
        return words_of(info).get(row.product, (row.product, ""))[0]

    @staticmethod
    def resolve_terms(row: Insurance, info: Any) -> str:
        return words_of(info).get(row.product, ("", ""))[1]

    @staticmethod
    def resolve_title(row: Insurance, _info: Any) -> str:
        return str(_("正在改到新行程") if row.moves_to_id is not None else row.get_state_display())
