"""``memberAgree``: agree to the agreement as it is now."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils.translation import gettext as _

from saleor_o2o.kernel.errors import DomainError

from ...errors import MemberError
from ...errors import MemberErrorCode as Code
from ...services.registering import agree, current_agreement
from ..types import MemberType, errors_field, errors_of, own_member


class MemberAgree(graphene.Mutation):
    """Again changes nothing."""

    member = graphene.Field(MemberType, description="会员")
    errors = errors_field()

    class Arguments:
        agreement = graphene.String(required=True, description="已阅读并同意的版本（memberAgreement）")

    class Meta:
        description = "同意当前版本的会员协议，记下版本和时间。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, agreement: str) -> MemberAgree:
        """Errors come back in ``errors``."""
        try:
            member = own_member(info)
            if agreement != current_agreement():
                raise MemberError(
                    Code.AGREEMENT_REQUIRED, _("会员协议已更新"), "agreement", _("请重新阅读后同意")
                )
            agree(member, agreement)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(member=member, errors=[])
