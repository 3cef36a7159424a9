"""``admissionWaitCancel``: wait no more."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.waiting import give_up
from ..errors import errors_field, errors_of, key_of
from ..waiting_types import AdmissionWaitingType


class AdmissionWaitCancel(graphene.Mutation):
    """What was kept goes to the next one."""

    waiting = graphene.Field(AdmissionWaitingType, description="登记")
    errors = errors_field()

    class Arguments:
        id = graphene.ID(required=True, description="登记的 id")

    class Meta:
        description = "取消本人的缺货登记；已保留的票给下一位。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, id: str) -> AdmissionWaitCancel:
        """Errors come back in ``errors``."""
        try:
            row = give_up(info.context.user, key_of(id, "id"))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(waiting=row, errors=[])
