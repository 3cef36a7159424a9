"""``ticketChanges``: what became of changes, from the old order and from the new one."""

from __future__ import annotations

from typing import Any

import graphene
from django.db.models import Q

from ...models import ChangeRequest, TicketOrder
from ...services.reach import reaches, typed
from .types import TicketChangeType


class TicketChangeQueries(graphene.ObjectType):
    """Changes of ticket orders."""

    ticket_changes = graphene.List(
        graphene.NonNull(TicketChangeType),
        required=True,
        order=graphene.Argument(
            graphene.String, required=True, description="票务订单号：改签前的，或改签后的"
        ),
        token=graphene.Argument(graphene.String, description="未登录购票的，填订单凭据"),
        description="一张票务订单的改签，新的在前；本人、持订单凭据的游客、管辖内的员工可看。",
    )

    @staticmethod
    def resolve_ticket_changes(_root: Any, info: Any, order: str, token: str = "") -> list[ChangeRequest]:
        found = TicketOrder.objects.select_related("order").filter(number=typed(order)).first()
        if found is None or not reaches(info.context.user, found, token):
            return []
        rows = ChangeRequest.objects.filter(Q(ticket_order=found) | Q(target=found))
        return list(
            rows.select_related("ticket_order", "target", "difference_order__o2o_profile").order_by("-pk")[
                :50
            ]
        )
