"""``memberProfileUpdate``: one's own name, gender, birthday, community."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.profiles import edit_profile
from ..profile_types import MemberProfileInput
from ..types import MemberType, errors_field, errors_of, own_member


class MemberProfileUpdate(graphene.Mutation):
    """What is left out stays."""

    member = graphene.Field(MemberType, description="会员")
    errors = errors_field()

    class Arguments:
        input = MemberProfileInput(required=True, description="要改的资料")

    class Meta:
        description = "修改本人资料；填了小区而没有指定网点的，归属网点随之确定。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, input: Any) -> MemberProfileUpdate:
        """Errors come back in ``errors``."""
        try:
            member = edit_profile(own_member(info), input)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(member=member, errors=[])
