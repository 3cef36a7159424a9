"""How an action comes to a task: through the scope, then the lock, then the right over the unit that has it now."""

from __future__ import annotations

from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgUnit, access_of, may
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, get_row

from .choices import OVER, Reason, Stage, State
from .errors import DispatchError
from .errors import DispatchErrorCode as Code
from .models import DispatchTask
from .noting import called, named

MOST_TEXT = 200


def locked(user: Any, pk: Any, seen: str = "") -> DispatchTask:
    """Lock a task in the user's sight, as it was `seen` (see `mark_of`).

    Needs a transaction. Raises OutOfScope, DispatchError CHANGED_MEANWHILE, LockTimeout.
    """
    found = get_row(user, DispatchTask, pk=pk)
    rows = lock_rows(DispatchTask.objects.filter(pk=found.pk).select_related("unit", "offered_to", "holder"))
    if not rows:
        raise OutOfScope
    row = rows[0]
    if seen and seen != mark_of(row):
        raise DispatchError(
            Code.CHANGED_MEANWHILE,
            _("这一单刚刚有了变化：%(now)s") % {"now": standing(row)},
            hint=_("请核对后再处理"),
        )
    return row


def mark_of(row: DispatchTask) -> str:
    """What a page remembers of a task, to notice that somebody else was there."""
    return f"{row.state}-{row.unit_id}-{row.holder_id or ''}-{row.offered_to_id or ''}"


def may_at(user: Any, permission: str, unit: OrgUnit | None) -> bool:
    """True when the person holds the permission over the unit."""
    if unit is None:
        return False
    access = access_of(user)
    if access.staff is None or user.is_superuser:
        return may(user, permission, unit)
    return access.may_at(permission, unit)  # asks the database nothing: lists ask this for every row


def require_at(user: Any, permission: str, unit: OrgUnit | None) -> None:
    """Raise NotAllowed unless the person holds the permission over the unit."""
    if not may_at(user, permission, unit):
        raise NotAllowed


def standing(row: DispatchTask) -> str:
    """Where a task stands, in words: who has it, or is asked."""
    match row.state:
        case State.TAKEN:
            return _("%(name)s于 %(when)s 接单") % {"name": named(row.holder), "when": _when(row)}
        case State.OFFERED:
            return _("已转派%(unit)s，等待接受") % {"unit": called(row.offered_to)}
        case State.WAITING:
            waits = (
                _("待抢单") if row.stage == Stage.STAFF else _("待%(who)s") % {"who": row.get_stage_display()}
            )
            return f"{called(row.unit)} {waits}"
    return str(row.get_state_display())


def _when(row: DispatchTask) -> str:
    at = localtime(row.held_since)
    return at.strftime("%H:%M:%S" if at.date() == localtime(now()).date() else "%m-%d %H:%M")


def taken(row: DispatchTask) -> DispatchError:
    """Somebody was faster: who, and when."""
    return DispatchError(
        Code.TAKEN, _("这一单已被%(who)s") % {"who": standing(row)}, hint=_("请到待抢列表查看其他任务")
    )


def wrong_state(row: DispatchTask) -> DispatchError:
    """What to say when a task is not where it would have to be."""
    hint = _("订单已发出、收货或取消，无需再处理") if row.state in OVER else _("请刷新后查看最新状态")
    return DispatchError(
        Code.WRONG_STATE, _("这一单现在是“%(now)s”，不能这样处理") % {"now": standing(row)}, hint=hint
    )


def check_reason(reason: str, words: str) -> tuple[str, str]:
    """A reason and what was typed about it, tidy. Raises DispatchError REQUIRED, TEXT_TOO_LONG."""
    text = (words or "").replace("\x00", "").strip()
    if reason not in Reason.values:
        raise DispatchError(Code.REQUIRED, _("请选择原因"), "reason")
    if reason == Reason.OTHER and not text:
        raise DispatchError(Code.REQUIRED, _("请写明原因"), "text")
    if len(text) > MOST_TEXT:
        raise DispatchError(Code.TEXT_TOO_LONG, _("最多 %(most)s 个字") % {"most": MOST_TEXT}, "text")
    return reason, text
