"""``channelVisitRecord``: somebody was there."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.types import Upload

from saleor_o2o.kernel.errors import DomainError

from ...models import VisitKind, VisitResult
from ...services.visits import record_visit
from ..gates import channel_for, staff_for
from ..types import ChannelNodeType, error_of, errors_field

VisitKindEnum = graphene.Enum("ChannelVisitKind", [(item.name, item.value) for item in VisitKind])
VisitResultEnum = graphene.Enum("ChannelVisitResult", [(item.name, item.value) for item in VisitResult])


class ChannelVisitRecord(graphene.Mutation):
    """What a visit found."""

    channel = graphene.Field(ChannelNodeType, description="渠道")
    errors = errors_field()

    class Arguments:
        code = graphene.String(required=True, description="渠道代码")
        kind = graphene.Argument(VisitKindEnum, required=True, description="拜访类型")
        result = graphene.Argument(VisitResultEnum, required=True, description="结论")
        findings = graphene.String(required=True, description="情况记录")
        photos = graphene.List(graphene.NonNull(Upload), description="照片，最多 6 张")

    class Meta:
        description = "登记一次走访或拜访（需要渠道走访权限）。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, code: str, kind: str, result: str, findings: str, photos: Any = None
    ) -> ChannelVisitRecord:
        """Permission `channel.visit` over the channel."""
        user = info.context.user
        files = [info.context.FILES[name] for name in photos or () if name in info.context.FILES]
        try:
            channel = channel_for(user, code, "channel.visit")
            record_visit(channel, staff_for(user), kind, result, findings, photos=files)
        except DomainError as error:
            return cls(errors=[error_of(error)])
        return cls(channel=channel, errors=[])
