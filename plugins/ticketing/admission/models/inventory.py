"""How many there are, and who has taken how many."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from ..choices import SaleChannel, TakingState
from .products import AdmissionProduct, TicketClass
from .sessions import Session, Slot


class Quota(models.Model):
    """So many units may be taken, of some classes or of all, on a day, in a slot or session, or altogether.

    Every quota that fits must have enough: a channel's own quota is a limit below the common one. `taken` never
    exceeds `capacity` by selling (a capacity that was lowered afterwards may be below it).
    """

    product = models.ForeignKey(
        AdmissionProduct, models.PROTECT, related_name="quotas", verbose_name=_("产品")
    )
    name = models.CharField(_("名称"), max_length=60)
    day = models.DateField(_("日期"), null=True, blank=True)
    session = models.ForeignKey(
        Session, models.PROTECT, null=True, blank=True, related_name="quotas", verbose_name=_("场次")
    )
    slot = models.ForeignKey(
        Slot, models.PROTECT, null=True, blank=True, related_name="quotas", verbose_name=_("时段")
    )
    channel = models.CharField(
        _("渠道"),
        max_length=12,
        choices=SaleChannel.choices,
        blank=True,
        default="",
        help_text=_("空：全部渠道"),
    )
    classes = models.ManyToManyField(
        TicketClass, blank=True, related_name="quotas", verbose_name=_("票类"), help_text=_("空：全部票类")
    )
    for_all = models.BooleanField(_("全部票类"), default=True)
    capacity = models.PositiveIntegerField(_("总量"))
    taken = models.PositiveIntegerField(_("已占"), default=0)
    alarm_below = models.PositiveIntegerField(_("低于此数提醒"), default=0)
    alarmed_at = models.DateTimeField(_("提醒时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("配额")
        ordering = ("product", "day", "session", "slot", "pk")
        indexes = (models.Index(fields=("product", "day"), name="o2o_admission_quota_day"),)
        constraints = (
            models.CheckConstraint(
                condition=~Q(session__isnull=False, slot__isnull=False), name="o2o_admission_quota_one_time"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def left(self) -> int:
        """How many may still be taken."""
        return max(0, self.capacity - self.taken)


class Taking(models.Model):
    """Units of one class that a hold took: from which quotas, for which day, slot or session.

    `hold` is the number of the ticket order that took them. `quantity` shrinks as single tickets are given back.
    """

    hold = models.CharField(_("占座号"), max_length=40)
    # no constraints: each row would lock the one row of its class and session, which all buyers share
    ticket_class = models.ForeignKey(
        TicketClass,
        models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
        verbose_name=_("票类"),
    )
    session = models.ForeignKey(
        Session, models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False,
        verbose_name=_("场次"),
    )  # fmt: skip
    slot = models.ForeignKey(
        Slot, models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False, db_index=False,
        verbose_name=_("时段"),
    )  # fmt: skip
    day = models.DateField(_("日期"), null=True, blank=True)
    channel = models.CharField(_("渠道"), max_length=12, choices=SaleChannel.choices)
    quantity = models.PositiveIntegerField(_("数量"))
    quotas = ArrayField(models.BigIntegerField(), verbose_name=_("配额"), default=list, blank=True)
    state = models.CharField(_("状态"), max_length=8, choices=TakingState.choices, default=TakingState.HELD)
    until = models.DateTimeField(_("占至"))
    made_at = models.DateTimeField(_("占用时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("占用记录")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gte=0), name="o2o_admission_taking_count"),
            # a hold takes a class for a time once; the index also finds the hold
            models.UniqueConstraint(
                fields=("hold", "ticket_class", "session", "slot", "day"),
                nulls_distinct=False,
                name="o2o_admission_taking_once",
            ),
        )
        indexes = (
            models.Index(fields=("until",), condition=Q(state="held"), name="o2o_admission_taking_due"),
        )

    def __str__(self) -> str:
        return f"{self.hold} × {self.quantity}"


class Returning(models.Model):
    """Units that were given back and may be taken again from `due_at` on."""

    hold = models.CharField(_("占座号"), max_length=40)
    quotas = ArrayField(models.BigIntegerField(), verbose_name=_("配额"))
    quantity = models.PositiveIntegerField(_("数量"))
    due_at = models.DateTimeField(_("回池时间"))
    done_at = models.DateTimeField(_("已回池"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("待回池")
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("due_at",), condition=Q(done_at=None), name="o2o_admission_returning_due"),
        )

    def __str__(self) -> str:
        return f"{self.hold} × {self.quantity}"


class Reserve(models.Model):
    """Units of a quota kept back (工作票): taken from what may be sold until somebody lets them go."""

    quota = models.ForeignKey(Quota, models.PROTECT, related_name="reserves", verbose_name=_("配额"))
    quantity = models.PositiveIntegerField(_("数量"))
    reason = models.CharField(_("用途"), max_length=200)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("经办人")
    )
    made_at = models.DateTimeField(_("预留时间"), default=now)
    released_at = models.DateTimeField(_("释放时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("工作票预留")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gte=1), name="o2o_admission_reserve_count"),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | Q(released_at__gte=F("made_at")),
                name="o2o_admission_reserve_times",
            ),
        )

    def __str__(self) -> str:
        return f"{self.quota} × {self.quantity}"
