"""Who may buy how many, who waits for what, who stands where in a queue, who was drawn by lot."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedTextField
from saleor_o2o.kernel.states import FSMField, machine

from ..choices import DrawState, EntryState, LimitBy, LimitPer, WaitingState
from .products import AdmissionProduct, TicketClass
from .sessions import Session, Slot


class LimitRule(models.Model):
    """So many tickets of a product for one document, mobile, account or device: per session or day, or altogether."""

    product = models.ForeignKey(
        AdmissionProduct, models.PROTECT, related_name="limits", verbose_name=_("产品")
    )
    by = models.CharField(_("按"), max_length=10, choices=LimitBy.choices)
    per = models.CharField(_("范围"), max_length=8, choices=LimitPer.choices, default=LimitPer.SESSION)
    most = models.PositiveIntegerField(_("最多（张）"), validators=[MinValueValidator(1)])
    active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("限购规则")
        ordering = ("product", "by", "per")
        constraints = (
            models.UniqueConstraint(fields=("product", "by", "per"), name="o2o_admission_limit_once"),
            models.CheckConstraint(condition=Q(most__gte=1), name="o2o_admission_limit_most"),
        )

    def __str__(self) -> str:
        return f"{self.get_by_display()} · {self.get_per_display()} ≤ {self.most}"


class LimitUse(models.Model):
    """How many somebody has of what is limited. `key`: a keyed digest of rule, range and person; nothing personal."""

    key = models.CharField(max_length=64, unique=True)
    rule = models.ForeignKey(LimitRule, models.CASCADE, related_name="uses", verbose_name=_("限购规则"))
    taken = models.PositiveIntegerField(_("已购"), default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("限购计数")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.rule_id}: {self.taken}"


class LimitEntry(models.Model):
    """What a hold counts for somebody, so that it can be given back."""

    use = models.ForeignKey(LimitUse, models.CASCADE, related_name="entries", verbose_name=_("限购计数"))
    hold = models.CharField(_("占座号"), max_length=40, db_index=True)
    units = models.PositiveIntegerField(_("张数"))

    class Meta:
        verbose_name = verbose_name_plural = _("限购明细")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("hold", "use"), name="o2o_admission_limit_entry_once"),
        )

    def __str__(self) -> str:
        return f"{self.hold} × {self.units}"


@machine("state", terminal={WaitingState.BOUGHT, WaitingState.EXPIRED, WaitingState.CANCELLED})
class Waiting(models.Model):
    """Somebody waits for tickets that are sold out (缺货登记), or won a lot: offered, they are his until a moment.

    Of `session`, `slot` and `day` only what tells the class apart is kept (`services.keeping.place_for`); `draw` is the
    lot that was won. An offer is a hold of its own (`hold`), which becomes the order's when he buys.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="o2o_waitings", verbose_name=_("账号")
    )
    ticket_class = models.ForeignKey(
        TicketClass, models.PROTECT, related_name="waitings", verbose_name=_("票类")
    )
    session = models.ForeignKey(
        Session, models.PROTECT, null=True, blank=True, related_name="waitings", verbose_name=_("场次")
    )
    slot = models.ForeignKey(
        Slot, models.PROTECT, null=True, blank=True, related_name="waitings", verbose_name=_("时段")
    )
    day = models.DateField(_("日期"), null=True, blank=True)
    draw = models.ForeignKey(
        "Draw", models.PROTECT, null=True, blank=True, related_name="offers", verbose_name=_("中签")
    )
    quantity = models.PositiveSmallIntegerField(_("张数"))
    state = FSMField(_("状态"), choices=WaitingState.choices, default=WaitingState.WAITING, protected=True)
    hold = models.CharField(_("占座号"), max_length=40, blank=True, default="")
    offered_until = models.DateTimeField(_("保留至"), null=True, blank=True)
    order_number = models.CharField(_("票务订单号"), max_length=24, blank=True, default="")
    made_at = models.DateTimeField(_("登记时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("缺货登记")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("user", "ticket_class", "session", "slot", "day", "draw"),
                nulls_distinct=False,
                condition=Q(state__in=("waiting", "offered")),
                name="o2o_admission_waiting_once",
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="o2o_admission_waiting_count"),
        )
        indexes = (
            models.Index(
                fields=("ticket_class", "made_at"),
                condition=Q(state="waiting"),
                name="o2o_admission_waiting_for",
            ),
            models.Index(
                fields=("offered_until",), condition=Q(state="offered"), name="o2o_admission_waiting_due"
            ),
        )

    def __str__(self) -> str:
        return f"{self.ticket_class} × {self.quantity}"

    @transition(
        "state", source=WaitingState.WAITING, target=WaitingState.OFFERED, custom={"label": _("有票了")}
    )
    def offer(self) -> None:
        """There are tickets, kept for him."""

    @transition("state", source=WaitingState.OFFERED, target=WaitingState.BOUGHT, custom={"label": _("下单")})
    def buy(self) -> None:
        """He ordered them."""

    @transition(
        "state", source=WaitingState.OFFERED, target=WaitingState.EXPIRED, custom={"label": _("逾期")}
    )
    def expire(self) -> None:
        """He did not come in time; the next one is asked."""

    @transition(
        "state", source=[WaitingState.WAITING, WaitingState.OFFERED], target=WaitingState.CANCELLED,
        custom={"label": _("取消登记")},
    )  # fmt: skip
    def cancel(self) -> None:
        """He does not want any, or there will be none."""


class SaleQueue(models.Model):
    """People are let to the sale of a product at a rate, in the order in which they came.

    Numbers above `after` enter from `started_at` on, so many a minute, each for `pass_minutes`. Who had entered before
    the pace was changed, entered when he did: `earlier` has the paces until then, the newest first, as
    `[after, moment, per minute]`.
    """

    product = models.OneToOneField(
        AdmissionProduct, models.PROTECT, related_name="queue", verbose_name=_("产品")
    )
    per_minute = models.PositiveIntegerField(_("每分钟放行"), validators=[MinValueValidator(1)])
    pass_minutes = models.PositiveSmallIntegerField(_("放行后有效（分钟）"), default=10)
    started_at = models.DateTimeField(_("开始放行"), default=now)
    after = models.PositiveIntegerField(_("此前已放行到"), default=0)
    earlier = models.JSONField(_("此前的放行速度"), default=list, blank=True)
    last_number = models.PositiveIntegerField(_("已取号"), default=0)
    active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("排队放行")
        ordering = ("product",)
        constraints = (
            models.CheckConstraint(
                condition=Q(per_minute__gte=1, pass_minutes__gte=1), name="o2o_admission_queue_rate"
            ),
        )

    def __str__(self) -> str:
        return f"{self.product} {self.per_minute}/min"


class QueuePlace(models.Model):
    """Where an account stands; asking again is the same place, until its turn is over."""

    queue = models.ForeignKey(SaleQueue, models.CASCADE, related_name="places", verbose_name=_("排队"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("账号")
    )
    number = models.PositiveIntegerField(_("号码"))
    taken_at = models.DateTimeField(_("取号时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("排队号")
        ordering = ("queue", "number")
        constraints = (
            models.UniqueConstraint(fields=("queue", "user"), name="o2o_admission_queue_place_once"),
            models.UniqueConstraint(fields=("queue", "number"), name="o2o_admission_queue_number_once"),
        )

    def __str__(self) -> str:
        return str(self.number)


@machine("state", terminal={DrawState.DRAWN, DrawState.CANCELLED})
class Draw(models.Model):
    """Tickets of a class for one session, given by lot among those who register in time.

    `seed_digest` (SHA-256) is told from the beginning, the seed only afterwards: everybody can check the order, nobody
    could choose it. Winners have `pay_hours` to order.
    """

    ticket_class = models.ForeignKey(
        TicketClass, models.PROTECT, related_name="draws", verbose_name=_("票类")
    )
    session = models.ForeignKey(Session, models.PROTECT, related_name="draws", verbose_name=_("场次"))
    units = models.PositiveIntegerField(_("名额（张）"), validators=[MinValueValidator(1)])
    most_each = models.PositiveSmallIntegerField(_("每人最多"), default=2)
    opens_at = models.DateTimeField(_("登记开始"))
    closes_at = models.DateTimeField(_("登记截止"))
    pay_hours = models.PositiveSmallIntegerField(_("中签后付款（小时）"), default=24)
    seed = EncryptedTextField(_("种子"))
    seed_digest = models.CharField(_("种子摘要"), max_length=64)
    state = FSMField(_("状态"), choices=DrawState.choices, default=DrawState.OPEN, protected=True)
    drawn_at = models.DateTimeField(_("抽签时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("抽签售票")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("ticket_class", "session"),
                condition=~Q(state="cancelled"),
                name="o2o_admission_draw_once",
            ),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at"), units__gte=1), name="o2o_admission_draw_sound"
            ),
        )

    def __str__(self) -> str:
        return f"{self.ticket_class} {self.session}"

    @transition("state", source=DrawState.OPEN, target=DrawState.DRAWN, custom={"label": _("抽签")})
    def draw(self) -> None:
        """The lots are drawn."""
        self.drawn_at = now()

    @transition("state", source=DrawState.OPEN, target=DrawState.CANCELLED, custom={"label": _("取消")})
    def cancel(self) -> None:
        """There will be no lots."""


class DrawEntry(models.Model):
    """Somebody who registered. `place`: where his lot came."""

    draw = models.ForeignKey(Draw, models.PROTECT, related_name="entries", verbose_name=_("抽签"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("账号")
    )
    quantity = models.PositiveSmallIntegerField(_("张数"))
    state = models.CharField(_("状态"), max_length=8, choices=EntryState.choices, default=EntryState.ENTERED)
    place = models.PositiveIntegerField(_("签位"), null=True, blank=True)
    made_at = models.DateTimeField(_("登记时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("抽签登记")
        ordering = ("draw", "place", "pk")
        constraints = (
            models.UniqueConstraint(fields=("draw", "user"), name="o2o_admission_draw_entry_once"),
        )

    def __str__(self) -> str:
        return f"{self.draw_id}: {self.pk}"
