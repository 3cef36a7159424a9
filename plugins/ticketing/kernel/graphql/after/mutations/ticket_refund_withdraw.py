"""``ticketRefundWithdraw``: keep tickets whose refund waits for a merchant."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ....services.reach import typed
from ....services.withdrawing import withdraw
from ..types import TicketRefundType, errors_field, errors_of


class TicketRefundWithdraw(graphene.Mutation):
    """The same refund again is the same answer."""

    refund = graphene.Field(TicketRefundType, description="退票单，已撤回")
    errors = errors_field()

    class Arguments:
        number = graphene.String(required=True, description="退票单号")
        token = graphene.String(description="未登录购票的，填订单凭据")
        reason = graphene.String(description="员工代客户撤回的，填事由")

    class Meta:
        description = "撤回退票：商家还没有同意、平台也没有审定的，票恢复有效。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, number: str, token: str = "", reason: str = ""
    ) -> TicketRefundWithdraw:
        """Errors come back in ``errors``."""
        try:
            done = withdraw(info.context.user, number, token=typed(token, 200), reason=typed(reason, 200))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(refund=done, errors=[])
