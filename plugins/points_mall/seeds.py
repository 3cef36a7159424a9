"""The example city's mall: goods for points alone, for points and yuan, few pieces, for higher levels."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from saleor.product.models import ProductVariant

from plugins.coupons.interfaces import points_template
from plugins.loyalty.interfaces import Level as MemberLevel
from plugins.org_hierarchy.interfaces import Level, OrgUnit
from saleor_o2o.kernel.locks import advisory_lock
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.seeding.context import SeedContext, SeedLock

from .choices import Period
from .models import CouponSwap, MallOffer
from .numbers import OFFER, SWAP
from .selectors import may_be_offered

#: What each of the goods is offered for, the cheapest goods first; `share`: percent of the price paid in yuan.
OFFERS: tuple[dict[str, Any], ...] = (
    {"points": 100, "per_member": 1, "period": Period.MONTH, "note": "每月一件，签到攒够就能兑"},
    {"points": 300, "quota": 500, "per_member": 2, "note": "纯积分兑换"},
    {"points": 200, "share": 50, "quota": 300, "note": "积分加一半的钱"},
    {"points": 500, "share": 30, "level": "silver", "note": "银卡及以上会员"},
    {"points": 800, "quota": 20, "per_member": 1, "note": "数量有限，兑完为止"},
    {"points": 2000, "level": "gold", "note": "金卡及以上会员"},
)


def seed(context: SeedContext) -> None:
    """Create what is missing; nothing that is there is changed."""
    city = OrgUnit.objects.filter(level=Level.CITY).order_by("pk").first()
    if city is None:
        return
    with transaction.atomic():
        advisory_lock(SeedLock.CITY, timeout=120)
        context.count("兑换商品", _offers(city))
        context.count("兑换优惠券", _swaps(city))


def _offers(city: OrgUnit) -> int:
    if MallOffer.objects.exists():
        return 0
    rows = ProductVariant.objects.filter(
        product__is_published=True, product__o2o_seller__isnull=True, stocks__quantity__gte=20
    ).select_related("product__product_type")
    found = [one for one in rows.distinct().order_by("pk") if not may_be_offered(one)]
    found.sort(key=lambda one: (one.base_price.amount, one.pk))
    one_each = list({one.product_id: one for one in reversed(found)}.values())[::-1]
    levels = {level.code: level for level in MemberLevel.objects.all()}
    made = 0
    for variant, told in zip(one_each, OFFERS, strict=False):
        terms = {**told}
        share, level = terms.pop("share", 0), terms.pop("level", "")
        yuan = (variant.base_price.amount * share / 100).quantize(Decimal("0.1")) + Decimal("0.00")
        MallOffer.objects.create(
            code=next_number(OFFER), owner=city, variant=variant, yuan=yuan, level=levels.get(level), **terms
        )
        made += 1
    return made


def _swaps(city: OrgUnit) -> int:
    if CouponSwap.objects.exists():
        return 0
    CouponSwap.objects.create(code=next_number(SWAP), owner=city, template=points_template(city), points=200)
    return 1
