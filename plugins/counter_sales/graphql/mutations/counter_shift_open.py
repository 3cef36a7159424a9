"""``counterShiftOpen``: a shift begins."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.shifts import open_shift
from ..shifts import CounterCountInput, CounterShiftType, counts_of
from ..types import CounterErrorType, errors_of, sale_key, seller


class CounterShiftOpen(graphene.Mutation):
    """Open a shift at a drawer."""

    shift = graphene.Field(CounterShiftType, description="班次")
    errors = graphene.List(graphene.NonNull(CounterErrorType), required=True, description="错误；成功时为空")

    class Arguments:
        drawer_id = graphene.ID(required=True, description="台席编号")
        counts = graphene.List(graphene.NonNull(CounterCountInput), required=True, description="清点")
        reason = graphene.String(description="与上一班留存不一致时的说明")

    class Meta:
        description = "开班：清点备用金，占用台席。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, drawer_id: str, counts: list[Any], reason: str = ""
    ) -> CounterShiftOpen:
        """Errors come back in ``errors``; nothing is written then."""
        try:
            user = seller(info)
            shift = open_shift(user, sale_key(drawer_id), counts_of(counts), reason)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(shift=shift, errors=[])
