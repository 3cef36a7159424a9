"""``membershipWish``: say what the next order of a plan is for."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.wishing import wish
from ..types import MembershipPlanType, errors_field, errors_of, key_of, own_member


class MembershipWish(graphene.Mutation):
    """Agreement, car, for whom."""

    plan = graphene.Field(MembershipPlanType, description="要购买的方案；用它的 variantId 下单")
    errors = errors_field()

    class Arguments:
        plan = graphene.String(required=True, description="方案代码")
        agreement = graphene.String(required=True, description="同意的会员服务协议版本，须与方案的一致")
        vehicle_id = graphene.ID(description="自邮一族：给哪辆车（myVehicles 的 id）；不填则付款后再绑定")
        gift_mobile = graphene.String(description="赠送给这个手机号；不填为自己用")

    class Meta:
        description = "购买会员之前：同意协议，选择车辆或赠送对象。一天内有效，用于下一张订单。"

    @classmethod
    def mutate(
        cls,
        _root: Any,
        info: Any,
        plan: str,
        agreement: str,
        vehicle_id: str | None = None,
        gift_mobile: str = "",
    ) -> MembershipWish:
        """Errors come back in ``errors``."""
        try:
            member = own_member(info)
            car = key_of(vehicle_id, "vehicle_id") if vehicle_id else None
            said = wish(member, plan, agreement, vehicle_id=car, mobile=gift_mobile or "")
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(plan=said.plan, errors=[])
