"""Products and their ticket classes, with the goods by which they are sold."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import move_locked

from ..access import EDIT
from ..candidates import is_own
from ..choices import PAPER_WAYS, SHOWS, ExchangeMode, ProductKind, SaleChannel, ValidMode, VerifyMode
from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code
from ..goods import goods_for, reprice, variant_for
from ..models import AdmissionProduct, ScenicSpot, TicketClass
from .common import actor, allow, allow_at, invalid

KEPT = audit.action("admission.product_kept", _("维护票务产品"))
MOVED = audit.action("admission.product_moved", _("票务产品上下架"))
CLASS_KEPT = audit.action("admission.class_kept", _("维护票类"))
#: The highest price of a ticket, in yuan.
MOST = Decimal("99999.99")


@transaction.atomic
def make_product(
    by: Any, unit: OrgUnit, *, code: str, kind: str, name: str, spots: list[ScenicSpot] | None = None, **told: Any
) -> AdmissionProduct:  # fmt: skip
    """A new product of a unit, as a draft, with its goods. Raises NotAllowed, INVALID."""
    allow_at(by, EDIT, unit)
    if AdmissionProduct.objects.filter(code=code).exists():
        raise invalid(_("这个代码已经用了，请换一个"), "code")
    _check_place(kind, told.get("spot"), told.get("venue"), spots or [])
    goods = goods_for(code, name, told.get("description", ""))
    made = AdmissionProduct.objects.create(unit=unit, code=code, kind=kind, name=name, goods=goods, **told)
    if spots:
        made.spots.set(spots)
    audit.record(KEPT, made, after=audit.snapshot(made), actor=actor(by), org_path=unit.path)
    return made


def _check_place(kind: str, spot: Any, venue: Any, spots: list[ScenicSpot]) -> None:
    if kind in SHOWS and venue is None:
        raise invalid(_("演出、赛事要选场馆"), "venue")
    if kind == ProductKind.SCENIC and spot is None:
        raise invalid(_("景区门票要选景区"), "spot")
    if kind == ProductKind.COMBO and len(spots) < 2:
        raise invalid(_("联票至少包含两个景区"), "spots")


@transaction.atomic
def change_product(by: Any, row: AdmissionProduct, **told: Any) -> AdmissionProduct:
    """Change what is told of it, for later buyers. Locks: the product. Raises OutOfScope, NotAllowed."""
    allow(by, EDIT, row)
    [fresh] = lock_rows(AdmissionProduct.objects.filter(pk=row.pk).select_related("unit", "goods"))
    before = audit.snapshot(fresh)
    for name, value in told.items():
        setattr(fresh, name, value)
    fresh.save(update_fields=list(told))
    fresh.goods.name, fresh.goods.description = fresh.name, fresh.description
    fresh.goods.save(update_fields=["name", "description"])
    audit.record(
        KEPT, fresh, before=before, after=audit.snapshot(fresh), actor=actor(by), org_path=fresh.unit.path
    )
    return fresh


@transaction.atomic
def move_product(by: Any, row: AdmissionProduct, to: str) -> AdmissionProduct:
    """`put_on_sale`, `pause` or `end`. Locks: the product. Raises IllegalMove, INVALID without a class on sale."""
    allow(by, EDIT, row)
    [fresh] = lock_rows(AdmissionProduct.objects.filter(pk=row.pk).select_related("unit", "goods"))
    if to == "put_on_sale" and not fresh.classes.filter(active=True).exists():
        raise invalid(_("还没有在售的票类"), hint=_("请先添加票类"))
    move_locked(fresh, to, actor=actor(by))
    audit.record(MOVED, fresh, after={"state": fresh.state}, actor=actor(by), org_path=fresh.unit.path)
    return fresh


@transaction.atomic
def add_class(
    by: Any, product: AdmissionProduct, *, code: str, name: str, price: Decimal, **told: Any
) -> TicketClass:
    """A new ticket class with its variant. Yuan. Locks: the product. Raises OutOfScope, NotAllowed, INVALID."""
    allow(by, EDIT, product)
    lock_rows(AdmissionProduct.objects.filter(pk=product.pk))
    if product.classes.filter(code=code).exists():
        raise invalid(_("这个产品已有这个票类代码"), "code")
    _check_class({"price": price, **told}, product)
    variant = variant_for(product.goods, f"PW-{product.code}-{code}", name, price)
    made = TicketClass.objects.create(
        product=product, variant=variant, code=code, name=name, price=price, **told
    )
    _reprice(product)
    audit.record(CLASS_KEPT, made, after=audit.snapshot(made), actor=actor(by), org_path=product.unit.path)
    return made


@transaction.atomic
def change_class(by: Any, row: TicketClass, **told: Any) -> TicketClass:
    """Change what later buyers get. Locks: the product, the class. Raises OutOfScope, NotAllowed, INVALID."""
    allow(by, EDIT, row)
    [product] = lock_rows(AdmissionProduct.objects.filter(pk=row.product_id).select_related("unit", "goods"))
    [fresh] = lock_rows(TicketClass.objects.filter(pk=row.pk))
    before = audit.snapshot(fresh)
    for name, value in told.items():
        setattr(fresh, name, value)
    _check_class({name: getattr(fresh, name) for name in _CHECKED}, product)
    fresh.save(update_fields=list(told))
    if "name" in told:
        fresh.variant.name = fresh.name
        fresh.variant.save(update_fields=["name"])
    _reprice(product)
    audit.record(
        CLASS_KEPT,
        fresh,
        before=before,
        after=audit.snapshot(fresh),
        actor=actor(by),
        org_path=product.unit.path,
    )
    return fresh


_CHECKED = (
    "price", "min_per_order", "max_per_order", "age_from", "age_below", "valid_mode", "valid_days", "channels",
    "people", "exchange_mode", "verify_mode", "postage", "mail_days",
)  # fmt: skip


def _check_paper(told: dict[str, Any], product: AdmissionProduct) -> None:
    """A paper ticket is one ticket's, and its code our own."""
    mode = told.get("exchange_mode", ExchangeMode.QR)
    if mode not in PAPER_WAYS:
        return
    words = {"mode": ExchangeMode(mode).label}
    if mode == ExchangeMode.PAPER_MAIL and set(told.get("channels", [])) != {SaleChannel.ONLINE.value}:
        raise invalid(
            _("“%(mode)s”只在线上销售，要顾客填收件地址") % words, "channels", _("请把销售渠道改为只有“线上”")
        )
    if not is_own(product):
        raise invalid(
            _("供应商的票不能“%(mode)s”") % words, "exchange_mode", _("请选择其他入园凭证，由供应商出票")
        )
    if told.get("verify_mode", VerifyMode.PARTIAL) != VerifyMode.EACH:
        raise invalid(
            _("“%(mode)s”一票一纸，核销方式只能逐人") % words, "verify_mode", _("请把核销方式改为“逐人”")
        )


def _check_class(told: dict[str, Any], product: AdmissionProduct) -> None:
    if not 0 <= told["price"] <= MOST:
        raise invalid(_("价格须在 0 至 %(most)s 元之间") % {"most": MOST}, "price")
    least, most = told.get("min_per_order", 1), told.get("max_per_order", 10)
    if not 1 <= least <= most <= 200:
        raise invalid(_("每单最少至少 1 张，最多不超过 200 张，且不少于最少"), "max_per_order")
    older, younger = told.get("age_from"), told.get("age_below")
    if older is not None and younger is not None and older >= younger:
        raise invalid(_("年龄下限须小于上限"), "age_below")
    if not 0 <= told.get("postage", Decimal(0)) <= 999 or told.get("mail_days", 3) > 60:
        raise invalid(_("邮费须在 0 至 999 元之间，邮寄提前天数不超过 60 天"), "postage")
    if not told.get("channels", ["online"]):
        raise invalid(_("请至少选一个销售渠道"), "channels")
    _check_paper(told, product)
    if product.kind in SHOWS and told.get("valid_mode", ValidMode.SESSION) != ValidMode.SESSION:
        raise AdmissionError(
            Code.INVALID, _("演出、赛事的票只能指定场次"), "valid_mode", _("请把有效方式改为“指定场次”")
        )


def _reprice(product: AdmissionProduct) -> None:
    prices = dict(product.classes.filter(active=True).values_list("variant", "price"))
    reprice(product.goods, prices)
