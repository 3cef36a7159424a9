"""Plans: made here with the goods by which they are sold, so that nobody needs the dashboard for them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from prices import Money
from saleor.product.models import Category, Product, ProductType, ProductVariant
from saleor.warehouse.models import Stock, Warehouse

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.money import to_fen
from saleor_o2o.kernel.scope import NotAllowed, get_row, require
from saleor_o2o.ordering.choices import BusinessLine, DeliveryMode
from saleor_o2o.ordering.models import ProductTypeLine

from ..choices import SOLD, PlanKind
from ..errors import MembershipError
from ..errors import MembershipErrorCode as Code
from ..models import Plan
from ..permissions import PLAN_EDIT, PLAN_NEW

MADE = audit.action("memberships.plan_made", _("新建会员方案"))
CHANGED = audit.action("memberships.plan_changed", _("修改会员方案"))
TYPE, CARD_TYPE = "membership", "membership-card"
MOST = Decimal("5000.00")
LONGEST = 60


@transaction.atomic
def make_plan(
    by: Any, *, code: str, name: str, kind: str, price: Decimal, months: int = 12, rank: int = 1,
    agreement: str = "2026-11", note: str = "", valid_from: datetime | None = None,
) -> Plan:  # fmt: skip
    """A new plan, on sale from `valid_from` (now). `by` None: a seed. Yuan.

    Raises NotAllowed, INVALID: a code that is taken, a price outside 0.01 to 5000 for what is sold, months not 1 to 60.
    """
    if by is not None and not by.has_perm(PLAN_NEW):
        raise NotAllowed
    if not code or Plan.objects.filter(code=code).exists():
        raise MembershipError(Code.INVALID, _("这个代码已经用了，请换一个"), "code")
    if not name.strip() or kind not in PlanKind.values:
        raise MembershipError(Code.INVALID, _("请填写名称和种类"), "name")
    if not 1 <= months <= LONGEST:
        raise MembershipError(Code.INVALID, _("期限须为 1 至 %(most)s 个月") % {"most": LONGEST}, "months")
    _check_price(kind, price)
    plan = Plan(
        code=code, name=name.strip()[:40], kind=kind, price=price, months=months, rank=rank, agreement=agreement,
        note=note[:200], valid_from=valid_from or now(),
    )  # fmt: skip
    if kind in SOLD:
        plan.variant = _goods(plan, f"HY-{code}", plan.name, TYPE)
        plan.card_variant = _goods(plan, f"HYK-{code}", f"{plan.name}（实体卡）", CARD_TYPE)
    plan.save()
    audit.record(MADE, plan, after=audit.snapshot(plan))
    return plan


@transaction.atomic
def change_plan(
    by: Any, pk: int, *, name: str, price: Decimal, rank: int, agreement: str, note: str = "",
    valid_to: datetime | None = None,
) -> Plan:  # fmt: skip
    """Change what later buyers get, or end the sale; terms that run keep the price of their day. Locks: the plan.

    Raises OutOfScope, NotAllowed, INVALID.
    """
    require(by, PLAN_EDIT, get_row(by, Plan, pk=pk))
    [plan] = lock_rows(Plan.objects.select_related("variant__product").filter(pk=pk))
    before = audit.snapshot(plan)
    _check_price(plan.kind, price)
    if valid_to is not None and valid_to <= plan.valid_from:
        raise MembershipError(Code.INVALID, _("停售时间须晚于开售时间"), "valid_to")
    plan.name, plan.price, plan.rank = name.strip()[:40] or plan.name, price, rank
    plan.agreement, plan.note, plan.valid_to = agreement.strip()[:20] or plan.agreement, note[:200], valid_to
    plan.save()
    for goods in filter(None, (plan.variant, plan.card_variant)):
        ProductVariant.objects.filter(pk=goods.pk).update(price_override_amount=price)
        Product.objects.filter(pk=goods.product_id).update(
            price_amount=price, minimal_variant_price_amount=price,
            is_published=valid_to is None or valid_to > now(),
        )  # fmt: skip
    audit.record(CHANGED, plan, before=before, after=audit.snapshot(plan))
    return plan


def _check_price(kind: str, price: Decimal) -> None:
    if kind in SOLD and not 1 <= to_fen(price) <= to_fen(MOST):
        raise MembershipError(
            Code.INVALID, _("价格须在 0.01 至 %(most)s 元之间") % {"most": int(MOST)}, "price"
        )
    if kind not in SOLD and to_fen(price) != 0:
        raise MembershipError(Code.INVALID, _("企业会员、员工会员由机构开通，价格填 0"), "price")


def _goods(plan: Plan, sku: str, name: str, slug: str) -> ProductVariant:
    """The goods by which a plan is sold: without a parcel, or as a card that is handed over or sent; never counted."""
    parcel = slug == CARD_TYPE
    kind, fresh = ProductType.objects.get_or_create(
        slug=slug,
        defaults={
            "name": "实体会员卡" if parcel else "会员资格", "has_variants": True, "is_shipping_required": parcel,
        },
    )  # fmt: skip
    if fresh and not parcel:
        ProductTypeLine.objects.get_or_create(
            product_type=kind, defaults={"line": BusinessLine.SERVICE, "mode": DeliveryMode.VIRTUAL}
        )
    category, _new = Category.objects.get_or_create(slug=TYPE, defaults={"name": "付费会员"})
    price = Money(plan.price, "CNY")
    product = Product.objects.create(
        slug=sku.lower(), name=name, product_type=kind, category=category, price=price, minimal_variant_price=price,
        is_published=True, charge_taxes=False,
        description=(
            "刮开卡上的激活码，在“我的会员”里激活，或到网点激活。"
            if parcel
            else "付款后立即开通；7 天内没有用过权益可全额退款。续费从到期日顺延。"
        ),
    )  # fmt: skip
    variant = ProductVariant.objects.create(
        product=product,
        sku=sku,
        name=name,
        price_override_amount=plan.price,
        currency="CNY",
        track_inventory=False,
    )
    rows = [Stock(warehouse=house, product_variant=variant, quantity=0) for house in Warehouse.objects.all()]
    Stock.objects.bulk_create(rows)
    return variant
