"""What may be had for points: from when to when, how many, by whom."""

from __future__ import annotations

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from ..choices import Period


class MallOffer(models.Model):
    """A variant for so many points and yuan a piece. What it costs is never rewritten: it is ended, another is made.

    `taken` counts pieces that orders hold or have; its row is the lock of whoever exchanges. `quota` None: as many as
    lie in the warehouses.
    """

    code = models.CharField(_("兑换编号"), max_length=24, unique=True, editable=False)
    owner = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("发布机构")
    )
    variant = models.ForeignKey(
        "product.ProductVariant", models.PROTECT, related_name="o2o_mall_offers", verbose_name=_("商品规格")
    )
    points = models.PositiveIntegerField(
        _("每件积分"), validators=[MinValueValidator(1), MaxValueValidator(1_000_000)]
    )
    yuan = models.DecimalField(
        _("每件另付（元）"), max_digits=10, decimal_places=2, default=Decimal("0.00"),
        validators=[MinValueValidator(Decimal(0))], help_text=_("0 为只用积分；须低于商品原价"),
    )  # fmt: skip
    quota = models.PositiveIntegerField(
        _("兑换名额（件）"), null=True, blank=True, help_text=_("空：以库存为限")
    )
    taken = models.PositiveIntegerField(_("已兑换（件）"), default=0, editable=False)
    per_member = models.PositiveSmallIntegerField(
        _("每人限兑（件）"), null=True, blank=True, validators=[MinValueValidator(1)], help_text=_("空：不限")
    )
    period = models.CharField(_("限兑周期"), max_length=8, choices=Period.choices, default=Period.WHOLE)
    level = models.ForeignKey(
        "o2o_loyalty.Level", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("会员等级"), help_text=_("该等级及以上可兑；空：所有会员"),
    )  # fmt: skip
    own_members = models.BooleanField(
        _("仅限本机构会员"), default=False, help_text=_("归属发布机构及其下级的会员才能兑换")
    )
    opens_at = models.DateTimeField(_("开始时间"), default=now)
    closes_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True, help_text=_("会员看得到"))
    made_at = models.DateTimeField(_("建立时间"), default=now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("兑换商品")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(condition=Q(points__gte=1, yuan__gte=0), name="o2o_mall_offer_price"),
            models.CheckConstraint(
                condition=Q(quota__isnull=True) | Q(quota__gte=F("taken")), name="o2o_mall_offer_quota"
            ),
            models.CheckConstraint(
                condition=Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="o2o_mall_offer_dates",
            ),
        )
        indexes = (models.Index(fields=("opens_at", "closes_at"), name="o2o_mall_offer_open"),)

    def __str__(self) -> str:
        return self.code

    @property
    def left(self) -> int | None:
        """Pieces that are left of the quota; None: no quota."""
        return None if self.quota is None else max(self.quota - self.taken, 0)

    @property
    def title(self) -> str:
        """The goods, as a shopper knows them."""
        name = self.variant.name
        return f"{self.variant.product.name} {name}" if name else str(self.variant.product.name)

    def clean(self) -> None:
        """Raises ValidationError for an end before the beginning, and for fewer pieces than are taken."""
        if self.closes_at is not None and self.opens_at is not None and self.closes_at <= self.opens_at:
            raise ValidationError({"closes_at": _("结束时间须晚于开始时间")})
        if self.quota is not None and self.quota < self.taken:
            raise ValidationError({"quota": _("已经兑换 %(taken)d 件，名额不能更少") % {"taken": self.taken}})
