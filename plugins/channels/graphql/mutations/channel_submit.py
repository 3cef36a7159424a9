"""``channelSubmit``: for the county to decide."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...approval import submit_channel
from ..gates import channel_for
from ..types import ChannelNodeType, error_of, errors_field


class ChannelSubmit(graphene.Mutation):
    """The branch hands an application to the county."""

    channel = graphene.Field(ChannelNodeType, description="渠道")
    request_number = graphene.String(description="审批单号")
    errors = errors_field()

    class Arguments:
        code = graphene.String(required=True, description="渠道代码")
        note = graphene.String(description="申请说明")

    class Meta:
        description = "把已走访的开店申请提交区县审批（需要渠道修改权限）。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, code: str, note: str = "") -> ChannelSubmit:
        """Permission `channel.edit` over the channel; the visit must recommend it."""
        user = info.context.user
        try:
            channel = channel_for(user, code, "channel.edit")
            request = submit_channel(channel, user, note)
        except DomainError as error:
            return cls(errors=[error_of(error)])
        return cls(channel=channel, request_number=request.number, errors=[])
