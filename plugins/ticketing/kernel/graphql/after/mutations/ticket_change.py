"""``ticketChange``: tickets against another trip, as it was quoted."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ....choices import RefundCause
from ....services.binding import mine
from ....services.changing import StaleChange, Wanted, as_it_is, submit_change
from ....services.reach import tickets_for, typed
from ..types import (
    TicketChangeQuoteType,
    TicketChangeType,
    TicketRefundCauseEnum,
    errors_field,
    errors_of,
)


class TicketChangeInput(graphene.InputObjectType):
    """A ticket that is changed."""

    ticket = graphene.String(required=True, description="原票号")
    token = graphene.String(required=True, description="报价凭据")


class TicketChange(graphene.Mutation):
    """The same key again is the same change."""

    change = graphene.Field(TicketChangeType, description="改签单；报价已变时为空")
    quotes = graphene.List(
        graphene.NonNull(TicketChangeQuoteType),
        required=True,
        description="报价已变时的新报价，请确认后再提交",
    )
    words = graphene.String(description="报价变了什么")
    errors = errors_field()

    class Arguments:
        key = graphene.String(required=True, description="请求号：重复提交只改一次")
        tickets = graphene.List(graphene.NonNull(TicketChangeInput), required=True, description="要改签的票")
        target = graphene.String(required=True, description="新行程的占座单号")
        target_key = graphene.String(description="未登录占座的，填占座时的请求号")
        cause = TicketRefundCauseEnum(description="原因方；只有员工可填客户原因以外的")
        token = graphene.String(description="未登录购票的，填订单凭据")

    class Meta:
        description = "改签：原票立即停用；要补差价的，付款后由供应商改签；不成功时原票恢复、差价退还。"

    @classmethod
    def mutate(
        cls,
        _root: Any,
        info: Any,
        key: str,
        tickets: list[Any],
        target: str,
        target_key: str = "",
        cause: str = RefundCause.PASSENGER,
        token: str = "",
    ) -> TicketChange:
        """Errors come back in ``errors``."""
        user = info.context.user
        try:
            told = {typed(one["ticket"]): typed(one["token"], 43) for one in tickets}
            found = tickets_for(user, list(told), token)
            held = mine(typed(target), typed(target_key, 64), user)
            wanted = [Wanted(one.pk, told[one.number]) for one in found]
            done = submit_change(user, key, wanted, held.pk, cause=cause, token=token)
        except DomainError as error:
            return cls(quotes=[], errors=errors_of(error))
        if isinstance(done, StaleChange):
            quotes = [TicketChangeQuoteType.of(one) for one in done.offers]
            return cls(quotes=quotes, words=done.words, errors=[])
        return cls(change=as_it_is(done), quotes=[], errors=[])
