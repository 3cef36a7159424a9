"""Questions of refunds' API."""

from __future__ import annotations

from typing import Any

import graphene

from ...models import RefundRequest, TicketOrder
from ...services.reach import reaches
from .types import TicketRefundType


class TicketAfterQueries(graphene.ObjectType):
    """What became of tickets that went back."""

    ticket_refunds = graphene.List(
        graphene.NonNull(TicketRefundType),
        required=True,
        order=graphene.Argument(graphene.String, required=True, description="票务订单号"),
        token=graphene.Argument(graphene.String, description="未登录购票的，填订单凭据"),
        description="一张票务订单的退票，新的在前；本人、持订单凭据的游客、管辖内的员工可看。",
    )

    @staticmethod
    def resolve_ticket_refunds(_root: Any, info: Any, order: str, token: str = "") -> list[RefundRequest]:
        found = TicketOrder.objects.select_related("order").filter(number=order.strip()[:24]).first()
        if found is None or not reaches(info.context.user, found, token):
            return []
        return list(found.refunds.order_by("-pk")[:50])
