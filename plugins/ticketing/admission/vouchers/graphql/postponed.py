"""``ticketPostponed``: the session was put off; until when may be chosen, and what was."""

from __future__ import annotations

from typing import Any

import graphene

from plugins.ticketing.kernel.services.binding import order_of_buyer

from ...models import SessionChange, SessionChoice
from ..services.changing import open_change
from .enums import TicketPostponedChoiceEnum


class TicketPostponedType(graphene.ObjectType):
    """A postponement about which the buyer may still choose."""

    was_at = graphene.DateTime(required=True, description="原定时间")
    now_at = graphene.DateTime(required=True, description="新的时间")
    reason = graphene.String(required=True, description="原因")
    choose_until = graphene.DateTime(required=True, description="选择截止")
    choice = graphene.Field(TicketPostponedChoiceEnum, description="已经选的；还没选则为空")
    refund_number = graphene.String(required=True, description="选择退票的退票单号；没有则为空文字")

    class Meta:
        name = "TicketPostponed"


class PostponedQueries(graphene.ObjectType):
    """What became of a session."""

    ticket_postponed = graphene.Field(
        TicketPostponedType,
        order_number=graphene.Argument(graphene.String, required=True, description="票务订单号"),
        key=graphene.Argument(graphene.String, description="占座时的请求号（未登录时占的座）"),
        token=graphene.Argument(graphene.String, description="订单令牌（未登录下单的顾客）"),
        description="本人订单的场次延期（未登录的顾客凭请求号或订单令牌），在选择期内；没有延期或已过选择期则为空",
    )

    @staticmethod
    def resolve_ticket_postponed(
        _root: Any, info: Any, order_number: str, key: str = "", token: str = ""
    ) -> TicketPostponedType | None:
        order = order_of_buyer(info.context.user, order_number, key or "", token or "")
        change: SessionChange | None = open_change(order) if order is not None else None
        if change is None:
            return None
        made = SessionChoice.objects.filter(change=change, ticket_order=order).first()
        return TicketPostponedType(
            was_at=change.was_at, now_at=change.now_at, reason=change.reason, choose_until=change.choose_until,
            choice=made.choice if made is not None else None, refund_number=made.refund if made is not None else "",
        )  # fmt: skip
