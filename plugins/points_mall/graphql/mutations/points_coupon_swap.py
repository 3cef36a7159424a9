"""``pointsCouponSwap``: a member has a coupon for points."""

from __future__ import annotations

from typing import Any

import graphene

from plugins.coupons.interfaces import Coupon
from plugins.members.interfaces import asking_member
from saleor_o2o.graphql.refusals import Refusal
from saleor_o2o.kernel.errors import DomainError

from ...error_codes import MallErrorCode as Code
from ...errors import MallError
from ...services.swapping import swap


class PointsMallErrorType(Refusal, graphene.ObjectType):
    """What went wrong, for people and for programs."""

    class Meta:
        name = "PointsMallError"


class PointsCouponSwap(graphene.Mutation):
    """Of the last coupon exactly one member has it; a repeated request costs no points again."""

    number = graphene.String(description="得到的优惠券的券号，见 myCoupons")
    valid_until = graphene.DateTime(description="有效期至")
    errors = graphene.List(
        graphene.NonNull(PointsMallErrorType), required=True, description="错误；成功时为空"
    )

    class Arguments:
        code = graphene.String(required=True, description="兑换编号")
        key = graphene.String(required=True, description="请求号：同一请求号只兑一次，最多 40 个字")

    class Meta:
        description = "用积分兑换优惠券。兑换后不退积分。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, code: str, key: str) -> PointsCouponSwap:
        """Errors come back in ``errors``."""
        try:
            member = asking_member(info.context.user)
            if member is None:
                raise MallError(Code.SIGN_IN_REQUIRED, "请先登录", "登录后再兑换", "code")
            coupon: Coupon = swap(code, member, key)
        except DomainError as error:
            return cls(errors=[PointsMallErrorType(**error.as_dict())])
        return cls(number=coupon.number, valid_until=coupon.valid_until, errors=[])
