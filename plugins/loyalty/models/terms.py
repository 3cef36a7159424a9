"""The terms that hold for all points and levels, as dated data."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now


class LoyaltyTerms(models.Model):
    """What holds from a moment on, until newer terms do; without a row what the fields' defaults say.

    Nothing that was promised before changes: how long a level is kept, by how many steps it may fall and until when
    points are good is written with the level and the points when they are given.
    """

    keep_months = models.PositiveSmallIntegerField(
        _("保级月数"), default=12, validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text=_("升级、续级、赠送之后，多少个月之内不降级"),
    )  # fmt: skip
    lower_steps = models.PositiveSmallIntegerField(
        _("到期降几级"), default=1, validators=[MinValueValidator(1), MaxValueValidator(20)],
        help_text=_("未达标时最多降这么多级，不低于成长值已达到的等级"),
    )  # fmt: skip
    hand_months = models.PositiveSmallIntegerField(
        _("补记积分有效月数"), null=True, blank=True, default=24,
        help_text=_("人工调整增加的积分；到期日为该月月末，空为长期"),
    )  # fmt: skip
    notice_days = models.PositiveSmallIntegerField(
        _("到期前几天提醒"), default=30, validators=[MinValueValidator(1), MaxValueValidator(180)],
        help_text=_("每批积分提醒一次；“即将到期”也按此计"),
    )  # fmt: skip
    grace_days = models.PositiveSmallIntegerField(
        _("退回积分宽限天数"), default=30, validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text=_("退货退回的积分已经过期的，再给这么多天"),
    )  # fmt: skip
    valid_from = models.DateTimeField(_("生效时间"), default=now, unique=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("积分与等级期限")
        ordering = ("-valid_from",)
        constraints = (
            models.CheckConstraint(
                condition=Q(keep_months__gte=1, lower_steps__gte=1, notice_days__gte=1, grace_days__gte=1),
                name="o2o_loyalty_terms_positive",
            ),
        )

    def __str__(self) -> str:
        return f"{self.valid_from:%Y-%m-%d}"
