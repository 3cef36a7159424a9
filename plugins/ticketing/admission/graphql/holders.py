"""``ticketHolders``: who goes with the tickets of an order, and until when that may be changed once."""

from __future__ import annotations

from typing import Any

import graphene

from plugins.ticketing.kernel.models import Ticket, TicketOrder
from plugins.ticketing.kernel.services.reach import is_buyer, typed
from saleor_o2o.kernel.masking import mask_name

from ..services.naming import Holder, holders


class TicketHolderType(graphene.ObjectType):
    """The person of a real-name ticket."""

    ticket = graphene.String(required=True, description="票号")
    name = graphene.String(required=True, description="观众姓名（已遮盖）")
    open = graphene.Boolean(required=True, description="现在能否更改实名（每张票一次）")
    until = graphene.DateTime(description="更改实名的截止时间；不能更改的为空")
    why = graphene.String(required=True, description="不能更改的原因；能更改的为空文字")

    class Meta:
        name = "TicketHolder"


def holders_of(user: Any, number: str, token: str = "") -> list[TicketHolderType]:
    """One's own order's, a guest's by its token; none for anybody else."""
    order = TicketOrder.objects.select_related("order").filter(number=typed(number).upper()).first()
    if order is None or not is_buyer(user, order, token):
        return []
    rows = order.tickets.filter(passenger__isnull=False).order_by("pk")
    tickets = list(rows.select_related("passenger", "ticket_order__supplier"))
    seen = holders(tickets)
    return [_told(one, seen[one.pk]) for one in tickets]


def _told(ticket: Ticket, holder: Holder) -> TicketHolderType:
    return TicketHolderType(
        ticket=ticket.number, name=mask_name(ticket.passenger.name) if ticket.passenger else "",
        open=holder.refusal is None, until=holder.until,
        why="" if holder.refusal is None else holder.refusal.message,
    )  # fmt: skip


class HolderQueries(graphene.ObjectType):
    """Who goes."""

    ticket_holders = graphene.List(
        graphene.NonNull(TicketHolderType), required=True,
        order_number=graphene.Argument(graphene.String, required=True, description="票务订单号"),
        token=graphene.Argument(graphene.String, description="订单令牌（未登录下单的顾客）"),
        description="本人（或凭订单令牌的游客）订单里实名票的观众，和现在能否更改实名；其他人为空",
    )  # fmt: skip

    @staticmethod
    def resolve_ticket_holders(
        _root: Any, info: Any, order_number: str, token: str = ""
    ) -> list[TicketHolderType]:
        return holders_of(info.context.user, order_number, token or "")
