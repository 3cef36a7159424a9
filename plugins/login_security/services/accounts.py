"""What others do for somebody's login: unlock, reset the second factor, log out everywhere; and idle accounts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plugins.org_hierarchy.interfaces import (
    OrgError,
    OrgErrorCode,
    Staff,
    StaffStatus,
    disable_staff,
)
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import require

from ..models import LoginState, StaffLogin
from ..rules import rules
from . import throttle
from .factor import lock_state

UNLOCKED = audit.action("login_security.unlocked", gettext_lazy("解锁登录"))
RESET = audit.action("login_security.second_factor_reset", gettext_lazy("重置二次验证"))
LOGGED_OUT = audit.action("login_security.logged_out_everywhere", gettext_lazy("全部退出登录"))
#: How fresh `last_seen_at` is kept.
SEEN_EVERY = timedelta(hours=1)


def unlock(by: Any, staff: StaffLogin) -> bool:
    """Forget the failures of a person, passwords and codes; False when there were none.

    Raises OutOfScope, NotAllowed (needs `staff.edit` over the person), OrgError SAME_PERSON.
    """
    _require_other(by, staff)
    with transaction.atomic():
        state = lock_state(staff.user)
        counted = throttle.forget(staff.user.email) or state.failures > 0
        state.failures, state.failures_since = 0, None
        state.save(update_fields=["failures", "failures_since"])
        if counted:
            _record(UNLOCKED, by, staff)
    return counted


def reset_factor(by: Any, staff: StaffLogin) -> None:
    """Take a person's second factor away; the person enrols anew at the next login, and is logged out everywhere.

    Never for oneself. Errors as `unlock`. Locks: the person's row.
    """
    _require_other(by, staff)
    with transaction.atomic():
        state = lock_state(staff.user)
        had = state.confirmed_at is not None
        LoginState.objects.filter(pk=state.pk).update(
            secret="", confirmed_at=None, last_step=-1, failures=0, failures_since=None, epoch=F("epoch") + 1
        )
        state.recovery_codes.all().delete()
        _record(RESET, by, staff, before={"enrolled": had}, after={"enrolled": False})


def log_out_everywhere(by: Any, user: Any, staff: StaffLogin | None = None) -> None:
    """End all sessions and tokens of a person: one's own, or with `staff.edit` somebody else's. Locks: the row."""
    if staff is not None and by.pk != user.pk:
        _require_other(by, staff)
    with transaction.atomic():
        state = lock_state(user)
        LoginState.objects.filter(pk=state.pk).update(epoch=F("epoch") + 1)
        if staff is None:
            staff = StaffLogin.objects.filter(user_id=user.pk).select_related("unit").first()
        if staff is None:
            audit.record(LOGGED_OUT, user, actor=actor_label(by))
        else:
            _record(LOGGED_OUT, by, staff)


def seen(staff: Staff | None) -> None:
    """Remember that a person is there, at most once an hour: one guarded statement, else none."""
    moment = now()
    if staff is None or (staff.last_seen_at is not None and staff.last_seen_at > moment - SEEN_EVERY):
        return
    old = Q(last_seen_at__isnull=True) | Q(last_seen_at__lte=moment - SEEN_EVERY)
    Staff.objects.filter(old, pk=staff.pk).update(last_seen_at=moment)
    staff.last_seen_at = moment


def idle_since(before: datetime) -> QuerySet[Staff]:
    """Active people who were last seen (or hired, or let in again, if that was later) before a moment."""
    return Staff.objects.filter(status=StaffStatus.ACTIVE).annotate(
        # PostgreSQL's GREATEST leaves out what is null
        o2o_seen=Greatest(Coalesce("last_seen_at", "created_at"), "enabled_at")
    ).filter(o2o_seen__lt=before)  # fmt: skip


def disable_idle() -> int:
    """Disable whoever was not seen for `IDLE_DAYS`; returns how many. A second run finds nobody."""
    limits = rules()
    if not limits.idle_days:
        return 0
    before = now() - timedelta(days=limits.idle_days)
    reason = _("连续 %(days)s 天未登录，自动停用") % {"days": limits.idle_days}
    return sum(
        _disable(pk, before, reason) for pk in list(idle_since(before).values_list("pk", flat=True)[:1000])
    )


def soon_idle() -> QuerySet[Staff]:
    """Active people who will be disabled within `IDLE_WARN_DAYS`."""
    limits = rules()
    if not limits.idle_days:
        return Staff.objects.none()
    return idle_since(now() - timedelta(days=limits.idle_days - limits.idle_warn_days))


def _disable(pk: int, before: datetime, reason: str) -> bool:
    with transaction.atomic():
        # Looked at again under the lock: the person may have come back a moment ago.
        staff = idle_since(before).filter(pk=pk).select_for_update(of=("self",)).first()
        if staff is None:
            return False
        disable_staff(None, staff, reason=reason)
    return True


def _require_other(by: Any, staff: StaffLogin) -> None:
    require(by, "staff.edit", staff)
    if staff.user_id == by.pk:
        raise OrgError(
            OrgErrorCode.SAME_PERSON, _("不能为自己办理"), hint=_("请由上级或其他有权限的人员办理")
        )


def _record(action: audit.Action, by: Any, staff: StaffLogin, **more: Any) -> None:
    audit.record(action, staff, actor=actor_label(by), org_path=staff.unit.path, **more)
