"""``membershipVehicleSet``: for which car a 自邮一族 membership is."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...selectors import memberships_of
from ...services.wishing import set_vehicle
from ..types import MembershipType, errors_field, errors_of, key_of, own_member


class MembershipVehicleSet(graphene.Mutation):
    """The car may change once in thirty days."""

    membership = graphene.Field(MembershipType, description="会员资格")
    errors = errors_field()

    class Arguments:
        number = graphene.String(required=True, description="会员资格号")
        vehicle_id = graphene.ID(required=True, description="车辆（myVehicles 的 id）")

    class Meta:
        description = "自邮一族：绑定车辆，或换车（30 天内一次）；权益跟着车走。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, number: str, vehicle_id: str) -> MembershipVehicleSet:
        """Errors come back in ``errors``."""
        try:
            member = own_member(info)
            done = set_vehicle(member, number.strip(), key_of(vehicle_id, "vehicle_id"))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(membership=next(one for one in memberships_of(member.pk) if one.pk == done.pk), errors=[])
