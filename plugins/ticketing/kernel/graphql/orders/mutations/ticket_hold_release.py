"""``ticketHoldRelease``: give a seat up before it is ordered."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils.translation import gettext as _

from saleor_o2o.kernel.errors import DomainError

from ....models import TicketOrder
from ....selectors import with_tickets
from ....services.binding import mine
from ....services.holding import close
from ..types import TicketOrderType, errors_field, errors_of


class TicketHoldRelease(graphene.Mutation):
    """The seat is free for others at once; again: the same answer."""

    order = graphene.Field(TicketOrderType, description="票务订单，已关闭")
    errors = errors_field()

    class Arguments:
        number = graphene.String(required=True, description="票务订单号")
        key = graphene.String(description="占座时的请求号（未登录时占的座）")

    class Meta:
        description = "放弃占座：座位随即释放。已经下单的请取消订单。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, number: str, key: str = "") -> TicketHoldRelease:
        """For whom it was held. Errors come back in ``errors``."""
        try:
            held: TicketOrder = mine(number, key or "", info.context.user)
            close(held.pk, _("已放弃"))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(order=with_tickets().get(pk=held.pk), errors=[])
