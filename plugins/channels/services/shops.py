"""Making a shop from a template, its goods and the owner's prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.locks import lock_rows

from .. import audits
from ..errors import ChannelError, ChannelErrorCode
from ..models import Channel, PoolGoods, Shop, ShopGoods, ShopTemplate
from ..pricing import into_band, list_price
from ..types import ChannelStatus, ChannelType

MOST_GOODS = 200


def make_shop(channel: Channel, template: ShopTemplate | None = None) -> Shop:
    """Make the channel's shop from a template (default: the first active one), or return the one that is there.

    The goods of the template come at the platform's price, moved into the band where it lies outside. Must run in a
    transaction. Without any template the shop is empty.
    """
    existing = Shop.objects.filter(channel=channel).first()
    if existing is not None:
        return existing
    chosen = template or ShopTemplate.objects.filter(is_active=True).order_by("code").first()
    shop = Shop(channel=channel, name=channel.name)
    if chosen is not None:
        application = getattr(channel, "application", None)
        place = application.community if application is not None else channel.name
        shop.template, shop.theme, shop.notice = chosen, chosen.theme, chosen.notice
        if channel.type == ChannelType.MICRO_SHOP:  # a station or an agent keeps the name it signed under
            shop.name = chosen.shop_name.replace("{community}", place)[:60]
    shop.save()
    if chosen is not None:
        pool = chosen.goods.filter(is_active=True).select_related("variant__product").order_by("pk")
        ShopGoods.objects.bulk_create(
            ShopGoods(shop=shop, goods=goods, price=into_band(goods, list_price(goods.variant)), position=at)
            for at, goods in enumerate(pool)
        )
    audit.record(
        audits.SHOP_MADE, channel, after={"template": chosen.code if chosen else "", "name": shop.name},
        org_path=channel.unit.path,
    )  # fmt: skip
    return shop


def check_price(goods: PoolGoods, amount: Decimal) -> None:
    """Raise ChannelError PRICE_OUT_OF_BAND for a price outside the band, INVALID for one with fractions of a fen."""
    if amount != amount.quantize(Decimal("0.01")):
        raise ChannelError(ChannelErrorCode.INVALID, _("售价最多两位小数"), "price")
    if not goods.floor <= amount <= goods.ceiling:
        raise ChannelError(
            ChannelErrorCode.PRICE_OUT_OF_BAND,
            _("%(goods)s 的售价应在 %(floor)s 元到 %(ceiling)s 元之间")
            % {"goods": goods, "floor": goods.floor, "ceiling": goods.ceiling},
            "price",
        )


def set_goods(shop: Shop, prices: Mapping[int, Decimal], off: Sequence[int] = ()) -> None:
    """Put goods of the pool (by key) on offer at these prices and take `off` from offer; nothing else changes.

    All or nothing. Locks: the channel. Raises ChannelError: NOT_IN_POOL, PRICE_OUT_OF_BAND, INVALID, WRONG_STATE.
    """
    with transaction.atomic():
        [channel] = lock_rows(Channel.objects.select_related("unit").filter(pk=shop.pk))
        if channel.status == ChannelStatus.LEFT:
            raise ChannelError(ChannelErrorCode.WRONG_STATE, _("渠道已退出"))
        pool = {
            one.pk: one
            for one in PoolGoods.objects.select_related("variant__product").filter(
                pk__in=prices, is_active=True
            )
        }
        if set(prices) - set(pool):
            raise ChannelError(ChannelErrorCode.NOT_IN_POOL, _("所选商品不在选品池中"), "goods")
        for key, amount in prices.items():
            check_price(pool[key], amount)
        offers = {one.goods_id: one for one in ShopGoods.objects.filter(shop=shop)}
        before = {str(key): str(one.price) if one.is_active else "" for key, one in offers.items()}
        place = max((one.position for one in offers.values()), default=-1) + 1
        if len(offers.keys() | prices.keys()) > MOST_GOODS:
            raise ChannelError(ChannelErrorCode.INVALID, _("一个微店最多 200 种商品"), "goods")
        for number, (key, amount) in enumerate(prices.items()):
            offer = offers.get(key) or ShopGoods(shop=shop, goods_id=key, position=place + number)
            offer.price, offer.is_active = amount, True
            offer.save()
        ShopGoods.objects.filter(shop=shop, goods_id__in=off).update(is_active=False)
        after = {
            str(one.goods_id): str(one.price) if one.is_active else ""
            for one in ShopGoods.objects.filter(shop=shop)
        }
        audit.record(audits.SHOP_EDITED, channel, before=before, after=after, org_path=channel.unit.path)
