"""The words of coupons."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    """What a coupon does."""

    AMOUNT = "amount", _("满减券")
    PERCENT = "percent", _("折扣券")
    EXCHANGE = "exchange", _("兑换券")
    SHIPPING = "shipping", _("运费券")


class Scope(TextChoices):
    """What it is for."""

    ALL = "all", _("全部商品")
    CATEGORIES = "categories", _("指定分类")
    PRODUCTS = "products", _("指定商品")
    SELLERS = "sellers", _("指定销售方")


class Stacking(TextChoices):
    """How it goes with other coupons in one order; of one template only one is used in an order."""

    ALONE = "alone", _("不与其他优惠券同用")
    OTHERS = "others", _("可与其他优惠券同用")


class TemplateState(TextChoices):
    """Where a template stands; terms are written in stone once it is published."""

    DRAFT = "draft", _("草稿")
    PUBLISHED = "published", _("发放中")
    PAUSED = "paused", _("暂停发放")
    ENDED = "ended", _("停止发放")


class CouponState(TextChoices):
    """Where a coupon stands."""

    UNUSED = "unused", _("未使用")
    LOCKED = "locked", _("已锁定")
    USED = "used", _("已使用")
    EXPIRED = "expired", _("已过期")
    VOID = "void", _("已作废")


class Mode(TextChoices):
    """How coupons reach members."""

    CLAIM = "claim", _("领取")
    NEWCOMER = "newcomer", _("新人")
    BIRTHDAY = "birthday", _("生日")
    ORDER = "order", _("消费返券")
    SCAN = "scan", _("扫网点码")
    POINTS = "points", _("积分兑换")
    DIRECT = "direct", _("指定发放")


class EntryKind(TextChoices):
    """Why an amount of a coupon's cost was written."""

    USED = "used", _("使用")
    REFUNDED = "refunded", _("部分退款")
    RETURNED = "returned", _("整单退回")
    REOPENED = "reopened", _("订单恢复")
