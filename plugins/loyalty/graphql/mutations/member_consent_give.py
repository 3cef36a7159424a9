"""``memberConsentGive``: the member has read the code out."""

from __future__ import annotations

from typing import Any

import graphene

from plugins.members.interfaces import device_of
from saleor_o2o.kernel.errors import DomainError

from ...services.consenting import give
from ..consents import MemberConsentType
from ..types import errors_field, errors_of


class MemberConsentGive(graphene.Mutation):
    """What was agreed to may be used once."""

    consent = graphene.Field(MemberConsentType, description="会员确认单")
    errors = errors_field()

    class Arguments:
        id = graphene.ID(required=True, description="会员确认单 id")
        code = graphene.String(required=True, description="会员念出的验证码")

    class Meta:
        description = (
            "员工：凭会员念出的验证码确认；余额随后用 counterOrderCompose 收（method balance，code 填确认单号），"
            "积分下单时填确认单号。15 分钟内有效，只能用一次；重复提交还是同一笔。"
        )

    @classmethod
    def mutate(cls, _root: Any, info: Any, id: str, code: str) -> MemberConsentGive:
        """Errors come back in ``errors``."""
        try:
            consent = give(info.context.user, id, code, device_of(info.context, "", ""))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(consent=consent, errors=[])
