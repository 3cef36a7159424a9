"""``channelOwnerLogin``: with which account the owner of a shop works."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.owners import give_login, take_login
from ..gates import channel_for
from ..types import ChannelNodeType, error_of, errors_field


class ChannelOwnerLogin(graphene.Mutation):
    """Tie a channel to its owner's account, or untie it."""

    channel = graphene.Field(ChannelNodeType, description="渠道")
    errors = errors_field()

    class Arguments:
        code = graphene.String(required=True, description="渠道代码")
        email = graphene.String(
            required=True, description="店主邮箱：没有账号则建账号并发设置密码的邮件；空字符串为解除"
        )

    class Meta:
        description = "开通或解除店主登录（员工，需渠道修改权限）。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, code: str, email: str) -> ChannelOwnerLogin:
        """Permission `channel.edit` over the channel."""
        try:
            channel = channel_for(info.context.user, code, "channel.edit")
            if email.strip():
                give_login(channel, email)
            else:
                take_login(channel)
        except DomainError as error:
            return cls(errors=[error_of(error)])
        return cls(channel=channel, errors=[])
