"""``pointsAdjust``: ask for points, growth or a level by hand."""

from __future__ import annotations

from typing import Any

import graphene

from plugins.members.interfaces import Member, members_by_text
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import OutOfScope, rows_for

from ...kinds import BY_HAND
from ...models import Level
from ...services.adjusting import ask_adjustment
from ..types import errors_field, errors_of

LoyaltyBookEnum = graphene.Enum("LoyaltyBook", [(book.name, book.value) for book in BY_HAND])


class PointsAdjust(graphene.Mutation):
    """Nothing moves before somebody else has approved it."""

    number = graphene.String(description="调整单号，审批通过后入账")
    errors = errors_field()

    class Arguments:
        search = graphene.String(required=True, description="完整的会员号、手机号、卡号、证件号或用户名")
        book = LoyaltyBookEnum(description="积分或成长值，默认积分")
        amount = graphene.Int(default_value=0, description="正数增加，负数扣减")
        level = graphene.String(description="赠送的等级代码；与数量二选一")
        reason = graphene.String(required=True, description="事由，不少于 4 字")

    class Meta:
        description = "员工：申请调整会员的积分、成长值，或赠送等级；经审批入账。"

    @classmethod
    def mutate(
        cls,
        _root: Any,
        info: Any,
        search: str,
        reason: str,
        book: str = "points",
        amount: int = 0,
        level: str = "",
    ) -> PointsAdjust:
        """Errors come back in ``errors``."""
        user = info.context.user
        try:
            found = [one.pk for one in members_by_text(search)]
            seen = list(rows_for(user, Member).filter(pk__in=found)[:2])
            step = Level.objects.filter(code=level).first() if level else None
            if len(seen) != 1 or (level and step is None):
                raise OutOfScope
            row = ask_adjustment(
                user, seen[0], book=book or "points", amount=amount, level=step, reason=reason
            )
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(number=row.number, errors=[])
