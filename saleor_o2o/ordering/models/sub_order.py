"""What one seller sends from one place in one way: the unit of shipping, receiving, after-sale and settlement."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, FSMField, transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import machine

from ..choices import BusinessLine, DeliveryMode, ReceivedBy, State
from .seller import Seller

_READY = (State.PENDING_SHIPMENT, State.PENDING_PICKUP, State.PENDING_VERIFICATION)
_OPEN = (State.PENDING_PAYMENT, *_READY, State.PARTLY_SHIPPED)


@machine("state")
class SubOrder(models.Model):
    """A part of an order: one seller, warehouse, delivery mode and business line. Amounts in yuan.

    `total` = goods − discount + shipping − prepaid, and the totals of an order's parts sum to the order's.
    `prepaid` is the share of what gift cards paid when the order was made. Moves follow the facts of Saleor's order
    (`services.syncing`), but for receiving and completing, which are ours to say.
    """

    number = models.CharField(_("子订单号"), max_length=36, unique=True)
    order = models.ForeignKey(
        "order.Order", models.CASCADE, related_name="o2o_sub_orders", verbose_name=_("订单")
    )
    position = models.PositiveSmallIntegerField(_("序号"))
    seller = models.ForeignKey(
        Seller, models.PROTECT, null=True, blank=True, related_name="sub_orders", verbose_name=_("销售方")
    )
    warehouse = models.ForeignKey(
        "warehouse.Warehouse", models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("发货仓库"),
    )  # fmt: skip
    mode = models.CharField(_("交付方式"), max_length=10, choices=DeliveryMode.choices)
    line = models.CharField(_("业务线"), max_length=16, choices=BusinessLine.choices)
    state = FSMField(_("状态"), choices=State.choices, default=State.PENDING_PAYMENT, protected=True)
    goods = models.DecimalField(_("商品金额"), max_digits=12, decimal_places=2, default=0)
    discount = models.DecimalField(_("优惠"), max_digits=12, decimal_places=2, default=0)
    shipping = models.DecimalField(_("运费"), max_digits=12, decimal_places=2, default=0)
    prepaid = models.DecimalField(_("礼品卡等抵扣"), max_digits=12, decimal_places=2, default=0)
    total = models.DecimalField(_("应付金额"), max_digits=12, decimal_places=2, default=0)
    created_at = models.DateTimeField(_("创建时间"), default=now)
    paid_at = models.DateTimeField(_("付款时间"), null=True, blank=True)
    shipped_at = models.DateTimeField(_("发货完成时间"), null=True, blank=True)
    receive_by = models.DateTimeField(_("自动收货时间"), null=True, blank=True)
    received_at = models.DateTimeField(_("收货时间"), null=True, blank=True)
    received_by = models.CharField(_("收货方式"), max_length=10, choices=ReceivedBy.choices, blank=True)
    after_sale_until = models.DateTimeField(_("售后截止"), null=True, blank=True)
    review_until = models.DateTimeField(_("评价截止"), null=True, blank=True)
    complaint_until = models.DateTimeField(_("投诉截止"), null=True, blank=True)
    completed_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    closed_at = models.DateTimeField(_("关闭时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("子订单")
        ordering = ("-order", "position")
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="o2o_sub_order_position"),
            models.CheckConstraint(
                condition=Q(total=F("goods") - F("discount") + F("shipping") - F("prepaid")),
                name="o2o_sub_order_sum",
            ),
        ]
        indexes = [
            models.Index(fields=["seller", "-order"], name="o2o_sub_order_seller"),
            models.Index(fields=["state", "-order"], name="o2o_sub_order_state"),
            models.Index(fields=["receive_by"], name="o2o_sub_order_receive", condition=Q(state="shipped")),
            models.Index(
                fields=["after_sale_until"], name="o2o_sub_order_complete", condition=Q(state="received")
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @transition("state", State.PENDING_PAYMENT, RETURN_VALUE(*_READY), custom={"label": _("付款")})
    def pay(self, paid_at: datetime | None) -> str:
        """Somebody has something to do: the money is here, or (None) goods leave without waiting for it."""
        self.paid_at = paid_at
        return str(ready_state(self.mode))

    @transition(
        "state",
        [State.PENDING_SHIPMENT, State.SHIPPED, State.RECEIVED],
        State.PARTLY_SHIPPED,
        custom={"label": _("部分发货")},
    )
    def ship_part(self) -> None:
        """Some has left; from a later state: a parcel was taken back."""
        self._take_back()

    @transition(
        "state", [State.PENDING_SHIPMENT, State.PARTLY_SHIPPED], State.SHIPPED, custom={"label": _("发货")}
    )
    def ship(self, receive_by: datetime | None) -> None:
        """All has left."""
        self.shipped_at = now()
        self.receive_by = receive_by

    @transition(
        "state",
        [State.PARTLY_SHIPPED, State.SHIPPED, State.RECEIVED],
        RETURN_VALUE(*_READY),
        custom={"label": _("撤销发货")},
    )
    def recall(self) -> str:
        """What had left or was handed over is back."""
        self._take_back()
        return str(ready_state(self.mode))

    @transition(
        "state",
        [State.SHIPPED, State.PENDING_PICKUP, State.PENDING_VERIFICATION],
        State.RECEIVED,
        custom={"label": _("收货")},
    )
    def receive(
        self,
        by: str,
        after_sale_until: datetime | None,
        review_until: datetime | None,
        complaint_until: datetime | None,
    ) -> None:
        """The buyer has it; the clocks of after-sale, review and complaint run."""
        self.received_at = now()
        self.received_by = by
        self.shipped_at = self.shipped_at or self.received_at
        self.receive_by = None
        self.after_sale_until = after_sale_until
        self.review_until = review_until
        self.complaint_until = complaint_until

    @transition("state", State.RECEIVED, State.COMPLETED, custom={"label": _("完成")})
    def complete(self) -> None:
        """The time for after-sale is over."""
        self.completed_at = now()

    @transition(
        "state",
        [*_OPEN, State.SHIPPED, State.RECEIVED, State.COMPLETED],
        State.CLOSED,
        custom={"label": _("关闭")},
    )
    def close(self) -> None:
        """Cancelled, or all of its money has gone back."""
        self.closed_at = now()

    @transition("state", State.CLOSED, RETURN_VALUE(*State.values[:-1]), custom={"label": _("恢复")})
    def reopen(self, target: str) -> str:
        """What closed it was taken back: a refund that failed."""
        self.closed_at = None
        return target

    def _take_back(self) -> None:
        self.shipped_at = self.receive_by = self.received_at = None
        self.after_sale_until = self.review_until = self.complaint_until = None
        self.received_by = ""


def ready_state(mode: str) -> State:
    """Where a paid part waits, by how it is handed over."""
    return {
        DeliveryMode.PICKUP: State.PENDING_PICKUP,
        DeliveryMode.VIRTUAL: State.PENDING_VERIFICATION,
    }.get(DeliveryMode(mode), State.PENDING_SHIPMENT)


class SubOrderLine(models.Model):
    """How much of an order line belongs to a part. `total` (yuan) = goods − discount − prepaid, without freight."""

    sub_order = models.ForeignKey(SubOrder, models.CASCADE, related_name="lines", verbose_name=_("子订单"))
    order_line = models.ForeignKey(
        "order.OrderLine", models.CASCADE, related_name="o2o_parts", verbose_name=_("订单行")
    )
    quantity = models.PositiveIntegerField(_("数量"))
    shipped = models.PositiveIntegerField(_("已交付数量"), default=0)
    #: Pieces that never leave, because their money went back; and such that had left (`services.withdrawing`).
    withdrawn = models.PositiveIntegerField(_("退款未发数量"), default=0)
    returned = models.PositiveIntegerField(_("退款已发数量"), default=0)
    goods = models.DecimalField(_("商品金额"), max_digits=12, decimal_places=2, default=0)
    discount = models.DecimalField(_("优惠"), max_digits=12, decimal_places=2, default=0)
    prepaid = models.DecimalField(_("礼品卡等抵扣"), max_digits=12, decimal_places=2, default=0)
    total = models.DecimalField(_("应付金额"), max_digits=12, decimal_places=2, default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("子订单明细")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["sub_order", "order_line"], name="o2o_sub_order_line_once"),
            models.CheckConstraint(
                condition=Q(total=F("goods") - F("discount") - F("prepaid")), name="o2o_sub_order_line_sum"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=F("withdrawn") + F("returned")), name="o2o_sub_order_line_back"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sub_order_id}: {self.order_line_id} × {self.quantity}"
