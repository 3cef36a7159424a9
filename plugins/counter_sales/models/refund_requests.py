"""A refund above the clerk's limit: asked for by one person, decided by another, carried out once."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.money import format_yuan
from saleor_o2o.kernel.states import FSMField, machine

from .floats import MONEY
from .receipts import SaleRefund
from .sales import CounterSale


class RefundRequestState(models.TextChoices):
    """Where a request stands."""

    ASKED = "asked", _("审批中")
    APPROVED = "approved", _("已批准，待退款")
    DONE = "done", _("已退款")
    REFUSED = "refused", _("未批准")
    WITHDRAWN = "withdrawn", _("已撤回")


#: One of these a sale, at most.
OPEN_REQUESTS = (RefundRequestState.ASKED, RefundRequestState.APPROVED)


@machine(
    "state",
    terminal={RefundRequestState.DONE, RefundRequestState.REFUSED, RefundRequestState.WITHDRAWN},
)
class RefundRequest(models.Model):
    """What a clerk asks to be given back, as it was typed. `amount` in yuan; `key` names the refund."""

    number = models.CharField(_("申请号"), max_length=24, unique=True)
    sale = models.ForeignKey(
        CounterSale, models.PROTECT, related_name="refund_requests", verbose_name=_("柜台销售")
    )
    state = FSMField(
        _("状态"), choices=RefundRequestState.choices, default=RefundRequestState.ASKED, protected=True
    )
    key = models.CharField(_("请求号"), max_length=64, unique=True, editable=False)
    amount = models.DecimalField(_("申请退款"), **MONEY)
    reason = models.CharField(_("退款原因"), max_length=200)
    goods_back = models.BooleanField(_("商品已退回"), default=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="o2o_refund_requests", verbose_name=_("申请人")
    )
    asked_at = models.DateTimeField(_("申请时间"), default=now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("审批人"),
    )  # fmt: skip
    decided_at = models.DateTimeField(_("审批时间"), null=True, blank=True)
    decision = models.CharField(_("审批意见"), max_length=200, blank=True)
    refund = models.OneToOneField(
        SaleRefund, models.PROTECT, null=True, blank=True, related_name="request", verbose_name=_("退款")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("退款申请")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("sale",), condition=Q(state__in=OPEN_REQUESTS), name="o2o_counter_one_refund_asked"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="o2o_counter_refund_asked_positive"),
            models.CheckConstraint(
                condition=Q(state="done", refund__isnull=False) | ~Q(state="done") & Q(refund__isnull=True),
                name="o2o_counter_refund_asked_done",
            ),
        )
        indexes = (models.Index(fields=("asked_by", "-asked_at"), name="o2o_counter_refunds_asked"),)

    def __str__(self) -> str:
        return f"{self.sale.number} {format_yuan(self.amount)}"

    @transition("state", RefundRequestState.ASKED, RefundRequestState.APPROVED, custom={"label": _("批准")})
    def approve(self, user_id: int | None, words: str = "") -> None:
        """Somebody who may has agreed; the money goes back now, or when the clerk has it in the hand."""
        self._decide(user_id, words)

    @transition("state", RefundRequestState.ASKED, RefundRequestState.REFUSED, custom={"label": _("不批准")})
    def refuse(self, user_id: int | None, words: str = "") -> None:
        """Somebody who may has not."""
        self._decide(user_id, words)

    @transition("state", OPEN_REQUESTS, RefundRequestState.WITHDRAWN, custom={"label": _("撤回")})
    def withdraw(self, words: str = "") -> None:
        """Not wanted any more, or the money went back another way."""
        self.decision = words[:200]

    @transition("state", RefundRequestState.APPROVED, RefundRequestState.DONE, custom={"label": _("退款")})
    def finish(self, refund: SaleRefund) -> None:
        """The money is back."""
        self.refund = refund

    def _decide(self, user_id: int | None, words: str) -> None:
        self.decided_by_id = user_id
        self.decided_at = now()
        self.decision = words[:200]
