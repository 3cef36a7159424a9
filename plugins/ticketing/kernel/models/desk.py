"""What people of the issue desk work on, and insurances, which insurers issue on their own time."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from ..choices import DeskKind, DeskState, InsuranceState
from .orders import Ticket, TicketOrder
from .suppliers import SupplierAccount


class DeskTask(models.Model):
    """Something of a ticket order that a person has to do, before `due_at`. One open task of a kind per order.

    Whoever takes it has it until `taken_until`; afterwards others may take it.
    """

    ticket_order = models.ForeignKey(
        TicketOrder, models.PROTECT, related_name="desk_tasks", verbose_name=_("票务订单")
    )
    kind = models.CharField(_("事项"), max_length=12, choices=DeskKind.choices)
    state = models.CharField(_("状态"), max_length=8, choices=DeskState.choices, default=DeskState.WAITING)
    why = models.CharField(_("原因"), max_length=200)
    made_at = models.DateTimeField(_("产生时间"), default=now)
    due_at = models.DateTimeField(_("时限"))
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("处理人"),
    )  # fmt: skip
    taken_until = models.DateTimeField(_("锁定至"), null=True, blank=True)
    done_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    result = models.CharField(_("处理结果"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("出票台任务")
        ordering = ("due_at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("ticket_order", "kind"), condition=~Q(state="done"), name="o2o_ticketing_task_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.ticket_order}"


class Insurance(models.Model):
    """An insurance that the buyer chose for a ticket: bought beside it, never with it by default. Yuan."""

    number = models.CharField(_("投保单号"), max_length=24, unique=True)
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="insurances", verbose_name=_("票"))
    insurer = models.ForeignKey(SupplierAccount, models.PROTECT, related_name="+", verbose_name=_("保险公司"))
    #: Its ticket was changed against this one; the insurer has not said yet whether it goes along.
    moves_to = models.ForeignKey(
        Ticket, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("改到的票")
    )
    product = models.CharField(_("险种"), max_length=40)
    price = models.DecimalField(_("保费（元）"), max_digits=8, decimal_places=2)
    share = models.DecimalField(_("保险公司所得（元）"), max_digits=8, decimal_places=2)
    order_line = models.ForeignKey(
        "order.OrderLine", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("订单行")
    )
    state = models.CharField(
        _("状态"), max_length=10, choices=InsuranceState.choices, default=InsuranceState.WANTED
    )
    policy_number = models.CharField(_("保单号"), max_length=40, blank=True)
    why = models.CharField(_("原因"), max_length=200, blank=True)
    ask_at = models.DateTimeField(_("下次查询"), null=True, blank=True)
    made_at = models.DateTimeField(_("投保时间"), default=now)
    in_force_at = models.DateTimeField(_("承保时间"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("退保时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("保险")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.number
