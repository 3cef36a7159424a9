"""Ticket paper and receipts: how much is where, and which numbers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from .channel import Channel


class Material(models.Model):
    """A kind of material: ticket paper by the roll, receipts by number."""

    code = models.SlugField(_("代码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    measure = models.CharField(_("单位"), max_length=8, default="卷")
    is_numbered = models.BooleanField(_("按号段管理"), default=False, help_text=_("票据、收据等有编号的"))
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("物料种类")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class MaterialStock(models.Model):
    """How much of a material a unit (no channel) or one of its channels holds. Written under its own lock."""

    material = models.ForeignKey(Material, models.PROTECT, related_name="stocks", verbose_name=_("物料"))
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="materials", verbose_name=_("机构")
    )
    channel = models.ForeignKey(
        Channel, models.PROTECT, null=True, blank=True, related_name="materials", verbose_name=_("渠道")
    )
    quantity = models.IntegerField(_("数量"), default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("物料库存")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("material", "unit", "channel"), nulls_distinct=False, name="o2o_channel_stock_once"
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=0), name="o2o_channel_stock_not_negative"
            ),
        )

    def __str__(self) -> str:
        return f"{self.material} · {self.channel or self.unit}"


class NumberRange(models.Model):
    """Consecutive numbers of a numbered material that lie in one stock; `first` to `last`, both included."""

    stock = models.ForeignKey(MaterialStock, models.CASCADE, related_name="ranges", verbose_name=_("库存"))
    first = models.BigIntegerField(_("起号"))
    last = models.BigIntegerField(_("止号"))

    class Meta:
        verbose_name = verbose_name_plural = _("号段")
        ordering = ("first",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(first__gt=0, first__lte=models.F("last")),
                name="o2o_channel_range_in_order",
            ),
        )

    def __str__(self) -> str:
        return f"{self.first}–{self.last}"


class MovementKind(models.TextChoices):
    """What happened to material."""

    RECEIVE = "receive", _("入库")
    ISSUE = "issue", _("发放")
    USE = "use", _("使用")
    RETURN = "return", _("退回")
    VOID = "void", _("作废")


class MaterialMovement(models.Model):
    """One movement; never changed afterwards. `ranges` are the numbers concerned: `[[101, 150]]`."""

    kind = models.CharField(_("业务"), max_length=8, choices=MovementKind.choices)
    material = models.ForeignKey(Material, models.PROTECT, related_name="movements", verbose_name=_("物料"))
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("机构")
    )
    channel = models.ForeignKey(
        Channel,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="material_movements",
        verbose_name=_("渠道"),
    )
    quantity = models.PositiveIntegerField(_("数量"))
    ranges = models.JSONField(_("号段"), default=list, blank=True)
    reason = models.CharField(_("说明"), max_length=200, blank=True)
    actor = models.CharField(_("操作者"), max_length=120)
    created_at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("物料流水")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.material} {self.quantity}"
