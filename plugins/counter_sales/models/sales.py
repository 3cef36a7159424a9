"""A sale over the counter: what Saleor's order does not know of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedTextField
from saleor_o2o.kernel.masking import mask_name, mask_phone
from saleor_o2o.kernel.states import FSMField, machine

from .customers import CounterCustomer
from .floats import MONEY, ZERO, FloatAccount
from .shifts import Shift


class SaleState(models.TextChoices):
    """Where a sale stands."""

    PLACED = "placed", _("待收款")
    PAID = "paid", _("已收款")
    HANDED = "handed", _("已取货")
    REFUNDED = "refunded", _("已退款")
    CANCELLED = "cancelled", _("已取消")


class Delivery(models.TextChoices):
    """How the goods reach the customer."""

    PICKUP = "pickup", _("网点自提")
    ADDRESS = "address", _("送货上门")


class PaidBy(models.TextChoices):
    """How the money came."""

    CASH = "cash", _("现金")
    CODE = "code", _("微信扫码")
    MIXED = "mixed", _("组合支付")
    POS = "pos", _("刷卡（POS）")
    NOTHING = "nothing", _("无需付款（券、积分抵完）")


@machine("state", terminal={SaleState.REFUNDED, SaleState.CANCELLED})
class CounterSale(models.Model):
    """One sale, beside its Saleor order. Amounts in yuan.

    `unit` is the selling place, `operator` the clerk; who sees the sale follows from them.
    """

    number = models.CharField(_("单号"), max_length=24, unique=True)
    order = models.OneToOneField(
        "order.Order", models.PROTECT, related_name="o2o_counter_sale", verbose_name=_("订单")
    )
    state = FSMField(_("状态"), choices=SaleState.choices, default=SaleState.PLACED, protected=True)
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="counter_sales", verbose_name=_("销售机构")
    )
    channel_code = models.CharField(_("渠道代码"), max_length=40, blank=True)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="o2o_counter_sales", verbose_name=_("经办人")
    )
    request_key = models.CharField(_("请求号"), max_length=80, unique=True, editable=False)
    customer = models.ForeignKey(
        CounterCustomer, models.PROTECT, null=True, blank=True, related_name="sales", verbose_name=_("顾客")
    )
    phone = EncryptedTextField(_("手机号"), blank=True)
    phone_index = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    tail_index = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    customer_name = EncryptedTextField(_("顾客姓名"), blank=True)
    delivery = models.CharField(_("取货方式"), max_length=10, choices=Delivery.choices)
    total = models.DecimalField(_("应收金额"), **MONEY)
    discount = models.DecimalField(_("优惠"), **MONEY, default=ZERO)
    discount_reason = models.CharField(_("优惠原因"), max_length=100, blank=True)
    refunded = models.DecimalField(_("已退金额"), **MONEY, default=ZERO)
    paid_by = models.CharField(_("收款方式"), max_length=8, choices=PaidBy.choices, blank=True)
    account = models.ForeignKey(
        FloatAccount,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="sales",
        verbose_name=_("备付金账户"),
    )
    shift = models.ForeignKey(
        Shift,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="sales",
        verbose_name=_("收款班次"),
    )
    pickup_code = EncryptedTextField(_("取货码"), blank=True)
    pickup_index = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001
    prints = models.PositiveSmallIntegerField(_("打印次数"), default=0, editable=False)
    made_at = models.DateTimeField(_("下单时间"), default=now)
    paid_at = models.DateTimeField(_("收款时间"), null=True, blank=True)
    handed_at = models.DateTimeField(_("取货时间"), null=True, blank=True)
    handed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("交付人"),
    )  # fmt: skip
    closed_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    close_reason = models.CharField(_("结束原因"), max_length=100, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("柜台销售")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(refunded__gte=0) & Q(refunded__lte=models.F("total")),
                name="o2o_counter_refund_within_total",
            ),
        )
        indexes = (
            models.Index(fields=("operator", "-made_at"), name="o2o_counter_by_operator"),
            models.Index(fields=("unit", "-made_at"), name="o2o_counter_by_unit"),
            models.Index(fields=("made_at",), condition=Q(state="placed"), name="o2o_counter_unfinished"),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def masked_customer(self) -> str:
        """`王** 138****0001`; a dash for somebody who said nothing."""
        return f"{mask_name(self.customer_name)} {mask_phone(self.phone)}".strip() or "—"

    @transition("state", SaleState.PLACED, SaleState.PAID, custom={"label": _("收款")})
    def mark_paid(self, paid_by: str, account_id: int | None = None, shift_id: int | None = None) -> None:
        """The money is here."""
        self.paid_by = paid_by
        self.account_id = account_id
        self.shift_id = shift_id
        self.paid_at = now()

    @transition("state", SaleState.PAID, SaleState.HANDED, custom={"label": _("交付")})
    def hand_over(self, user_id: int) -> None:
        """The customer has the goods; the code is used up."""
        self.handed_by_id = user_id
        self.handed_at = now()

    @transition(
        "state", [SaleState.PAID, SaleState.HANDED], SaleState.REFUNDED, custom={"label": _("全额退款")}
    )
    def mark_refunded(self, why: str) -> None:
        """All the money has gone back."""
        self._close(why)

    @transition("state", SaleState.PLACED, SaleState.CANCELLED, custom={"label": _("取消")})
    def cancel(self, why: str) -> None:
        """Nobody paid; the stock is free."""
        self._close(why)

    def _close(self, reason: str) -> None:
        self.closed_at = now()
        self.close_reason = reason[:100]
