"""``complaintWithdraw``: the customer takes a complaint back."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.complaining import withdraw_complaint
from ..types import ComplaintType, errors_field, errors_of, shopper


class ComplaintWithdraw(graphene.Mutation):
    """Withdraw, and with it the after-sale it is about; again changes nothing."""

    complaint = graphene.Field(ComplaintType, description="投诉单")
    errors = errors_field()

    class Arguments:
        number = graphene.String(required=True, description="投诉单号")

    class Meta:
        description = "撤销投诉；售后纠纷撤销后，售后单也随之撤销。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, number: str) -> ComplaintWithdraw:
        """Only one's own."""
        try:
            return cls(complaint=withdraw_complaint(shopper(info), number), errors=[])
        except DomainError as error:
            return cls(errors=errors_of(error))
