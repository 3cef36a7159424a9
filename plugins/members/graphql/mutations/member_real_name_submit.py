"""``memberRealNameSubmit``: have one's name and identity number checked."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils.translation import gettext as _

from saleor_o2o.kernel.errors import DomainError

from ...errors import MemberError
from ...errors import MemberErrorCode as Code
from ...services.realname import submit
from ..types import MemberType, errors_field, errors_of, own_member


class MemberRealNameSubmit(graphene.Mutation):
    """While one is under way, nothing changes."""

    member = graphene.Field(MemberType, description="会员，结果见 profile.realName")
    errors = errors_field()

    class Arguments:
        name = graphene.String(required=True, description="身份证上的姓名")
        id_number = graphene.String(required=True, description="居民身份证号")
        agreed = graphene.Boolean(required=True, description="同意将姓名和证件号提交核验")

    class Meta:
        description = "提交实名核验；结果稍后在 profile.realName 里，一天最多 5 次。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, name: str, id_number: str, agreed: bool) -> MemberRealNameSubmit:
        """Errors come back in ``errors``."""
        try:
            member = own_member(info)
            if not agreed:
                raise MemberError(Code.AGREEMENT_REQUIRED, _("请先同意将姓名和证件号提交核验"), "agreed")
            submit(member, name, id_number)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(member=member, errors=[])
