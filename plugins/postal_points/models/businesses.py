"""A business that somebody did at the post, and what became of its points."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import FSMField, machine

from ..kinds import BusinessState as State
from ..kinds import Service, Source
from .batches import PostalBatch

_UNSETTLED = (State.NEW, State.HELD, State.WAITING)


@machine("state", terminal={State.REVERSED})
class PostalBusiness(models.Model):
    """One business, once: `service` and `number` are the core system's key.

    The customer is kept as blind indexes alone (of mobile, identity number, card: as members' identities are found) and
    as `clue`, masked for people. `points` and `months` are what the rule of that day promised, whoever becomes a
    member later. `amount` is in yuan; nothing where a reversal came before the business itself.
    """

    service = models.CharField(_("业务"), max_length=12, choices=Service.choices, default=Service.SAVINGS)
    number = models.CharField(_("业务编号"), max_length=60)
    amount = models.DecimalField(_("金额（元）"), max_digits=14, decimal_places=2, null=True, blank=True)
    happened_at = models.DateTimeField(_("办理时间"), null=True, blank=True)
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("办理机构")
    )
    clue = models.CharField(_("客户"), max_length=60, blank=True)
    mobile_index = models.CharField(max_length=64, blank=True, editable=False)
    id_number_index = models.CharField(max_length=64, blank=True, editable=False)
    card_index = models.CharField(max_length=64, blank=True, editable=False)
    member = models.ForeignKey(
        "o2o_members.Member", models.PROTECT, null=True, blank=True, related_name="postal_businesses",
        verbose_name=_("会员"),
    )  # fmt: skip
    points = models.PositiveIntegerField(_("积分"), default=0)
    months = models.PositiveSmallIntegerField(_("有效月数"), null=True, blank=True)
    state = FSMField(_("状态"), max_length=12, choices=State.choices, default=State.NEW, protected=True)
    why = models.CharField(_("说明"), max_length=100, blank=True)
    wait_until = models.DateTimeField(_("等待注册至"), null=True, blank=True)
    entry = models.OneToOneField(
        "o2o_loyalty.Entry",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("积分入账"),
    )
    back_entry = models.OneToOneField(
        "o2o_loyalty.Entry",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("冲正流水"),
    )
    source = models.CharField(_("来源"), max_length=8, choices=Source.choices, default=Source.DOOR)
    batch = models.ForeignKey(
        PostalBatch, models.PROTECT, null=True, blank=True, related_name="businesses", verbose_name=_("批次")
    )
    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("导入人"),
    )  # fmt: skip
    made_at = models.DateTimeField(_("登记时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("邮政业务")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("service", "number"), name="o2o_postal_business_once"),
            models.CheckConstraint(
                condition=Q(amount__isnull=True, state__in=(State.NEW, State.REVERSED)) | Q(amount__gt=0),
                name="o2o_postal_business_amount",
            ),
        )
        indexes = (
            models.Index(fields=("wait_until",), condition=Q(state="waiting"), name="o2o_postal_waiting"),
            models.Index(fields=("mobile_index",), condition=Q(state="waiting"), name="o2o_postal_by_mobile"),
            models.Index(fields=("id_number_index",), condition=Q(state="waiting"), name="o2o_postal_by_id"),
            models.Index(fields=("card_index",), condition=Q(state="waiting"), name="o2o_postal_by_card"),
            models.Index(fields=("unit", "-id"), name="o2o_postal_by_unit"),
        )

    def __str__(self) -> str:
        return f"{self.get_service_display()} {self.number}"

    @transition("state", State.NEW, State.HELD, custom={"label": _("送复核")})
    def hold(self) -> None:
        """Its file waits for a second person."""

    @transition("state", (State.NEW, State.HELD), State.WAITING, custom={"label": _("等待注册")})
    def wait(self) -> None:
        """The customer is no member yet."""

    @transition("state", _UNSETTLED, State.COUNTED, custom={"label": _("计分")})
    def count(self) -> None:
        """The points are booked in the same transaction."""

    @transition("state", _UNSETTLED, State.NOTHING, custom={"label": _("不计分")})
    def leave(self) -> None:
        """It gives nothing; `why` says why."""

    @transition("state", State.WAITING, State.LAPSED, custom={"label": _("超期")})
    def lapse(self) -> None:
        """Nobody became a member in time."""

    @transition(
        "state", (*_UNSETTLED, State.COUNTED, State.NOTHING, State.LAPSED), State.REVERSED,
        custom={"label": _("冲正")},
    )  # fmt: skip
    def reverse(self) -> None:
        """Taken back by the core system, or before it came."""
