"""What a service of the post gives: dated data."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from ..kinds import Service


class PostalRule(models.Model):
    """What a service gives while the rule is in force, by the day on which the business was done. No row: nothing.

    A point for every `yuan_per_point`, fractions dropped, `cap` at most for one business. `months`: points are good
    until the end of the month so many months after they were booked; nothing: for ever. `wait_days`: how long a
    business of somebody who is no member waits for him. `review_above`: a file with more points of this service
    waits for a second person.
    """

    service = models.CharField(_("业务"), max_length=12, choices=Service.choices, default=Service.SAVINGS)
    yuan_per_point = models.DecimalField(
        _("多少元一分"), max_digits=10, decimal_places=2, default=1,
        validators=[MinValueValidator(Decimal("0.01"))],
    )  # fmt: skip
    cap = models.PositiveIntegerField(_("每笔最多积分"), null=True, blank=True, help_text=_("空为不限"))
    months = models.PositiveSmallIntegerField(
        _("有效月数"), null=True, blank=True, default=24, help_text=_("到期日为该月月末；空为长期")
    )
    wait_days = models.PositiveSmallIntegerField(
        _("等待注册天数"), default=90, help_text=_("客户还不是会员时，注册后补记的期限；0 为不等")
    )
    review_above = models.PositiveIntegerField(
        _("复核限额（分）"), default=5000, help_text=_("一个文件里这项业务的积分合计超过时，须另一人复核")
    )
    valid_from = models.DateTimeField(_("生效时间"), default=now)
    valid_to = models.DateTimeField(_("失效时间"), null=True, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("邮政业务积分规则")
        ordering = ("service", "-valid_from", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(yuan_per_point__gt=0), name="o2o_postal_rule_rate"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="o2o_postal_rule_dates",
            ),
        )

    def __str__(self) -> str:
        return str(self.get_service_display())
