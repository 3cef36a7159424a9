"""``pointsSignIn``: sign in for today."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.giving import sign_in
from ..types import errors_field, errors_of, own_member


class PointsSignIn(graphene.Mutation):
    """Once a day."""

    points = graphene.Int(description="本次获得的积分；今天已签到则为 0")
    growth = graphene.Int(description="本次获得的成长值")
    days = graphene.Int(description="连续签到天数")
    first = graphene.Boolean(description="是否今天第一次签到")
    errors = errors_field()

    class Meta:
        description = "会员每日签到；重复签到不会重复得分。"

    @classmethod
    def mutate(cls, _root: Any, info: Any) -> PointsSignIn:
        """Errors come back in ``errors``."""
        try:
            done = sign_in(own_member(info))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(points=done.points, growth=done.growth, days=done.days, first=done.first, errors=[])
