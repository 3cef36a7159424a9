"""One customer's wish for a part of an order, from asking to the money."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, FSMField, transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import machine

from ..choices import OVER, Bearer, Kind, Outcome, Phase, Reason, State, Via

_FROM_HERE = (State.APPLIED, State.TO_RECEIVE, State.ARBITRATION)


@machine("state", terminal=set(OVER))
class AfterSale(models.Model):
    """Amounts in yuan: `amount` is asked for, `agreed` goes back; both with `freight`; 0: points paid it all.

    `due_at` is the clock of the state (`clocks`); `escalated_at` says that it ran out and people above are asked.
    `auto` is off once people have to decide. `refund_key` names the refund at the cashier;
    `refund_base` is set where people pay it out: what the order's payments had given back before.
    `customer` is None for somebody without a login, whom `applied_by` serves.
    """

    number = models.CharField(_("售后单号"), max_length=32, unique=True)
    request_key = models.CharField(max_length=80, unique=True, editable=False)
    fingerprint = models.CharField(max_length=64, editable=False)
    order = models.ForeignKey(
        "order.Order", models.CASCADE, related_name="o2o_after_sales", verbose_name=_("订单")
    )
    sub_order = models.ForeignKey(
        "o2o_ordering.SubOrder", models.CASCADE, related_name="after_sales", verbose_name=_("子订单")
    )
    customer = models.ForeignKey(
        "account.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("顾客")
    )
    via = models.CharField(_("申请方式"), max_length=8, choices=Via.choices, default=Via.SELF)
    applied_by = models.ForeignKey(
        "account.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("代办人")
    )
    kind = models.CharField(_("类型"), max_length=10, choices=Kind.choices)
    phase = models.CharField(_("阶段"), max_length=10, choices=Phase.choices)
    reason = models.CharField(_("原因"), max_length=16, choices=Reason.choices)
    text = models.CharField(_("说明"), max_length=500, blank=True)
    state = FSMField(_("状态"), choices=State.choices, default=State.APPLIED, protected=True)
    amount = models.DecimalField(_("申请金额"), max_digits=12, decimal_places=2)
    freight = models.DecimalField(_("其中运费"), max_digits=12, decimal_places=2, default=0)
    agreed = models.DecimalField(_("同意金额"), max_digits=12, decimal_places=2, null=True, blank=True)
    due_at = models.DateTimeField(_("时限"), null=True, blank=True)
    auto = models.BooleanField(_("到期自动处理"), default=True)
    escalated_at = models.DateTimeField(_("超时升级时间"), null=True, blank=True)
    bearer = models.CharField(_("退货运费"), max_length=8, choices=Bearer.choices, default=Bearer.BUYER)
    return_to = models.CharField(_("退货地址"), max_length=200, blank=True)
    carrier = models.CharField(_("快递公司"), max_length=40, blank=True)
    waybill = models.CharField(_("退货运单号"), max_length=40, blank=True)
    outcome = models.CharField(_("处理结果"), max_length=10, choices=Outcome.choices, blank=True)
    out_carrier = models.CharField(_("寄出快递"), max_length=40, blank=True)
    out_waybill = models.CharField(_("寄出运单号"), max_length=40, blank=True)
    answer = models.CharField(_("商家答复"), max_length=500, blank=True)
    decided_in = models.CharField(max_length=16, blank=True, editable=False)
    decided_by = models.ForeignKey(
        "account.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("处理人")
    )
    refund_key = models.CharField(_("退款请求号"), max_length=64, blank=True, db_index=True)
    refund_ref = models.CharField(_("退款单号"), max_length=64, blank=True)
    refund_tries = models.PositiveSmallIntegerField(_("退款次数"), default=0)
    refund_base = models.DecimalField(
        _("线下退款前已退"), max_digits=12, decimal_places=2, null=True, blank=True, editable=False
    )
    failure = models.CharField(_("退款失败原因"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("申请时间"), default=now)
    decided_at = models.DateTimeField(_("同意时间"), null=True, blank=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("售后单")
        ordering = ("-pk",)
        indexes = [
            models.Index(fields=["state", "-id"], name="o2o_as_state"),
            models.Index(fields=["customer", "-id"], name="o2o_as_customer"),
            models.Index(
                fields=["due_at"], name="o2o_as_due", condition=~Q(state__in=[one.value for one in OVER])
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0, freight__gte=0), name="o2o_as_amount"),
            models.CheckConstraint(condition=Q(agreed__isnull=True) | Q(agreed__gte=0), name="o2o_as_agreed"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def goes_back(self) -> Decimal:
        """What is to be given back as far as it is known, in yuan."""
        return self.amount if self.agreed is None else self.agreed

    @property
    def refund_keys(self) -> list[str]:
        """The keys of its refunds at the cashier: the first one's, and those of further tries."""
        return [self.number, *(f"{self.number}-{one}" for one in range(2, self.refund_tries + 1))]

    @property
    def is_over(self) -> bool:
        """True when nothing more happens to it."""
        return self.state in OVER

    @transition(
        "state",
        [State.APPLIED, State.ARBITRATION, State.OFFERED],
        State.TO_RETURN,
        custom={"label": _("同意寄回")},
    )
    def agree_return(self, return_to: str, due_at: datetime) -> None:
        """The customer may send the goods back, until then."""
        self.return_to = return_to
        self._clock(due_at)

    @transition("state", State.TO_RETURN, State.TO_RECEIVE, custom={"label": _("寄回")})
    def ship_back(self, carrier: str, waybill: str, due_at: datetime) -> None:
        """The goods are on their way to us."""
        self.carrier, self.waybill = carrier, waybill
        self._clock(due_at)

    @transition(
        "state",
        State.TO_RECEIVE,
        RETURN_VALUE(State.REPAIRING, State.TO_SEND),
        custom={"label": _("收到寄回的商品")},
    )
    def take_in(self, due_at: datetime) -> str:
        """The goods of an exchange or a repair are here."""
        self._clock(due_at)
        return State.REPAIRING if self.kind == Kind.REPAIR else State.TO_SEND

    @transition("state", State.REPAIRING, State.TO_SEND, custom={"label": _("维修结束")})
    def leave_workshop(self, due_at: datetime) -> None:
        """Repaired or not, they go back to the customer."""
        self._clock(due_at)

    @transition(
        "state",
        [State.APPLIED, State.REPAIRING, State.TO_SEND],
        State.OFFERED,
        custom={"label": _("建议退款")},
    )
    def offer_refund(self, due_at: datetime) -> None:
        """The customer decides whether it is money instead, until then."""
        self._clock(due_at)

    @transition("state", State.OFFERED, State.TO_RECEIVE, custom={"label": _("改为退货退款")})
    def keep_goods(self, due_at: datetime) -> None:
        """The goods are here already: they are opened for the money."""
        self._clock(due_at)

    @transition("state", State.OFFERED, State.TO_SEND, custom={"label": _("不改退款，原样寄回")})
    def give_back(self, due_at: datetime) -> None:
        """The customer wants the goods back as they are."""
        self._clock(due_at)

    @transition("state", State.TO_SEND, State.SENT, custom={"label": _("寄出")})
    def send_out(self, carrier: str, waybill: str, due_at: datetime) -> None:
        """On the way to the customer."""
        self.out_carrier, self.out_waybill = carrier, waybill
        self._clock(due_at)

    @transition("state", State.SENT, State.FINISHED, custom={"label": _("买家收到")})
    def arrive(self) -> None:
        """The customer has it; no money was touched."""
        self._end()

    @transition("state", _FROM_HERE, State.APPROVING, custom={"label": _("提交退款审批")})
    def ask_approval(self) -> None:
        """The sum is above the limit of whoever agreed."""
        self.decided_in = self.state
        self._clock(None)

    @transition(
        "state",
        State.APPROVING,
        RETURN_VALUE(*_FROM_HERE),
        custom={"label": _("审批未通过")},
    )
    def send_back(self) -> str:
        """The approval was refused or taken back: people decide anew, silence no longer does."""
        self.auto = False
        self.agreed = None
        return self.decided_in

    @transition(
        "state",
        [*_FROM_HERE, State.APPROVING, State.REFUND_FAILED],
        State.REFUNDING,
        custom={"label": _("退款")},
    )
    def start_refund(self) -> None:
        """The refund is written."""
        self.refund_tries += 1
        self.failure = ""
        self.decided_at = self.decided_at or now()
        self._clock(None)

    def await_payout(self, base: Decimal, due_at: datetime) -> None:
        """The money did not come through the cashier: people give it back where they took it, until then."""
        self.refund_base = base
        self._clock(due_at)

    @property
    def is_paid_out(self) -> bool:
        """True while people must give the money back where it was taken."""
        return self.state == State.REFUNDING and self.refund_base is not None

    @transition("state", State.REFUNDING, State.REFUND_FAILED, custom={"label": _("退款失败")})
    def fail_refund(self, why: str) -> None:
        """The provider gave it up: people must look."""
        self.failure = why[:200]

    @transition("state", State.REFUNDING, State.DONE, custom={"label": _("退款到账")})
    def finish(self) -> None:
        """The money is with the customer."""
        self.ended_at = now()

    @transition(
        "state",
        [State.APPLIED, State.TO_RECEIVE],
        RETURN_VALUE(State.REFUSED, State.GOODS_REFUSED),
        custom={"label": _("拒绝")},
    )
    def refuse(self, due_at: datetime) -> str:
        """The seller says no; the customer may ask for arbitration until then."""
        before = self.state
        self._clock(due_at)
        return State.REFUSED if before == State.APPLIED else State.GOODS_REFUSED

    @transition(
        "state", [State.REFUSED, State.GOODS_REFUSED], State.ARBITRATION, custom={"label": _("申请仲裁")}
    )
    def arbitrate(self) -> None:
        """The two sides differ: the complaint's clocks count from here."""
        self.auto = False
        self._clock(None)

    @transition(
        "state",
        [State.APPLIED, State.TO_RETURN, State.REFUSED, State.GOODS_REFUSED, State.ARBITRATION],
        State.CANCELLED,
        custom={"label": _("买家撤销")},
    )
    def withdraw(self) -> None:
        """The customer does not want it any more."""
        self._end()

    @transition(
        "state",
        [State.TO_RETURN, State.REFUSED, State.GOODS_REFUSED, State.ARBITRATION, State.OFFERED],
        State.CLOSED,
        custom={"label": _("关闭")},
    )
    def close(self) -> None:
        """Nobody went on with it, or the ruling was against it."""
        self._end()

    def _end(self) -> None:
        self.ended_at = now()
        self._clock(None)

    def _clock(self, due_at: datetime | None) -> None:
        self.due_at = due_at
        self.escalated_at = None


class AfterSaleLine(models.Model):
    """Which pieces of a line, and how much for them (yuan, without freight).

    `accepted` and `agreed` are what was decided; `damaged` of the accepted pieces cannot be sold again, `freed` of them
    had never left the house. `is_open` goes
    with the after-sale: a line never has two open ones.
    """

    after_sale = models.ForeignKey(AfterSale, models.CASCADE, related_name="lines", verbose_name=_("售后单"))
    part_line = models.ForeignKey(
        "o2o_ordering.SubOrderLine",
        models.CASCADE,
        related_name="after_sale_lines",
        verbose_name=_("子订单明细"),
    )
    wanted = models.ForeignKey(
        "product.ProductVariant",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("换成"),
    )
    quantity = models.PositiveIntegerField(_("申请数量"))
    amount = models.DecimalField(_("申请金额"), max_digits=12, decimal_places=2)
    accepted = models.PositiveIntegerField(_("同意数量"), null=True, blank=True)
    agreed = models.DecimalField(_("同意金额"), max_digits=12, decimal_places=2, null=True, blank=True)
    damaged = models.PositiveIntegerField(_("其中损坏"), default=0)
    freed = models.PositiveIntegerField(_("其中未发出"), default=0, editable=False)
    is_open = models.BooleanField(default=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("售后明细")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["part_line"], condition=Q(is_open=True), name="o2o_as_one_open"),
            models.UniqueConstraint(fields=["after_sale", "part_line"], name="o2o_as_line_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="o2o_as_line_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.after_sale_id}: {self.part_line_id} × {self.quantity}"

    @property
    def swap(self) -> Any:
        """The variant that an exchange gives: the one wanted, or another piece of the one bought; None when gone."""
        return self.wanted or self.part_line.order_line.variant

    @property
    def pieces(self) -> int:
        """The pieces that count: decided, or asked for."""
        return self.quantity if self.accepted is None else self.accepted

    @property
    def yuan(self) -> Decimal:
        """The yuan that count: decided, or asked for."""
        return self.amount if self.agreed is None else self.agreed
