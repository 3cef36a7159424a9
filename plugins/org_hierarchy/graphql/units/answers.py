"""What every mutation of the tree answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from .types import OrgUnitErrorType, OrgUnitType, error_of


class UnitAnswer(graphene.Mutation):
    """The unit as it is now, or the errors."""

    org_unit = graphene.Field(OrgUnitType, description="机构")
    errors = graphene.List(graphene.NonNull(OrgUnitErrorType), required=True, description="错误；成功时为空")

    class Meta:
        abstract = True

    @classmethod
    def answer(cls, deed: Callable[[], dict[str, Any]]) -> Any:
        """Do it; a refusal comes back in ``errors``, and nothing is half done."""
        try:
            return cls(**deed(), errors=[])
        except DomainError as error:
            return cls(errors=[error_of(error)])
