"""A member closes the account: asked for, cooled off, then carried out, unless something is open."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.login_security.interfaces import throttle
from plugins.org_hierarchy.interfaces import ClosingBlocker, closing_blockers
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import require
from saleor_o2o.kernel.states import move_locked
from saleor_o2o.kernel.sweeping import sum_each

from ..devices import NOWHERE, Device
from ..errors import MemberError, WrongPassword
from ..errors import MemberErrorCode as Code
from ..events import MemberClosed, MemberStatusChanged
from ..kinds import ClosingState, EndedWhy, MemberStatus, Purpose
from ..models import Member, MemberClosing
from ..permissions import CLOSE, FREEZE
from ..selectors import primary_mobile
from ..texts import register_text
from . import codes
from .erasing import erase
from .locking_out import counted
from .profiles import one_line
from .sessions import end_all
from .sms import compose, dispatch

ASKED = audit.action("members.closing_asked", _("申请注销会员"))
WITHDRAWN = audit.action("members.closing_withdrawn", _("撤回注销申请"))
STOPPED = audit.action("members.closing_stopped", _("注销未完成"))
CLOSED = audit.action("members.closed", _("注销会员"))

#: Characters of the number of a letter, at least.
SHORTEST_PAPER = 4

register_text(
    "closing_asked",
    _("您已申请注销会员，%(day)s 生效。期间登录后可以撤回；不是您本人操作请立即登录撤回。"),
    _("注销已申请"),
)
register_text(
    "closing_stopped", _("注销没有完成：%(why)s。您的会员已恢复正常，处理后可以重新申请。"), _("注销未完成")
)
register_text("closing_done", _("您的会员已注销，个人信息已删除。欢迎再来。"), _("注销完成"))


class ClosingBlocked(MemberError):
    """Something is open; `blockers` says what, and what to do."""

    def __init__(self, blockers: list[ClosingBlocker]) -> None:
        self.blockers = blockers
        told = "；".join(str(one.text) for one in blockers)
        super().__init__(
            Code.CLOSING_BLOCKED, _("现在还不能注销：%(told)s") % {"told": told}, None, _("处理完以后再申请")
        )


def ask_to_close(
    member: Member, *, code: str = "", password: str = "", why: str = "", device: Device = NOWHERE
) -> MemberClosing:
    """Begin the cooling period; the member shows by a code (or, without a mobile, the password) that it is he.

    Logins stay, to withdraw. Asked again, the one that waits is the answer. Locks: the member.
    Raises CodeWrong, WrongPassword, LOCKED_OUT, REQUIRED, ClosingBlocked, LockTimeout.
    """
    waiting = closing_of(member)
    if waiting is not None:
        return waiting
    return _begin(member, _proof(member, code, password, device), one_line(why, 200))


def _begin(member: Member, proof: Any, why: str, by: Any = None) -> MemberClosing:
    with transaction.atomic():
        [row] = lock_rows(Member.objects.filter(pk=member.pk), no_key=True)
        if row.status != MemberStatus.ACTIVE:
            raise MemberError(
                Code.MEMBER_NOT_ACTIVE, _("当前状态不能注销"), hint=_("请刷新后查看，或到网点咨询")
            )
        blockers = closing_blockers(row.user)
        if blockers:
            raise ClosingBlocked(blockers)
        if proof is not None:
            codes.use(proof)
        due = now() + timedelta(days=settings.O2O_MEMBERS["CLOSING_DAYS"])
        made = MemberClosing.objects.create(member=row, why=why, due_at=due)
        actor = actor_label(by) if by is not None else None
        _move(row, "ask_to_close", MemberStatus.CLOSING, actor=actor)
        audit.record(ASKED, row, after={"due": due, **({"why": why} if by is not None else {})}, actor=actor)
        _tell(row, "closing_asked", day=f"{due:%Y-%m-%d}")
    return made


def ask_by_letter(by: Any, member: Member, letter: str, why: str) -> MemberClosing:
    """The staff begins the cooling period for a member who asks in writing; `letter`: the number of what he signed.

    The member is told by text message and may withdraw by logging in. Asked again, the one that waits is the answer.
    Locks: the member. Raises OutOfScope, NotAllowed, REQUIRED, MEMBER_NOT_ACTIVE, ClosingBlocked, LockTimeout.
    """
    require(by, CLOSE, member)
    paper, told = one_line(letter, 60), one_line(why, 130)
    if len(paper) < SHORTEST_PAPER:
        raise MemberError(
            Code.REQUIRED, _("请填写书面申请的编号"), "letter", _("会员本人签名的申请须留存，编号可查")
        )
    waiting = closing_of(member)
    if waiting is not None:
        return waiting
    return _begin(member, None, f"书面申请 {paper} {told}".strip(), by)


def withdraw(member: Member, *, by: Any = None, why: str = "") -> bool:
    """Take the wish back; `by`: of the staff, for the member. False when none waits. Locks: the member.

    Raises OutOfScope, NotAllowed, LockTimeout.
    """
    if by is not None:
        require(by, FREEZE, member)
    with transaction.atomic():
        [row] = lock_rows(Member.objects.filter(pk=member.pk), no_key=True)
        waiting = closing_of(row)
        if waiting is None:
            return False
        actor = actor_label(by) if by is not None else None
        told = one_line(why, 200)
        move_locked(waiting, "withdraw", actor=actor, reason=told)
        _move(row, "keep", MemberStatus.ACTIVE, actor=actor)
        audit.record(WITHDRAWN, row, after={"reason": told} if told else {}, actor=actor)
    return True


def closing_of(member: Member) -> MemberClosing | None:
    """The wish that waits, if any."""
    return MemberClosing.objects.filter(member=member, state=ClosingState.COOLING).first()


def blockers_now(member: Member) -> list[ClosingBlocker]:
    """What keeps the account open as things are now. Locks nothing."""
    return closing_blockers(member.user)


def due() -> list[int]:
    """The members whose cooling period is over."""
    rows = MemberClosing.objects.filter(state=ClosingState.COOLING, due_at__lte=now()).order_by("due_at")
    return list(rows.values_list("member_id", flat=True)[:200])


def carry_out(member_id: int) -> bool:
    """Close an account whose time has come, or stop where something is open; True when it is closed.

    One transaction; again changes nothing. Locks: the member. Raises LockTimeout.
    """
    with transaction.atomic():
        rows = lock_rows(Member.objects.filter(pk=member_id), no_key=True)
        waiting = closing_of(rows[0]) if rows else None
        if waiting is None or waiting.due_at > now():
            return False
        [row] = rows
        blockers = closing_blockers(row.user)
        if blockers:
            why = "；".join(str(one.text) for one in blockers)
            move_locked(waiting, "stop", outcome=why)
            _move(row, "keep", MemberStatus.ACTIVE)
            audit.record(STOPPED, row, after={"why": why})
            _tell(row, "closing_stopped", why=why)
            return False
        mobile = primary_mobile(row)
        move_locked(waiting, "finish", outcome="")
        _move(row, "close", MemberStatus.CLOSED)
        end_all(row, EndedWhy.STATUS)
        touched = erase(row)
        if mobile:  # the last that is sent there
            dispatch(compose(mobile, "closing_done", {}))
        Member.objects.filter(pk=row.pk).update(agreement="", agreed_at=None)
        audit.record(CLOSED, row, after={"rows": touched})
        publish(MemberClosed(member_id=row.pk, user_id=row.user_id), key=f"member:{row.pk}")
    return True


def carry_out_due() -> int:
    """Close what is due; one that cannot be now is tried again next time. Returns how many were closed."""
    return sum_each(due(), carry_out)


def _proof(member: Member, code: str, password: str, device: Device) -> Any:
    mobile = primary_mobile(member)
    if mobile:
        if not code:
            raise MemberError(
                Code.REQUIRED, _("注销须本人确认"), "code", _("请输入发到您手机的、用途为本人确认的验证码")
            )
        return codes.check(mobile, Purpose.CONFIRM, code, device)
    with counted(member.user.email, device) as attempt:
        if not password or not member.user.check_password(password):
            raise WrongPassword
        throttle.succeeded(attempt)
    return None


def _move(member: Member, step: str, target: MemberStatus, *, actor: str | None = None) -> None:
    move_locked(member, step, actor=actor)
    publish(MemberStatusChanged(member_id=member.pk, status=str(target)), key=f"member:{member.pk}")


def _tell(member: Member, template: str, **told: str) -> None:
    mobile = primary_mobile(member)
    if mobile:
        dispatch(compose(mobile, template, told))
