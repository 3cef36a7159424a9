"""What login security tells the page of a person."""

from __future__ import annotations

from django.utils.translation import gettext as _

from plugins.org_hierarchy.interfaces import Staff, StaffStatus, access_of
from saleor_o2o.backoffice.columns import at
from saleor_o2o.kernel.clock import now

from .models import LoginRecord, LoginState, Outcome
from .rules import rules
from .services import throttle


def login_facts(staff: Staff) -> list[tuple[str, str]]:
    """The last login, the second factor, how long the account may stay unused, and whether it is locked."""
    return [
        (_("最近登录"), _last(staff)),
        (_("二次验证"), _factor(staff)),
        (_("长期未用"), _idle(staff)),
        (_("登录锁定"), _locked(staff)),
    ]


def idle_days_left(staff: Staff) -> int | None:
    """Whole days until the account is disabled for not being used; None where that cannot happen."""
    limits = rules()
    if not limits.idle_days or staff.status != StaffStatus.ACTIVE:
        return None
    seen = staff.last_seen_at or staff.created_at
    unused = now() - max(seen, staff.enabled_at or seen)
    return max(0, limits.idle_days - unused.days)


def _last(staff: Staff) -> str:
    entered = (Outcome.SUCCESS, Outcome.CODE_OK)
    found = LoginRecord.objects.filter(user_id=staff.user_id, outcome__in=entered).first()
    if found is None:
        return _("近期没有登录记录")
    return _("%(time)s，%(way)s，来自 %(ip)s") % {
        "time": at(found.at),
        "way": found.get_way_display(),
        "ip": found.ip or "—",
    }


def _factor(staff: Staff) -> str:
    state = LoginState.objects.filter(user_id=staff.user_id).first()
    if state is not None and state.confirmed_at:
        return _("已绑定（%(time)s）") % {"time": at(state.confirmed_at)}
    if access_of(staff.user).needs_second_factor:
        return _("岗位要求，尚未绑定；下次登录时须先绑定")
    return _("未绑定，岗位不要求")


def _idle(staff: Staff) -> str:
    left = idle_days_left(staff)
    if left is None:
        return _("不适用")
    return _("再过 %(days)s 天未使用将自动停用") % {"days": left}


def _locked(staff: Staff) -> str:
    until = throttle.locked_until(staff.user.email)
    return _("因多次输错密码，锁定至 %(time)s") % {"time": at(until)} if until else _("没有锁定")
