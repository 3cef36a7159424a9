"""``channelUpdate``: a channel's particulars."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.channels import save_channel
from ..gates import channel_for
from ..types import ChannelNodeType, error_of, errors_field


class ChannelUpdateInput(graphene.InputObjectType):
    """What is to change; what is left out stays."""

    name = graphene.String(description="名称")
    address = graphene.String(description="地址")
    lng = graphene.Float(description="经度（GCJ-02）")
    lat = graphene.Float(description="纬度（GCJ-02）")
    agreement_no = graphene.String(description="协议编号")
    agreement_from = graphene.Date(description="协议起")
    agreement_to = graphene.Date(description="协议止")
    commission_plan = graphene.String(description="佣金方案代码")


class ChannelUpdate(graphene.Mutation):
    """Change a channel's particulars."""

    channel = graphene.Field(ChannelNodeType, description="渠道")
    errors = errors_field()

    class Arguments:
        code = graphene.String(required=True, description="渠道代码")
        input = ChannelUpdateInput(required=True, description="要改的内容")

    class Meta:
        description = "修改渠道资料：地址、协议、佣金方案等（需要渠道修改权限）。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, code: str, input: dict[str, Any]) -> ChannelUpdate:
        """Permission `channel.edit` over the channel."""
        try:
            channel = channel_for(info.context.user, code, "channel.edit")
            for name, value in input.items():
                setattr(channel, name, value)
            save_channel(channel)
        except DomainError as error:
            return cls(errors=[error_of(error)])
        return cls(channel=channel, errors=[])
