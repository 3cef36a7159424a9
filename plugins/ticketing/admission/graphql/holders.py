"""``ticketHolders``: who goes with the tickets of an order, and until when that may be changed once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import graphene

from plugins.ticketing.kernel.models import Ticket, TicketOrder
from plugins.ticketing.kernel.services.reach import is_buyer, typed
from saleor_o2o.kernel.masking import mask_name

from ..models import TicketClass
from ..services.naming import last_moment, why_not


class TicketHolderType(graphene.ObjectType):
    """The person of a real-name ticket."""

    ticket = graphene.String(required=True, description="票号")
    name = graphene.String(required=True, description="观众姓名（已遮盖）")
    open = graphene.Boolean(required=True, description="现在能否更改实名（每张票一次）")
    until = graphene.DateTime(description="更改实名的截止时间；不能更改的为空")
    why = graphene.String(required=True, description="不能更改的原因；能更改的为空文字")

    class Meta:
        name = "TicketHolder"


def holders_of(user: Any, number: str) -> list[TicketHolderType]:
    """One's own order's; none for anybody else."""
    order = TicketOrder.objects.filter(number=typed(number).upper()).first()
    if order is None or order.user_id is None or not is_buyer(user, order):
        return []
    rows = order.tickets.filter(passenger__isnull=False).order_by("pk")
    return list(_told(list(rows.select_related("passenger", "ticket_order__supplier", "changed_from"))))


def _told(tickets: list[Ticket]) -> Iterator[TicketHolderType]:
    hours = dict(
        TicketClass.objects.filter(variant__in=[one.variant_id for one in tickets]).values_list(
            "variant", "product__name_change_hours"
        )
    )
    for one in tickets:
        refusal = why_not(one)
        yield TicketHolderType(
            ticket=one.number, name=mask_name(one.passenger.name) if one.passenger else "", open=refusal is None,
            until=last_moment(one, hours.get(one.variant_id or 0, 0)) if refusal is None else None,
            why="" if refusal is None else refusal.message,
        )  # fmt: skip


class HolderQueries(graphene.ObjectType):
    """Who goes."""

    ticket_holders = graphene.List(
        graphene.NonNull(TicketHolderType), required=True,
        order_number=graphene.Argument(graphene.String, required=True, description="票务订单号"),
        description="本人订单里实名票的观众，和现在能否更改实名；其他人为空",
    )  # fmt: skip

    @staticmethod
    def resolve_ticket_holders(_root: Any, info: Any, order_number: str) -> list[TicketHolderType]:
        return holders_of(info.context.user, order_number)
