"""``memberIdentityRelease``: no longer known by something."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...errors import MemberError
from ...errors import MemberErrorCode as Code
from ...services.identities import release
from ..types import MemberType, errors_field, errors_of, own_member


class MemberIdentityRelease(graphene.Mutation):
    """One's own only."""

    member = graphene.Field(MemberType, description="会员")
    errors = errors_field()

    class Arguments:
        id = graphene.ID(required=True, description="身份编号")

    class Meta:
        description = "解绑本人的一个身份；唯一的登录方式不能解绑。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, id: str) -> MemberIdentityRelease:
        """Errors come back in ``errors``."""
        try:
            member = own_member(info)
            if not (id.isascii() and id.isdecimal() and len(id) < 18):
                raise MemberError(Code.NOT_FOUND, "没有这个身份，或已解绑")
            release(member, int(id))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(member=member, errors=[])
