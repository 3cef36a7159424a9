"""Questions of refunds' API."""

from __future__ import annotations

from typing import Any

import graphene

from ...models import Insurance, InsuranceProduct, RefundRequest, TicketOrder
from ...services.insuring import offered
from ...services.reach import reaches, typed
from .changes import TicketChangeQueries
from .insurance import TicketInsuranceProductType, TicketInsuranceTradeEnum, TicketInsuranceType
from .types import TicketRefundType


class TicketAfterQueries(TicketChangeQueries, graphene.ObjectType):
    """What became of tickets that went back."""

    ticket_refunds = graphene.List(
        graphene.NonNull(TicketRefundType),
        required=True,
        order=graphene.Argument(graphene.String, required=True, description="票务订单号"),
        token=graphene.Argument(graphene.String, description="未登录购票的，填订单凭据"),
        description="一张票务订单的退票，新的在前；本人、持订单凭据的游客、管辖内的员工可看。",
    )

    ticket_insurance_products = graphene.List(
        graphene.NonNull(TicketInsuranceProductType),
        required=True,
        trade=graphene.Argument(TicketInsuranceTradeEnum, required=True, description="票种"),
        description="可以随票购买的保险；不默认勾选。",
    )
    ticket_insurances = graphene.List(
        graphene.NonNull(TicketInsuranceType),
        required=True,
        order=graphene.Argument(graphene.String, required=True, description="票务订单号"),
        token=graphene.Argument(graphene.String, description="未登录购票的，填订单凭据"),
        description="一张票务订单的保险。",
    )

    @staticmethod
    def resolve_ticket_insurance_products(_root: Any, _info: Any, trade: str) -> list[InsuranceProduct]:
        return offered(trade)

    @staticmethod
    def resolve_ticket_insurances(_root: Any, info: Any, order: str, token: str = "") -> list[Insurance]:
        found = TicketOrder.objects.select_related("order").filter(number=typed(order)).first()
        if found is None or not reaches(info.context.user, found, token):
            return []
        rows = Insurance.objects.filter(ticket__ticket_order=found).select_related("ticket")
        return list(rows.order_by("pk"))

    @staticmethod
    def resolve_ticket_refunds(_root: Any, info: Any, order: str, token: str = "") -> list[RefundRequest]:
        found = TicketOrder.objects.select_related("order").filter(number=typed(order)).first()
        if found is None or not reaches(info.context.user, found, token):
            return []
        return list(found.refunds.order_by("-pk")[:50])
