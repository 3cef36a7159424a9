"""A matter is brought in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Level, OrgUnit, UnitStatus
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import Text
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.numbering import next_number, number_kind
from saleor_o2o.kernel.request import actor_label

from ..errors import ApprovalError, ApprovalErrorCode
from ..events import ApprovalSubmitted
from ..models import ActionKind, ApprovalAction, ApprovalRequest, ApprovalStep, MatrixDuty, StepState
from ..people import level_of, name_of
from ..registry import Matter, matter_of
from ..selectors import open_request
from .routing import plan

NUMBER = number_kind("approval", "SP")
SUBMITTED = audit.action("approvals.submitted", _("提交审批"))

MAX_TEXT = 2000


def submit(
    matter_code: str,
    subject: Model,
    unit: OrgUnit,
    user: Any,
    *,
    note: str = "",
    amount: Decimal | None = None,
    payload: dict[str, Any] | None = None,
) -> ApprovalRequest:
    """Submit a row for approval and return the request. `unit` is whose matter it is; `amount` in yuan.

    `payload` (plain JSON) is kept for the handlers. Whether the user may touch the row is the caller's question. One
    transaction; a unique index keeps two open requests of one matter about one row apart. Raises ApprovalError:
    UNKNOWN_MATTER, INVALID, UNIT_CLOSED, NOT_RESPONSIBLE (the matrix has no R for the user's level), NO_ROUTE,
    ALREADY_OPEN.
    """
    matter = matter_of(matter_code)
    note = clean_text(note, "note")
    _check_amount(amount)
    if unit.status == UnitStatus.CLOSED:
        raise ApprovalError(ApprovalErrorCode.UNIT_CLOSED, _("机构已撤并，不能提交审批"), "unit")
    level = level_of(user)
    _check_matrix(matter, level, user)
    planned = plan(matter, amount, level)
    moment = now()
    first = planned.steps[0]
    try:
        with transaction.atomic():
            request = ApprovalRequest.objects.create(
                number=next_number(NUMBER),
                matter=matter.code,
                subject_type=subject._meta.label_lower,
                subject_id=str(subject.pk),
                subject_title=str(subject)[:160],
                unit=unit,
                submitter_id=user.pk,
                submitter_name=name_of(user),
                submitter_level=level,
                note=note,
                amount=amount,
                payload=payload or {},
                level=first.level,
                base_level=first.level,
                permission=first.permission,
                or_above=first.or_above,
                submitted_at=moment,
                waiting_since=moment,
            )
            _write_steps(request, planned.steps)
            _log_start(request, user, planned.skipped)
            audit.record(
                SUBMITTED,
                request,
                after={"number": request.number, "matter": matter.code, "subject": request.subject_title},
                actor=actor_label(user),
                org_path=unit.path,
            )
            publish(
                ApprovalSubmitted(
                    request_id=request.pk,
                    matter=matter.code,
                    subject_type=request.subject_type,
                    subject_id=request.subject_id,
                    unit_id=unit.pk,
                    level=int(first.level),
                ),
                key=f"approval:{request.pk}",
            )
    except IntegrityError as error:
        if open_request(subject, matter.code) is None:
            raise
        raise ApprovalError(
            ApprovalErrorCode.ALREADY_OPEN, _("该事项正在审批中，不能重复提交"), hint=_("可先撤回原申请")
        ) from error
    return request


def clean_text(text: str, field: str, *, required: Text | None = None) -> str:
    """Return a stripped text. Raises ApprovalError when it is missing (`required` says what) or too long."""
    stripped = (text or "").strip()
    if required is not None and not stripped:
        raise ApprovalError(ApprovalErrorCode.REQUIRED, required, field)
    if len(stripped) > MAX_TEXT or "\x00" in stripped:
        raise ApprovalError(
            ApprovalErrorCode.INVALID, _("文字过长或含有无效字符，请控制在 2000 字以内"), field
        )
    return stripped


def _check_amount(amount: Decimal | None) -> None:
    if amount is None:
        return
    if not amount.is_finite() or amount < 0 or amount != round(amount, 2) or amount >= Decimal(10) ** 10:
        raise ApprovalError(ApprovalErrorCode.INVALID, _("金额不正确"), "amount")


def _check_matrix(matter: Matter, level: int | None, user: Any) -> None:
    # Shoppers and partners apply in their own name; the matrix speaks of the company's levels. An outlet works for
    # its branch.
    if level is None or user.is_superuser:
        return
    duties = {duty.level: duty for duty in MatrixDuty.objects.filter(matter__code=matter.row)}
    own = duties.get(level)
    if (own is None or not own.duty) and level == Level.OUTLET:
        own = duties.get(int(Level.BRANCH))
    if duties and (own is None or not own.does):
        raise ApprovalError(
            ApprovalErrorCode.NOT_RESPONSIBLE,
            _("按职责矩阵，您所在级别不负责发起该事项"),
            hint=_("请由负责办理的级别提交，见“职责矩阵”"),
        )


def _write_steps(request: ApprovalRequest, steps: Any) -> None:
    made = ApprovalStep.objects.bulk_create(
        ApprovalStep(
            request=request,
            position=position,
            level=step.level,
            permission=step.permission,
            or_above=step.or_above,
            hours=step.hours,
            state=StepState.CURRENT if position == 1 else StepState.WAITING,
        )
        for position, step in enumerate(steps, 1)
    )
    due = made[0].deadline(request.waiting_since)
    if due is not None:
        request.due_at = due
        ApprovalRequest.objects.filter(pk=request.pk).update(due_at=due)


def _log_start(request: ApprovalRequest, user: Any, skipped: Any) -> None:
    lines = [(ActionKind.SUBMIT, request.submitter_level, request.note)]
    lines += [(ActionKind.SKIP, int(step.level), "") for step in skipped]
    ApprovalAction.objects.bulk_create(
        ApprovalAction(
            request=request,
            kind=kind,
            position=0,
            level=level,
            actor_id=user.pk,
            actor_name=request.submitter_name,
            note=note,
        )
        for kind, level, note in lines
    )
