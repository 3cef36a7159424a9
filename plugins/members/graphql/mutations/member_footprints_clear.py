"""``memberFootprintsClear``: forget what one looked at."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.liking import clear_footprints
from ..types import errors_field, errors_of, own_member


class MemberFootprintsClear(graphene.Mutation):
    """All of it."""

    cleared = graphene.Int(description="清除了几件")
    errors = errors_field()

    class Meta:
        description = "清空本人的足迹。"

    @classmethod
    def mutate(cls, _root: Any, info: Any) -> MemberFootprintsClear:
        """Errors come back in ``errors``."""
        try:
            cleared = clear_footprints(own_member(info))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(cleared=cleared, errors=[])
