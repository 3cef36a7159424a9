"""The words of a rule: ranks, kinds, bases, tiers, and the states of a change and of a snapshot."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Rank(models.IntegerChoices):
    """Who may have a share: the five levels of the tree and, below them, the person who made the sale."""

    CITY = 1, _("市中心")
    AREA = 2, _("片区中心")
    COUNTY = 3, _("区县中心")
    BRANCH = 4, _("支局")
    OUTLET = 5, _("网点/微店")
    OPERATOR = 6, _("店员")


class Kind(models.TextChoices):
    """How a rule counts."""

    RATIO = "ratio", _("按比例")
    FIXED = "fixed", _("每笔固定额")
    TIERED = "tiered", _("阶梯比例")
    UNIT = "unit", _("每票/每件")


class Base(models.TextChoices):
    """What a ratio is taken of."""

    PAID = "paid", _("实付")
    MARGIN = "margin", _("毛利")
    FEE = "fee", _("服务费")
    REBATE = "rebate", _("供应商返佣")


class TierMode(models.TextChoices):
    """Whether the tier that the month has reached counts for the whole sale, or each slice has its own."""

    WHOLE = "whole", _("全额累进")
    SLICES = "slices", _("超额累进")


class TierMeasure(models.TextChoices):
    """What a month's volume is counted in."""

    AMOUNT = "amount", _("月销售额（元）")
    QUANTITY = "quantity", _("月销量（件/票）")


class ChangeKind(models.TextChoices):
    """New versions of rules, the end of one, or of a whole plan."""

    RULES = "rules", _("新规则")
    END = "end", _("停用规则")
    RETIRE = "retire", _("停用方案")
    REVIVE = "revive", _("恢复方案")


class ChangeState(models.TextChoices):
    """A change counts only when a second person has confirmed it."""

    PENDING = "pending", _("待复核")
    CONFIRMED = "confirmed", _("已确认")
    REFUSED = "refused", _("已驳回")
    WITHDRAWN = "withdrawn", _("已撤回")


class SettlementState(models.TextChoices):
    """Where the money of an order's commission stands; finance moves it."""

    OPEN = "open", _("待结算")
    SETTLED = "settled", _("已结算")
    CANCELLED = "cancelled", _("已取消")
