"""``memberQrDecide``: yes, that is me; or no."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.qr import decide
from ..types import MemberQrStateEnum, errors_field, errors_of, own_member


class MemberQrDecide(graphene.Mutation):
    """The same answer again changes nothing."""

    state = graphene.Field(MemberQrStateEnum, description="现在的状态")
    errors = errors_field()

    class Arguments:
        content = graphene.String(required=True, description="二维码的内容")
        accept = graphene.Boolean(required=True, description="确认登录，或取消")

    class Meta:
        description = "手机上确认或取消电脑登录。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, content: str, accept: bool) -> MemberQrDecide:
        """Errors come back in ``errors``."""
        try:
            row = decide(own_member(info), content, accept=accept)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(state=row.state, errors=[])
