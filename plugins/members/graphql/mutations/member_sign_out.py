"""``memberSignOut``: log out here, or everywhere."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...kinds import EndedWhy
from ...models import MemberSession
from ...services.sessions import end_all, end_session
from ...services.signing_in import by_session
from ..types import errors_field, errors_of, own_member


class MemberSignOut(graphene.Mutation):
    """The token in hand ends with it."""

    ended = graphene.Int(description="退出了几个登录")
    errors = errors_field()

    class Arguments:
        everywhere = graphene.Boolean(default_value=False, description="所有设备")
        keep_this = graphene.Boolean(default_value=False, description="退出所有设备时，保留当前的")

    class Meta:
        description = "退出登录：当前设备，或所有设备。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, everywhere: bool = False, keep_this: bool = False
    ) -> MemberSignOut:
        """Errors come back in ``errors``."""
        try:
            member = own_member(info)
            key = by_session(info.context.user)
            if everywhere:
                return cls(
                    ended=end_all(member, EndedWhy.EVERYWHERE, but=key if keep_this else ""), errors=[]
                )
            here = MemberSession.objects.filter(key=key, member=member).first() if key else None
            if here is not None:
                end_session(member, here.pk)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(ended=int(here is not None), errors=[])
