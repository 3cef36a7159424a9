"""Taking a plan out of use, and bringing it back: asked for by one person, confirmed by another one.

Orders that were made before keep what they remember; orders made afterwards are reckoned by the next plan that speaks.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.channels.interfaces import Channel, ChannelStatus
from plugins.org_hierarchy.interfaces import OrgUnit, UnitStatus, may_at
from saleor_o2o.kernel.audit import record

from ..access import EDIT
from ..choices import ChangeKind, ChangeState
from ..errors import CommissionError, CommissionErrorCode
from ..models import CommissionPlan, RateChange

Code = CommissionErrorCode


def check_plan(plan: CommissionPlan, kind: str) -> None:
    """Raise CommissionError unless the plan can be retired, or revived, now.

    INVALID_INPUT: it is already so. PLAN_IN_USE: it is the default, or channels or units name it; the message says how
    many, so that they can be moved to another plan first.
    """
    if plan.is_active is (kind == ChangeKind.REVIVE):
        raise CommissionError(Code.INVALID_INPUT, _("方案已经是这个状态"))
    if kind == ChangeKind.REVIVE:
        return
    if plan.is_default:
        raise CommissionError(
            Code.PLAN_IN_USE,
            _("默认方案不能停用：没有指定方案的机构和渠道都用它"),
            hint=_("请修改其中的规则"),
        )
    channels = Channel.objects.filter(commission_plan=plan.code).exclude(status=ChannelStatus.LEFT).count()
    units = OrgUnit.objects.filter(commission_template=plan.code).exclude(status=UnitStatus.CLOSED).count()
    if channels or units:
        raise CommissionError(
            Code.PLAN_IN_USE,
            _("还有 %(channels)s 个渠道、%(units)s 个机构指定使用这个方案")
            % {"channels": channels, "units": units},
            hint=_("请先在渠道和机构资料里改用其他方案"),
        )


@transaction.atomic
def submit_standing(user: Any, plan: CommissionPlan, kind: ChangeKind, reason: str) -> RateChange:
    """Ask that a plan is retired (`ChangeKind.RETIRE`) or revived (`REVIVE`), to be confirmed by somebody else.

    Raises CommissionError: NOT_ALLOWED, INVALID_INPUT (no reason, asked for before), and as `check_plan`.
    """
    from .changes import SUBMITTED, reason_of

    if not may_at(user, EDIT, plan.owner):
        raise CommissionError(Code.NOT_ALLOWED, _("您没有调整这个方案的权限"))
    check_plan(plan, kind)
    if RateChange.objects.filter(plan=plan, kind=kind, state=ChangeState.PENDING).exists():
        raise CommissionError(Code.INVALID_INPUT, _("已有同样的变更单在等复核"))
    change = RateChange.objects.create(plan=plan, kind=kind, reason=reason_of(reason), made_by=user)
    record(SUBMITTED, change, after={"plan": plan.code, "kind": kind.value}, org_path=plan.owner.path)
    return change


def put_standing(plan: CommissionPlan, change: RateChange) -> None:
    """Let a confirmed change of a *locked* plan take effect, after looking again. Raises as `check_plan`."""
    check_plan(plan, change.kind)
    plan.is_active = change.kind == ChangeKind.REVIVE
    plan.save(update_fields=["is_active"])
