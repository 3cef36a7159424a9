"""What people do with a request that is open. Each is one transaction under the request's row lock.

Everybody acts on the version that was seen: of two decisions at the same moment one wins, the other is told that the
request has changed. The instance passed in takes over what was written.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.audit import Action
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import OutOfScope, rows_for
from saleor_o2o.kernel.states import move

from ..errors import ApprovalError, ApprovalErrorCode
from ..events import ApprovalFinished, ApprovalMoved
from ..models import ActionKind, ApprovalAction, ApprovalRequest, ApprovalStep, RequestState, StepState
from ..people import level_of, name_of, seat_level
from ..registry import Handler, matter_of
from ..selectors import has_decided
from .submitting import clean_text

APPROVED = audit.action("approvals.approved", _("审批同意"))
REJECTED = audit.action("approvals.rejected", _("审批驳回"))
ASKED = audit.action("approvals.supplement_asked", _("要求补充材料"))
SUPPLEMENTED = audit.action("approvals.supplemented", _("补充材料"))
WITHDRAWN = audit.action("approvals.withdrawn", _("撤回审批"))


def approve(request: ApprovalRequest, user: Any, note: str = "") -> ApprovalRequest:
    """Agree to the current step; after the last one the matter's `on_approved` runs in the same transaction.

    Raises OutOfScope, ApprovalError (NOT_OPEN, CHANGED_MEANWHILE, SAME_PERSON, NOT_YOURS), LockTimeout, and what the
    handler raises, which undoes the decision.
    """
    note = clean_text(note, "note")
    with _locked(request):
        level = _require_decider(request, user)
        step = _current(request)
        _decide(step, StepState.APPROVED, user)
        following = request.steps.filter(position__gt=step.position).order_by("position").first()
        _log(request, ActionKind.APPROVE, user, level, note)
        if following is None:
            _move(request, "approve", user, note)
            _record(APPROVED, request, user, note)
            _finished(request, matter_of(request.matter).on_approved)
        else:
            following.state = StepState.CURRENT
            following.save(update_fields=["state"])
            _move(request, "advance", user, note, step=following)
            _record(APPROVED, request, user, note)
            _moved(request, ActionKind.APPROVE)
    return request


def reject(request: ApprovalRequest, user: Any, reason: str) -> ApprovalRequest:
    """Refuse; the request is over and `on_rejected` runs. Raises as `approve`, and REQUIRED without a reason."""
    reason = clean_text(reason, "note", required=_("请填写驳回原因"))
    with _locked(request):
        level = _require_decider(request, user)
        _decide(_current(request), StepState.REJECTED, user)
        _log(request, ActionKind.REJECT, user, level, reason)
        _move(request, "reject", user, reason)
        _record(REJECTED, request, user, reason)
        _finished(request, matter_of(request.matter).on_rejected)
    return request


def ask_supplement(request: ApprovalRequest, user: Any, reason: str) -> ApprovalRequest:
    """Send it back to the submitter for more; the clock stands still. Raises as `reject`."""
    reason = clean_text(reason, "note", required=_("请说明需要补充什么"))
    with _locked(request):
        level = _require_decider(request, user)
        _log(request, ActionKind.ASK, user, level, reason)
        _move(request, "ask_supplement", user, reason)
        _record(ASKED, request, user, reason)
        _moved(request, ActionKind.ASK)
    return request


def supplement(
    request: ApprovalRequest, user: Any, note: str, payload: dict[str, Any] | None = None
) -> ApprovalRequest:
    """Answer what was asked; the same step goes on. `payload` is joined to the request's.

    Raises OutOfScope, ApprovalError (NOT_OPEN, NOT_YOURS, CHANGED_MEANWHILE, REQUIRED), LockTimeout.
    """
    note = clean_text(note, "note", required=_("请填写补充说明"))
    with _locked(request):
        _require_submitter(request, user)
        if request.state != RequestState.SUPPLEMENT:
            raise ApprovalError(ApprovalErrorCode.NOT_OPEN, _("该审批没有要求补充"))
        if payload:
            ApprovalRequest.objects.filter(pk=request.pk).update(payload={**request.payload, **payload})
        _log(request, ActionKind.SUPPLEMENT, user, level_of(user), note)
        _move(request, "supplement", user, note, step=_current(request))
        _record(SUPPLEMENTED, request, user, note)
        _moved(request, ActionKind.SUPPLEMENT)
    return request


def withdraw(request: ApprovalRequest, user: Any, note: str = "") -> ApprovalRequest:
    """Take one's own request back, as long as it is open; `on_withdrawn` runs. Raises as `supplement`."""
    note = clean_text(note, "note")
    with _locked(request):
        _require_submitter(request, user)
        if not request.is_open:
            raise _not_open()
        _log(request, ActionKind.WITHDRAW, user, level_of(user), note)
        _move(request, "withdraw", user, note)
        _record(WITHDRAWN, request, user, note)
        _finished(request, matter_of(request.matter).on_withdrawn)
    return request


@contextmanager
def _locked(request: ApprovalRequest) -> Iterator[None]:
    """Lock the row until the block's transaction ends; refuse unless it is what was seen."""
    with transaction.atomic():
        found = lock_request(request.pk)
        if found is None:
            raise OutOfScope
        if found.version != request.version:
            if not found.is_open:
                raise _not_open()
            raise ApprovalError(
                ApprovalErrorCode.CHANGED_MEANWHILE,
                _("该审批刚刚被他人处理过"),
                hint=_("请刷新后查看最新状态"),
            )
        # What follows is checked on the row as it is, not as it was read once.
        for column in request._meta.concrete_fields:
            request.__dict__[column.attname] = found.__dict__[column.attname]
        request._state.fields_cache.clear()
        yield


def lock_request(pk: int) -> ApprovalRequest | None:
    """Lock one request and return it as it is now, None when it is gone. Raises LockTimeout."""
    return next(iter(lock_rows(ApprovalRequest.objects.filter(pk=pk))), None)


def _require_decider(request: ApprovalRequest, user: Any) -> int:
    if not rows_for(user, ApprovalRequest).filter(pk=request.pk).exists():
        raise OutOfScope
    if request.state != RequestState.PENDING:
        raise _not_open()
    if request.submitter_id == user.pk:
        raise ApprovalError(
            ApprovalErrorCode.SAME_PERSON, _("提交人不能审批自己的申请"), hint=_("录入与审核须由不同的人完成")
        )
    if has_decided(user, request):
        raise ApprovalError(
            ApprovalErrorCode.SAME_PERSON,
            _("您已审批过前一步，不能再审批这一步"),
            hint=_("每一步须由不同的人完成"),
        )
    level = seat_level(user, request)
    if level is None:
        raise ApprovalError(ApprovalErrorCode.NOT_YOURS, _("当前步骤不由您审批"))
    return level


def _require_submitter(request: ApprovalRequest, user: Any) -> None:
    if not rows_for(user, ApprovalRequest).filter(pk=request.pk).exists():
        raise OutOfScope
    if request.submitter_id != user.pk:
        raise ApprovalError(ApprovalErrorCode.NOT_YOURS, _("只有提交人可以这样做"))


def _not_open() -> ApprovalError:
    return ApprovalError(ApprovalErrorCode.NOT_OPEN, _("该审批当前不能处理"), hint=_("请刷新后查看最新状态"))


def _current(request: ApprovalRequest) -> ApprovalStep:
    return request.steps.get(position=request.position)


def _decide(step: ApprovalStep, state: StepState, user: Any) -> None:
    step.state = state
    step.decided_by_id = user.pk
    step.decided_at = now()
    step.save(update_fields=["state", "decided_by", "decided_at"])


def _log(request: ApprovalRequest, kind: ActionKind, user: Any, level: int | None, note: str) -> None:
    ApprovalAction.objects.create(
        request=request,
        kind=kind,
        position=request.position,
        level=level,
        actor_id=user.pk,
        actor_name=name_of(user),
        note=note,
    )


def _move(request: ApprovalRequest, transition: str, user: Any, reason: str, **more: Any) -> None:
    move(request, transition, actor=actor_label(user), reason=reason[:200], **more)


def _record(action: Action, request: ApprovalRequest, user: Any, note: str) -> None:
    audit.record(
        action,
        request,
        after={"number": request.number, "state": request.state, "position": request.position, "note": note},
        actor=actor_label(user),
        org_path=request.unit.path,
    )


def _moved(request: ApprovalRequest, kind: ActionKind) -> None:
    event = ApprovalMoved(
        request_id=request.pk, matter=request.matter, kind=kind.value, level=int(request.level)
    )
    publish(event, key=f"approval:{request.pk}")


def _finished(request: ApprovalRequest, handler: Handler | None) -> None:
    if handler is not None:
        handler(request)
    publish(
        ApprovalFinished(
            request_id=request.pk,
            matter=request.matter,
            subject_type=request.subject_type,
            subject_id=request.subject_id,
            state=str(request.state),
        ),
        key=f"approval:{request.pk}",
    )
