"""``shopGoodsUpdate``: what a shop offers, and at which price."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils.translation import gettext as _
from graphql_relay import from_global_id
from saleor.graphql.core.scalars import Decimal

from saleor_o2o.kernel.errors import DomainError

from ...errors import ChannelError, ChannelErrorCode
from ...selectors import own_channel, pool_of_variants
from ...services.shops import set_goods
from ..gates import channel_for
from ..types import ShopType, error_of, errors_field


class ShopGoodsInput(graphene.InputObjectType):
    """Goods of the pool on offer, at the owner's price; without a price they are taken off."""

    variant_id = graphene.ID(required=True, description="商品规格编号")
    price = Decimal(description="店主售价（元）；空为下架")


class ShopGoodsUpdate(graphene.Mutation):
    """Put goods on offer, change their prices, take them off."""

    shop = graphene.Field(ShopType, description="店铺")
    errors = errors_field()

    class Arguments:
        code = graphene.String(required=True, description="店铺码")
        goods = graphene.List(graphene.NonNull(ShopGoodsInput), required=True, description="商品")

    class Meta:
        description = "微店选品与定价：店主本人，或有渠道修改权限的员工。全部成功或全部不变。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, code: str, goods: list[dict[str, Any]]) -> ShopGoodsUpdate:
        """The owner, or permission `channel.edit` over the channel."""
        user = info.context.user
        try:
            channel = own_channel(user, code) or channel_for(user, code, "channel.edit")
            shop = getattr(channel, "shop", None)
            if shop is None:
                raise ChannelError(ChannelErrorCode.NOT_A_SHOP, _("该渠道没有店铺"), "code")
            prices, off = by_pool([(one["variant_id"], one.get("price")) for one in goods])
            set_goods(shop, prices, off)
        except DomainError as error:
            return cls(errors=[error_of(error)])
        return cls(shop=shop, errors=[])


def by_pool(goods: list[tuple[str, Any]]) -> tuple[dict[int, Any], list[int]]:
    """Variants by global ID as goods of the pool: prices, and what is taken off. Raises ChannelError NOT_IN_POOL."""
    wanted = {}
    for identifier, amount in goods:
        try:
            kind, key = from_global_id(identifier)
            wanted[int(key) if kind == "ProductVariant" else 0] = amount
        except (ValueError, TypeError):
            wanted[0] = amount
    pool = pool_of_variants(list(wanted))
    if set(wanted) - set(pool):
        raise ChannelError(ChannelErrorCode.NOT_IN_POOL, _("所选商品不在选品池中"), "goods")
    prices = {pool[key]: amount for key, amount in wanted.items() if amount is not None}
    return prices, [pool[key] for key, amount in wanted.items() if amount is None]
