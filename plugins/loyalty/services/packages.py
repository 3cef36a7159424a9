"""What may be recharged: goods without a parcel, made here so that nobody needs the dashboard for them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from prices import Money
from saleor.product.models import Category, Product, ProductType, ProductVariant
from saleor.warehouse.models import Stock, Warehouse

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.money import format_yuan, to_fen
from saleor_o2o.kernel.scope import NotAllowed, get_row, require
from saleor_o2o.ordering.choices import BusinessLine, DeliveryMode
from saleor_o2o.ordering.models import ProductTypeLine

from ..errors import LoyaltyError
from ..errors import LoyaltyErrorCode as Code
from ..models import RechargePackage
from ..permissions import RULES, RULES_NEW

MADE = audit.action("loyalty.package_made", _("新建充值套餐"))
CHANGED = audit.action("loyalty.package_changed", _("修改充值套餐"))
TYPE, CATEGORY, PRODUCT = "member-recharge", "member-recharge", "member-recharge"
#: Single-purpose prepaid cards are limited by law; the city may sell less, never more without counsel.
MOST = Decimal("5000.00")


@transaction.atomic
def make_package(by: Any, amount: Decimal, bonus: Decimal, note: str = "") -> RechargePackage:
    """Put a recharge on sale: `amount` yuan, and `bonus` on top. `by` None: a seed.

    Raises NotAllowed, INVALID for amounts outside 1 to 5000, more bonus than amount, or an amount on sale already.
    """
    if by is not None and not by.has_perm(RULES_NEW):
        raise NotAllowed
    if not 100 <= to_fen(amount) <= to_fen(MOST):
        raise LoyaltyError(
            Code.INVALID, _("充值金额须在 1 至 %(most)s 元之间") % {"most": int(MOST)}, "amount"
        )
    if not 0 <= to_fen(bonus) <= to_fen(amount):
        raise LoyaltyError(Code.INVALID, _("赠送金额不能为负，也不能超过充值金额"), "bonus")
    product = _product()
    sku = f"CZ{to_fen(amount):07d}"
    if ProductVariant.objects.filter(sku=sku).exists():
        raise LoyaltyError(Code.INVALID, _("这个金额的套餐已经有了"), "amount", _("请修改原来的套餐"))
    variant = ProductVariant.objects.create(
        product=product, sku=sku, name=format_yuan(amount), price_override_amount=amount, currency="CNY",
        track_inventory=False,
    )  # fmt: skip
    rows = [Stock(warehouse=house, product_variant=variant, quantity=0) for house in Warehouse.objects.all()]
    Stock.objects.bulk_create(rows)
    made = RechargePackage.objects.create(variant=variant, bonus=bonus, note=note[:200])
    audit.record(MADE, made, after={"amount": amount, "bonus": bonus})
    return made


def _product() -> Product:
    kind, fresh = ProductType.objects.get_or_create(
        slug=TYPE, defaults={"name": "会员储值", "has_variants": True, "is_shipping_required": False}
    )
    if fresh:
        ProductTypeLine.objects.get_or_create(
            product_type=kind, defaults={"line": BusinessLine.SERVICE, "mode": DeliveryMode.VIRTUAL}
        )
    category, _new = Category.objects.get_or_create(slug=CATEGORY, defaults={"name": "会员储值"})
    zero = Money(Decimal("0.00"), "CNY")
    product, _new = Product.objects.get_or_create(
        slug=PRODUCT,
        defaults={
            "name": "会员储值充值", "product_type": kind, "category": category, "price": zero,
            "minimal_variant_price": zero, "is_published": True, "charge_taxes": False,
            "description": "充值后余额可用于本平台订单支付，不可转让、不可提现；未使用的本金可申请原路退回。",
        },
    )  # fmt: skip
    return product


@transaction.atomic
def change_package(by: Any, pk: int, bonus: Decimal, is_active: bool, note: str = "") -> RechargePackage:
    """Change what later recharges get on top, or take it off the market. Locks: the row.

    Raises OutOfScope, NotAllowed, INVALID.
    """
    require(by, RULES, get_row(by, RechargePackage, pk=pk))
    [row] = lock_rows(RechargePackage.objects.select_related("variant").filter(pk=pk))
    amount = row.variant.price_override_amount or Decimal(0)
    if not 0 <= to_fen(bonus) <= to_fen(amount):
        raise LoyaltyError(Code.INVALID, _("赠送金额不能为负，也不能超过充值金额"), "bonus")
    before = audit.snapshot(row)
    row.bonus, row.is_active, row.note = bonus, is_active, note[:200]
    row.save(update_fields=["bonus", "is_active", "note"])
    audit.record(CHANGED, row, before=before, after=audit.snapshot(row))
    return row
