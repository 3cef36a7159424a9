"""``ticketChangePreview``: what changing costs."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from saleor_o2o.kernel.errors import DomainError

from ....access import REFUND
from ....choices import RefundCause
from ....services.binding import mine
from ....services.changing import preview_change, refuse_gone, sum_of
from ....services.reach import tickets_for, typed, unit_for
from ..types import TicketChangeQuoteType, TicketRefundCauseEnum, errors_field, errors_of


class TicketChangePreview(graphene.Mutation):
    """A quote for each ticket; nothing is changed yet."""

    quotes = graphene.List(graphene.NonNull(TicketChangeQuoteType), required=True, description="每张票的报价")
    fee = graphene.Field(Decimal, description="手续费合计（元）")
    to_pay = graphene.Field(Decimal, description="应补合计（元）")
    back = graphene.Field(Decimal, description="应退合计（元）")
    errors = errors_field()

    class Arguments:
        tickets = graphene.List(
            graphene.NonNull(graphene.String), required=True, description="要改签的票号，须在同一张票务订单里"
        )
        target = graphene.String(required=True, description="新行程的占座单号")
        target_key = graphene.String(description="未登录占座的，填占座时的请求号")
        cause = TicketRefundCauseEnum(description="原因方；只有员工可填客户原因以外的")
        token = graphene.String(description="未登录购票的，填订单凭据")

    class Meta:
        description = "改签试算：先占好新的行程，再看手续费、应补或应退，报价 5 分钟内有效。"

    @classmethod
    def mutate(
        cls,
        _root: Any,
        info: Any,
        tickets: list[str],
        target: str,
        target_key: str = "",
        cause: str = RefundCause.PASSENGER,
        token: str = "",
    ) -> TicketChangePreview:
        """Errors come back in ``errors``."""
        user = info.context.user
        try:
            found = tickets_for(user, tickets, token)
            unit_for(user, found[0].ticket_order, REFUND, token=token, cause=cause)
            held = mine(typed(target), typed(target_key, 64), user)
            refuse_gone(held)
            offers = preview_change(found, held, cause)
        except DomainError as error:
            return cls(quotes=[], errors=errors_of(error))
        fee, to_pay, back = sum_of(offers)
        quotes = [TicketChangeQuoteType.of(one) for one in offers]
        return cls(quotes=quotes, fee=fee, to_pay=to_pay, back=back, errors=[])
