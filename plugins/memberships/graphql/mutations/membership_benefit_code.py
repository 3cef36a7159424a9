"""``membershipBenefitCode``: digits for one use of a right."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.redeeming import make_code
from ..types import errors_field, errors_of, own_member


class MembershipBenefitCode(graphene.Mutation):
    """Good for five minutes and one use."""

    digits = graphene.String(description="十位权益码，出示给营业员或商户；不要转发")
    expires_at = graphene.DateTime(description="有效至")
    errors = errors_field()

    class Arguments:
        number = graphene.String(required=True, description="会员资格号")
        benefit = graphene.String(required=True, description="权益代码")

    class Meta:
        description = "会员出示权益（洗车、代办……）：5 分钟有效，用一次；重新出示时旧的作废。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, number: str, benefit: str) -> MembershipBenefitCode:
        """Errors come back in ``errors``."""
        try:
            digits, made = make_code(own_member(info), number.strip(), benefit)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(digits=digits, expires_at=made.expires_at, errors=[])
