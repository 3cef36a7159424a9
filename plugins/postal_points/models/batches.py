"""A file of businesses that was confirmed: booked at once, or when a second person has agreed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import FSMField, machine

from ..kinds import BatchState


@machine("state", terminal={BatchState.BOOKED, BatchState.REFUSED, BatchState.WITHDRAWN})
class PostalBatch(models.Model):
    """What a file brought. `reversals`: the businesses (service, number) that it takes back."""

    number = models.CharField(_("批次号"), max_length=24, unique=True)
    filename = models.CharField(_("文件名"), max_length=200)
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("导入机构")
    )
    businesses_count = models.PositiveIntegerField(_("办理笔数"), default=0)
    points = models.PositiveIntegerField(_("积分合计"), default=0)
    reversals: Any = models.JSONField(_("冲正"), default=list, blank=True)
    state = FSMField(
        _("状态"), max_length=12, choices=BatchState.choices, default=BatchState.WAITING, protected=True
    )
    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("导入人")
    )
    made_at = models.DateTimeField(_("导入时间"), default=now)
    over_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("邮政业务导入批次")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.number

    @transition("state", BatchState.WAITING, BatchState.BOOKED, custom={"label": _("入账")})
    def book_it(self) -> None:
        """Its businesses count."""
        self.over_at = now()

    @transition("state", BatchState.WAITING, BatchState.REFUSED, custom={"label": _("驳回")})
    def refuse(self) -> None:
        """Not agreed: its numbers are free again."""
        self.over_at = now()

    @transition("state", BatchState.WAITING, BatchState.WITHDRAWN, custom={"label": _("撤回")})
    def withdraw(self) -> None:
        """Taken back by whoever brought it."""
        self.over_at = now()
