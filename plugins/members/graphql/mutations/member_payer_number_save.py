"""``memberPayerNumberSave``: by what number a biller knows one."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.records import PAYER, save_record
from ..record_types import MemberPayerNumberInput, MemberPayerNumberType, record_key
from ..types import errors_field, errors_of, own_member


class MemberPayerNumberSave(graphene.Mutation):
    """The same one again is not written twice."""

    payer_number = graphene.Field(MemberPayerNumberType)
    errors = errors_field()

    class Arguments:
        id = graphene.ID(description="要修改的；不填为新增")
        input = MemberPayerNumberInput(required=True)

    class Meta:
        description = "新增或修改缴费户号；最多 20 个。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, input: Any, id: str | None = None) -> MemberPayerNumberSave:
        """Errors come back in ``errors``."""
        try:
            saved = save_record(own_member(info), PAYER, input, record_key(id))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(payer_number=saved, errors=[])
