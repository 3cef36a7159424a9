"""``memberFootprintAdd``: goods that one looked at."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.liking import note_footprint
from ..record_types import product_key
from ..types import errors_field, errors_of, own_member


class MemberFootprintAdd(graphene.Mutation):
    """The newest hundred stay."""

    errors = errors_field()

    class Arguments:
        product_id = graphene.ID(required=True, description="商品编号")

    class Meta:
        description = "记下看过的商品；只留最近 100 件。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, product_id: str) -> MemberFootprintAdd:
        """Errors come back in ``errors``."""
        try:
            note_footprint(own_member(info), product_key(product_id))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(errors=[])
