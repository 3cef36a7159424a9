"""``memberSessionEnd``: log one device out."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...errors import MemberError
from ...errors import MemberErrorCode as Code
from ...services.sessions import end_session
from ..types import MemberSessionType, errors_field, errors_of, own_member, own_sessions


class MemberSessionEnd(graphene.Mutation):
    """One's own only; one that is out already changes nothing."""

    sessions = graphene.List(graphene.NonNull(MemberSessionType), description="还登录着的设备")
    errors = errors_field()

    class Arguments:
        id = graphene.ID(required=True, description="登录编号，见 myMemberSessions")

    class Meta:
        description = "退出本人的一个登录；可以是当前的这个。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, id: str) -> MemberSessionEnd:
        """Errors come back in ``errors``."""
        try:
            member = own_member(info)
            if not (id.isascii() and id.isdecimal() and len(id) < 18):
                raise MemberError(Code.NOT_FOUND, "没有这个登录")
            end_session(member, int(id))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(sessions=own_sessions(member), errors=[])
