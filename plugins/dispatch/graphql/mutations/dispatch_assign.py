"""``dispatchAssign``: give tasks to a person."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.giving import assign_many
from ..gates import keys_of
from ..types import DispatchGivenType, errors_field, errors_of, staff


class DispatchAssign(graphene.Mutation):
    """指派."""

    given = graphene.List(graphene.NonNull(DispatchGivenType), required=True, description="每一单的结果")
    errors = errors_field()

    class Arguments:
        numbers = graphene.List(
            graphene.NonNull(graphene.String), required=True, description="派单号，最多 100 个"
        )
        person = graphene.String(required=True, description="承办机构人员的工号")

    class Meta:
        description = "把任务指派给承办机构的一个人；各单分别办理，分别回答。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, numbers: list[str], person: str) -> Any:
        """A number out of sight refuses the whole; otherwise each task has its own answer."""
        try:
            user = staff(info)
            given = assign_many(user, keys_of(user, numbers), person)
        except DomainError as error:
            return cls(given=[], errors=errors_of(error))
        return cls(given=given, errors=[])
