"""``channelMove``: a channel changes its state."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.moves import BY_HAND, change_state
from ..gates import channel_for
from ..types import ChannelNodeType, error_of, errors_field

ChannelMoveEnum = graphene.Enum("ChannelMoveEnum", [(name.upper(), name) for name in BY_HAND])


class ChannelMove(graphene.Mutation):
    """Begin the trial, confirm, pause, resume or end a channel."""

    channel = graphene.Field(ChannelNodeType, description="渠道")
    errors = errors_field()

    class Arguments:
        code = graphene.String(required=True, description="渠道代码")
        move = graphene.Argument(ChannelMoveEnum, required=True, description="操作")
        reason = graphene.String(description="原因（暂停、退出必填）")

    class Meta:
        description = "渠道状态变更：试营、转正、暂停、恢复、退出（需要渠道修改权限）。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, code: str, move: str, reason: str = "") -> ChannelMove:
        """The permission of the move over the channel."""
        try:
            channel = channel_for(info.context.user, code, BY_HAND[move])
            change_state(channel, move, reason=reason)
        except DomainError as error:
            return cls(errors=[error_of(error)])
        return cls(channel=channel, errors=[])
