"""``counterShiftCount``: the drawer is counted."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from saleor_o2o.kernel.errors import DomainError

from ...services.shifts import count_shift
from ..shifts import CounterCountInput, CounterShiftType, counts_of
from ..types import CounterErrorType, errors_of, sale_key, seller


class CounterShiftCount(graphene.Mutation):
    """Enter a blind count."""

    shift = graphene.Field(CounterShiftType, description="班次")
    errors = graphene.List(graphene.NonNull(CounterErrorType), required=True, description="错误；成功时为空")

    class Arguments:
        shift_id = graphene.ID(required=True, description="班次编号")
        counts = graphene.List(graphene.NonNull(CounterCountInput), required=True, description="清点")
        pos_slips = graphene.Argument(Decimal, required=True, description="POS 签购单合计（元），扣除退货")

    class Meta:
        description = "清点钱箱（盲点）：录入后才返回应有金额，本班不能再收款。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, shift_id: str, counts: list[Any], pos_slips: Any
    ) -> CounterShiftCount:
        """Errors come back in ``errors``; nothing is written then."""
        try:
            user = seller(info)
            shift = count_shift(user, sale_key(shift_id), counts_of(counts), pos_slips)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(shift=shift, errors=[])
