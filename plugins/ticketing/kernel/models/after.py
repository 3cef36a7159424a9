"""What comes after a ticket: giving it back and changing it, with both sides' money."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import FSMField, machine

from ..choices import ChangeCause, ChangeState, ItemAnswer, RefundCause, RefundState
from .fees import FeeQuote
from .orders import Ticket, TicketOrder

R = RefundState


@machine("state", terminal={R.DONE, R.REFUSED, R.WITHDRAWN})
class RefundRequest(models.Model):
    """Some tickets of one order go back together. Its number is the key of the cashier's refund.

    `key` is the client's: the same again is the same request.
    """

    number = models.CharField(_("退票单号"), max_length=24, unique=True)
    key = models.CharField(max_length=80, unique=True)
    ticket_order = models.ForeignKey(
        TicketOrder, models.PROTECT, related_name="refunds", verbose_name=_("票务订单")
    )
    state = FSMField(_("状态"), max_length=12, choices=R.choices, default=R.ASKED, protected=True)
    cause = models.CharField(_("原因方"), max_length=20, choices=RefundCause.choices)
    reason = models.CharField(_("事由"), max_length=200, blank=True)
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("受理机构")
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("申请人"),
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("审核人"),
    )
    due = models.DecimalField(_("应退客户（元）"), max_digits=12, decimal_places=2)
    supplier_due = models.DecimalField(_("供应商应退（元）"), max_digits=12, decimal_places=2)
    supplier_back = models.DecimalField(
        _("供应商实退（元）"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    supplier_document = models.CharField(_("供应商退票单号"), max_length=64, blank=True)
    supplier_policy = models.CharField(_("供应商政策号"), max_length=40, blank=True)
    why = models.CharField(_("结果说明"), max_length=200, blank=True)
    batch = models.ForeignKey(
        "RefundBatch", models.PROTECT, null=True, blank=True, related_name="refunds", verbose_name=_("批次")
    )
    asked_at = models.DateTimeField(_("申请时间"), default=now)
    done_at = models.DateTimeField(_("完成时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("退票单")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.number

    @transition("state", source=R.ASKED, target=R.MERCHANT, custom={"label": _("请商家答复")})
    def ask_merchant(self) -> None:
        """Whoever lets in is asked first (0139)."""

    @transition("state", source=(R.MERCHANT, R.AUDIT), target=R.ASKED, custom={"label": _("继续办理")})
    def go_on(self) -> None:
        """The merchant agrees, or does not but the platform does: as if nobody had been asked."""

    @transition("state", source=R.ASKED, target=R.AT_SUPPLIER, custom={"label": _("提交供应商")})
    def send(self) -> None:
        """The supplier is asked."""

    @transition(
        "state",
        source=(R.ASKED, R.MERCHANT, R.AT_SUPPLIER),
        target=R.AUDIT,
        custom={"label": _("转人工审核")},
    )
    def to_audit(self) -> None:
        """Amounts differ, the supplier wants people to look, or the merchant does not agree."""

    @transition(
        "state", source=(R.ASKED, R.AT_SUPPLIER, R.AUDIT), target=R.PAYING, custom={"label": _("退款")}
    )
    def pay(self) -> None:
        """The tickets are gone; the customer's money is on its way."""

    @transition("state", source=R.PAYING, target=R.DONE, custom={"label": _("退款完成")})
    def finish(self) -> None:
        """The money is back."""
        self.done_at = now()

    @transition(
        "state", source=(R.ASKED, R.MERCHANT, R.AT_SUPPLIER, R.AUDIT), target=R.REFUSED,
        custom={"label": _("拒绝")},
    )  # fmt: skip
    def refuse(self) -> None:
        """The tickets count again."""
        self.done_at = now()

    @transition("state", source=(R.MERCHANT, R.AUDIT), target=R.WITHDRAWN, custom={"label": _("撤回")})
    def withdraw(self) -> None:
        """Whoever asked keeps the tickets; nobody had taken them back yet."""
        self.done_at = now()


def _yuan(label: object) -> models.DecimalField:  # type: ignore[type-arg]
    return models.DecimalField(label, max_digits=12, decimal_places=2, default=0)  # type: ignore[arg-type]


class RefundItem(models.Model):
    """One ticket of a refund, both sides in yuan. `words` explain the tier that was used.

    `face` and `service` are what the ticket cost, `discount` what coupons took off both: face + service − discount was
    paid, and `due` of it goes back. `airport`, `fuel` and `station` are parts of `face`. `kept`: the supplier did not
    take this one back, it counts again and nothing is due for it; what was promised is in its quote.
    """

    refund = models.ForeignKey(RefundRequest, models.PROTECT, related_name="items", verbose_name=_("退票单"))
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="refund_items", verbose_name=_("票"))
    quote = models.ForeignKey(
        FeeQuote, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("报价")
    )
    quantity = models.PositiveSmallIntegerField(_("人次"), default=1)
    face = _yuan(_("票面（元）"))
    airport = _yuan(_("其中机建（元）"))
    fuel = _yuan(_("其中燃油（元）"))
    station = _yuan(_("其中站务费（元）"))
    discount = _yuan(_("优惠（元）"))
    service = _yuan(_("服务费（元）"))
    fee = _yuan(_("手续费（元）"))
    due = _yuan(_("应退客户（元）"))
    back = models.DecimalField(_("实退客户（元）"), max_digits=12, decimal_places=2, null=True, blank=True)
    supplier_due = _yuan(_("供应商应退（元）"))
    supplier_back = models.DecimalField(
        _("供应商实退（元）"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    answer = models.CharField(
        _("供应商答复"), max_length=8, choices=ItemAnswer.choices, default=ItemAnswer.OPEN, blank=True
    )
    said = models.CharField(_("供应商说明"), max_length=200, blank=True)
    kept = models.BooleanField(_("恢复有效"), default=False)
    tier = models.CharField(_("档次"), max_length=60, blank=True)
    words = models.CharField(_("计费说明"), max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("退票明细")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.ticket} {self.due}"


C = ChangeState


@machine("state", terminal={C.DONE, C.REFUSED, C.CLOSED})
class ChangeRequest(models.Model):
    """Tickets of one order against another trip: `target` is held first, and counts when the supplier changed them.

    `to_pay` and `back` are the customer's, in yuan, fee and difference together; never both above zero.
    """

    number = models.CharField(_("改签单号"), max_length=24, unique=True)
    key = models.CharField(max_length=80, unique=True)
    ticket_order = models.ForeignKey(
        TicketOrder, models.PROTECT, related_name="changes", verbose_name=_("原票务订单")
    )
    target = models.OneToOneField(
        TicketOrder,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="change_of",
        verbose_name=_("新票务订单"),
    )
    tickets = models.ManyToManyField(Ticket, related_name="change_requests", verbose_name=_("票"))
    state = FSMField(_("状态"), max_length=12, choices=C.choices, default=C.ASKED, protected=True)
    cause = models.CharField(_("原因方"), max_length=20, choices=ChangeCause.choices)
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("受理机构")
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("申请人"),
    )
    fee = _yuan(_("改签手续费（元）"))
    to_pay = _yuan(_("应补（元）"))
    back = _yuan(_("应退（元）"))
    difference_order = models.ForeignKey(
        "order.Order", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("补差价订单")
    )
    words = models.CharField(_("计费说明"), max_length=300, blank=True)
    why = models.CharField(_("结果说明"), max_length=200, blank=True)
    asked_at = models.DateTimeField(_("申请时间"), default=now)
    done_at = models.DateTimeField(_("完成时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("改签单")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.number

    @transition("state", source=C.ASKED, target=C.TO_PAY, custom={"label": _("待补差价")})
    def ask_money(self) -> None:
        """The new trip is held; the difference is to be paid."""

    @transition("state", source=(C.ASKED, C.TO_PAY), target=C.AT_SUPPLIER, custom={"label": _("提交供应商")})
    def send(self) -> None:
        """The supplier is asked."""

    @transition("state", source=C.AT_SUPPLIER, target=C.DONE, custom={"label": _("改签成功")})
    def finish(self) -> None:
        """The new tickets count."""
        self.done_at = now()

    @transition(
        "state", source=(C.ASKED, C.TO_PAY, C.AT_SUPPLIER), target=C.REFUSED, custom={"label": _("未改成")}
    )
    def refuse(self) -> None:
        """The old tickets count; what was paid for the change goes back."""
        self.done_at = now()

    @transition("state", source=(C.ASKED, C.TO_PAY), target=C.CLOSED, custom={"label": _("关闭")})
    def close(self) -> None:
        """Given up, or not paid in time."""
        self.done_at = now()
