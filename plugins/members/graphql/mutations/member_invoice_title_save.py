"""``memberInvoiceTitleSave``: to whom invoices are made out."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.records import TITLE, save_record
from ..record_types import MemberInvoiceTitleInput, MemberInvoiceTitleType, record_key
from ..types import errors_field, errors_of, own_member


class MemberInvoiceTitleSave(graphene.Mutation):
    """The same one again is not written twice."""

    invoice_title = graphene.Field(MemberInvoiceTitleType)
    errors = errors_field()

    class Arguments:
        id = graphene.ID(description="要修改的；不填为新增")
        input = MemberInvoiceTitleInput(required=True)

    class Meta:
        description = "新增或修改发票抬头；最多 20 个。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, input: Any, id: str | None = None) -> MemberInvoiceTitleSave:
        """Errors come back in ``errors``."""
        try:
            saved = save_record(own_member(info), TITLE, input, record_key(id))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(invoice_title=saved, errors=[])
