"""``shopEnter``: somebody opened a shop."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...selectors import count_visit, open_channel
from ...services.binding import BINDING_TYPES, bind_on_visit, visit_token
from ..types import CustomerBindingType, ShopType, error_of, errors_field


class ShopEnter(graphene.Mutation):
    """A shopper opened a shop: count it, and bind whoever is logged in by the city's rule."""

    shop = graphene.Field(ShopType, description="店铺")
    binding = graphene.Field(CustomerBindingType, description="此后生效的客户绑定；未登录则为空")
    visit = graphene.String(
        description="未登录时的到店凭证（7 天内有效）：登录后用 shopVisitClaim 按规则绑定"
    )
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
            known = user.is_authenticated
            binding = bind_on_visit(user, channel) if known else None
            visit = None if known or channel.type not in BINDING_TYPES else visit_token(channel)
        except DomainError as error:
            return cls(errors=[error_of(error)])
        return cls(shop=getattr(channel, "shop", None), binding=binding, visit=visit, errors=[])
