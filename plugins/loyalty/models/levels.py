"""The ladder of levels, where each member stands on it, and every step up or down."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from ..kinds import LevelWhy


class Level(models.Model):
    """A step of the ladder: reached with `threshold` growth in twelve months, and kept as long.

    `points_percent`: what the rules give is multiplied by it. The lowest step has the threshold 0.
    """

    code = models.SlugField(_("代码"), max_length=20, unique=True)
    name = models.CharField(_("名称"), max_length=20)
    rank = models.PositiveSmallIntegerField(_("级别"), unique=True)
    threshold = models.PositiveIntegerField(_("成长值门槛"), default=0, help_text=_("近 12 个月的成长值"))
    points_percent = models.PositiveSmallIntegerField(
        _("积分倍率（%）"), default=100, validators=[MinValueValidator(0), MaxValueValidator(1000)]
    )
    note = models.CharField(_("权益说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("会员等级")
        ordering = ("rank",)

    def __str__(self) -> str:
        return self.name

    @property
    def factor(self) -> Decimal:
        """What earned points are multiplied by."""
        return Decimal(self.points_percent) / 100


class MemberLevel(models.Model):
    """Where a member stands; without a row: on the lowest step. `until`: when it is looked at again.

    `lower_steps`: by how many steps it may fall then; both as the terms said when the level was given.
    """

    member = models.OneToOneField(
        "o2o_members.Member",
        models.PROTECT,
        primary_key=True,
        related_name="o2o_level",
        verbose_name=_("会员"),
    )
    level = models.ForeignKey(Level, models.PROTECT, related_name="members", verbose_name=_("等级"))
    since = models.DateTimeField(_("起始"), default=now)
    until = models.DateTimeField(_("保级至"), null=True, blank=True, db_index=True)
    lower_steps = models.PositiveSmallIntegerField(_("到期降几级"), default=1)

    class Meta:
        verbose_name = verbose_name_plural = _("会员的等级")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.member_id}: {self.level_id}"


class LevelMove(models.Model):
    """A step up or down, or a level that was kept for another year. Append-only."""

    member = models.ForeignKey(
        "o2o_members.Member", models.PROTECT, related_name="level_moves", verbose_name=_("会员")
    )
    source = models.ForeignKey(
        Level, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("原等级")
    )
    target = models.ForeignKey(Level, models.PROTECT, related_name="+", verbose_name=_("新等级"))
    why = models.CharField(_("原因"), max_length=8, choices=LevelWhy.choices, default=LevelWhy.REACHED)
    growth = models.DecimalField(_("近 12 个月成长值"), max_digits=14, decimal_places=2, default=0)
    reason = models.CharField(_("说明"), max_length=200, blank=True)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("经办人"),
    )  # fmt: skip
    at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("等级变更")
        ordering = ("-pk",)
        indexes = (models.Index(fields=("member", "-id"), name="o2o_loyalty_level_moves"),)

    def __str__(self) -> str:
        return f"{self.member_id}: {self.target_id}"
