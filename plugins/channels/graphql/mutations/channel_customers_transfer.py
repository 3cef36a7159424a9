"""``channelCustomersTransfer``: the owner leaves, his customers stay ours."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.binding import transfer_customers
from ..gates import channel_for
from ..types import error_of, errors_field


class ChannelCustomersTransfer(graphene.Mutation):
    """Hand all customers of one channel over to another."""

    customers = graphene.Int(description="移交的客户数")
    errors = errors_field()

    class Arguments:
        source = graphene.String(required=True, description="原渠道代码")
        target = graphene.String(required=True, description="接收渠道代码")
        reason = graphene.String(required=True, description="移交原因")

    class Meta:
        description = "店主退出时移交全部客户（需要对两个渠道都有客户移交权限）。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, source: str, target: str, reason: str) -> ChannelCustomersTransfer:
        """Permission `channel.transfer` over both channels."""
        user = info.context.user
        try:
            moved = transfer_customers(
                channel_for(user, source, "channel.transfer", "source"),
                channel_for(user, target, "channel.transfer", "target"),
                reason,
            )
        except DomainError as error:
            return cls(errors=[error_of(error)])
        return cls(customers=moved, errors=[])
