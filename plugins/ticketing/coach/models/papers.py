"""Paper tickets: numbered sheets that a unit keeps and a clerk prints on; each of them is accounted for."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.models import Ticket
from saleor_o2o.kernel.clock import now

from ..choices import PaperState, SheetState

#: The numbers of a range, the last one included.
NUMBERS = models.Func(
    "first", "last", models.Value("[]"), function="INT8RANGE", output_field=BigIntegerRangeField()
)


class PaperRange(models.Model):
    """Sheets with numbers that follow each other: `series` and digits from `first` to `last`; `next` is not used yet.

    In use it is one clerk's (`holder`). Splitting one makes two: numbers are never in two ranges of a series.
    """

    series = models.CharField(_("字轨"), max_length=10)
    first = models.PositiveBigIntegerField(_("起号"))
    last = models.PositiveBigIntegerField(_("止号"))
    next = models.PositiveBigIntegerField(_("当前号"))
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("机构")
    )
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("领用人"),
    )  # fmt: skip
    state = models.CharField(_("状态"), max_length=8, choices=PaperState.choices, default=PaperState.STORED)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("登记人")
    )
    made_at = models.DateTimeField(_("登记时间"), default=now)
    taken_at = models.DateTimeField(_("领用时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("纸票库存")
        ordering = ("series", "first")
        constraints = (
            ExclusionConstraint(
                name="o2o_coach_paper_apart",
                expressions=(("series", RangeOperators.EQUAL), (NUMBERS, RangeOperators.OVERLAPS)),
            ),
            models.CheckConstraint(
                condition=Q(first__lte=F("next")) & Q(next__lte=F("last") + 1) & Q(first__lte=F("last")),
                name="o2o_coach_paper_numbers",
            ),
            models.UniqueConstraint(
                fields=("holder",), condition=Q(state="in_use"), name="o2o_coach_paper_one_in_use"
            ),
        )

    def __str__(self) -> str:
        return f"{self.serial(self.first)}—{self.serial(self.last)}"

    def serial(self, number: int) -> str:
        """A number as it is printed on the sheet."""
        return f"{self.series}{number:08d}"

    @property
    def remaining(self) -> int:
        """Sheets that are left."""
        return self.last - self.next + 1

    @property
    def used(self) -> int:
        """Sheets that were printed on or spoilt."""
        return self.next - self.first


class PaperSheet(models.Model):
    """One sheet that is no longer blank. A ticket has one printed sheet at most; a spoilt one is void."""

    serial = models.CharField(_("纸票号"), max_length=20, unique=True)
    range = models.ForeignKey(PaperRange, models.PROTECT, related_name="sheets", verbose_name=_("号段"))
    ticket = models.ForeignKey(
        Ticket, models.PROTECT, null=True, blank=True, related_name="coach_sheets", verbose_name=_("票")
    )
    state = models.CharField(_("状态"), max_length=10, choices=SheetState.choices, default=SheetState.PRINTED)
    printed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("打印人")
    )
    printed_at = models.DateTimeField(_("打印时间"), default=now)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("作废（收回）人"),
    )  # fmt: skip
    ended_at = models.DateTimeField(_("作废（收回）时间"), null=True, blank=True)
    why = models.CharField(_("事由"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("纸票")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("ticket",), condition=Q(state="printed"), name="o2o_coach_sheet_one"
            ),
        )

    def __str__(self) -> str:
        return self.serial


class PaperCount(models.Model):
    """What a clerk counted at the end of a shift: the next blank sheet that lies there.

    A difference waits until whoever keeps the stock says what became of it (`settled_note`).
    """

    range = models.ForeignKey(PaperRange, models.PROTECT, related_name="counts", verbose_name=_("号段"))
    expected = models.PositiveBigIntegerField(_("系统当前号"))
    counted = models.PositiveBigIntegerField(_("实物当前号"))
    printed = models.PositiveIntegerField(_("当日打印"), default=0)
    voided = models.PositiveIntegerField(_("当日作废"), default=0)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("清点人")
    )
    at = models.DateTimeField(_("清点时间"), default=now)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("处理人"),
    )  # fmt: skip
    settled_at = models.DateTimeField(_("处理时间"), null=True, blank=True)
    settled_note = models.CharField(_("处理结果"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("纸票清点")
        ordering = ("-pk",)
        indexes = (
            models.Index(
                fields=("at",),
                condition=~Q(expected=F("counted")) & Q(settled_at=None),
                name="o2o_coach_count_open",
            ),
        )

    def __str__(self) -> str:
        return f"{self.range} {self.counted}"

    @property
    def difference(self) -> int:
        """Sheets that lie there and should not (positive), or are missing."""
        return self.expected - self.counted
