"""``counterShiftHandOver``: a counted shift ends."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from saleor_o2o.kernel.errors import DomainError

from ...services.shifts import hand_over_shift
from ..shifts import CounterShiftType
from ..types import CounterErrorType, errors_of, sale_key, seller


class CounterShiftHandOver(graphene.Mutation):
    """Hand a counted shift over."""

    shift = graphene.Field(CounterShiftType, description="班次")
    errors = graphene.List(graphene.NonNull(CounterErrorType), required=True, description="错误；成功时为空")

    class Arguments:
        shift_id = graphene.ID(required=True, description="班次编号")
        retained = graphene.Argument(Decimal, required=True, description="留存备用金（元）")
        reason = graphene.String(description="差异原因")

    class Meta:
        description = "交班：留存备用金，写明差异原因；超过上限待另一人确认。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, shift_id: str, retained: Any, reason: str = ""
    ) -> CounterShiftHandOver:
        """Errors come back in ``errors``; nothing is written then."""
        try:
            user = seller(info)
            shift = hand_over_shift(user, sale_key(shift_id), retained, reason)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(shift=shift, errors=[])
