"""``ticketRefundPreview``: what giving back costs."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from saleor_o2o.kernel.errors import DomainError

from ....access import REFUND
from ....choices import RefundCause
from ....services.reach import tickets_for, typed, unit_for
from ....services.refunding import preview_refund, sum_of
from ....services.replies import notice_before
from ..types import TicketRefundCauseEnum, TicketRefundQuoteType, errors_field, errors_of


class TicketRefundPreview(graphene.Mutation):
    """A quote for each ticket; nothing is given back yet."""

    quotes = graphene.List(graphene.NonNull(TicketRefundQuoteType), required=True, description="每张票的报价")
    fee = graphene.Field(Decimal, description="手续费合计（元）")
    back = graphene.Field(Decimal, description="应退合计（元）")
    notice = graphene.String(
        required=True, description="提交前须知道的，如须商家先答复、其间票停用；没有则为空文字"
    )
    errors = errors_field()

    class Arguments:
        tickets = graphene.List(
            graphene.NonNull(graphene.String), required=True, description="票号，须在同一张票务订单里"
        )
        quantities = graphene.List(
            graphene.NonNull(graphene.Int), description="每张票退几人；不填为余下的全部"
        )
        cause = TicketRefundCauseEnum(description="原因方；只有员工可填客户原因以外的")
        token = graphene.String(description="未登录购票的，填订单凭据")

    class Meta:
        description = "退票试算：手续费、应退和理由，报价 5 分钟内有效。"

    @classmethod
    def mutate(
        cls,
        _root: Any,
        info: Any,
        tickets: list[str],
        quantities: list[int] | None = None,
        cause: str = RefundCause.PASSENGER,
        token: str = "",
    ) -> TicketRefundPreview:
        """Errors come back in ``errors``."""
        user = info.context.user
        try:
            found = tickets_for(user, tickets, token)
            unit_for(user, found[0].ticket_order, REFUND, token=token, cause=cause)
            by_number = dict(zip(map(typed, tickets), quantities or (), strict=False))
            counts = {one.pk: by_number[one.number] for one in found if one.number in by_number}
            offers = preview_refund(found, counts, cause)
        except DomainError as error:
            return cls(quotes=[], notice="", errors=errors_of(error))
        fee, back = sum_of(offers)
        quotes = [TicketRefundQuoteType.of(one) for one in offers]
        notice = notice_before(found[0].ticket_order, cause)
        return cls(quotes=quotes, fee=fee, back=back, notice=notice, errors=[])
