"""The two sides differ: what each says, and who rules."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import machine

from ..choices import COMPLAINT_OVER, ComplaintState, Party, Topic, Via
from .after_sale import AfterSale

_S = ComplaintState


@machine("state", terminal=set(COMPLAINT_OVER))
class Complaint(models.Model):
    """新投诉 → 待申诉 → 对话中 → 等待仲裁 → 完成, or 撤销. `due_at` is the clock of the state.

    `amount` is what a ruling for the buyer gives back, in yuan. `customer` is None for somebody without a login, whom
    `recorded_by` serves.
    """

    number = models.CharField(_("投诉单号"), max_length=32, unique=True)
    request_key = models.CharField(max_length=80, unique=True, editable=False)
    order = models.ForeignKey(
        "order.Order", models.CASCADE, related_name="o2o_complaints", verbose_name=_("订单")
    )
    sub_order = models.ForeignKey(
        "o2o_ordering.SubOrder", models.CASCADE, related_name="complaints", verbose_name=_("子订单")
    )
    after_sale = models.ForeignKey(
        AfterSale, models.CASCADE, null=True, blank=True, related_name="complaints", verbose_name=_("售后单")
    )
    customer = models.ForeignKey(
        "account.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("顾客")
    )
    via = models.CharField(_("投诉方式"), max_length=8, choices=Via.choices, default=Via.SELF)
    recorded_by = models.ForeignKey(
        "account.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("登记人")
    )
    topic = models.CharField(_("主题"), max_length=12, choices=Topic.choices)
    text = models.CharField(_("投诉内容"), max_length=500)
    state = FSMField(_("状态"), choices=_S.choices, default=_S.NEW, protected=True)
    due_at = models.DateTimeField(_("时限"), null=True, blank=True)
    escalated_at = models.DateTimeField(_("超时升级时间"), null=True, blank=True)
    handler = models.ForeignKey(
        "account.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("处理人")
    )
    for_buyer = models.BooleanField(_("支持买家"), null=True, blank=True)
    amount = models.DecimalField(_("裁决退款"), max_digits=12, decimal_places=2, null=True, blank=True)
    ruling = models.CharField(_("裁决意见"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("投诉时间"), default=now)
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("投诉单")
        ordering = ("-pk",)
        indexes = [
            models.Index(fields=["state", "-id"], name="o2o_ts_state"),
            models.Index(fields=["customer", "-id"], name="o2o_ts_customer"),
            models.Index(
                fields=["due_at"],
                name="o2o_ts_due",
                condition=~Q(state__in=[one.value for one in COMPLAINT_OVER]),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["sub_order"],
                condition=~Q(state__in=[one.value for one in COMPLAINT_OVER]),
                name="o2o_ts_one_open",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_over(self) -> bool:
        """True when nothing more happens to it."""
        return self.state in COMPLAINT_OVER

    @transition("state", _S.NEW, _S.APPEAL, custom={"label": _("受理")})
    def accept(self, due_at: datetime) -> None:
        """The county takes it on; the seller is asked."""
        self._clock(due_at)

    @transition("state", _S.APPEAL, _S.DIALOGUE, custom={"label": _("申诉")})
    def appeal(self, due_at: datetime) -> None:
        """The seller has answered; both may go on talking."""
        self._clock(due_at)

    @transition("state", [_S.NEW, _S.APPEAL, _S.DIALOGUE], _S.RULING, custom={"label": _("提交仲裁")})
    def escalate(self, due_at: datetime) -> None:
        """The city rules."""
        self._clock(due_at)

    @transition("state", [_S.DIALOGUE, _S.RULING], _S.DONE, custom={"label": _("裁决")})
    def decide(self) -> None:
        """It has its ruling."""
        self._end()

    @transition(
        "state", [_S.NEW, _S.APPEAL, _S.DIALOGUE, _S.RULING], _S.WITHDRAWN, custom={"label": _("撤销")}
    )
    def withdraw(self) -> None:
        """The customer takes it back."""
        self._end()

    def _end(self) -> None:
        self.ended_at = now()
        self._clock(None)

    def _clock(self, due_at: datetime | None) -> None:
        self.due_at = due_at
        self.escalated_at = None


class Statement(models.Model):
    """What a side said; never changed."""

    complaint = models.ForeignKey(
        Complaint, models.CASCADE, related_name="statements", verbose_name=_("投诉单")
    )
    party = models.CharField(_("发言方"), max_length=10, choices=Party.choices)
    author = models.ForeignKey(
        "account.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("发言人")
    )
    text = models.CharField(_("内容"), max_length=500)
    at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("投诉发言")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.complaint_id} {self.party}"
