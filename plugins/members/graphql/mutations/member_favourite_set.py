"""``memberFavouriteSet``: keep goods, or no longer."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.liking import set_favourite
from ..record_types import product_key
from ..types import errors_field, errors_of, own_member


class MemberFavouriteSet(graphene.Mutation):
    """Again changes nothing."""

    favourite = graphene.Boolean(description="现在是否收藏")
    errors = errors_field()

    class Arguments:
        product_id = graphene.ID(required=True, description="商品编号")
        favourite = graphene.Boolean(required=True, description="收藏或取消")

    class Meta:
        description = "收藏商品或取消收藏；最多 200 件。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, product_id: str, favourite: bool) -> MemberFavouriteSet:
        """Errors come back in ``errors``."""
        try:
            set_favourite(own_member(info), product_key(product_id), favourite)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(favourite=favourite, errors=[])
