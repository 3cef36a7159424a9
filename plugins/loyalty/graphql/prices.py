"""The asker's own price on products and variants: read for a whole list at once, nothing for visitors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import graphene
from graphql import GraphQLField
from graphql.type import GraphQLSchema
from promise import Promise
from saleor.graphql.core.dataloaders import DataLoader
from saleor.graphql.core.scalars import Decimal

from ..member_prices import shown, shown_of_products
from ..pricing import Best


class MemberPriceType(graphene.ObjectType):
    """A price of a piece that the asker pays."""

    amount = graphene.Field(Decimal, required=True, description="单价（元）")
    title = graphene.String(required=True, description="名称，如“金卡会员价”")

    class Meta:
        name = "MemberPrice"

    @staticmethod
    def resolve_amount(best: Best, _info: Any) -> Any:
        return best.price

    @staticmethod
    def resolve_title(best: Best, _info: Any) -> str:
        return best.offer.title


class PricesOfVariants(DataLoader):
    """The asker's own prices of variants."""

    context_key = "o2o_member_price_by_variant"

    def batch_load(self, keys: Sequence[int]) -> list[Best | None]:
        found = shown(self.context.user, keys, self.context.discounts)
        return [found.get(key) for key in keys]


class PricesOfProducts(DataLoader):
    """The lowest of the asker's own prices of products."""

    context_key = "o2o_member_price_by_product"

    def batch_load(self, keys: Sequence[int]) -> list[Best | None]:
        found = shown_of_products(self.context.user, keys, self.context.discounts)
        return [found.get(key) for key in keys]


class MemberPriceQueries(graphene.ObjectType):
    """The asker's own price of one variant; lists ask `memberPrice` on products and variants."""

    member_price = graphene.Field(
        MemberPriceType,
        variant_id=graphene.Argument(graphene.ID, required=True, description="商品规格 ID（ProductVariant）"),
        description="本人购买这个规格的会员价；没有登录、没有会员价或不比现价低则为空",
    )

    @staticmethod
    def resolve_member_price(_root: Any, info: Any, variant_id: str) -> Any:
        key = _key(variant_id)
        return PricesOfVariants(info.context).load(key) if key is not None else None


def add_fields(schema: GraphQLSchema) -> None:
    """Put `memberPrice` on stock's ProductVariant and Product."""
    kind = schema.get_type("MemberPrice")
    told = {
        "ProductVariant": (PricesOfVariants, "本人的会员价；没有登录、没有会员价或不比现价低则为空"),
        "Product": (PricesOfProducts, "各规格中本人最低的会员价；没有登录、没有会员价或不比现价低则为空"),
    }
    for name, (loader, description) in told.items():
        fields = schema.get_type(name).fields
        if "memberPrice" in fields:
            raise ValueError(f"{name}.memberPrice is there already")
        fields["memberPrice"] = GraphQLField(kind, resolver=_by(loader), description=description)


def _by(loader: type[Any]) -> Callable[..., Promise[Best | None]]:
    def resolve(row: Any, info: Any) -> Any:
        return loader(info.context).load(row.pk) if info.context.user.is_authenticated else None

    return resolve


def _key(given: str) -> int | None:
    try:
        kind, key = graphene.Node.from_global_id(given)
    except ValueError:
        return None
    return (
        int(key) if kind == "ProductVariant" and key.isascii() and key.isdigit() and len(key) < 10 else None
    )
