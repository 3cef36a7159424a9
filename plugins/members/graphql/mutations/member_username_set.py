"""``memberUsernameSet``: a user name to log in with."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.passwords import set_username
from ..types import MemberType, errors_field, errors_of, own_member


class MemberUsernameSet(graphene.Mutation):
    """In place of the one before."""

    member = graphene.Field(MemberType, description="会员")
    errors = errors_field()

    class Arguments:
        username = graphene.String(
            required=True, description="4～20 位字母、数字或下划线，以字母开头，不分大小写"
        )

    class Meta:
        description = "设置或更换用户名。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, username: str) -> MemberUsernameSet:
        """Errors come back in ``errors``."""
        try:
            member = own_member(info)
            set_username(member, username)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(member=member, errors=[])
