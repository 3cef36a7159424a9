"""``memberRecordDelete``: a passenger, payer number, vehicle or invoice title that is no more."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.records import drop_record
from ..record_types import RecordKindEnum, record_key
from ..types import errors_field, errors_of, own_member


class MemberRecordDelete(graphene.Mutation):
    """One's own only."""

    deleted = graphene.ID(description="删除的编号")
    errors = errors_field()

    class Arguments:
        kind = graphene.Argument(RecordKindEnum, required=True, description="哪一种")
        id = graphene.ID(required=True, description="编号")

    class Meta:
        description = "删除本人的一位常用旅客、一个户号、一辆车或一个发票抬头。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, kind: str, id: str) -> MemberRecordDelete:
        """Errors come back in ``errors``."""
        try:
            drop_record(own_member(info), kind, record_key(id) or 0)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(deleted=id, errors=[])
