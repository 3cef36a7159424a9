"""The double-entry ledger: entries of lines that sum to nothing, purses of members, and the lots in them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from ..kinds import Book, EntryKind, Side

#: Columns of what is counted: points in pieces, settlements in yuan.
AMOUNT: dict[str, Any] = {"max_digits": 14, "decimal_places": 2}
ZERO = Decimal("0.00")


class Purse(models.Model):
    """What a member has of a book: the row to lock. Written with the lines, never by itself.

    `balance` never falls below nothing; a frozen one takes in and gives nothing out.
    What could not be taken back is `owed` and worked off by what is earned later.
    """

    member = models.ForeignKey(
        "o2o_members.Member", models.PROTECT, related_name="purses", verbose_name=_("会员")
    )
    book = models.CharField(_("账簿"), max_length=12, choices=Book.choices, default=Book.POINTS)
    balance = models.DecimalField(_("余额"), **AMOUNT, default=ZERO)
    owed = models.DecimalField(_("欠账"), **AMOUNT, default=ZERO)
    is_frozen = models.BooleanField(_("冻结"), default=False)
    frozen_reason = models.CharField(_("冻结原因"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("会员积分")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("member", "book"), name="o2o_loyalty_purse_once"),
            # The belt; the check under the lock comes first and has words for people.
            models.CheckConstraint(
                condition=Q(balance__gte=0) & Q(owed__gte=0), name="o2o_loyalty_purse_positive"
            ),
        )

    def __str__(self) -> str:
        return f"{self.member} {self.get_book_display()}"


class Entry(models.Model):
    """One movement of a book. Append-only: a trigger refuses to change or delete one.

    `biz_type` and `biz_id` name what it was for; with the book they are unique, so that nothing moves twice. `unit` is
    where it happened; `reverses` the entry that it takes back, or a part of it.
    """

    book = models.CharField(_("账簿"), max_length=12, choices=Book.choices, default=Book.POINTS)
    kind = models.CharField(_("类型"), max_length=16, choices=EntryKind.choices, default=EntryKind.ADJUST)
    biz_type = models.CharField(_("业务类型"), max_length=24)
    biz_id = models.CharField(_("业务编号"), max_length=80)
    member = models.ForeignKey(
        "o2o_members.Member", models.PROTECT, related_name="ledger_entries", verbose_name=_("会员")
    )
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("发生机构")
    )
    #: Only the key: an order whose payment failed at once is taken back whole, the ledger is not.
    order = models.ForeignKey(
        "order.Order", models.DO_NOTHING, db_constraint=False, null=True, blank=True, related_name="+",
        verbose_name=_("订单"),
    )  # fmt: skip
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="reversals", verbose_name=_("冲回")
    )
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("经办人"),
    )  # fmt: skip
    note = models.CharField(_("说明"), max_length=200, blank=True)
    at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("会员账务流水")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("book", "biz_type", "biz_id"), name="o2o_loyalty_entry_once"),
        )
        indexes = (
            models.Index(fields=("member", "book", "-id"), name="o2o_loyalty_statement"),
            models.Index(fields=("book", "at"), name="o2o_loyalty_by_time"),
            models.Index(fields=("unit", "-id"), name="o2o_loyalty_by_unit"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.biz_id}"


class Line(models.Model):
    """A line of an entry: what an account gains (or, negative, gives). Append-only.

    The lines of an entry sum to nothing.
    Lines of members point to the purse and carry its balance after them; lines of units name the unit.
    """

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="lines", verbose_name=_("流水"))
    side = models.CharField(_("账户"), max_length=8, choices=Side.choices, default=Side.MEMBER)
    purse = models.ForeignKey(
        Purse, models.PROTECT, null=True, blank=True, related_name="lines", verbose_name=_("会员账户")
    )
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("机构"),
    )  # fmt: skip
    amount = models.DecimalField(_("数量"), **AMOUNT)
    balance_after = models.DecimalField(_("变动后余额"), **AMOUNT, null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("会员账务分录")
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=~Q(amount=0), name="o2o_loyalty_line_not_zero"),
            models.CheckConstraint(
                condition=Q(side__in=(Side.MEMBER, Side.DEBT), purse__isnull=False, unit__isnull=True)
                | (~Q(side__in=(Side.MEMBER, Side.DEBT)) & Q(purse__isnull=True, unit__isnull=False)),
                name="o2o_loyalty_line_one_owner",
            ),
        )
        indexes = (models.Index(fields=("unit", "side"), name="o2o_loyalty_line_unit"),)

    def __str__(self) -> str:
        return f"{self.entry_id} {self.side} {self.amount}"


class Lot(models.Model):
    """What came into a purse at one time: used first in, first out, gone when it expires. `unit` issued it.

    `left` is written under the purse's lock; the lefts of a purse sum to its balance.
    """

    purse = models.ForeignKey(Purse, models.PROTECT, related_name="lots", verbose_name=_("会员账户"))
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="lots", verbose_name=_("来源"))
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("发放机构")
    )
    amount = models.DecimalField(_("数量"), **AMOUNT)
    left = models.DecimalField(_("剩余"), **AMOUNT)
    expires_at = models.DateTimeField(_("到期时间"), null=True, blank=True)
    noticed_at = models.DateTimeField(_("到期提醒时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("积分批次")
        ordering = (F("expires_at").asc(nulls_last=True), "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(left__gte=0) & Q(left__lte=F("amount")) & Q(amount__gt=0),
                name="o2o_loyalty_lot_left",
            ),
        )
        indexes = (
            models.Index(
                fields=("purse", "expires_at"), condition=Q(left__gt=0), name="o2o_loyalty_lot_open"
            ),
            models.Index(fields=("expires_at",), condition=Q(left__gt=0), name="o2o_loyalty_lot_expiring"),
        )

    def __str__(self) -> str:
        return f"{self.left}/{self.amount}"


class Draw(models.Model):
    """What an entry took out of a lot (positive), or put back into it (negative). Append-only."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="draws", verbose_name=_("流水"))
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="draws", verbose_name=_("批次"))
    #: The draw that a put-back takes back: points that came back may be in a lot of their own.
    of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="backs", verbose_name=_("原使用")
    )
    amount = models.DecimalField(_("数量"), **AMOUNT)

    class Meta:
        verbose_name = verbose_name_plural = _("批次使用")
        ordering = ("pk",)
        constraints = (models.CheckConstraint(condition=~Q(amount=0), name="o2o_loyalty_draw_not_zero"),)

    def __str__(self) -> str:
        return f"{self.lot_id} {self.amount}"
