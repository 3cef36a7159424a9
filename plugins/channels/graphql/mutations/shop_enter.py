"""``shopEnter``: somebody opened a shop."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...selectors import count_visit, open_channel
from ...services.binding import bind_on_visit
from ..types import CustomerBindingType, ShopType, error_of, errors_field


class ShopEnter(graphene.Mutation):
    """A shopper opened a shop: count it, and bind whoever is logged in by the city's rule."""

    shop = graphene.Field(ShopType, description="店铺")
    binding = graphene.Field(CustomerBindingType, description="此后生效的客户绑定；未登录则为空")
    errors = errors_field()

    class Arguments:
        shop_code = graphene.String(required=True, description="店铺码")

    class Meta:
        description = "进入店铺：计一次访问；已登录的顾客按城市规则绑定。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, shop_code: str) -> ShopEnter:
        """Open to everybody."""
        user = info.context.user
        try:
            channel = open_channel(shop_code)
            count_visit(channel)
            binding = bind_on_visit(user, channel) if user.is_authenticated else None
        except DomainError as error:
            return cls(errors=[error_of(error)])
        return cls(shop=getattr(channel, "shop", None), binding=binding, errors=[])
