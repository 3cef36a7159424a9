"""``coachMissedChange``: whoever missed his bus goes on a later one, for what he was shown that it comes to."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from plugins.ticketing.kernel.access import REFUND
from plugins.ticketing.kernel.graphql.after.types import TicketChangeType
from plugins.ticketing.kernel.services.changing import as_it_is
from plugins.ticketing.kernel.services.reach import check_key, typed, typed_key
from saleor_o2o.kernel.errors import DomainError

from ...services.missing import of_passengers, reroute
from ..finding import own_order
from ..types import errors_field, errors_of


class CoachMissedChange(graphene.Mutation):
    """The same key again is the same change."""

    change = graphene.Field(TicketChangeType, description="改签单；应补大于 0 的要接着付款")
    errors = errors_field()

    class Arguments:
        key = graphene.String(required=True, description="请求号：重复提交只改一次")
        order_number = graphene.String(required=True, description="票务订单号")
        tickets = graphene.List(
            graphene.NonNull(graphene.String), required=True, description="没有上车的乘客的票号"
        )
        shift = graphene.ID(required=True, description="改乘的班次标识")
        expected = Decimal(
            required=True, description="显示的应补合计（元），应退为负数；金额变了不办理，请重新查询"
        )
        token = graphene.String(description="未登录购票的，填订单凭据")

    class Meta:
        description = "误班改乘：先占后面班次的座位，再改签；要补款的，付款后才算数，不付款原票恢复。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, key: str, order_number: str, tickets: list[str], shift: str, expected: Any,
        token: str = "",
    ) -> CoachMissedChange:  # fmt: skip
        """Errors come back in ``errors``."""
        user = info.context.user
        try:
            check_key(key)
            order = own_order(user, order_number, REFUND, token or "")
            wanted = {typed(one).upper() for one in tickets}
            there = {one.number: one.pk for one in of_passengers(order)}
            # what is none of the order's is refused by the service, as a passenger who is on board is
            keys = [there.get(one, 0) for one in wanted]
            bus = typed_key(shift)
            done = reroute(user, order.pk, keys, bus, key, expected, token=typed(token, 64))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(change=as_it_is(done), errors=[])
