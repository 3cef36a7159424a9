"""One part of an order that somebody has to deliver, from the money to the door."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, FSMField, transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import machine
from saleor_o2o.ordering.interfaces import BusinessLine

from ..choices import OPEN, OVER, Basis, Stage, State

_HELD_OR_NOT = (State.WAITING, State.TAKEN)
_UNIT = "o2o_org_hierarchy.OrgUnit"


@machine("state")
class DispatchTask(models.Model):
    """`unit` has it, `stage` says whose turn it is, `holder` has it in hand; `offered_to` is asked to take it over.

    `due_at` is the clock that runs; `late` says that one ran out and nobody has reacted since, `late_at` when the first
    one did. `lng`, `lat` (GCJ-02, degrees) are where to go, as long as it is open. `org_path` is the path of the unit
    when it got the task.
    """

    number = models.CharField(_("派单号"), max_length=32, unique=True)
    order = models.ForeignKey(
        "order.Order", models.CASCADE, related_name="o2o_dispatch_tasks", verbose_name=_("订单")
    )
    sub_order = models.OneToOneField(
        "o2o_ordering.SubOrder", models.CASCADE, related_name="dispatch_task", verbose_name=_("子订单")
    )
    line = models.CharField(_("业务线"), max_length=16, choices=BusinessLine.choices)
    state = FSMField(_("状态"), choices=State.choices, default=State.LOCATING, protected=True)
    stage = models.CharField(_("处理级别"), max_length=8, choices=Stage.choices, default=Stage.STAFF)
    unit = models.ForeignKey(_UNIT, models.PROTECT, related_name="dispatch_tasks", verbose_name=_("承办机构"))
    org_path = models.CharField(_("派达时机构路径"), max_length=200)
    basis = models.CharField(_("派单依据"), max_length=10, choices=Basis.choices, default=Basis.COUNTY)
    why = models.CharField(_("派单说明"), max_length=200, blank=True)
    holder = models.ForeignKey(
        "account.User", models.SET_NULL, null=True, blank=True, related_name="o2o_dispatch_tasks",
        verbose_name=_("承办人"),
    )  # fmt: skip
    offered_to = models.ForeignKey(
        _UNIT, models.PROTECT, null=True, blank=True, related_name="dispatch_offers", verbose_name=_("转派至")
    )
    lng = models.FloatField(null=True, blank=True, editable=False)
    lat = models.FloatField(null=True, blank=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    next_try_at = models.DateTimeField(null=True, blank=True, editable=False)
    due_at = models.DateTimeField(_("时限"), null=True, blank=True)
    late = models.BooleanField(_("已超时"), default=False)
    late_at = models.DateTimeField(_("首次超时"), null=True, blank=True)
    created_at = models.DateTimeField(_("生成时间"), default=now)
    placed_at = models.DateTimeField(_("派达时间"), null=True, blank=True)
    taken_at = models.DateTimeField(_("首次接单"), null=True, blank=True)
    held_since = models.DateTimeField(_("承办起"), null=True, blank=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("派单任务")
        ordering = ("-pk",)
        indexes = [
            models.Index(fields=["unit", "state", "-id"], name="o2o_dp_unit"),
            models.Index(fields=["holder", "state"], name="o2o_dp_holder", condition=Q(holder__isnull=False)),
            models.Index(fields=["offered_to"], name="o2o_dp_offered", condition=Q(offered_to__isnull=False)),
            models.Index(
                fields=["due_at"], name="o2o_dp_due", condition=Q(state__in=[one.value for one in OPEN])
            ),
            models.Index(fields=["next_try_at"], name="o2o_dp_try", condition=Q(state="locating")),
            models.Index(fields=["placed_at"], name="o2o_dp_placed"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="taken") | Q(holder__isnull=False) | Q(held_since__isnull=False),
                name="o2o_dp_taken_by",
            ),
            models.CheckConstraint(
                condition=~Q(state="offered") | Q(offered_to__isnull=False), name="o2o_dp_offered_to"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_over(self) -> bool:
        """True when nobody has to do anything any more."""
        return self.state in OVER

    @property
    def is_late(self) -> bool:
        """True when a clock of an open task has run out."""
        return not self.is_over and (self.late or (self.due_at is not None and self.due_at <= now()))

    @transition("state", State.LOCATING, RETURN_VALUE(*_HELD_OR_NOT), custom={"label": _("派达")})
    def place(
        self,
        unit: Any,
        stage: str,
        basis: str,
        why: str,
        position: tuple[float, float] | None,
        due_at: datetime | None,
    ) -> str:
        """It is known whose it is; after a change of the address whoever has it in hand keeps it, if it stays there."""
        self.basis, self.why = basis, why[:200]
        self.lng, self.lat = position or (None, None)
        self.placed_at = self.placed_at or now()
        self.next_try_at = None
        stays = self.holder_id is not None and unit.pk == self.unit_id and stage == Stage.STAFF
        if not stays:
            self._drop()
        self._to(unit, stage, due_at)
        return State.TAKEN if stays else State.WAITING

    @transition("state", [*_HELD_OR_NOT, State.OFFERED], State.LOCATING, custom={"label": _("地址修改")})
    def relocate(self) -> None:
        """The address was changed: it is looked up anew; unit and hands stay until it is known."""
        self.offered_to = None
        self.lng = self.lat = None
        self.tries, self.next_try_at, self.due_at = 0, None, None

    @transition("state", State.WAITING, State.TAKEN, custom={"label": _("接单")})
    def take(self, holder: Any, due_at: datetime | None) -> None:
        """Somebody has it in hand."""
        self._hold(holder, due_at)

    @transition("state", State.TAKEN, State.TAKEN, custom={"label": _("转给同事")})
    def hand_on(self, holder: Any, due_at: datetime | None) -> None:
        """Somebody else of the unit has it in hand."""
        self._hold(holder, due_at)

    @transition("state", State.TAKEN, State.WAITING, custom={"label": _("退单")})
    def give_up(self, stage: str, due_at: datetime | None) -> None:
        """Whoever had it cannot do it: the unit's, to be given to somebody."""
        self._drop()
        self._turn(stage, due_at)

    @transition("state", [*_HELD_OR_NOT, State.OFFERED], State.WAITING, custom={"label": _("改派机构")})
    def send_to(self, unit: Any, stage: str, basis: str, why: str, due_at: datetime | None) -> None:
        """Another unit's, in nobody's hands."""
        self._drop()
        self.offered_to = None
        self.basis, self.why = basis, why[:200]
        self._to(unit, stage, due_at)

    @transition("state", [*_HELD_OR_NOT], State.OFFERED, custom={"label": _("转派机构")})
    def offer(self, unit: Any, due_at: datetime | None) -> None:
        """Another unit is asked; until it says yes, everything stays as it is."""
        self.offered_to = unit
        self.late = False
        self.due_at = due_at

    @transition("state", State.OFFERED, RETURN_VALUE(*_HELD_OR_NOT), custom={"label": _("接受转派")})
    def accept(self, holder: Any, basis: str, why: str, due_at: datetime | None) -> str:
        """The unit that was asked says yes, and somebody of it may take it at once."""
        unit, self.offered_to = self.offered_to, None
        self._drop()
        self.basis, self.why = basis, why[:200]
        self._to(unit, Stage.STAFF, due_at)
        if holder is None:
            return State.WAITING
        self._hold(holder, due_at)
        return State.TAKEN

    @transition("state", State.OFFERED, RETURN_VALUE(*_HELD_OR_NOT), custom={"label": _("转派未成")})
    def return_offer(self, stage: str, due_at: datetime | None) -> str:
        """The unit that was asked does not take it: back to whoever had it."""
        self.offered_to = None
        self._turn(stage, due_at)
        return State.WAITING if self.holder_id is None else State.TAKEN

    @transition("state", [*_HELD_OR_NOT], RETURN_VALUE(*_HELD_OR_NOT), custom={"label": _("超时升级")})
    def escalate(self, stage: str, due_at: datetime | None) -> str:
        """Nobody reacted: those above are asked, too."""
        self.late = True
        self.late_at = self.late_at or now()
        self.stage, self.due_at = stage, due_at
        return str(self.state)

    @transition("state", [*OPEN], State.DONE, custom={"label": _("发出")})
    def finish(self) -> None:
        """All of it has left, or the customer has it."""
        self._end()

    @transition("state", [*OPEN], State.CLOSED, custom={"label": _("关闭")})
    def close(self) -> None:
        """Cancelled, or its money went back."""
        self._end()

    @transition("state", [*OVER], RETURN_VALUE(*_HELD_OR_NOT), custom={"label": _("恢复")})
    def reopen(self, unit: Any, stage: str, due_at: datetime | None) -> str:
        """A parcel came back, or the order goes on: in the same hands, if they are still there."""
        self.ended_at = None
        self._to(unit, stage, due_at)
        self.placed_at = self.placed_at or now()
        if self.holder_id is None or stage != Stage.STAFF:
            self._drop()
            return State.WAITING
        self.held_since = now()
        return State.TAKEN

    def _hold(self, holder: Any, due_at: datetime | None) -> None:
        self.holder = holder
        self.held_since = now()
        self.taken_at = self.taken_at or self.held_since
        self._turn(Stage.STAFF, due_at)

    def _drop(self) -> None:
        self.holder = None
        self.held_since = None

    def _to(self, unit: Any, stage: str, due_at: datetime | None) -> None:
        self.unit = unit
        self.org_path = unit.path
        self._turn(stage, due_at)

    def _turn(self, stage: str, due_at: datetime | None) -> None:
        self.stage, self.due_at, self.late = stage, due_at, False

    def _end(self) -> None:
        self.ended_at = now()
        self.offered_to = None
        self.due_at = self.next_try_at = None
        self.lng = self.lat = None
