"""A matter on its way: the request, its steps and every action on it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from plugins.org_hierarchy.interfaces import Level, OrgUnit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import FSMField, machine


class RequestState(models.TextChoices):
    """Where a request stands."""

    PENDING = "pending", _("审批中")
    SUPPLEMENT = "supplement", _("待补充")
    APPROVED = "approved", _("已通过")
    REJECTED = "rejected", _("已驳回")
    WITHDRAWN = "withdrawn", _("已撤回")


#: A request in one of these is not over.
OPEN_STATES = (RequestState.PENDING, RequestState.SUPPLEMENT)

_ENDS = {RequestState.APPROVED, RequestState.REJECTED, RequestState.WITHDRAWN}


@machine("state", terminal=_ENDS)
class ApprovalRequest(models.Model):
    """One submission of one matter about one row.

    `version` counts the actions: whoever acts names the version that was seen. `level` is the highest level asked now
    (it rises when time runs out), `base_level` the step's own; both with `permission`, `or_above` and `due_at` repeat
    the current step, so that "what waits for me" reads one table.
    """

    number = models.CharField(_("审批单号"), max_length=32, unique=True)
    matter = models.CharField(_("事项代码"), max_length=60)
    subject_type = models.CharField(_("对象类型"), max_length=100)
    subject_id = models.CharField(_("对象编号"), max_length=64)
    subject_title = models.CharField(_("对象"), max_length=160)
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="approvals", verbose_name=_("所属机构"))
    submitter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="o2o_approvals", verbose_name=_("提交人")
    )
    submitter_name = models.CharField(_("提交人姓名"), max_length=120)
    submitter_level = models.PositiveSmallIntegerField(
        _("提交人级别"), choices=Level.choices, null=True, blank=True
    )
    note = models.TextField(_("申请说明"), blank=True)
    amount = models.DecimalField(_("金额（元）"), max_digits=12, decimal_places=2, null=True, blank=True)
    payload = models.JSONField(_("附加内容"), default=dict, blank=True)
    state = FSMField(_("状态"), choices=RequestState.choices, default=RequestState.PENDING, protected=True)
    version = models.PositiveIntegerField(_("版本"), default=1)
    position = models.PositiveSmallIntegerField(_("当前步骤"), default=1)
    level = models.PositiveSmallIntegerField(_("当前审批级别"), choices=Level.choices)
    base_level = models.PositiveSmallIntegerField(_("步骤级别"), choices=Level.choices)
    permission = models.CharField(_("所需权限"), max_length=80)
    or_above = models.BooleanField(_("上级也可审批"), default=True)
    due_at = models.DateTimeField(_("时限"), null=True, blank=True)
    overdue_since = models.DateTimeField(_("超时自"), null=True, blank=True)
    submitted_at = models.DateTimeField(_("提交时间"), default=now)
    waiting_since = models.DateTimeField(_("等待自"), default=now)
    finished_at = models.DateTimeField(_("办结时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("审批单")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("matter", "subject_type", "subject_id"),
                condition=Q(state__in=["pending", "supplement"]),
                name="o2o_approvals_one_open",
            ),
        )
        indexes = (
            models.Index(
                fields=("permission", "level"), condition=Q(state="pending"), name="o2o_approvals_waiting"
            ),
            models.Index(fields=("due_at",), condition=Q(state="pending"), name="o2o_approvals_due"),
            models.Index(fields=("submitter", "-id"), name="o2o_approvals_submitter"),
            models.Index(fields=("unit", "-id"), name="o2o_approvals_unit"),
            models.Index(fields=("subject_type", "subject_id"), name="o2o_approvals_subject"),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.subject_title}"

    @property
    def is_open(self) -> bool:
        """True while somebody still has to act."""
        return self.state in OPEN_STATES

    @property
    def title(self) -> str:
        """The matter and what it is about, as one line."""
        from ..registry import title_of

        return f"{title_of(self.matter)}：{self.subject_title}"

    @property
    def subject(self) -> Any:
        """The row it is about as it is now, or None when it is gone."""
        model = apps.get_model(self.subject_type)
        return model._base_manager.filter(pk=self.subject_id).first()

    def _ask(self, step: ApprovalStep, moment: datetime) -> None:
        self.position = step.position
        self.level = self.base_level = step.level
        self.permission = step.permission
        self.or_above = step.or_above
        self.due_at = step.deadline(moment)
        self.overdue_since = None
        self.waiting_since = moment

    def _finish(self) -> None:
        self.version += 1
        self.finished_at = now()
        self.due_at = None

    @transition("state", RequestState.PENDING, RequestState.PENDING, custom={"label": _("同意，转下一步")})
    def advance(self, step: ApprovalStep) -> None:
        """One step is decided; `step` is asked next."""
        self.version += 1
        self._ask(step, now())

    @transition("state", RequestState.PENDING, RequestState.APPROVED, custom={"label": _("同意")})
    def approve(self) -> None:
        """The last step is decided."""
        self._finish()

    @transition("state", RequestState.PENDING, RequestState.REJECTED, custom={"label": _("驳回")})
    def reject(self) -> None:
        """Somebody said no; it is over."""
        self._finish()

    @transition("state", RequestState.PENDING, RequestState.SUPPLEMENT, custom={"label": _("要求补充")})
    def ask_supplement(self) -> None:
        """The submitter has to add something; the clock stands still."""
        self.version += 1
        self.due_at = None
        self.waiting_since = now()

    @transition("state", RequestState.SUPPLEMENT, RequestState.PENDING, custom={"label": _("补充")})
    def supplement(self, step: ApprovalStep) -> None:
        """The submitter added it; the same step is asked again, with its full time."""
        self.version += 1
        self._ask(step, now())

    @transition("state", OPEN_STATES, RequestState.WITHDRAWN, custom={"label": _("撤回")})
    def withdraw(self) -> None:
        """The submitter took it back."""
        self._finish()

    @transition("state", RequestState.PENDING, RequestState.PENDING, custom={"label": _("超时升级")})
    def escalate(self, hours: int) -> None:
        """Ask the level above too, for as long again; at the top nobody is above, and the clock stops."""
        moment = now()
        self.version += 1
        self.overdue_since = self.overdue_since or self.due_at
        if self.level > Level.CITY:
            self.level -= 1
            self.due_at = moment + timedelta(hours=hours)
        else:
            self.due_at = None


class StepState(models.TextChoices):
    """What became of a step."""

    WAITING = "waiting", _("未到")
    CURRENT = "current", _("审批中")
    APPROVED = "approved", _("同意")
    REJECTED = "rejected", _("驳回")
    SKIPPED = "skipped", _("跳过")


class ApprovalStep(models.Model):
    """A step of one request, copied from the route when it was submitted: later routes don't change it."""

    request = models.ForeignKey(
        ApprovalRequest, models.CASCADE, related_name="steps", verbose_name=_("审批单")
    )
    position = models.PositiveSmallIntegerField(_("步骤"))
    level = models.PositiveSmallIntegerField(_("审批级别"), choices=Level.choices)
    permission = models.CharField(_("所需权限"), max_length=80)
    or_above = models.BooleanField(_("上级也可审批"), default=True)
    hours = models.PositiveSmallIntegerField(_("时限（小时）"), null=True, blank=True)
    state = models.CharField(_("状态"), max_length=12, choices=StepState.choices, default=StepState.WAITING)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("审批人")
    )  # fmt: skip
    decided_at = models.DateTimeField(_("审批时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("审批单步骤")
        ordering = ("request", "position")
        constraints = (
            models.UniqueConstraint(fields=("request", "position"), name="o2o_approvals_step_once"),
        )

    def __str__(self) -> str:
        return f"{self.position} {self.get_level_display()}"

    def deadline(self, moment: datetime) -> datetime | None:
        """Until when it should be decided if asked at `moment`."""
        return moment + timedelta(hours=self.hours) if self.hours else None


class ActionKind(models.TextChoices):
    """What somebody did with a request."""

    SUBMIT = "submit", _("提交")
    SKIP = "skip", _("跳过本级")
    APPROVE = "approve", _("同意")
    REJECT = "reject", _("驳回")
    ASK = "ask", _("要求补充")
    SUPPLEMENT = "supplement", _("补充")
    WITHDRAW = "withdraw", _("撤回")
    ESCALATE = "escalate", _("超时升级")
    HAND_OVER = "hand_over", _("移交")


class ApprovalAction(models.Model):
    """One line of a request's history: who, when, at which step, with which words."""

    request = models.ForeignKey(
        ApprovalRequest, models.CASCADE, related_name="actions", verbose_name=_("审批单")
    )
    kind = models.CharField(_("操作"), max_length=12, choices=ActionKind.choices)
    position = models.PositiveSmallIntegerField(_("步骤"))
    level = models.PositiveSmallIntegerField(_("级别"), choices=Level.choices, null=True, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("操作者")
    )  # fmt: skip
    actor_name = models.CharField(_("操作者姓名"), max_length=120)
    note = models.TextField(_("意见"), blank=True)
    at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("审批记录")
        ordering = ("pk",)
        indexes = (models.Index(fields=("actor", "-id"), name="o2o_approvals_actor"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.actor_name}"
