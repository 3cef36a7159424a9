"""``ticketRefund``: tickets go back as it was quoted."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ....choices import RefundCause
from ....services.reach import tickets_for, typed
from ....services.refunding import Stale, Wanted, as_it_is, submit_refund
from ..types import (
    TicketRefundCauseEnum,
    TicketRefundQuoteType,
    TicketRefundType,
    errors_field,
    errors_of,
)


class TicketRefundInput(graphene.InputObjectType):
    """A ticket that goes back."""

    ticket = graphene.String(required=True, description="票号")
    token = graphene.String(required=True, description="报价凭据")
    quantity = graphene.Int(description="退几人；不填为余下的全部")


class TicketRefund(graphene.Mutation):
    """The same key again is the same refund."""

    refund = graphene.Field(TicketRefundType, description="退票单；报价已变时为空")
    quotes = graphene.List(
        graphene.NonNull(TicketRefundQuoteType),
        required=True,
        description="报价已变时的新报价，请确认后再提交",
    )
    words = graphene.String(description="报价变了什么")
    errors = errors_field()

    class Arguments:
        key = graphene.String(required=True, description="请求号：重复提交只退一次")
        tickets = graphene.List(graphene.NonNull(TicketRefundInput), required=True, description="要退的票")
        cause = TicketRefundCauseEnum(description="原因方；只有员工可填客户原因以外的")
        reason = graphene.String(description="事由")
        token = graphene.String(description="未登录购票的，填订单凭据")

    class Meta:
        description = "退票：按报价办理，票立即停用，供应商确认后原路退款。"

    @classmethod
    def mutate(
        cls,
        _root: Any,
        info: Any,
        key: str,
        tickets: list[Any],
        cause: str = RefundCause.PASSENGER,
        reason: str = "",
        token: str = "",
    ) -> TicketRefund:
        """Errors come back in ``errors``."""
        user = info.context.user
        try:
            told = {typed(one["ticket"]): one for one in tickets}
            found = tickets_for(user, list(told), token)
            wanted = [
                Wanted(one.pk, typed(told[one.number]["token"], 43), told[one.number].get("quantity"))
                for one in found
            ]
            done = submit_refund(user, key, wanted, cause=cause, reason=typed(reason, 200), token=token)
        except DomainError as error:
            return cls(quotes=[], errors=errors_of(error))
        if isinstance(done, Stale):
            return cls(
                quotes=[TicketRefundQuoteType.of(one) for one in done.offers], words=done.words, errors=[]
            )
        return cls(refund=as_it_is(done), quotes=[], errors=[])
