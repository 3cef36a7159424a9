"""The staff freeze, restore and blacklist members, unlock them, log them out: each with a reason, in their scope."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from saleor.account.models import User

from plugins.login_security.interfaces import throttle
from plugins.org_hierarchy.interfaces import OrgUnit, bar
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import OutOfScope, require, rows_for
from saleor_o2o.kernel.states import move

from ..errors import MemberError
from ..errors import MemberErrorCode as Code
from ..events import MemberStatusChanged
from ..kinds import EndedWhy, HomeBasis, MemberStatus
from ..models import Member, Restriction
from ..permissions import EDIT, FREEZE
from .homes import put_home
from .sessions import end_all

UNLOCKED = audit.action("members.unlocked", _("解锁会员登录"))
STATUS_CHANGED = audit.action("members.status_changed", _("变更会员状态"))
SHORTEST = 4
MOVES = {
    "freeze": (MemberStatus.FROZEN, _("冻结")),
    "restore": (MemberStatus.ACTIVE, _("恢复")),
    "unlist": (MemberStatus.FROZEN, _("解除黑名单，仍冻结")),
    "blacklist": (MemberStatus.BLACKLISTED, _("列入黑名单")),
}


def change_status(by: Any, member: Member, step: str, reason: str) -> Member:
    """`freeze`, `restore` or `blacklist` a member; who is not active is logged out everywhere at once.

    Whoever stands on the blacklist (`services.restricting`) is restored by another person than who put him there, and
    is frozen again where he was before.
    Locks: the member. Raises OutOfScope, NotAllowed, REQUIRED, SECOND_PERSON, IllegalMove, LockTimeout.
    """
    require(by, FREEZE, member)
    why = written_reason(reason)
    with transaction.atomic():
        lifted = end_restriction(member, by, why) if step == "restore" else None
        if lifted is not None and lifted.was_frozen:
            step = "unlist"
        put_status(member, step, why, actor_label(by))
    return member


def put_status(member: Member, step: str, why: str, actor: str) -> None:
    """Move a member's status, with what follows: who is not active is logged out everywhere, and may not log in.

    In the caller's transaction. Locks: the member. Raises IllegalMove, LockTimeout.
    """
    target, _label = MOVES[step]
    before = member.status
    move(member, step, actor=actor, reason=why)
    User.objects.filter(pk=member.user_id).update(is_active=target == MemberStatus.ACTIVE)
    if target != MemberStatus.ACTIVE:
        end_all(member, EndedWhy.STATUS)
    audit.record(
        STATUS_CHANGED,
        member,
        before={"status": str(before)},
        after={"status": str(target), "reason": why},
        actor=actor,
    )
    publish(MemberStatusChanged(member_id=member.pk, status=str(target)), key=f"member:{member.pk}")


def end_restriction(member: Member, by: Any, why: str) -> Restriction | None:
    """Take a member off the blacklist, by another person than who put him there; None where he does not stand on it.

    In the caller's transaction. Locks: the restriction. Raises SECOND_PERSON.
    """
    for row in lock_rows(Restriction.objects.filter(member=member, ended_at__isnull=True)):
        if row.placed_by_id == by.pk:
            raise MemberError(
                Code.SECOND_PERSON, _("列入黑名单的人不能自己解除"), None, _("请由另一位有权限的同事解除")
            )
        row.lifted_by, row.lift_reason, row.ended_at = by, why, now()
        row.save(update_fields=["lifted_by", "lift_reason", "ended_at"])
        bar(member.user_id, ())
        return row
    return None


def unlock(by: Any, member: Member) -> bool:
    """Forget a member's failures to log in, by password and by code; False when there were none.

    Raises OutOfScope, NotAllowed.
    """
    require(by, EDIT, member)
    names = [member.user.email]
    names += [
        f"code:{one.value}" for one in member.identities.filter(kind="mobile", released_at__isnull=True)
    ]
    with transaction.atomic():
        counted = sum(throttle.forget(name) for name in names) > 0
        if counted:
            audit.record(UNLOCKED, member, actor=actor_label(by))
    return counted


def log_out(by: Any, member: Member, reason: str) -> int:
    """End all logins of a member; returns how many. Locks: the member. Raises OutOfScope, NotAllowed, REQUIRED."""
    require(by, EDIT, member)
    written_reason(reason)
    return end_all(member, EndedWhy.EVERYWHERE)


def change_home(by: Any, member: Member, unit: OrgUnit | None) -> Member:
    """Put a member into the care of a unit in reach, or of none. Locks: the member. Raises OutOfScope, NotAllowed."""
    require(by, EDIT, member)
    if unit is not None and not rows_for(by, OrgUnit, EDIT).filter(pk=unit.pk).exists():
        raise OutOfScope
    with transaction.atomic():
        lock_rows(Member.objects.filter(pk=member.pk), no_key=True)
        put_home(member, unit, HomeBasis.STAFF, actor=actor_label(by))
    return member


def written_reason(text: str) -> str:
    """What is told, at most 200 characters of it. Raises MemberError REQUIRED for less than a few characters."""
    told = text.strip()
    if len(told) < SHORTEST:
        raise MemberError(
            Code.REQUIRED, _("请写明事由（不少于 %(count)s 字）") % {"count": SHORTEST}, "reason"
        )
    return told[:200]
