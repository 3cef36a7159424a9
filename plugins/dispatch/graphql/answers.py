"""What a mutation about one task answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from .gates import again, key_of
from .types import DispatchTaskType, errors_field, errors_of, staff


class TaskAnswer(graphene.Mutation):
    """The task as it is now, or the errors; no task when it has left the caller's sight."""

    task = graphene.Field(DispatchTaskType, description="任务；转出数据范围后为空")
    errors = errors_field()

    class Meta:
        abstract = True

    @classmethod
    def answer(cls, info: Any, number: str, deed: Callable[[Any, int], Any]) -> Any:
        """Do `deed(user, key)`; a refusal comes back in ``errors``, with the task as it is for the caller."""
        pk: int | None = None
        try:
            user = staff(info)
            pk = key_of(user, number)
            deed(user, pk)
        except DomainError as error:
            row = again(info.context.user, pk) if pk is not None else None
            return cls(task=row, errors=errors_of(error))
        return cls(task=again(user, pk), errors=[])
